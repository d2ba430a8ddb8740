"""What is asked for: scaled by flags on top of presets, and held against what was begun."""

from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.studies.catalogue import STUDIES
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.reproduction import Request

FOLDER = Path("runs/of-mine")


@pytest.mark.parametrize(
    ("preset", "steps", "every"),
    [("quick", 200, 20), ("full", 200, 20), ("quick", 6, 20), ("full", 20_000, 1_000)],
)
def test_a_reproduction_is_evaluated_about_ten_times_whatever_its_steps(
    preset: str, steps: int, every: int
) -> None:
    (study,) = Request(("critics",), preset=preset, steps=steps).reproduction().studies
    assert study.evaluate_every == every


@pytest.mark.parametrize("name", list(STUDIES))
@pytest.mark.parametrize(("steps", "evaluations"), [(5, 1), (60, 3), (200, 10), (500, 10)])
def test_evaluations_follow_the_number_of_steps(name: str, steps: int, evaluations: int) -> None:
    (study,) = Request((name,), steps=steps).reproduction().studies
    # One more stands at the start.
    assert len(study.evaluation_steps) == 1 + evaluations


def test_each_setting_is_given_to_the_studies_that_have_it() -> None:
    asked = Request(seeds=2, dataset="digits", bounds=("nwj", "nwj"), noise="own")
    studies = {study.name: study for study in asked.reproduction().studies}
    assert list(studies) == [entry.full.name for entry in PAPER_STUDIES]
    assert {study.seeds for study in studies.values()} == {(0, 1)}
    digits = {name for name, study in studies.items() if study.datasets == ("digits",)}
    assert digits == studies.keys() - {"non-iid"}
    assert {name for name, each in studies.items() if each.bounds != ("nwj",)} == {"adversarial"}
    own = {name for name, each in studies.items() if getattr(each, "noise", "") == "own"}
    assert own == {"conditioning"}


def test_a_study_that_is_named_twice_is_run_once() -> None:
    studies = Request(("critics", "fig4c", "critics")).reproduction().studies
    assert [study.name for study in studies] == ["critics", "non-iid"]


def test_nothing_is_gone_on_with_where_nothing_was_begun_and_nothing_is_asked_for() -> None:
    with pytest.raises(UserError, match=f"{FOLDER} holds no run to go on with"):
        Request().resumed(None, FOLDER)
    asked = Request(("critics",))
    assert asked.resumed(None, FOLDER) == asked.reproduction()


def test_what_was_begun_goes_on_where_the_same_or_nothing_is_asked_for() -> None:
    asked = Request(("critics",), steps=100, device="cpu")
    begun = asked.reproduction()
    assert Request().resumed(begun, FOLDER) is begun
    assert asked.resumed(begun, FOLDER) is begun
    with pytest.raises(UserError, match=r"other settings .*steps of critics \(200, not 100\)"):
        Request(("critics",), steps=200, device="cpu").resumed(begun, FOLDER)


def test_seeds_alone_are_added_to_what_was_begun() -> None:
    begun = Request(("critics", "non-iid"), steps=100, seeds=2).reproduction()
    critics, other = Request(("fig3",), seeds=4).resumed(begun, FOLDER).studies
    assert (critics.seeds, other.seeds) == ((0, 1, 2, 3), (0, 1))
    assert critics.steps == 100
    # With other settings they are part of what must be the same.
    with pytest.raises(UserError, match="seeds of critics"):
        Request(("critics", "non-iid"), steps=100, seeds=4).resumed(begun, FOLDER)
