"""What claims are judged on: the records of one study on one data set, and runs to compare.

Runs that share a seed and stand at the same step can be compared.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Literal, NamedTuple, TypeAlias

import pandas as pd

from infomax.records import RUN_COLUMNS, Split, final_records
from infomax.studies.records import RAW_PIXELS
from infomax.studies.verdicts import Claim, Statement, judge

__all__ = [
    "Comparison",
    "Evidence",
    "Quantity",
    "compare",
]


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


_Moment: TypeAlias = Literal["start", "end", "largest"]


class Quantity(NamedTuple):
    """A metric on a split, before the first update, after the last, or the largest of all."""

    split: Split
    metric: str
    moment: _Moment = "end"


@dataclass(frozen=True, eq=False)
class Comparison:
    """The runs of every seed that has all runs to compare, each at the same step.

    Attributes:
        evidence: what the runs are taken from.
        runs: all evaluations of the runs that are compared.
        cells: what tells the runs of a seed apart.
        steps: updates after which the runs are compared.
        remarks: which seeds were left out because their runs stand at other steps.
    """

    evidence: Evidence
    runs: pd.DataFrame
    cells: pd.Index
    steps: int
    remarks: tuple[str, ...]

    def rows(self, quantity: Quantity) -> pd.DataFrame:
        """Return the records of a quantity: those of all moments if the largest is meant."""
        runs = self.runs
        chosen = (runs["split"] == quantity.split) & (runs["metric"] == quantity.metric)
        if quantity.moment == "start":
            chosen &= runs["step"] == 0
        elif quantity.moment == "end":
            chosen &= runs["step"] == runs["last_step"]
        return runs[chosen]

    def measure(self, *quantities: Quantity) -> list[pd.DataFrame]:
        """Return a table for each quantity: a row for each seed, a column for each run of it.

        The tables have the same seeds: those for which all quantities were measured on all runs.
        """
        tables = [self._table(quantity) for quantity in quantities]
        seeds = sorted(set.intersection(*(set(table.index) for table in tables)))
        return [table.loc[seeds] for table in tables]

    def judge(self, statement: Statement, effects: pd.Series, *, unfair_because: str = "") -> Claim:
        """Judge a statement on these runs, of which each seed has an effect."""
        return self.evidence.judge(
            statement,
            list(effects),
            steps=self.steps,
            unfair_because=unfair_because,
            remarks=self.remarks,
        )

    def _table(self, quantity: Quantity) -> pd.DataFrame:
        rows = self.rows(quantity)
        if rows.empty:
            return pd.DataFrame(columns=self.cells, dtype=float)
        # A value that is not a number is told, not taken for one that was not measured.
        measured = self._by_seed(rows, len).dropna().index
        reduce = _largest if quantity.moment == "largest" else _mean
        return self._by_seed(rows, reduce).reindex(index=measured)

    def _by_seed(self, rows: pd.DataFrame, reduce: Callable[[pd.Series], float]) -> pd.DataFrame:
        table = rows.pivot_table(
            index="seed", columns=list(self.cells.names), values="value", aggfunc=reduce
        )
        return table.reindex(columns=self.cells)


def compare(evidence: Evidence, **factors: Sequence[Any]) -> Comparison:
    """Compare runs that differ in some factors, within each seed that has all of them.

    The runs of all seeds compared stand at one step, the furthest at which all runs of some seed
    stand: a comparison of step 300 with step 600 would be none.

    Args:
        evidence: what the runs are taken from.
        **factors: columns of the records, each with its levels; every combination is compared.
    """
    wanted = set(product(*factors.values()))
    runs = evidence.runs
    for column, levels in factors.items():
        runs = runs[runs[column].isin(levels)]
    each_run = runs[["seed", *factors, "last_step"]].drop_duplicates()
    last_steps = {
        seed: set(of_seed["last_step"])
        for seed, of_seed in each_run.groupby("seed")
        if set(of_seed[list(factors)].itertuples(index=False, name=None)) == wanted
    }
    agreeing = [max(steps) for steps in last_steps.values() if len(steps) == 1]
    furthest = max(agreeing, default=int(evidence.runs["last_step"].max()))
    kept = [seed for seed, steps in last_steps.items() if steps == {furthest}]
    left_out = [str(seed) for seed in last_steps if seed not in kept]
    remark = f"Left out, as not all of their runs stand at step {furthest}: seed(s) "
    return Comparison(
        evidence=evidence,
        runs=runs[runs["seed"].isin(kept)],
        cells=_index(factors),
        steps=int(furthest),
        remarks=(remark + ", ".join(left_out),) if left_out else (),
    )


def _index(factors: dict[str, Sequence[Any]]) -> pd.Index:
    several = pd.MultiIndex.from_product(list(factors.values()), names=list(factors))
    # A single factor's levels are themselves the columns of a table, not tuples of one.
    return several if len(factors) > 1 else several.get_level_values(0)


def _mean(values: pd.Series) -> float:
    return float(values.mean(skipna=False))


def _largest(values: pd.Series) -> float:
    return float(values.max(skipna=False))
