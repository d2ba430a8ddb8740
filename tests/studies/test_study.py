"""Studies as data: the paper's numbers, the grid, and settings that can be read back."""

from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import departures
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AdversarialStudy, PairStudy
from infomax.whole_file import write_json_whole


@pytest.mark.parametrize("name", [entry.full.name for entry in PAPER_STUDIES])
def test_the_full_preset_of_a_study_of_the_paper_is_the_paper(name: str) -> None:
    paper = STUDIES[name].at("full")
    assert paper == STUDIES[name].full
    assert paper.batch_size == 128
    assert paper.seeds == tuple(range(20))
    assert departures(paper, STUDIES[paper.name].full) == []
    if name == "adversarial":
        assert isinstance(paper, AdversarialStudy)
        assert (paper.warm_up_steps, paper.steps, paper.classifier_steps) == (1_000, 4_001, 10)
        assert (paper.learning_rate, paper.classifier_learning_rate) == (1e-5, 1e-3)
        assert paper.evaluate_every == 400
        return
    assert paper.steps == (20_000 if name == "non-iid" else 21_000)
    assert paper.evaluate_every == 1_000
    assert paper.learning_rate == 1e-4
    assert paper.bounds == ("infonce", "nwj")


def test_the_grids_are_those_of_the_figures() -> None:
    def cells(name: str) -> set[tuple[str, str, str, float | None]]:
        return {
            (each.dataset, each.encoder, each.critic, each.target)
            for each in STUDIES[name].full.configurations()
        }

    assert cells("bijective") == {("mnist", "realnvp-additive", "bilinear", None)}
    assert cells("adversarial") == {("mnist", "realnvp-affine", "", None)}
    assert cells("conditioning") == {("mnist", "residual-mlp", "bilinear", None)}
    assert cells("critics") == {
        ("mnist", "mlp", critic, None) for critic in ("bilinear", "separable", "concat")
    }
    assert cells("matched-bound") == {
        ("mnist", encoder, "bilinear", target)
        for encoder in ("mlp", "convnet")
        for target in (2.0, 4.0)
    }
    assert cells("non-iid") == {
        (f"gaussian-{sampling}", "identity", "deep-concat", None)
        for sampling in ("iid", "dependent")
    }
    assert len(list(STUDIES["critics"].full.runs())) == 20 * 3 * 2


def test_a_configuration_is_told_apart_by_its_loss_and_negatives() -> None:
    plain = next(STUDIES["critics"].full.configurations())
    assert plain.label == "critics on mnist: mlp encoder, bilinear critic, infonce"
    changed = plain.model_copy(update={"bound": "", "loss": "nt-xent", "negatives": "hard"})
    assert changed.label == (
        "critics on mnist: mlp encoder, bilinear critic, nt-xent loss, hard negatives"
    )


def test_conditioning_has_the_noise_of_the_notebook() -> None:
    study = STUDIES["conditioning"].full
    assert isinstance(study, PairStudy)
    assert study.noise_on_views == (0.05, "shared")
    assert all(
        entry.full.noise_on_views[0] == 0
        for entry in PAPER_STUDIES
        if isinstance(entry.full, PairStudy) and entry.full is not study
    )


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [(4, 2, (0, 2, 4)), (5, 2, (0, 2, 4, 5)), (1, 10, (0, 1)), (3, 3, (0, 3))],
)
def test_evaluates_from_step_0_to_the_last(
    steps: int, every: int, expected: tuple[int, ...]
) -> None:
    study = STUDIES["critics"].full.model_copy(update={"steps": steps, "evaluate_every": every})
    assert study.evaluation_steps == expected


def test_every_change_is_told_as_a_departure() -> None:
    paper = STUDIES["matched-bound"].full
    quick = STUDIES["matched-bound"].at("quick").model_copy(update={"datasets": ("digits",)})
    told = " ".join(departures(quick, paper))
    for word in ("seeds: here 3; in the paper 20", "updates of each run", "targets", "digits"):
        assert word in told


def test_settings_can_be_read_back(tmp_path: Path) -> None:
    studies = tuple(entry.at("quick") for entry in STUDIES.values())
    reproduction = Reproduction(preset="quick", device="cpu", studies=studies)
    reproduction.write(tmp_path / "settings.json")
    assert Reproduction.read(tmp_path / "settings.json") == reproduction


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", r"settings\.json is damaged \(Expecting property name"),
        ('{"preset": "quick"}', r"settings\.json is damaged \(it is not what was written\)"),
    ],
)
def test_settings_that_are_damaged_are_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=told):
        Reproduction.read(path)


def test_one_digit_that_has_become_another_makes_no_other_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Reproduction(preset="full", device="cpu", studies=(STUDIES["critics"].full,)).write(path)
    path.write_text(path.read_text().replace("21000", "21001"), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"it is not what was written\): remove it, and give --resu"
    ):
        Reproduction.read(path)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"preset": "quick"}, "device"),
        ({"preset": "quick", "device": "cpu", "studies": [], "more": 1}, "studies"),
    ],
)
def test_settings_of_other_versions_are_named(
    tmp_path: Path, settings: dict[str, object], told: str
) -> None:
    path = tmp_path / "settings.json"
    write_json_whole(path, settings)
    with pytest.raises(UserError, match=told):
        Reproduction.read(path)


def test_settings_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"settings\.json cannot be read"):
        Reproduction.read(tmp_path / "settings.json")
