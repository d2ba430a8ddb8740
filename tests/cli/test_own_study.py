"""A study of one's own: registered from outside the package, then used by name as any other."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.records import read_records
from infomax.studies.catalogue import STUDIES, StudyEntry, register_study
from infomax.studies.claims.evidence import Evidence, Quantity, compare
from infomax.studies.claims.shared import smallest
from infomax.studies.study import SampleStudy
from infomax.studies.verdicts import Claim, Statement, Words
from tests.cli.conftest import Run


def estimate_rises(evidence: Evidence) -> list[Claim]:
    """Judge a claim of one's own: that training raises the estimate."""
    comparison = compare(evidence, critic=evidence.levels("critic"))
    start, end = comparison.measure(Quantity("test", "bound", "start"), Quantity("test", "bound"))
    return [
        comparison.judge(
            Statement(
                "estimate-rises-on-one-normal",
                sentence="Trained on one normal pair, the estimate rises.",
                measured_as="estimate after training minus before, nats",
                words=Words(
                    holds="one normal pair: {} more",
                    fails="one normal pair: {} less",
                    question="one normal pair: does the estimate rise?",
                ),
            ),
            smallest(end - start),
        )
    ]


OWN = SampleStudy(
    name="one-normal",
    figure="own1",
    title="One normal pair: does training help?",
    question="The information is known. Does the estimate rise to it?",
    datasets=("1v1-normal-0.75",),
    critics=("concat",),
    bounds=("infonce",),
    steps=200,
    held_out_batches=100,
)


@pytest.fixture
def own_study() -> Iterator[StudyEntry]:
    """Yield a study that is in the catalogue as long as a test runs."""
    quick = {"steps": 6, "evaluate_every": 3, "seeds": (0, 1, 2), "held_out_batches": 2}
    entry = register_study(
        StudyEntry(OWN, quick=quick, claims=estimate_rises, notes=("It is in no notebook.",))
    )
    yield entry
    del STUDIES[OWN.name]


def test_a_study_of_ones_own_is_run_listed_judged_and_reported_by_name(
    own_study: StudyEntry, tmp_path: Path, infomax: Run
) -> None:
    _, listed, _ = infomax("list", "studies")
    assert "one-normal (own1)" in listed
    assert OWN.title in " ".join(listed.split())
    out = tmp_path / "out"
    status, said, error = infomax(
        "reproduce", "one-normal", "--preset", "quick", "--device", "cpu", "--out", out
    )
    assert status == 0, error
    assert "Trained on one normal pair, the estimate rises." in " ".join(said.split())
    records, _ = read_records(out / "records.parquet")
    assert set(records["study"]) == {"one-normal"}
    assert set(records["seed"]) == {0, 1, 2}
    (claim,) = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    assert claim["claim"] == "estimate-rises-on-one-normal:1v1-normal-0.75"
    assert claim["seeds"] == 3
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "the paper has no study of this name" in page
    for told in (OWN.title, "It is in no notebook.", claim["sentence"], "One normal pair: "):
        assert told in page
    again = infomax("reproduce", "own1", "--device", "cpu", "--resume", "--out", out)
    assert again[0] == 0, again


def test_a_study_needs_a_name_and_a_figure_of_its_own(own_study: StudyEntry) -> None:
    for taken in ({"name": "other"}, {"figure": "other"}, {"name": "fig3", "figure": "other"}):
        with pytest.raises(UserError, match="give the new one another name and figure"):
            register_study(StudyEntry(OWN.model_copy(update=taken)))
    assert STUDIES["one-normal"] is own_study


@pytest.mark.parametrize(
    ("quick", "told"), [({"stepps": 3}, "stepps: Extra inputs"), ({"steps": 0}, "steps: Input")]
)
def test_a_preset_of_what_a_study_does_not_have_is_refused(
    quick: dict[str, object], told: str
) -> None:
    with pytest.raises(UserError, match=f"the preset quick of one-normal cannot be: {told}"):
        StudyEntry(OWN, quick=quick)


def test_a_study_without_a_preset_of_its_own_is_as_it_was_registered() -> None:
    assert StudyEntry(OWN).at("quick") == OWN
