"""What the claims of one study on one data set are judged on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from infomax.records import RUN_COLUMNS, final_records
from infomax.studies.records import RAW_PIXELS
from infomax.studies.verdicts import Claim, Statement, judge

__all__ = ["Evidence"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Records of one study on one data set, or of the part of it that a claim is about.

    Attributes:
        figure: name of the figure, e.g. ``fig3``.
        dataset: the data set that the records are of.
        runs: all evaluations of the runs that were trained and did not fail, with the step of each
            run's last in a column ``last_step``.
        pixels: records of raw pixels, which no run belongs to.
        part: what the names of claims end with; empty if this is the whole study.
        labels: what sentences call bounds, by name; others are called by their name.
    """

    figure: str
    dataset: str
    runs: pd.DataFrame
    pixels: pd.DataFrame
    part: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        records: pd.DataFrame,
        *,
        figure: str,
        dataset: str,
        labels: Mapping[str, str] | None = None,
    ) -> "Evidence":
        """Sort out the records of one study on one data set."""
        is_pixels = records["encoder"] == RAW_PIXELS
        runs = records[~is_pixels]
        last = final_records(runs)[[*RUN_COLUMNS, "step"]].drop_duplicates()
        # A run that was interrupted before its first update says nothing about training.
        trained = last[last["step"] > 0].rename(columns={"step": "last_step"})
        return cls(
            figure=figure,
            dataset=dataset,
            runs=runs.merge(trained, on=list(RUN_COLUMNS)),
            pixels=records[is_pixels],
            labels=labels or {},
        )

    def levels(self, column: str) -> list[Any]:
        """Return the values in a column, sorted, without those that stand for none."""
        return [level for level in sorted(self.runs[column].dropna().unique()) if level != ""]

    def bounds(self) -> Iterator[tuple[str, "Evidence"]]:
        """Yield what each bound is called, with the evidence on it."""
        for bound in self.levels("bound"):
            yield self.label(bound), self._only("bound", bound, bound)

    def label(self, bound: str) -> str:
        """Return what sentences call a bound."""
        return self.labels.get(bound, bound)

    def targets(self) -> Iterator[tuple[float, "Evidence"]]:
        """Yield each target that a bound was held at, with the evidence on it."""
        for target in self.levels("target"):
            yield target, self._only("target", target, f"{target:g}")

    def measures(self, metric: str) -> bool:
        """Tell whether any run has records of a metric."""
        return bool((self.runs["metric"] == metric).any())

    def raw_pixels(self, metric: str) -> float | None:
        """Return what raw pixels score on the test split; ``None`` if it was not measured.

        It is one value for the data set, whichever seeds it was measured under.
        """
        chosen = self.pixels[(self.pixels["split"] == "test") & (self.pixels["metric"] == metric)]
        return None if chosen.empty else float(chosen["value"].mean())

    def judge(
        self,
        statement: Statement,
        effects: Sequence[float],
        *,
        steps: int,
        unfair_because: str = "",
        remarks: Sequence[str] = (),
    ) -> Claim:
        """Judge a statement under a name that data set and part make unique in a reproduction.

        The rest is as ``infomax.studies.verdicts.judge`` takes it.
        """
        return judge(
            statement,
            effects,
            claim=":".join((statement.name, self.dataset, *self.part)),
            figure=self.figure,
            dataset=self.dataset,
            steps=steps,
            unfair_because=unfair_because,
            remarks=remarks,
        )

    def _only(self, column: str, level: Any, called: str) -> "Evidence":
        runs = self.runs[self.runs[column] == level]
        return replace(self, runs=runs, part=(*self.part, called))
