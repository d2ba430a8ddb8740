"""The contents of a study's figure, before it is drawn: cells, curves, horizontal lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import ascii_lowercase

import numpy as np
import pandas as pd

from infomax.report.layout import NEUTRAL, Layout, Panel, Quantity, ReferenceKind
from infomax.report.recorded_runs import levels_of, raw_pixels, trained_runs
from infomax.report.traces import Limits, Trace, build_traces, limits_of

__all__ = ["Cell", "Plane", "Reference", "StudyFigure", "build_figure"]

_DASHES_ACROSS = (0, (6, 2))


@dataclass(frozen=True)
class Reference:
    """A horizontal line that curves are read by.

    Attributes:
        kind: what it is.
        value: where it lies.
        label: beside the axes.
        of: what it is the value of, in words; empty where the label says all.
        colour: colour of the line.
        dashes: line style, as matplotlib's offset and on-off lengths.
        configuration: levels that it belongs to, where it does not belong to all.
    """

    kind: ReferenceKind
    value: float
    label: str
    of: str = ""
    colour: str = NEUTRAL
    dashes: tuple[float, tuple[float, ...]] = (0, (1, 2))
    configuration: Mapping[str, str] = field(default_factory=dict)


def _references(
    panel: Panel,
    records: pd.DataFrame,
    layout: Layout,
    bounds: Sequence[str],
    colours: Mapping[str, str],
) -> Iterator[Reference]:
    """Yield the horizontal lines of one pair of axes, on which some of the bounds are drawn."""
    runs = trained_runs(records)
    runs = runs[runs["bound"].isin(bounds)]
    wanted = panel.references
    for bound in bounds if "ceiling" in wanted else ():
        # The log of the batch size is recorded of the bounds that cannot exceed it.
        values = _measured(runs[runs["bound"] == bound], "log_batch_size")
        if len(values):
            ceiling, of = float(values.max()), layout.names.short("bound", bound)
            label = f"ceiling {ceiling:z.2f}"
            yield Reference("ceiling", ceiling, label, of, configuration={"bound": bound})
    if "target" in wanted:
        for target in runs["target"].dropna().unique():
            yield Reference("target", float(target), f"target {target:g}")
    if "true information" in wanted:
        for value in _measured(runs, "true_information").unique():
            yield Reference(
                "true information", float(value), f"truth {value:z.4f}", dashes=_DASHES_ACROSS
            )
    pixels = _measured(raw_pixels(records), "probe_accuracy")
    if "raw pixels" in wanted and len(pixels):
        yield Reference("raw pixels", float(pixels.mean()), "raw pixels", dashes=_DASHES_ACROSS)
    for encoder in levels_of(runs, "encoder") if "untrained" in wanted else ():
        chosen = runs[(runs["encoder"] == encoder) & (runs["step"] == 0)]
        values = _measured(chosen, "probe_accuracy")
        if len(values):
            yield Reference(
                "untrained",
                float(values.mean()),
                f"untrained {layout.names.short('encoder', encoder)}",
                colour=colours.get(encoder, NEUTRAL),
                dashes=(0, (6, 2, 1, 2)),
                configuration={"encoder": encoder},
            )


def _measured(records: pd.DataFrame, metric: str) -> "pd.Series[float]":
    chosen = (records["metric"] == metric) & (records["split"] == "test")
    values: pd.Series[float] = records.loc[chosen, "value"]
    return values


@dataclass(frozen=True)
class Cell:
    """One pair of axes.

    Attributes:
        name: unique in its figure.
        title: which bounds are drawn, or which panel; empty if there is one cell.
        panel: what is drawn.
        traces: curves, and edges of areas.
        references: horizontal lines.
        limits: limits of the vertical axis.
        colours: colours of the levels of the coloured factor.
    """

    name: str
    title: str
    panel: Panel
    traces: list[Trace]
    references: list[Reference]
    limits: Limits
    colours: Mapping[str, str]

    @property
    def lines(self) -> list[Trace]:
        """The curves, without the edges of areas."""
        return [each for each in self.traces if each.quantity in self.panel.quantities]

    def reduced(self, quantity: Quantity) -> "Cell":
        """Return the same cell with one of its quantities alone, for a small picture."""
        kept = [each for each in self.lines if each.quantity == quantity]
        panel = replace(self.panel, quantities=(quantity,), fans=())
        limits = limits_of(panel, kept, [line.value for line in self.references])
        return replace(self, title="", panel=panel, traces=kept, limits=limits)


@dataclass(frozen=True)
class Plane:
    """Two quantities against each other after the last update, for each configuration.

    Attributes:
        cell: cell of the quantity that is shown up, with its horizontal lines.
        across: panel of the quantity that is shown across.
        pairs: the traces of both, across first, all ending at finite values.
    """

    cell: Cell
    across: Panel
    pairs: list[tuple[Trace, Trace]]


def _of(cell: Cell, quantity: tuple[str, str]) -> list[Trace]:
    return [each for each in cell.lines if (each.quantity.metric, each.quantity.split) == quantity]


@dataclass
class StudyFigure:
    """The contents of a figure.

    Attributes:
        layout: what it is drawn by.
        cells: pairs of axes, row by row.
        columns: how many stand side by side.
        off_axis: traces with points below the axis, which are marked at its edge.
    """

    layout: Layout
    cells: list[Cell] = field(default_factory=list)
    columns: int = 1
    off_axis: list[Trace] = field(default_factory=list)

    @property
    def traces(self) -> list[Trace]:
        """Every curve, and every edge of an area."""
        return [trace for cell in self.cells for trace in cell.traces]

    @property
    def lead(self) -> "Cell | Plane":
        """The cell that answers the study: one quantity, or two against each other."""
        if self.layout.against and (plane := self._plane(*self.layout.against)):
            return plane
        for cell in self.cells:
            for quantity in cell.panel.quantities:
                if (quantity.metric, quantity.split) == self.layout.lead:
                    return self._together(cell).reduced(quantity)
        first = self.cells[0]
        return self._together(first).reduced(first.panel.quantities[0])

    def _plane(self, across: tuple[str, str], up: tuple[str, str]) -> "Plane | None":
        """Return two quantities against each other, of the first bound that has both."""
        first: dict[tuple[str, str], Cell] = {}
        for cell in self.cells:
            for quantity in cell.panel.quantities:
                first.setdefault((quantity.metric, quantity.split), cell)
        if across not in first or up not in first:
            return None
        below, beside = first[across], first[up]
        traces_up = {str(each.configuration): each for each in _of(beside, up)}
        pairs = [
            (each, traces_up[str(each.configuration)])
            for each in _of(below, across)
            if str(each.configuration) in traces_up
        ]
        # What has no place among the others would be missing, so all are shown otherwise.
        placed = all(bool(np.isfinite(each.mean[-1])) for pair in pairs for each in pair)
        return Plane(beside, below.panel, pairs) if pairs and placed else None

    def _together(self, cell: Cell) -> Cell:
        """Return a cell with the bounds of its neighbours, if bounds are coloured."""
        beside = [each for each in self.cells if each.panel is cell.panel]
        if self.layout.colour != "bound":
            named = f"{cell.panel.axis}, {cell.title}" if len(beside) > 1 else cell.panel.axis
            return replace(cell, panel=replace(cell.panel, axis=named))
        lines = {line.label: line for each in beside for line in each.references}
        return replace(
            cell,
            traces=[trace for each in beside for trace in each.traces],
            references=list(lines.values()),
        )

    @property
    def references(self) -> list[Reference]:
        """Every horizontal line."""
        return [line for cell in self.cells for line in cell.references]


def build_figure(records: pd.DataFrame, layout: Layout, colours: Mapping[str, str]) -> StudyFigure:
    """Build the contents of one figure from its records.

    Args:
        records: records of the finished runs of the figure, and of raw pixels.
        layout: layout of the figure.
        colours: colours of the levels of the layout's coloured factor.
    """
    runs = trained_runs(records)
    bounds = tuple(levels_of(runs, "bound"))
    side_by_side = layout.columns == "panels"
    apart = [bounds] if side_by_side else [(each,) for each in bounds]
    drawn = StudyFigure(layout, columns=len(layout.panels) if side_by_side else len(apart))
    for letter, panel in zip(_letters(), layout.panels, strict=False):
        curves = [
            each for quantity in panel.everything for each in build_traces(runs, layout, quantity)
        ]
        lines = [[*_references(panel, records, layout, those, colours)] for those in apart]
        limits = limits_of(panel, curves, [line.value for of_cell in lines for line in of_cell])
        drawn.off_axis += [each for each in curves if bool(limits.below(each.mean).any())]
        for those, of_cell in zip(apart, lines, strict=True):
            drawn.cells.append(
                Cell(
                    name=f"{letter}-{len(drawn.cells)}",
                    title=letter if side_by_side else layout.names.short("bound", those[0]),
                    panel=panel,
                    traces=[each for each in curves if each.bound in those],
                    references=of_cell,
                    limits=limits,
                    colours=colours,
                )
            )
    return drawn


def _letters() -> Iterator[str]:
    return iter([*ascii_lowercase, *(f"{one}{two}" for one in "ab" for two in ascii_lowercase)])
