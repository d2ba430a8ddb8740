"""What a run measures, in plain names, and which way each is better."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["METRICS", "RunMetric", "metric_of"]


@dataclass(frozen=True)
class RunMetric:
    """A measured value as people read it.

    Attributes:
        name: in plain words.
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
