"""``infomax encode``, ``infomax probe`` and ``infomax export``: what a trained run gives."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infomax.cli.shown_warnings import shown_warnings
from infomax.errors import unknown_name

if TYPE_CHECKING:
    from infomax.data import Items
    from infomax.runs.trained_run import TrainedRun, Weights

__all__ = ["encode", "export", "probe"]

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
Data = Annotated[str, typer.Argument(metavar="DATA", help="Data as in training: name or path.")]
WhichWeights = Annotated[
    str, typer.Option("--weights", help="best by the bound on validation pairs, or last.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out, and say, images that cannot be read.")
]
SkipAtMost = Annotated[
    float,
    typer.Option(min=0, max=1, help="Share of the images that --skip-bad may leave out."),
]


def encode(
    run: Run,
    data: Data,
    out: Annotated[Path, typer.Option(help="File to write: .npy or .parquet.")],
    weights: WhichWeights = "best",
    *,
    skip_bad: SkipBad = False,
    skip_at_most: SkipAtMost = 0.1,
) -> None:
    """Write the codes of view x of data, one row for each item."""
    from infomax.runs.code_file import check_code_file, write_codes  # noqa: PLC0415

    check_code_file(out)
    trained = _trained_run(run, weights)
    with tempfile.TemporaryDirectory() as cache:
        items = _items(
            trained,
            data,
            Path(cache),
            labelled=False,
            skip_bad=skip_bad,
            skip_at_most=skip_at_most,
        )
        write_codes(out, trained.codes(items.x), len(items.x))
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"codes of {len(items.x)} items by step {trained.step} of {run}: {out}")


def probe(
    run: Run,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]", help="Data with labels; those of the training when none is named."
        ),
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Column, array or file of labels, if not as in training.")
    ] = None,
    weights: WhichWeights = "best",
    *,
    skip_bad: SkipBad = False,
    skip_at_most: SkipAtMost | None = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell how well classes can be told from codes: a linear probe and k nearest neighbours."""
    from infomax.runs.code_probes import probe_codes  # noqa: PLC0415

    trained = _trained_run(run, weights)
    with tempfile.TemporaryDirectory() as cache:
        items = _items(
            trained,
            data or trained.settings.data,
            Path(cache),
            labelled=True,
            skip_bad=skip_bad or trained.settings.skip_bad,
            skip_at_most=(trained.settings.skip_at_most if skip_at_most is None else skip_at_most),
            labels=labels,
        )
        probes, split = probe_codes(trained, items)
    if as_json:
        found: dict[str, Any] = {each.of: each._asdict() for each in probes}
        rows = {"train_rows": len(split.train), "held_out_rows": len(split.validation)}
        typer.echo(json.dumps({**rows, "step": trained.step, "probes": found}))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("accuracy on held-out rows")
    for column in ("linear probe", "20 nearest neighbours"):
        table.add_column(column, justify="right")
    for each in probes:
        table.add_row(each.of, f"{each.linear:.4f}", f"{each.neighbours:.4f}")
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"\nfitted on {len(split.train)} rows, measured on {len(split.validation)} others; weights "
        f"of step {trained.step}"
    )


def export(
    run: Run,
    file_format: Annotated[
        str, typer.Option("--format", help="onnx, or torch for a .pt2 of torch.export.")
    ] = "onnx",
    out: Annotated[
        Path | None, typer.Option(help="File to write.", show_default="encoder.onnx or .pt2 in RUN")
    ] = None,
    weights: WhichWeights = "best",
) -> None:
    """Write the encoder of view x to a file that other programs run; its codes are checked."""
    from infomax.runs.export import FORMATS, export_encoder  # noqa: PLC0415

    if file_format not in FORMATS:
        raise unknown_name("format", file_format, FORMATS)
    trained = _trained_run(run, weights)
    path = out or run / ("encoder.onnx" if file_format == "onnx" else "encoder.pt2")
    difference = export_encoder(trained.encoder, trained.x_shape, path, file_format)
    Console(highlight=False, soft_wrap=True).print(
        f"{path}: views (N, {', '.join(map(str, trained.x_shape))}) to codes, which differ from "
        f"those here by {difference:.0e} of the largest value"
    )


def _trained_run(path: Path, weights: str) -> "TrainedRun":
    from infomax.runs.trained_run import TrainedRun  # noqa: PLC0415

    if weights not in {"best", "last"}:
        raise unknown_name("weights", weights, ("best", "last"))
    which: Weights = "best" if weights == "best" else "last"
    return TrainedRun(path, which)


def _items(
    trained: "TrainedRun",
    data: str,
    cache: Path,
    *,
    labelled: bool,
    skip_bad: bool,
    skip_at_most: float,
    labels: str | None = None,
) -> "Items":
    from infomax.data import open_items  # noqa: PLC0415

    settings = trained.settings
    same = data == settings.data
    with shown_warnings(Console(stderr=True, soft_wrap=True, highlight=False)):
        return open_items(
            data,
            # By name: other data may lack the columns that were labels or the other view.
            x_columns=trained.x_names or None,
            labels=(labels or settings.labels) if labelled else None,
            groups=settings.groups if labelled and same else None,
            image_size=settings.image_size,
            skip_bad=skip_bad,
            skip_at_most=skip_at_most,
            cache=cache,
        )
