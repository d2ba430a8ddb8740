"""``infomax encode``, ``probe`` and ``export``: codes, probes and encoders of a trained run."""

import json
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from infomax.cli.graph_commands import encode_graph, probe_graph
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console, output_console, show_warnings
from infomax.errors import unknown_name

if TYPE_CHECKING:
    from infomax.experiments.code_probes import CodeProbes
    from infomax.experiments.trained_run import TrainedRun, Weights

__all__ = ["Run", "WhichWeights", "encode", "export", "probe", "trained_run"]

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
Data = Annotated[
    str, typer.Argument(metavar="DATA", help="Name or path of data, as `infomax train` has it.")
]
# Options by the heading that they stand under in the help.
_data = partial(typer.Option, rich_help_panel="Data")
_encoder = partial(typer.Option, rich_help_panel="Encoder")
_written = partial(typer.Option, rich_help_panel="What is written")

WhichWeights = Annotated[
    str, _encoder("--weights", help="Weights: the best by the bound on validation pairs, or last.")
]
View = Annotated[str, _encoder("--view", help="View that the encoder is of: x or y.")]
SkipBad = Annotated[
    bool, _data("--skip-bad", help="Leave out, and name, images that cannot be read.")
]
SkipAtMost = Annotated[
    float, _data(min=0, max=1, help="Largest share of the images that --skip-bad may leave out.")
]


