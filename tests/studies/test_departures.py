import pytest

from infomax.studies.catalogue import STUDIES
from infomax.studies.departures import departures
from infomax.studies.paper import PAPER_STUDIES


@pytest.mark.parametrize("study", list(STUDIES))
def test_the_quick_preset_says_what_it_reduces(study: str) -> None:
    paper, quick = STUDIES[study].full, STUDIES[study].at("quick")
    changed = {
        name for name in type(paper).model_fields if getattr(quick, name) != getattr(paper, name)
    }
    assert len(departures(quick, paper)) == len(changed) > 0


def test_other_data_sets_depart_from_the_paper() -> None:
    changed = {"datasets": ("digits",), "noise": "own", "noise_deviation": 0.0}
    paper = STUDIES["conditioning"].full
    assert departures(paper.model_copy(update=changed), paper) == [
        "standard deviation of the noise on the views: here 0; in the paper 0.05",
        "noise of the two views of a pair: here own; in the paper shared",
        "data set: here digits; in the paper MNIST and CIFAR-10",
    ]
    samples = STUDIES["non-iid"].full
    assert departures(samples.model_copy(update={"smoothing_steps": 50.0}), samples) == [
        "standard deviation of the smoothing of the curve, in updates: here 50; in the paper 100"
    ]


def test_how_many_images_probes_are_fitted_on_is_said_of_data_that_hold_fewer() -> None:
    quick = STUDIES["critics"].at("quick").model_copy(update={"datasets": ("digits",)})
    (said,) = [each for each in departures(quick, STUDIES["critics"].full) if "probes" in each]
    # Digits are 1,797 images, of which the probes are not fitted on more.
    assert (
        said == "most training images that the probes are fitted on: here 10,000; in the paper all"
    )


def test_a_study_as_in_the_paper_departs_in_nothing() -> None:
    for entry in STUDIES.values():
        assert departures(entry.full, entry.full) == []


def test_the_notebooks_quirks_are_told_where_they_matter() -> None:
    for entry in PAPER_STUDIES:
        study = entry.full.name
        notes = " ".join(entry.notes)
        assert ("training curves" in notes) is (study not in {"adversarial", "non-iid"})
        near_identity = study in {"bijective", "adversarial", "conditioning"}
        assert ("fooled by scale" in notes) is near_identity
