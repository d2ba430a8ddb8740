"""``infomax read-loss``: what a logged contrastive loss means in nats, or a log of them."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from infomax import __version__
from infomax.cli.estimate_flags import columns_option, method_option, shown_option
from infomax.cli.measurement_files import check_csv_path, check_plot_path
from infomax.cli.terminal import error_console, output_console, print_warning
from infomax.errors import UserError

if TYPE_CHECKING:
    from infomax.audit import LossCurve, LossReading

__all__ = ["read_logged_loss"]

_GIVEN = (
    "The loss, such as 6.92, or a log of losses: .csv, .tsv, .parquet, .npy, .jsonl, or .txt, .log "
    "and .dat with a number on each line."
)
_LOSS = "Name of the loss (`infomax list logged-losses`)."
_TEMPERATURE = "What cosines are divided by; without it scores are taken as unlimited."


def read_logged_loss(  # noqa: PLR0917 - one parameter for each flag
    given: Annotated[str, typer.Argument(metavar="LOSS|FILE", help=_GIVEN)],
    loss: Annotated[str, method_option(help=_LOSS)] = "infonce",
    batch_size: Annotated[
        int | None, method_option(help="Pairs in the batch of one process.", show_default="unknown")
    ] = None,
    processes: Annotated[
        int | None,
        method_option(help="Processes whose codes are gathered for the loss.", show_default="1"),
    ] = None,
    queue_size: Annotated[
        int | None, method_option(help="Negatives in the queue, of moco.", show_default="unknown")
    ] = None,
    temperature: Annotated[
        float | None, method_option(help=_TEMPERATURE, show_default="no limit")
    ] = None,
    logit_scale: Annotated[
        float | None, method_option(help="1 / temperature, as CLIP has it.", show_default="none")
    ] = None,
    base_temperature: Annotated[
        float | None, method_option(help="What supcon's code divides by.", show_default="0.07")
    ] = None,
    views: Annotated[
        int | None, method_option(help="Views of each item, in supcon.", show_default="2")
    ] = None,
    positives: Annotated[
        int | None,
        method_option(help="Positives of each anchor, in supcon.", show_default="views - 1"),
    ] = None,
    distinct: Annotated[
        int | None,
        method_option(
            help="Distinct items in the batch, where some repeat.", show_default="all of them"
        ),
    ] = None,
    logged: Annotated[
        str, method_option(help="What was logged: loss, or estimate in nats, which rises.")
    ] = "loss",
    held_out: Annotated[
        float | None,
        method_option(help="The same on pairs that were held out.", show_default="not compared"),
    ] = None,
    column: Annotated[
        str | None,
        columns_option(
            "--column", help="Column of the losses in a log.", show_default="the only one, or loss"
        ),
    ] = None,
    out: Annotated[
        Path | None, shown_option(metavar="FILE", help="Write a row for each loss of a log: .csv.")
    ] = None,
    plot: Annotated[
        Path | None,
        shown_option(metavar="FILE", help="Draw the curve of a log: .png or .svg."),
    ] = None,
    *,
    bits: Annotated[bool, shown_option("--bits", help="Give values in bits.")] = False,
    as_json: Annotated[
        bool, shown_option("--json", help="Print one JSON object, warnings included.")
    ] = False,
) -> None:
    """Read a logged contrastive loss in nats: chance, ceiling, and how much is learnt.

    The formula that was used is shown. Of a log of losses, the last tenth is read.

    Exit status: 0; 2 for a mistake in what was given.
    """
    if out is not None:
        check_csv_path(out)
    if plot is not None:
        check_plot_path(plot)
    settings: dict[str, Any] = {
        "loss": loss,
        "batch_size": batch_size,
        "processes": processes,
        "queue_size": queue_size,
        "temperature": temperature,
        "logit_scale": logit_scale,
        "base_temperature": base_temperature,
        "views": views,
        "positives": positives,
        "distinct": distinct,
        "logged": logged,
        "held_out": math.nan if held_out is None else held_out,
    }
    unit = "bits" if bits else "nats"
    number = _number(given)
    if number is not None:
        for flag, of_a_log in (("--column", column), ("--out", out), ("--plot", plot)):
            if of_a_log is not None:
                raise UserError(f"{flag} is for a log of losses, and {given} is one loss")
        from infomax.audit import read_loss  # noqa: PLC0415

        reading = read_loss(number, **settings)
        _show(reading, None, unit, as_json=as_json, told={})
        return
    from infomax.audit import read_loss_log, read_losses  # noqa: PLC0415

    if not Path(given).exists():
        raise UserError(
            f"{given!r} is neither a number, such as 6.92, nor a log of losses that is there"
        )
    log = read_loss_log(Path(given), column)
    curve = read_losses(log.values, **settings)
    told = {"file": given, "column": log.column, "rows_without": log.without}
    _show(curve.last, curve, unit, as_json=as_json, told=told)
    errors = error_console()
    if log.without and not as_json:
        rows = "row holds" if log.without == 1 else "rows hold"
        print_warning(
            errors, f"{log.without:,} {rows} no loss in {given} (empty, or NaN): left out, not read"
        )
    if out is not None:
        from infomax.whole_file import written_whole  # noqa: PLC0415

        with written_whole(out) as beside:
            curve.to_frame(unit).to_csv(beside, index=False)
        errors.print(f"losses: {out}")
    if plot is not None:
        _draw(curve, plot, Path(given).name, unit)
        errors.print(f"curve: {plot}")


def _number(given: str) -> float | None:
    try:
        return float(given)
    except ValueError:
        return None


def _show(
    reading: "LossReading",
    curve: "LossCurve | None",
    unit: str,
    *,
    as_json: bool,
    told: dict[str, Any],
) -> None:
    if as_json:
        found = reading.as_dict(unit) if curve is None else curve.as_dict(unit)
        data = {"version": __version__, **told, **found}
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from infomax.audit.loss_reading import NO_MEASURE_OF_QUALITY  # noqa: PLC0415

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    if curve is not None:
        table.add_row("log", curve.told())
    for name, said in reading.details(unit).items():
        table.add_row(name, said)
    answer = Text(reading.answer(unit), style="bold")
    output_console().print(Group(answer, Text(), table, Text(), Text(NO_MEASURE_OF_QUALITY)))
    for each in (reading if curve is None else curve).warnings:
        print_warning(error_console(), each)


def _draw(curve: "LossCurve", path: Path, name: str, unit: str) -> None:
    import matplotlib  # noqa: PLC0415

    from infomax.information import NATS_OF  # noqa: PLC0415
    from infomax.report.drawing import save_picture  # noqa: PLC0415
    from infomax.report.loss_curve import draw_loss_curve  # noqa: PLC0415

    # No window is wanted, and there may be no screen to open one on.
    matplotlib.use("agg")
    last = curve.last
    figure = draw_loss_curve(
        curve.to_frame(unit),
        ceiling=last.scale.ceiling / NATS_OF[unit],
        held_out=last.held_out_nats / NATS_OF[unit],
        claim=last.scale.claim,
        unit=unit,
        title=f"{last.convention.name}, {name}",
    )
    save_picture(figure, path)