def encode(
    run: Run,
    data: Data,
    out: Annotated[Path, _written(help="File to write: .npy or .parquet.")],
    weights: WhichWeights = "best",
    view: View = "x",
    *,
    skip_bad: SkipBad = False,
    skip_at_most: SkipAtMost = 0.1,
) -> None:
    """Write the codes of one view of data, one row for each item; .parquet also names image files.

    Where views were measured and not made, DATA for --view y is what y was read from.
    """
    from infomax.data import ImageSource  # noqa: PLC0415
    from infomax.experiments.export import check_code_file, write_codes  # noqa: PLC0415
    from infomax.experiments.graph_run import is_graph_run  # noqa: PLC0415
    from infomax.experiments.trained_run import items_to_encode  # noqa: PLC0415

    check_code_file(out)
    if is_graph_run(run):
        encode_graph(run, data, out)
        return
    trained = trained_run(run, weights, view)
    errors = error_console()
    with tempfile.TemporaryDirectory() as cache, show_warnings(errors):
        items = items_to_encode(
            trained, data, cache=Path(cache), skip_bad=skip_bad, skip_at_most=skip_at_most
        )
        files = items.x.files if isinstance(items.x, ImageSource) else None
        with ProgressLine(errors) as line:
            line.start(f"encoding {data}", len(items.x))
            write_codes(out, trained.codes(items.x, line.advance), len(items.x), files)
    console = output_console(soft_wrap=True)
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
        str | None, _data(help="Column, array or file of labels, if not as in training.")
    ] = None,
    weights: WhichWeights = "best",
    view: View = "x",
    *,
    skip_bad: SkipBad = False,
    skip_at_most: SkipAtMost = 0.1,
    as_json: Annotated[bool, _written("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell how well classes can be told from codes, and whether better than from the raw view.

    A linear probe and 20 nearest neighbours tell them: from the codes, from the raw view and from
    the codes of the untrained encoder, on the same held-out rows, with intervals of the
    differences.
    """
    from infomax.experiments.code_probes import probe_codes, stages_of_probes  # noqa: PLC0415
    from infomax.experiments.graph_run import is_graph_run  # noqa: PLC0415
    from infomax.experiments.trained_run import items_to_probe  # noqa: PLC0415

    if is_graph_run(run):
        probe_graph(run, data, as_json=as_json)
        return
    trained = trained_run(run, weights, view)
    errors = error_console()
    with tempfile.TemporaryDirectory() as cache, show_warnings(errors):
        items = items_to_probe(
            trained,
            data,
            cache=Path(cache),
            labels=labels,
            skip_bad=skip_bad,
            skip_at_most=skip_at_most,
        )
        stages = stages_of_probes(trained, len(items.x))
        with ProgressLine(errors, {name: Part(*each) for name, each in stages.items()}) as line:
            found = probe_codes(trained, items, progress=line)
    if as_json:
        typer.echo(json.dumps(_as_data(found, trained.step)))
        return
    console = output_console()
    for comparison in found.comparisons:
        console.print(f"{comparison.verdict}.", style="bold")
    console.print()
    console.print(_shown(found))
    console.print()
    console.print(_how_to_read(found, grouped=items.groups is not None, step=trained.step))


def _how_to_read(found: "CodeProbes", *, grouped: bool, step: int) -> str:
    unseen = (
        "which the encoder was not trained on"
        if found.as_trained
        else "chosen anew, which the encoder may have been trained on where they are of its "
        "training data"
    )
    sentences = [
        f"Fitted on {len(found.split.train)} rows, measured on {len(found.split.validation)} "
        f"others, {unseen}.",
        "A difference is in per cent of these rows; codes differ where its interval excludes 0.",
        f"Always naming the commonest class is right in {found.probes[0].found.majority_share:.4f} "
        f"of all. The weights are those of step {step}.",
    ]
    if grouped:
        sentences.append("Intervals take rows as independent; within groups that makes them short.")
    return " ".join(sentences)


def _shown(found: "CodeProbes") -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("accuracy on held-out rows", "of all [95 %]", "mean of classes [95 %]"):
        table.add_column(column, justify="left" if column.startswith("accuracy") else "right")
    compared = {each.than: each for each in found.comparisons}
    for probe in found.probes:
        table.add_row(probe.of)
        than = compared.get(probe.of)
        for name, accuracy, difference in (
            ("linear probe", probe.found.linear, than and than.linear),
            ("20 nearest neighbours", probe.found.neighbours, than and than.neighbours),
        ):
            table.add_row(f"  {name}", *accuracy.in_words())
            if difference is not None:
                table.add_row("    codes less that", *difference.in_words())
    return table


def _as_data(found: "CodeProbes", step: int) -> dict[str, Any]:
    """Return what was found as what JSON can hold."""
    return {
        "verdicts": [each.verdict for each in found.comparisons],
        "train_rows": len(found.split.train),
        "held_out_rows": len(found.split.validation),
        "held_out_of_training": found.as_trained,
        "step": step,
        "probes": {
            each.of: {
                "linear": asdict(each.found.linear),
                "neighbours": asdict(each.found.neighbours),
                "majority_share": each.found.majority_share,
            }
            for each in found.probes
        },
        "codes_less": {
            each.than: {
                name: {**asdict(difference), "verdict": difference.verdict}
                for name, difference in (("linear", each.linear), ("neighbours", each.neighbours))
            }
            for each in found.comparisons
        },
    }


def export(
    run: Run,
    file_format: Annotated[
        str, _written("--format", help="Format: onnx, or torch for a .pt2 of torch.export.")
    ] = "onnx",
    out: Annotated[
        Path | None,
        _written(help="File to write.", show_default="encoder.onnx or .pt2 in RUN"),
    ] = None,
    weights: WhichWeights = "best",
    view: View = "x",
) -> None:
    """Write the encoder of one view to a file that other programs run; its codes are checked."""
    from infomax.experiments.export import FORMATS, export_encoder  # noqa: PLC0415

    if file_format not in FORMATS:
        raise unknown_name("format", file_format, FORMATS)
    trained = trained_run(run, weights, view)
    name = "encoder" if view == "x" else "y_encoder"
    path = out or run / f"{name}.{'onnx' if file_format == 'onnx' else 'pt2'}"
    difference = export_encoder(trained.encoder, trained.view_shape, path, file_format)
    output_console(soft_wrap=True).print(
        f"{path}: views (N, {', '.join(map(str, trained.view_shape))}) to codes, which differ from "
        f"those here by {difference:.0e} of the largest value; weights of step {trained.step}"
    )


def trained_run(path: Path, weights: str, view: str) -> "TrainedRun":
    """Return the run in a folder, by weights and view as they were typed.

    Raises:
        UserError: if it is no run, or there are no such weights or view.
    """
    from infomax.experiments.trained_run import TrainedRun  # noqa: PLC0415

    if weights not in {"best", "last"}:
        raise unknown_name("weights", weights, ("best", "last"))
    if view not in {"x", "y"}:
        raise unknown_name("view", view, ("x", "y"))
    which: Weights = "best" if weights == "best" else "last"
    return TrainedRun(path, which, "x" if view == "x" else "y")
