"""Made-up records: the shape of real ones, with curves that rise."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from infomax.records import FAILED, Measurement, Record, Split, records_table
from infomax.report import write_report
from infomax.report.text import Names
from infomax.studies.catalogue import STUDIES
from infomax.studies.claims import judge_claims
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.records import (
    RAW_PIXELS,
    raw_pixels_record,
    run_record,
)
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy, Configuration, Run, SampleStudy
from infomax.studies.verdicts import Claim

ACCURACIES = {
    "bilinear": 0.93,
    "separable": 0.94,
    "concat": 0.91,
    "convnet": 0.95,
    "realnvp-additive": 0.90,
    "realnvp-affine": 0.45,
    "residual-mlp": 0.88,
}
LABELS = {"bound": {"infonce": "InfoNCE", "nwj": "NWJ"}}
NAMES = Names(LABELS)
BOUNDS = {"bilinear": 3.9, "separable": 4.1, "concat": 4.5}
KNOWN_BOUNDS = {"gaussian-iid": 0.017, "gaussian-dependent": 0.18}
PERCENTILES = {"min": 2.0, "p20": 4.0, "p40": 4.6, "p50": 4.9, "p60": 5.3, "p80": 6.5, "max": 9.5}


def small(name: str, **changes: Any) -> AnyStudy:
    """Return a study of the catalogue with few seeds and steps."""
    return STUDIES[name].full.model_copy(
        update={"seeds": (0, 1, 2), "steps": 600, "evaluate_every": 300, **changes}
    )


class Evaluation(NamedTuple):
    """One evaluation of a made-up run.

    Attributes:
        configuration: of the run.
        learned: 0 at the start, nearly 1 at the end.
        draw: of what differs between seeds.
    """

    configuration: Configuration
    learned: float
    draw: np.random.Generator

    def jitter(self, deviation: float) -> float:
        """Return a number around 0."""
        return float(self.draw.normal(0, deviation))

    def bounds(self) -> Iterator[Measurement]:
        """Yield both bounds with their intervals."""
        of, learned = self.configuration, self.learned
        aimed = BOUNDS.get(of.critic, 3.0) if of.target is None else of.target
        train = aimed * learned + self.jitter(0.03)
        test = train - (2.5 if of.bound == "nwj" else 0.4) * learned
        yield from interval("train", train, 0.02)
        yield from interval("test", test, 0.05)
        if of.bound == "infonce":
            splits: tuple[tuple[Split, float], ...] = (("train", train), ("test", test))
            for split, bound in splits:
                yield Measurement(split, "k_pair_loss", math.log(128) - bound)
                yield Measurement(split, "log_batch_size", math.log(128))

    def probes(self) -> Iterator[Measurement]:
        """Yield what both probes say."""
        of = self.configuration
        good = ACCURACIES.get(of.encoder, ACCURACIES.get(of.critic, 0.9))
        accuracy = 0.80 + (good - 0.80) * self.learned + (0.004 if of.bound == "nwj" else 0)
        yield Measurement("train", "probe_accuracy", accuracy + 0.01)
        yield Measurement("train", "probe_penalty", 0.01)
        yield Measurement("test", "probe_accuracy", accuracy + self.jitter(0.002))
        yield Measurement("test", "probe_accuracy_notebook", accuracy - 0.012)

    def inverse(self) -> Iterator[Measurement]:
        """Yield errors of reconstruction, which differ by factors."""
        grown = 10 ** (2 * self.learned + self.jitter(0.1))
        yield Measurement("test", "reconstruction_error", 4e-7 * grown)
        yield Measurement("test", "reconstruction_error_float64", 1e-15 * grown)

    def condition_numbers(self) -> Iterator[Measurement]:
        """Yield percentiles over the points of a batch."""
        for name, value in PERCENTILES.items():
            grown = 0.02 + value * self.learned + self.jitter(0.1)
            yield Measurement("train", f"log_condition_number_{name}", max(grown, 0.01))

    def losses(self) -> Iterator[Measurement]:
        """Yield the two losses of adversarial training."""
        yield Measurement("train", "classifier_cross_entropy", 0.5 + 1.6 * self.learned)
        yield Measurement("train", "encoder_loss", 4.0 - 1.6 * self.learned)

    def all(self) -> Iterator[Measurement]:
        """Yield everything that an encoder's study measures."""
        if self.configuration.bound:
            yield from self.bounds()
        else:
            yield from self.losses()
        yield from self.probes()
        if "realnvp" in self.configuration.encoder:
            yield from self.inverse()
        if self.configuration.encoder == "residual-mlp":
            yield from self.condition_numbers()


def interval(split: Split, bound: float, half_width: float) -> Iterator[Measurement]:
    """Yield a bound with its interval."""
    yield Measurement(split, "bound", bound)
    yield Measurement(split, "bound_low", bound - half_width)
    yield Measurement(split, "bound_high", bound + half_width)


