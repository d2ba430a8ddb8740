"""What a run was asked, what it measured, and which weights it gives."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from infomax.experiments.config import RunConfig
from infomax.experiments.run_folder import RunFolder
from infomax.information import merit
from infomax.records import Split, empty_records

__all__ = ["METRICS", "Reading", "RunMetric", "RunSummary", "metric_of"]


@dataclass(frozen=True)
class Reading:
    """A measured value with its interval, which is not a number where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan

    def told(self) -> str:
        """Return it as tables show it.

        Example:
            >>> Reading(0.9, 0.85, 0.94).told(), Reading(2.0).told()
            ('0.900 [0.850, 0.940]', '2.000')
        """
        interval = "" if math.isnan(self.low) else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}"


@dataclass(frozen=True, eq=False)
class RunSummary:
    """A run, as its folder tells of it.

    Attributes:
        path: its folder.
        config: settings that it was begun or last resumed with.
        notes: what is known of it: data, ceiling, ending, warnings.
        records: what was measured; no rows where nothing was yet.
    """

    path: Path
    config: RunConfig
    notes: dict[str, Any]
    records: pd.DataFrame

    @classmethod
    def of(cls, path: Path) -> "RunSummary":
        """Read the folder of a run.

        Raises:
            UserError: if it is not the folder of a run, or damaged.
        """
        folder = RunFolder.existing(path)
        config, notes = folder.config(), folder.notes()
        records = folder.records()
        return cls(path, config, notes, empty_records() if records is None else records)

    @property
    def steps(self) -> int:
        """The updates made when it was last measured."""
        return int(self.records["step"].max()) if len(self.records) else 0

    @property
    def weights(self) -> str:
        """Which weights `encode` uses: ``best`` by the bound on validation pairs, else ``last``."""
        return "last" if self._validated.empty else "best"

    @property
    def weights_step(self) -> int:
        """The update that these weights are of.

        The best is the evaluation with the highest bound on validation pairs, or under a target the
        one nearest to it; where none is finite, the first.
        """
        if self._validated.empty:
            return self.steps
        merits = [merit(value, self.config.target) for value in self._validated]
        return int(self._validated.index[merits.index(max(merits))])

    @property
    def chosen(self) -> str:
        """What choosing these weights does to the bound that they read; empty if nothing."""
        if len(self._finite) < 2:
            return ""
        if self.config.target is None:
            return "As the best of all evaluations, the bound on held-out pairs is a little high"
        return "As the nearest of all evaluations, the bound on held-out pairs is a little near"

    @property
    def ceiling(self) -> float:
        """The most that the bound can read, in nats; infinite where nothing limits it."""
        known = self.notes.get("ceiling")
        return math.inf if known is None else float(known)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Reasons to read what was measured with care."""
        return tuple(self.notes.get("warnings", {}).values())

    @property
    def headline(self) -> str:
        """What the bound reads of the weights that are used, in one line."""
        if not len(self.records):
            return "nothing was measured yet"
        weights = f"weights of step {self.weights_step} of {self.steps}, the {self.weights}"
        pairs, reading = "pairs that it was not trained on", self.reading("test", "bound")
        if reading is None:
            pairs, reading = "training pairs", self.reading("train", "bound")
        if reading is None:
            return weights
        return f"{self.config.bound} reads {reading.told()} nats on {pairs}; {weights}"

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if "ending" in self.notes:
            return f"after {self.notes['steps']} updates: {self.notes['ending']}"
        return "not yet: it is training, or goes on with `infomax train --resume`"

    @property
    def settings_given(self) -> list[str]:
        """The settings that are not the defaults, but the data, as ``key: value``."""
        defaults = RunConfig.checked({"data": self.config.data})
        return [each.partition(", not ")[0] for each in self.config.differences(defaults)]

    @property
    def metrics(self) -> list[str]:
        """What was measured, in the order in which it is shown."""
        found = list(dict.fromkeys(self.records["metric"]))
        ends = {f"{metric}_{end}" for metric in found for end in ("low", "high")}
        known = [metric for metric in METRICS if metric in found]
        return known + [each for each in found if each not in METRICS and each not in ends]

    def better(self, metric: str) -> str:
        """Return which value of a metric is better, in words; empty where none is."""
        if metric == "bound" and self.config.target is not None:
            return f"nearer to {self.config.target:g}"
        return metric_of(metric).better

    def curve(self, split: Split, metric: str) -> "pd.Series[float]":
        """Return the values of each evaluation, by its step; those that are not finite too."""
        return self._values(split, metric).dropna()

    def reading(self, split: Split, metric: str) -> Reading | None:
        """Return what was last measured up to the weights that are used, if it was.

        Its interval is that of the same step.
        """
        until = self.records[
            (self.records["split"] == split) & (self.records["step"] <= self.weights_step)
        ]
        steps = until["step"][until["metric"] == metric]
        if steps.empty:
            return None
        at = until[until["step"] == steps.max()].set_index("metric")["value"]
        return Reading(
            *(float(at.get(f"{metric}{end}", math.nan)) for end in ("", "_low", "_high"))
        )

    @property
    def _validated(self) -> "pd.Series[float]":
        """The bounds on validation pairs of all evaluations, finite or not."""
        return self._values("test", "bound")

    @property
    def _finite(self) -> "pd.Series[float]":
        return self._validated[self._validated.abs() < math.inf]

    def _values(self, split: Split, metric: str) -> "pd.Series[float]":
        chosen = self.records[(self.records["split"] == split) & (self.records["metric"] == metric)]
        values: pd.Series[float] = chosen.set_index("step")["value"].sort_index()
        return values


@dataclass(frozen=True)
class RunMetric:
    """A measured value as people read it.

    Attributes:
        name: name in plain words.
        better: whether higher or lower is better; empty where neither is, or it is there to compare
            with.
        remark: how to read it.
    """

    name: str
    better: Literal["higher", "lower", ""] = ""
    remark: str = ""


METRICS: Final[dict[str, RunMetric]] = {
    "bound": RunMetric(
        "bound, nats",
        "higher",
        "Information of the two views, as the bound reads it. A higher bound need not make better "
        "codes.",
    ),
    "loss_joint": RunMetric(
        "joint term of the loss",
        "",
        "What the loss makes of partners, on held-out pairs: the lower, the nearer they are, also "
        "where all codes are one.",
    ),
    "loss_marginal": RunMetric(
        "marginal term of the loss",
        "",
        "What the loss makes of codes of different items, on held-out pairs: the lower, the "
        "farther they lie apart.",
    ),
    "estimate_on_negatives": RunMetric(
        "estimate on its own negatives, nats",
        "",
        "The bound's formula on the negatives that training takes. It is a bound on the "
        "information only if those are drawn uniformly.",
    ),
    "negatives_of_anchor": RunMetric(
        "negatives of an anchor", "", "How many there were on average; the partner is not counted."
    ),
    "anchors_without_negatives": RunMetric(
        "anchors without negatives", "lower", "Share of the anchors, which learn nothing."
    ),
    "probe_accuracy": RunMetric(
        "linear probe", "higher", "Share of held-out rows whose class a linear probe tells."
    ),
    "probe_balanced_accuracy": RunMetric(
        "linear probe, mean of classes", "higher", "The same as the mean over classes."
    ),
    "neighbours_accuracy": RunMetric(
        "20 nearest neighbours",
        "higher",
        "Share of held-out rows whose class the 20 nearest codes tell.",
    ),
    "neighbours_balanced_accuracy": RunMetric(
        "20 nearest, mean of classes", "higher", "The same as the mean over classes."
    ),
    "majority_share": RunMetric(
        "commonest class", "", "Accuracy of always naming it: what probes are to be compared with."
    ),
    "class_recall_at_1": RunMetric(
        "nearest of the class",
        "higher",
        "Share of held-out codes whose nearest other held-out code by cosine is of their class.",
    ),
    "class_recall_at_5": RunMetric("one of the class in the nearest 5", "higher"),
    "class_map_at_r": RunMetric(
        "MAP@R of classes",
        "higher",
        "How far the other codes of a class stand before those of others, by cosine: 1 where all "
        "do.",
    ),
    "class_mrr": RunMetric("1 / rank of the first of the class", "higher"),
    **{
        f"partner_{metric}_{way}": RunMetric(
            f"partner {told}, {way.replace('_to_', ' to ')}", "higher", remark
        )
        for metric, told, remark in (
            (
                "recall_at_1",
                "first",
                "Share of held-out codes whose partner the critic scores above all candidates; "
                "those of one score share their ranks.",
            ),
            ("recall_at_5", "in the first 5", ""),
            ("mrr", "1 / rank", ""),
            ("cosine_recall_at_1", "first by cosine", ""),
        )
        for way in ("x_to_y", "y_to_x")
    },
    "retrieval_candidates": RunMetric(
        "candidates of partners", "", "Codes among which each partner is looked for."
    ),
    "alignment": RunMetric(
        "distance in pairs, of 4",
        "lower",
        "Mean squared distance of the codes of a pair at unit length: 2 where they tell nothing of "
        "each other, and 0 too where all codes are alike.",
    ),
    "uniformity": RunMetric(
        "unevenness of codes, nats",
        "lower",
        "How unevenly codes lie on the unit sphere; 0 where all point the same way.",
    ),
    "effective_rank": RunMetric(
        "directions in use",
        "higher",
        "How many directions codes fill, counted softly (RankMe); 1 where they have collapsed.",
    ),
    "temperature": RunMetric(
        "temperature",
        "",
        "What the critic divides cosines by, where that is learned; 0.01 is the least.",
    ),
    "log_condition_number_p50": RunMetric(
        "log condition number",
        "",
        "Of the encoder's Jacobian, the median over views, in nats: the higher, the harder the "
        "encoder is to invert.",
    ),
}
"""In the order in which they are shown."""


def metric_of(metric: str) -> RunMetric:
    """Return how people read a metric of the records; one that is not known by its own name.

    Example:
        >>> metric_of("bound").better, metric_of("my_metric").name
        ('higher', 'my metric')
    """
    return METRICS.get(metric) or RunMetric(metric.replace("_", " "))
