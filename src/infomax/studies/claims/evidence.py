"""What the claims of one study on one data set are judged on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from infomax.records import RUN_COLUMNS, final_records
from infomax.studies.measurement import RAW_PIXELS
from infomax.studies.verdicts import Claim, Words, judge

__all__ = ["Evidence"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Records of one study on one data set, or of the part of it that a claim is about.

    Attributes:
        figure: of the paper.
        dataset: that the records are of.
        runs: all evaluations of the runs that were trained and did not fail, with the step of each
            run's last in a column ``last_step``.
        pixels: records of raw pixels, which no run belongs to.
        part: what the names of claims end with; empty if this is the whole study.
    """

    figure: str
    dataset: str
    runs: pd.DataFrame
    pixels: pd.DataFrame
    part: tuple[str, ...] = ()

    @classmethod
    def of(cls, records: pd.DataFrame, *, figure: str, dataset: str) -> "Evidence":
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
        )

    def levels(self, column: str) -> list[Any]:
        """Return the values in a column, sorted, without those that stand for none."""
        return [level for level in sorted(self.runs[column].dropna().unique()) if level != ""]

    def bounds(self) -> Iterator[tuple[str, "Evidence"]]:
        """Yield each bound with the evidence on it."""
        for bound in self.levels("bound"):
            yield bound, self._only("bound", bound, bound)

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
        name: str,
        *,
        sentence: str,
        effects: Sequence[float],
        steps: int,
        measured_as: str,
        unfair_because: str = "",
        remarks: Sequence[str] = (),
        allowed: float | None = None,
        words: Words | None = None,
    ) -> Claim:
        """Judge a claim of this study under a name that is unique in a reproduction.

        Args:
            name: what is claimed, in short; the data set and the part are added to it.
            sentence: as ``verdicts.judge`` takes it, like all that follow.
            effects: one for each seed.
            steps: updates after which the runs were compared.
            measured_as: what an effect is.
            unfair_because: why the comparison cannot decide.
            remarks: what does not bear on the verdict.
            allowed: the error that a claim of equality allows.
            words: for a claim that answers what its study asks.
        """
        return judge(
            claim=":".join((name, self.dataset, *self.part)),
            figure=self.figure,
            dataset=self.dataset,
            sentence=sentence,
            effects=effects,
            steps=steps,
            measured_as=measured_as,
            unfair_because=unfair_because,
            remarks=remarks,
            allowed=allowed,
            words=words,
        )

    def _only(self, column: str, level: Any, called: str) -> "Evidence":
        runs = self.runs[self.runs[column] == level]
        return replace(self, runs=runs, part=(*self.part, called))
