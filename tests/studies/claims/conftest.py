"""Made-up records with a known answer."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pytest

from infomax.records import FAILED, Measurement, Record, Split, records_table
from infomax.studies.claims import judge_claims
from infomax.studies.records import raw_pixels_record
from infomax.studies.verdicts import Claim, Verdict

EVALUATE_EVERY = 300

Curve = Sequence[float]
"""Values at steps 0, 300, 600, ..."""


class Direction(NamedTuple):
    """Which way the records speak, and what must be read from them."""

    sign: int
    verdict: Verdict


class MadeUp:
    """Records that are made up a run at a time, each metric a curve from step 0."""

    seeds = (0, 1, 2)

    def __init__(self) -> None:
        self._rows: list[Record] = []

    @staticmethod
    def jitter(seed: int, scale: float = 1e-3) -> float:
        """Return a value that differs between the three seeds and is 0 on average."""
        return scale * (seed - 1)

    def run(
        self,
        study: str,
        curves: Mapping[tuple[Split, str], Curve],
        *,
        seed: int,
        dataset: str = "mnist",
        encoder: str = "mlp",
        critic: str = "bilinear",
        bound: str = "infonce",
        target: float = math.nan,
        loss: str = "",
        negatives: str = "",
        fails: bool = False,
    ) -> None:
        """Add a run; one that fails does so after what the curves hold."""

        def record(step: int, split: Split, metric: str, value: float) -> Record:
            return Record(
                study=study,
                dataset=dataset,
                encoder=encoder,
                critic=critic,
                bound=bound,
                target=target,
                loss=loss,
                negatives=negatives,
                seed=seed,
                step=step,
                split=split,
                metric=metric,
                value=value,
            )

        self._rows += [
            record(place * EVALUATE_EVERY, split, metric, value)
            for (split, metric), curve in curves.items()
            for place, value in enumerate(curve)
        ]
        if fails:
            self._rows.append(record(10_000, "train", FAILED, math.nan))

    def raw_pixels(
        self, study: str, accuracy: float, notebook: float | None = None, dataset: str = "mnist"
    ) -> None:
        """Add what raw pixels score, under the first seed only."""
        theirs = accuracy if notebook is None else notebook
        for metric, value in (("probe_accuracy", accuracy), ("probe_accuracy_notebook", theirs)):
            measurement = Measurement("test", metric, value)
            self._rows.append(raw_pixels_record(study, dataset, 0, measurement))

    def judged(self, labels: Mapping[str, str] | None = None) -> dict[str, Claim]:
        """Return the claims by their names, which must be unique."""
        claims = judge_claims(records_table(self._rows), labels)
        names = {claim.claim: claim for claim in claims}
        assert len(names) == len(claims)
        return names


def probed(accuracy: Curve, notebook: Curve | None = None) -> dict[tuple[Split, str], Curve]:
    """Return the curves of both probes, the same unless the notebook's is given."""
    return {
        ("test", "probe_accuracy"): accuracy,
        ("test", "probe_accuracy_notebook"): accuracy if notebook is None else notebook,
    }


@pytest.fixture
def made_up() -> MadeUp:
    """Return an empty table to make records up in."""
    return MadeUp()


@pytest.fixture(name="probed")
def probed_curves() -> Callable[..., dict[tuple[Split, str], Curve]]:
    """Return what makes the curves of both probes."""
    return probed


@pytest.fixture(
    params=[
        Direction(1, "supported"),
        Direction(-1, "contradicted"),
        # The seeds differ, symmetrically about no effect.
        Direction(0, "inconclusive"),
    ],
    ids=lambda direction: direction.verdict,
)
def direction(request: pytest.FixtureRequest) -> Direction:
    """Return each direction that records can speak in."""
    chosen: Direction = request.param
    return chosen
