"""``infomax show`` and ``infomax runs``: what runs were asked and what they measured."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from infomax.errors import UserError
from infomax.runs.settings import RunSettings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["runs", "show"]

# One tick in ten signs, of which the first and the last are at the ends.
_WIDTH, _HEIGHT = 60, 12
_TICKS = 6
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12)
_WORDS = {
    "bound": "bound, nats",
    "probe_accuracy": "accuracy of a linear probe",
    "probe_balanced_accuracy": "balanced accuracy of a linear probe",
    "neighbours_accuracy": "accuracy of 20 nearest neighbours",
    "neighbours_balanced_accuracy": "balanced accuracy of 20 nearest neighbours",
    "majority_share": "share of the largest class",
    "log_condition_number_p50": "log condition number of the Jacobian, median",
}
_FEWEST_POINTS = 2


def show(run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]) -> None:
    """Show a run: settings, curves, what was measured of the weights it gives, and warnings."""
    from infomax.runs.folder import RunFolder  # noqa: PLC0415

    folder = RunFolder.existing(run)
    settings, notes = folder.settings(), folder.notes()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    defaults = RunSettings.checked({"data": settings.data})
    asked = [each.partition(", not ")[0] for each in settings.differences(defaults)]
    console.print(f"data: {settings.data}, {notes.get('rows', '?')} items")
    console.print(f"settings that are not defaults: {'; '.join(asked) or 'none'}")
    console.print(f"ended: {_ending(notes)}")
    for path, why in notes.get("skipped", {}).items():
        console.print(f"left out: {path}: {why}")
    records = folder.records()
    if records is None:
        console.print("nothing was measured yet")
        return
    _draw(console, records)
    _print_measured(console, records, settings.target)
    for warning in notes.get("warnings", {}).values():
        console.print(f"warning: {warning}")


def runs(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that holds runs.")] = Path(
        "runs"
    ),
) -> None:
    """List the runs below a folder by data set, the best bound on validation pairs first.

    Bound and probe are those of the weights that `infomax encode` uses: of the best look, or the
    last one where no pairs were kept for validation.
    """
    from infomax.runs.folder import NOTES  # noqa: PLC0415

    if not folder.is_dir():
        found_instead = "is a file" if folder.exists() else "is not there"
        raise UserError(f"{folder} {found_instead}: expected a folder that holds runs")
    found = sorted(path.parent for path in folder.rglob(NOTES))
    if not found:
        raise UserError(f"{folder} holds no runs: `infomax train --out {folder}/NAME` makes one")
    rows, unreadable = [], []
    for path in found:
        try:
            rows.append(_row(path, folder))
        except (UserError, OSError) as error:
            unreadable.append((path.relative_to(folder), error))
    rows.sort(key=lambda row: (row[0], math.isnan(row[1]), row[1]))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in (
        "run",
        "data",
        "encoder",
        "critic",
        "bound",
        "steps",
        "best validation, nats",
        "probe",
    ):
        # Names of swept runs are long, and are what `show` is given.
        table.add_column(
            column,
            justify="right" if column in {"steps", "probe"} else "left",
            overflow="fold" if column == "run" else "ellipsis",
        )
    for *_, cells in rows:
        table.add_row(*cells)
    console = Console(highlight=False, markup=False)
    console.print(table)
    for name, why in unreadable:
        console.print(f"{name} cannot be read: {why}", soft_wrap=True)


def _row(path: Path, below: Path) -> tuple[str, float, tuple[str, ...]]:
    """Return the data, a number that is lower the better the run is, and what is shown."""
    from infomax.runs.folder import RunFolder  # noqa: PLC0415

    folder, name = RunFolder(path), str(path.relative_to(below))
    settings, records = folder.settings(), folder.records()
    bound, steps, probe = math.nan, "0", ""
    if records is not None and len(records):
        steps = str(records["step"].max())
        until = records[records["step"] <= _best_step(records, settings.target)]
        bound, accuracy = (_last(until, "test", metric) for metric in ("bound", "probe_accuracy"))
        probe = "" if math.isnan(accuracy) else f"{accuracy:.4f}"
    named = (Path(settings.data).name, settings.encoder, settings.critic, settings.bound)
    worse = -bound if settings.target is None else abs(bound - settings.target)
    return (
        settings.data,
        worse,
        (name, *named, steps, "" if math.isnan(bound) else f"{bound:.3f}", probe),
    )


def _best_step(records: "pd.DataFrame", target: float | None) -> int:
    """Return the update whose weights are used: the best on validation pairs, else the last."""
    validated = records[(records["split"] == "test") & (records["metric"] == "bound")]
    validated = validated.dropna(subset="value")
    if validated.empty:
        return int(records["step"].max())
    values = validated["value"]
    worse = -values if target is None else (values - target).abs()
    return int(validated["step"].iloc[worse.argmin()])


def _ending(notes: dict[str, object]) -> str:
    if "ending" in notes:
        return (
            f"after {notes['steps']} updates: {notes['ending']}; the weights are those of step "
            f"{notes['weights_step']}"
        )
    return "not yet: it is training, or goes on with `infomax train --resume`"


def _last(records: "pd.DataFrame", split: str, metric: str) -> float:
    chosen = records[(records["split"] == split) & (records["metric"] == metric)]
    return float(chosen.sort_values("step")["value"].iloc[-1]) if len(chosen) else math.nan


def _draw(console: Console, records: "pd.DataFrame") -> None:
    import plotille  # noqa: PLC0415

    figure = plotille.Figure()
    figure.width, figure.height = _WIDTH, _HEIGHT
    # Axes through the origin would be drawn over the curves.
    figure.origin = False
    figure.x_label, figure.y_label = "updates", "nats"
    figure.with_colors = console.is_terminal
    figure.register_label_formatter(float, lambda value, **_: f"{round(value, 9):9.4g}")
    bounds = records[(records["metric"] == "bound")].dropna(subset="value")
    shown: list[float] = []
    for split, label, marker in (("train", "training", "."), ("test", "validation", "o")):
        curve = bounds[bounds["split"] == split].sort_values("step")
        finite = curve[curve["value"].abs() < math.inf]
        if len(finite) >= _FEWEST_POINTS:
            steps, values = finite["step"].tolist(), finite["value"].tolist()
            figure.plot(steps, values, label=f"{label} bound {marker}", marker=marker)
            shown += values
    if shown:
        figure.set_x_limits(0, _TICKS * _rounded_up(max(bounds["step"].max(), _TICKS) / _TICKS))
        lowest, highest = min(shown), max(shown)
        # One tick in each line, with a line to spare for what lies between two ticks.
        tick = _rounded_up((highest - lowest or 1) / (_HEIGHT - 1))
        low = tick * math.floor(lowest / tick)
        figure.set_y_limits(low, low + _HEIGHT * tick)
        console.print(figure.show(legend=True))


def _rounded_up(number: float) -> float:
    """Return the next number that is as short as the distance of ticks should be.

    Example:
        >>> _rounded_up(55), _rounded_up(0.31), _rounded_up(1000 / 6)
        (60.0, 0.4, 200.0)
    """
    decade = 10.0 ** math.floor(math.log10(number))
    return next(each * decade for each in _ROUND if each * decade >= number)


def _in_words(metric: str) -> str:
    return _WORDS.get(metric, metric.replace("_", " "))


def _print_measured(console: Console, records: "pd.DataFrame", target: float | None) -> None:
    step = _best_step(records, target)
    records = records[records["step"] <= step]
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(f"measured at step {step}")
    table.add_column("on training pairs", justify="right")
    table.add_column("on others", justify="right")
    metrics = records["metric"].unique().tolist()
    ends = {f"{metric}_{end}" for metric in metrics for end in ("low", "high")}
    for metric in metrics:
        if metric not in ends:
            cells = (_with_interval(records, split, metric) for split in ("train", "test"))
            table.add_row(_in_words(metric), *cells)
    console.print(table)


def _with_interval(records: "pd.DataFrame", split: str, metric: str) -> str:
    value, low, high = (
        _last(records, split, name) for name in (metric, f"{metric}_low", f"{metric}_high")
    )
    if math.isnan(value):
        return ""
    return f"{value:.4f}" + ("" if math.isnan(low) else f" [{low:.4f}, {high:.4f}]")
