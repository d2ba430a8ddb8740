"""Made-up records: the shape of real ones, with curves that rise."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax.records import FAILED, Record, Split, records_table
from infomax.report import write_report
from infomax.studies.catalogue import STUDIES
from infomax.studies.claims import judge_claims
from infomax.studies.measurement import (
    RAW_PIXELS,
    Measurement,
    raw_pixels_record,
    run_record,
)
from infomax.studies.study import Reproduction, RunSettings, Study
from infomax.studies.verdicts import Claim

ACCURACIES = {"bilinear": 0.93, "separable": 0.94, "concat": 0.91, "convnet": 0.95}
BOUNDS = {"bilinear": 3.9, "separable": 4.1, "concat": 4.5}


def small(name: str, **changes: Any) -> Study:
    """Return a study of the catalogue with few seeds and steps."""
    return STUDIES[name].model_copy(
        update={"seeds": (0, 1, 2), "steps": 600, "evaluate_every": 300, **changes}
    )


def made_up_run(run: RunSettings) -> list[Record]:
    """Return records of a run that learns."""
    generator = np.random.default_rng([run.seed, len(run.encoder), len(run.critic)])
    aimed = BOUNDS.get(run.critic, 3.0) if run.target is None else run.target
    good = ACCURACIES.get(run.encoder, ACCURACIES.get(run.critic, 0.9))
    records = []
    for step in run.evaluation_steps:
        learned = 1 - math.exp(-4 * step / run.steps)
        train = aimed * learned + float(generator.normal(0, 0.03))
        gap = (2.5 if run.estimator == "nwj" else 0.4) * learned
        accuracy = 0.80 + (good - 0.80) * learned
        measured: list[tuple[Split, str, float]] = [
            ("train", "bound", train),
            ("train", "bound_low", train - 0.02),
            ("train", "bound_high", train + 0.02),
            ("test", "bound", train - gap),
            ("test", "bound_low", train - gap - 0.05),
            ("test", "bound_high", train - gap + 0.05),
            ("train", "probe_accuracy", accuracy + 0.01),
            ("train", "probe_penalty", 0.01),
            ("test", "probe_accuracy", accuracy + float(generator.normal(0, 0.002))),
            ("test", "probe_accuracy_notebook", accuracy - 0.012),
        ]
        records += [run_record(run, "mnist", step, Measurement(*each)) for each in measured]
    return records


def made_up_records(studies: Iterable[Study]) -> pd.DataFrame:
    """Return records of whole studies, raw pixels among them."""
    rows: list[Record] = []
    for study in studies:
        for metric, value in (("probe_accuracy", 0.851), ("probe_accuracy_notebook", 0.849)):
            rows.append(
                raw_pixels_record(study.name, "mnist", 0, Measurement("test", metric, value))
            )
        for run in study.runs():
            rows += made_up_run(run)
    return records_table(rows)


def made_up_timings(studies: Iterable[Study]) -> pd.DataFrame:
    """Return timings of whole studies."""
    keys = ("study", "encoder", "critic", "estimator", "target", "seed", "steps")
    return pd.DataFrame(
        [
            {
                **{key: value for key, value in run.model_dump().items() if key in keys},
                "training_seconds": run.steps / 300,
                "evaluation_seconds": 2.5,
            }
            for study in studies
            for run in study.runs()
        ]
    )


@dataclass
class Material:
    """Everything that a report is written from."""

    studies: tuple[Study, ...] = field(
        default_factory=lambda: (small("critics"), small("matched-bound", targets=(2.0, 4.0)))
    )

    def __post_init__(self) -> None:
        self.records = made_up_records(self.studies)
        self.timings: pd.DataFrame | None = made_up_timings(self.studies)
        self.claims: list[Claim] | None = None
        settings = Reproduction(preset="quick", device="cpu", studies=self.studies)
        self.metadata: dict[str, Any] = {
            "settings": settings.model_dump(mode="json"),
            "environment": {"infomax": "0.1.0", "python": "3.12.1", "cores": 2, "threads": 2},
        }

    def write(self, directory: Path) -> Path:
        """Write the report."""
        claims = judge_claims(self.records) if self.claims is None else self.claims
        return write_report(
            directory,
            records=self.records,
            claims=claims,
            metadata=self.metadata,
            timings=self.timings,
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

    def fail(self, run: RunSettings, step: int) -> None:
        """Let a run end with a loss that is not finite."""
        of_run = run.model_dump(include={"study", "encoder", "critic", "estimator", "seed"})
        kept = self.records[~(self.rows(**of_run) & (self.records["step"] >= step))]
        last = run_record(run, "mnist", step, Measurement("train", FAILED, math.inf))
        self.records = pd.concat([kept, records_table([last])], ignore_index=True)


@pytest.fixture
def material() -> Material:
    """Return records of both studies, complete."""
    return Material()


@pytest.fixture
def critics() -> Material:
    """Return records of one small study."""
    return Material((small("critics", seeds=(0, 1, 2), estimators=("infonce",)),))


MakeMaterial = Callable[..., Material]


@pytest.fixture
def make_material() -> MakeMaterial:
    """Return what makes records of other studies, each given by name and changed settings."""

    def make(name: str, **changes: Any) -> Material:
        return Material((small(name, **changes),))

    return make
