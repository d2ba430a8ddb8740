"""The layout of a study's figures: what each pair of axes draws, and what its colours mean."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from infomax.records import FAILED, Split
from infomax.report.recorded_runs import levels_of, trained_runs, varying_factors
from infomax.report.text import Names
from infomax.studies.catalogue import StudyEntry

__all__ = [
    "NEUTRAL",
    "Fan",
    "Layout",
    "Panel",
    "Quantity",
    "ReferenceKind",
    "by_figure",
    "colours_of",
    "layout_of",
    "panels_of",
]

ReferenceKind = Literal["ceiling", "target", "true information", "raw pixels", "untrained"]


@dataclass(frozen=True)
class Quantity:
    """A metric, and the kind of line that it is drawn as.

    Attributes:
        metric: metric of the records.
        split: split of the records.
        label: what the line is, where nothing else tells it from others.
        beside: the same in short, where it stands beside the first quantity of its panel; empty
            for the first.
        dashes: line style.
        width: line width in points.
        filled: whether markers are filled.
        band: whether the standard deviation over seeds is shaded.
        marked: whether the line has markers.
    """

    metric: str
    split: Split
    label: str
    beside: str = ""
    dashes: Literal["-", "--", ":"] = "-"
    width: float = 1.6
    filled: bool = True
    band: bool = True
    marked: bool = True


@dataclass(frozen=True)
class Fan:
    """Two metrics that are the edges of a shaded area, which is not about seeds.

    Attributes:
        lower: lower edge; its mean over seeds is drawn.
        upper: upper edge.
        label: for the legend.
        opacity: opacity of the area, from 0 to 1.
    """

    lower: Quantity
    upper: Quantity
    label: str
    opacity: float


@dataclass(frozen=True)
class Panel:
    """A kind of axes.

    Attributes:
        axis: label of the vertical axis, with its unit.
        quantities: what is drawn as lines.
        references: horizontal lines to read it by.
        floor: value below which the axis need not reach; ``None`` shows everything.
        fans: what is drawn as areas.
        logarithmic: whether the vertical axis is.
        reading: how to read it, in a sentence, where all its quantities are there.
    """

    axis: str
    quantities: tuple[Quantity, ...]
    references: tuple[ReferenceKind, ...] = ()
    floor: float | None = None
    fans: tuple[Fan, ...] = ()
    logarithmic: bool = False
    reading: str = ""

    @property
    def everything(self) -> tuple[Quantity, ...]:
        """All that is drawn, edges of areas too."""
        edges = (edge for fan in self.fans for edge in (fan.lower, fan.upper))
        return (*self.quantities, *edges)


def panels_of(runs: pd.DataFrame) -> tuple[Panel, ...]:
    """Return the panels that have something to show, the familiar ones first.

    Args:
        runs: records of the runs of one study.
    """
    measured = list(runs[["metric", "split"]].drop_duplicates().itertuples(index=False, name=None))
    bound = _MATCHED_BOUND if runs["target"].notna().any() else _BOUND
    if ("bound_smoothed", "train") in measured:
        bound = _KNOWN_TRUTH
    familiar = [
        panel
        for panel in (
            *(bound, _ON_NEGATIVES, _PROBE, _LOSSES, _RECONSTRUCTION, _CONDITIONING),
            *_OF_CODES,
        )
        if any((each.metric, each.split) in measured for each in panel.quantities)
    ]
    shown = {each.metric for panel in familiar for each in panel.everything}
    strange = dict.fromkeys(
        metric
        for metric, _ in measured
        if metric not in shown | _NOT_DRAWN and not metric.startswith("dv_agreement_at_")
    )
    return (*familiar, *(_plain(metric) for metric in strange))


def _plain(metric: str) -> Panel:
    return Panel(
        axis=metric.replace("_", " "),
        quantities=(
            Quantity(metric, "train", "training data"),
            Quantity(metric, "test", "held-out data", "held-out", dashes="--", filled=False),
        ),
    )


def _percentile(name: str, label: str) -> Quantity:
    metric = f"log_condition_number_{name}"
    return Quantity(metric, "train", label, width=1.2, band=False, marked=False)


_NATS = "Bound (nats)"
# An untrained critic, or a heavy tail, can put a bound at minus millions. Nothing below zero
# tells one bad estimate of a non-negative quantity from another.
_LOWEST_NATS = -1.0
_BOUND = Panel(
    _NATS,
    (
        Quantity("bound", "train", "training batches"),
        Quantity("bound", "test", "held-out pairs", "held-out", dashes="--", filled=False),
    ),
    ("ceiling",),
    _LOWEST_NATS,
    reading=(
        "Bounds: solid on fresh training batches, which is what the paper shows; dashed on "
        "held-out pairs."
    ),
)
_ON_NEGATIVES = Panel(
    "Estimate on own negatives (nats)",
    (Quantity("estimate_on_negatives", "train", "training batches"),),
    ("true information",),
    _LOWEST_NATS,
    reading=(
        "Estimates on own negatives: what training read, as the mean since the evaluation before. "
        "It is a bound on the information for in-batch and uniform negatives alone."
    ),
)
_MATCHED_BOUND = replace(_BOUND, references=("target",))
_KNOWN_TRUTH = Panel(
    _NATS,
    (
        Quantity("bound_smoothed", "train", "training batches, smoothed", marked=False),
        Quantity("bound", "test", "fresh batches", "fresh", dashes="--", filled=False),
    ),
    ("true information",),
    # The truth is 0.02 nats: an axis that began at an untrained critic would hide it.
    floor=-0.02,
    reading=(
        "Bounds: solid the values of the training batches themselves, smoothed over steps, which "
        "is what the paper shows; dashed on fresh batches of the same sampling."
    ),
)
_PROBE = Panel(
    "Probe accuracy (fraction)",
    (
        Quantity("probe_accuracy", "test", "our probe"),
        Quantity(
            "probe_accuracy_notebook",
            "test",
            "notebook's probe",
            "notebook's",
            dashes=":",
            width=0.9,
            filled=False,
            band=False,
        ),
    ),
    ("raw pixels", "untrained"),
)
_LOSSES = Panel(
    "Cross-entropy (nats)",
    (
        Quantity("classifier_cross_entropy", "train", "classifier, to the labels"),
        Quantity(
            "encoder_loss", "train", "encoder, to uniform", "encoder", dashes="--", filled=False
        ),
    ),
    reading=(
        "Cross-entropies of the classifier's predictions: solid to the labels, which the "
        "classifier minimises; dashed to the uniform distribution, which the encoder minimises."
    ),
)
_RECONSTRUCTION = Panel(
    "Largest |x \N{MINUS SIGN} g⁻¹(g(x))| (pixels in 0 to 1)",
    (
        Quantity("reconstruction_error", "test", "in float32, as trained"),
        Quantity(
            "reconstruction_error_float64",
            "test",
            "in float64",
            "float64",
            dashes="--",
            filled=False,
        ),
    ),
    logarithmic=True,
    reading=(
        "Reconstruction: the largest error of any pixel of any test image when codes are inverted, "
        "with pixels between 0 and 1."
    ),
)
_CONDITIONING = Panel(
    "Log condition number (nats)",
    (Quantity("log_condition_number_p50", "train", "median", band=False, marked=False),),
    fans=(
        Fan(_percentile("min", "minimum"), _percentile("max", "maximum"), "min to max", 0.15),
        Fan(_percentile("p20", "20 %"), _percentile("p80", "80 %"), "20 to 80 %", 0.22),
        Fan(_percentile("p40", "40 %"), _percentile("p60", "60 %"), "40 to 60 %", 0.35),
    ),
    reading=(
        "Condition numbers of the encoder's Jacobian are taken at the points of one batch, as "
        "differences of the natural logarithms of the largest and the smallest singular value; "
        "areas lie between percentiles over those points, each a mean over seeds: 40 to 60 %, "
        "20 to 80 %, and the least to the greatest."
    ),
)
_OF_CODES = (
    Panel(
        "Information of held-out pairs (nats)",
        (
            Quantity("information_copula", "test", "Gaussian copula"),
            Quantity(
                "information_neighbours", "test", "nearest neighbours", dashes="--", filled=False
            ),
            Quantity(
                "information_critic",
                "test",
                "critic, at least",
                "critic",
                dashes=":",
                filled=False,
                band=False,
            ),
        ),
        reading=(
            "Information that what the loss sees of two views of a test image shares, of its "
            "leading principal components: solid by a Gaussian copula (8 of them), dashed "
            "by nearest neighbours (3 of them, so it is less), dotted by a critic that is "
            "fitted to some pairs and read on others (8; at least)."
        ),
    ),
    Panel(
        "cos-DV of held-out pairs (nats)",
        (
            Quantity("cos_dv", "test", "of one large set"),
            Quantity(
                "cos_dv_of_batches", "test", "of batches", "batches", dashes="--", filled=False
            ),
        ),
        reading=(
            "cos-DV is the Donsker-Varadhan value of the cosine over the study's temperature: "
            "solid of one large set of held-out pairs, dashed the mean over batches of the size "
            "that is trained with, which is biased upwards."
        ),
    ),
    Panel(
        "Spread (1: all over the sphere)",
        (
            Quantity("spread", "test", "behind the head"),
            Quantity("spread_of_codes", "test", "codes", dashes="--", filled=False, band=False),
        ),
        reading=(
            "Spread is the mean deviation of the dimensions of codes of unit length, times the "
            "root of their number: 0 where codes have become one; solid behind the head, dashed "
            "before it."
        ),
    ),
    Panel("Effective rank", (Quantity("effective_rank", "test", "behind the head"),)),
    Panel(
        "Cosine with the marginal's gradient",
        (Quantity("marginal_agreement", "test", "predictor's part"),),
        reading=(
            "What a predictor adds to the gradient, against the gradient of the marginal term that "
            "the loss leaves out: 1 where it supplies that, 0 where it is something else."
        ),
    ),
)
_NOT_DRAWN = {
    # Claims and the final table read these.
    *(
        f"{metric}_{end}"
        for metric in (
            *("information_copula", "information_neighbours", "information_critic"),
            "cos_dv_of_batches",
            *("partner_recall_at_1_x_to_y", "class_recall_at_1", "class_map_at_r"),
        )
        for end in ("low", "high")
    ),
    *("joint_part", "marginal_part", "joint_term", "marginal_term", "identity_error"),
    FAILED,
    "bound",
    "bound_low",
    "bound_high",
    "true_information",
    "probe_penalty",
    # The multi-class k-pair loss mirrors a bound: a claim compares the two.
    "k_pair_loss",
    "log_batch_size",
    # Settings, or nearly so: the table tells of those that are not.
    "negatives_of_anchor",
    "anchors_without_negatives",
}


@dataclass(frozen=True)
class Layout:
    """What a figure colours, marks and puts side by side.

    Attributes:
        colour: the factor whose levels have a colour each.
        marker: the other factors that vary; each combination of levels has a marker.
        panels: what is drawn.
        columns: what stands side by side: bounds, with the panels of each below each other; or
            the panels, with the bounds in one pair of axes.
        lead: metric and split of what the study asks about.
        against: metric and split of the two things that it sets against each other, if it does.
        names: what levels are called.
    """

    colour: str
    marker: tuple[str, ...]
    panels: tuple[Panel, ...]
    columns: Literal["bounds", "panels"] = "bounds"
    lead: tuple[str, Split] = ("probe_accuracy", "test")
    against: tuple[tuple[str, Split], tuple[str, Split]] | None = None
    names: Names = field(default_factory=Names)


def layout_of(
    entry: StudyEntry | None, records: pd.DataFrame, names: Names | None = None
) -> Layout:
    """Return the layout of a figure, a plain one if its study is not in the catalogue.

    Args:
        entry: what the catalogue holds of its study.
        records: records of the figure.
        names: what levels are called.
    """
    runs = trained_runs(records)
    # Bounds have columns of their own, or are coloured.
    others = [factor for factor in varying_factors(runs) if factor != "bound"]
    colour = (entry.compares if entry else "") or (others[0] if others else "encoder")
    plain = Layout(
        colour=colour,
        marker=tuple(factor for factor in others if factor != colour),
        panels=panels_of(runs),
        names=names or Names(),
    )
    if entry is None:
        return plain
    columns: Literal["bounds", "panels"] = "panels" if entry.bounds_together else "bounds"
    return replace(plain, columns=columns, lead=entry.asks_about, against=entry.sets_against)


def by_figure(
    entry: StudyEntry | None, records: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the records of each figure of a study, with the data set that it is on.

    Where data sets are what a study compares, they stand in one figure, and the name is empty.

    Args:
        entry: what the catalogue holds of the study.
        records: records of that study.
    """
    if entry is not None and entry.compares == "dataset":
        yield "", records
        return
    for dataset in levels_of(records, "dataset"):
        yield str(dataset), records[records["dataset"] == dataset]


NEUTRAL = "#4a4a4a"
"""Colour of what belongs to no level of the coloured factor."""

# After Okabe and Ito, and Tol: told apart under the common colour vision deficiencies, and dark
# enough for thin lines on white.
_COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#aa3377", "#b8860b", "#882255"),
    *("#332288", "#cc4466", "#56b4e9"),
)
# So that two bounds do not look like the first two critics.
_FIRST = {"bound": 6}


def colours_of(levels: Iterable[str], factor: str = "") -> dict[str, str]:
    """Return a colour for each level of a factor, in their order.

    Example:
        >>> colours_of(["bilinear", "concat"], "critic")
        {'bilinear': '#0072b2', 'concat': '#d55e00'}
    """
    # What stands for no level at all needs no colour of the others.
    named = sorted(dict.fromkeys(levels), key=lambda level: not level)
    first = _FIRST.get(factor, 0)
    return {level: _COLOURS[(first + index) % len(_COLOURS)] for index, level in enumerate(named)}
