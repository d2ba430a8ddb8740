"""The columns of a table of final numbers: one for each quantity that a study measures."""

from dataclasses import dataclass, replace

import pandas as pd

from infomax.records import Split
from infomax.report.formatting import interval, mean_and_spread

__all__ = ["Column", "columns_of"]


@dataclass(frozen=True)
class Column:
    """One quantity.

    Attributes:
        header: what it is, with its unit.
        split: of the records.
        metric: of the records.
        decimals: behind the point; ``None`` shows powers of ten.
        has_interval: whether each run has an interval of its own.
        is_probe: whether raw pixels and untrained encoders have it too.
        at_start: whether it is recorded before the first update only.
    """

    header: str
    split: Split
    metric: str
    decimals: int | None
    has_interval: bool = False
    is_probe: bool = False
    at_start: bool = False

    def shown(self, records: pd.DataFrame) -> str:
        """Return mean and deviation over seeds; empty where nothing was measured."""
        values = self._values(records, self.metric)
        if values.empty:
            return ""
        # Cells break where they are told to, so that no number is torn from its deviation.
        shown = mean_and_spread(list(values), self.decimals).replace(", else ", ",\nelse ")
        if self.decimals is None:
            shown = shown.replace(" ±", "\n±")
        if self.at_start:
            shown = mean_and_spread([float(values.iloc[0])], self.decimals)
        low, high = (self._values(records, f"{self.metric}_{end}") for end in ("low", "high"))
        if not self.has_interval or self.decimals is None or low.empty or high.empty:
            return shown
        # Python's sum, since pandas leaves out what is not a number.
        low_end, high_end = (float(sum(end)) / len(end) for end in (low, high))
        return f"{shown}\n{interval(low_end, high_end, self.decimals)}"

    def _values(self, records: pd.DataFrame, metric: str) -> "pd.Series[float]":
        chosen = records[(records["split"] == self.split) & (records["metric"] == metric)]
        # Runs of one seed share their untrained encoder, which is one value and not several.
        values: pd.Series[float] = chosen.groupby("seed", sort=False)["value"].agg(
            lambda of_seed: sum(of_seed) / len(of_seed)
        )
        return values


def columns_of(runs: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns in which anything was measured.

    Args:
        runs: records of the runs of one figure.
    """
    measured = set(runs[["split", "metric"]].itertuples(index=False, name=None))
    columns = [column for column in _COLUMNS if (column.split, column.metric) in measured]
    if _TRUTH in columns:
        # The truth is 0.02 nats there, and so is what is told apart.
        columns = [replace(column, decimals=_TRUTH.decimals) for column in columns]
    return tuple(columns)


_TRUTH = Column("True information (nats)", "test", "true_information", 4, at_start=True)
_COLUMNS = (
    Column("Bound, training batches (nats)", "train", "bound", 2),
    Column("Bound, training batches, smoothed (nats)", "train", "bound_smoothed", 2),
    Column("Bound, held-out pairs (nats)", "test", "bound", 2, has_interval=True),
    _TRUTH,
    Column("Probe accuracy, ours", "test", "probe_accuracy", 4, is_probe=True),
    Column("Probe accuracy, notebook's", "test", "probe_accuracy_notebook", 4, is_probe=True),
    Column("Median log condition number (nats)", "train", "log_condition_number_p50", 2),
    Column("Classifier's cross-entropy (nats)", "train", "classifier_cross_entropy", 3),
    Column("Encoder's loss (nats)", "train", "encoder_loss", 3),
    Column("Largest error of inverse, float32", "test", "reconstruction_error", None),
    Column("The same, float64", "test", "reconstruction_error_float64", None),
)
