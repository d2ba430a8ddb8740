"""What ``infomax train``, ``encode`` and ``probe`` do where a run is on a graph."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from infomax.cli import INTERRUPTED
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console, output_console, show_warnings
from infomax.errors import UserError

if TYPE_CHECKING:
    from infomax.experiments.graph_run import GraphProbes

__all__ = ["encode_graph", "probe_graph", "train_graph"]


def train_graph(given: Mapping[str, Any], out: Path | None, *, resume: bool) -> None:
    """Train an encoder of a graph, or go on with one.

    Args:
        given: settings; none where a run is resumed.
        out: folder of the run.
        resume: whether the folder holds a run to go on with.

    Raises:
        UserError: if settings do not fit, or the folder holds something else.
        typer.Exit: with 1 if the loss was not finite, 130 when interrupted.
    """
    from infomax.experiments.graph_run import (  # noqa: PLC0415
        GraphRun,
        graph_settings,
        is_graph_run,
    )
    from infomax.training import LossNotFiniteError, ProgressReporter  # noqa: PLC0415

    if resume:
        if out is None:
            raise UserError("--resume goes on with the run of a folder: give it with --out")
        if given:
            raise UserError(
                f"a run on a graph goes on as it was begun: leave {', '.join(given)} out"
            )
        run = GraphRun.existing(out)
    else:
        source, config = graph_settings(given)
        folder = out or Path("runs") / Path(source.data).name.partition(".")[0]
        if is_graph_run(folder) or (folder.is_dir() and any(folder.iterdir())):
            raise UserError(
                f"{folder} is not empty: choose another --out, or go on with what it holds by "
                "--resume"
            )
        run = GraphRun(folder, source, config)
    typed, errors = shlex.quote(str(run.path)), error_console()
    name = f"{run.config.objective} on {Path(run.source.data).name}"
    with show_warnings(errors):
        parts = {name: Part(steps=run.config.epochs)}
        with ProgressLine(errors, parts) as progress:
            progress.begin_part(name)
            try:
                trained = run.train([ProgressReporter(progress)])
            except LossNotFiniteError as error:
                errors.print(f"infomax: failed: {error}")
                raise typer.Exit(1) from None
            except KeyboardInterrupt:
                begun = f"; go on with `infomax train --resume --out {typed}`"
                errors.print(f"infomax: interrupted{begun if is_graph_run(run.path) else ''}")
                raise typer.Exit(INTERRUPTED) from None
    console = output_console(soft_wrap=True)
    console.print(
        f"{trained.epochs} epochs: {trained.ending}; the weights are of epoch "
        f"{trained.weights_epoch}, whose loss is {trained.loss:.4f}"
    )
    if len(trained.held_out):
        console.print(
            f"on {len(trained.held_out)} nodes whose pairs were held out the loss is "
            f"{trained.held_out_loss:.4f}"
        )
    console.print(
        f"in {run.path}: infomax probe {typed}; infomax encode {typed} DATA --out codes.parquet"
    )


def encode_graph(path: Path, data: str, out: Path) -> None:
    """Write the codes of all nodes of a graph, one row for each.

    Args:
        path: folder of a run on a graph.
        data: name or path of a graph.
        out: file to write.

    Raises:
        UserError: if the run or the graph cannot be read, or the file not be written.
    """
    from infomax.experiments.export import write_codes  # noqa: PLC0415
    from infomax.experiments.graph_run import GraphRun  # noqa: PLC0415

    run: GraphRun = GraphRun.existing(path)
    with show_warnings(error_console()):
        graph = run.graph(data)
        write_codes(out, [run.codes(graph)], graph.nodes)
    output_console(soft_wrap=True).print(f"codes of {graph.nodes} nodes by {path}: {out}")


def probe_graph(path: Path, data: str | None, *, as_json: bool) -> None:
    """Tell how well classes of nodes can be told from codes, and from what needs no training.

    Args:
        path: folder of a run on a graph.
        data: name or path of a graph with labels; that of the training when none is named.
        as_json: whether to print one JSON object.

    Raises:
        UserError: if there is nothing that could be probed.
    """
    from infomax.experiments.graph_run import GraphRun  # noqa: PLC0415

    run = GraphRun.existing(path)
    with show_warnings(error_console()):
        found = run.probes(run.graph(data))
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "split_drawn": found.drawn,
                    "solved": {name: asdict(each) for name, each in found.solved.items()},
                    "hundred_steps": {
                        name: asdict(each) for name, each in found.hundred_steps.items()
                    },
                }
            )
        )
        return
    console = output_console()
    console.print(_shown(found))
    split = found.split
    drawn = "drawn at random by the seed of the run" if found.drawn else "that the graph comes with"
    console.print(
        f"\nFitted on {len(split.train)} nodes, the penalty chosen by {len(split.validation)}, "
        f"measured on {len(split.test)}: the split {drawn}. Intervals are of test nodes; another "
        "seed of the encoder, or another split, gives other accuracies."
    )


def _shown(found: "GraphProbes") -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("accuracy on test nodes")
    for column in ("of all [95 %]", "mean of classes [95 %]", "DGI's 100 steps"):
        table.add_column(column, justify="right")
    for name, solved in found.solved.items():
        table.add_row(name, *solved.test.in_words(), f"{found.hundred_steps[name].test:.4f}")
    return table