def made_up_samples(study: SampleStudy, run: Run) -> Iterator[tuple[int, Measurement]]:
    """Yield what a critic on samples of known information measures, and when."""
    draw = np.random.default_rng([run.seed, len(run.configuration.dataset)])
    aimed = KNOWN_BOUNDS[run.configuration.dataset]
    start = -0.2 if run.configuration.bound == "nwj" else 0.0

    def bound(step: int) -> float:
        kept = math.exp(-8 * step / study.steps)
        return aimed * (1 - kept) + start * kept + float(draw.normal(0, 0.001))

    yield 0, Measurement("test", "true_information", 0.0204)
    for step in range(0, study.steps + 1, 100):
        yield step, Measurement("train", "bound_smoothed", bound(step))
    for step in study.evaluation_steps:
        yield from ((step, each) for each in interval("test", bound(step), 0.002))


def made_up_run(study: AnyStudy, run: Run) -> Iterator[Record]:
    """Yield records of a run that learns."""
    of = run.configuration
    measured: Iterable[tuple[int, Measurement]]
    if isinstance(study, SampleStudy):
        measured = made_up_samples(study, run)
    else:
        draw = np.random.default_rng([run.seed, len(of.encoder), len(of.critic)])
        measured = (
            (step, each)
            for step in study.evaluation_steps
            for each in Evaluation(of, 1 - math.exp(-4 * step / study.steps), draw).all()
        )
    for step, each in measured:
        yield run_record(of, of.dataset, run.seed, step, each)


def made_up_records(studies: Iterable[AnyStudy]) -> pd.DataFrame:
    """Return records of whole studies, raw pixels among them."""
    rows: list[Record] = []
    for study in studies:
        for dataset in () if isinstance(study, SampleStudy) else study.datasets:
            for metric, value in (("probe_accuracy", 0.851), ("probe_accuracy_notebook", 0.849)):
                rows.append(
                    raw_pixels_record(study.name, dataset, 0, Measurement("test", metric, value))
                )
        for run in study.runs():
            rows += made_up_run(study, run)
    return records_table(rows)


def made_up_timings(studies: Iterable[AnyStudy]) -> pd.DataFrame:
    """Return timings of whole studies, all seeds of a configuration side by side."""
    return pd.DataFrame(
        [
            {
                **configuration.model_dump(),
                "seeds": list(study.seeds),
                "steps": study.steps,
                "training_seconds": len(study.seeds) * study.steps / 300,
                "evaluation_seconds": 2.5 * len(study.seeds),
            }
            for study in studies
            for configuration in study.configurations()
        ]
    )


@dataclass
class Material:
    """Everything that a report is written from."""

    studies: tuple[AnyStudy, ...] = field(
        default_factory=lambda: (small("critics"), small("matched-bound", targets=(2.0, 4.0)))
    )

    def __post_init__(self) -> None:
        self.records = made_up_records(self.studies)
        self.timings: pd.DataFrame | None = made_up_timings(self.studies)
        self.claims: list[Claim] | None = None
        settings = Reproduction(preset="quick", device="cpu", studies=self.studies)
        self.metadata: dict[str, Any] = {
            "settings": settings.model_dump(mode="json"),
            "labels": LABELS,
            "environment": {"infomax": "0.1.0", "python": "3.12.1", "cores": 2, "threads": 2},
        }

    def write(self, directory: Path, *, under_way: bool = False) -> Path:
        """Write the report."""
        claims = judge_claims(self.records) if self.claims is None else self.claims
        return write_report(
            directory,
            records=self.records,
            claims=claims,
            metadata=self.metadata,
            timings=self.timings,
            under_way=under_way,
        )

    def rows(self, **chosen: Any) -> pd.Series:
        """Return which records have these values."""
        matches = pd.Series(data=True, index=self.records.index)
        for column, value in chosen.items():
            matches &= self.records[column] == value
        return matches

    def set_value(self, value: float, **chosen: Any) -> None:
        """Give chosen records a value."""
        self.records.loc[self.rows(**chosen), "value"] = value

    def drop(self, **chosen: Any) -> None:
        """Take chosen records away; raw pixels stay."""
        leaving = self.rows(**chosen) & (self.records["encoder"] != RAW_PIXELS)
        self.records = self.records[~leaving]

    def fail(self, run: Run, step: int) -> None:
        """Let a run end with a loss that is not finite."""
        of_run = run.configuration.model_dump(exclude={"target"})
        kept = self.records[~(self.rows(**of_run, seed=run.seed) & (self.records["step"] >= step))]
        failure = Measurement("train", FAILED, math.inf)
        last = run_record(run.configuration, "mnist", run.seed, step, failure)
        self.records = pd.concat([kept, records_table([last])], ignore_index=True)


@pytest.fixture
def material() -> Material:
    """Return records of two studies, complete."""
    return Material()


@pytest.fixture
def critics() -> Material:
    """Return records of one small study."""
    return Material((small("critics", bounds=("infonce",)),))


@pytest.fixture(scope="session")
def everything() -> Material:
    """Return records of the paper's studies at full length; shared, so not to be changed."""
    studies = [entry.full.model_copy(update={"seeds": (0, 1, 2)}) for entry in PAPER_STUDIES]
    return Material(tuple(studies))


@pytest.fixture(scope="session")
def whole_report(everything: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page on all studies, to be looked at and not to be written to."""
    return everything.write(tmp_path_factory.mktemp("whole"))


MakeMaterial = Callable[..., Material]


@pytest.fixture
def make_material() -> MakeMaterial:
    """Return what makes records of other studies, each given by name and changed settings."""

    def make(name: str, **changes: Any) -> Material:
        return Material((small(name, **changes),))

    return make
