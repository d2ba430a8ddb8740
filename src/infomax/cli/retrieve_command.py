"""``infomax retrieve``: how high partners and classes stand among the held-out codes of a run."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from infomax.cli.encode_command import Run, WhichWeights, trained_run
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import error_console, output_console, show_warnings
from infomax.errors import UserError

if TYPE_CHECKING:
    from infomax.evaluation import Retrieval
    from infomax.experiments.code_retrieval import CodeRetrieval

__all__ = ["retrieve"]

_METRICS = {"recall_at_1": "R@1", "recall_at_5": "R@5", "map_at_r": "MAP@R", "mrr": "MRR"}


def retrieve(
    run: Run,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="Data as the run was trained on; those it held out when none is named.",
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            rich_help_panel="Data", help="Column, array or file of labels, if not as in training."
        ),
    ] = None,
    weights: WhichWeights = "best",
    *,
    as_json: Annotated[
        bool,
        typer.Option("--json", rich_help_panel="What is written", help="Print one JSON object."),
    ] = False,
) -> None:
    """Tell how high partners, and codes of one class, stand among all held-out codes.

    The partner of each code is looked for among the codes of all pairs, both ways, by the critic
    and by the cosine; with labels, other codes of its class by the cosine. Candidates of one score
    share their ranks, so that codes that are all alike score as chance does.
    """
    from infomax.experiments.build import open_items_of  # noqa: PLC0415
    from infomax.experiments.code_retrieval import retrieve_codes  # noqa: PLC0415

    trained = trained_run(run, weights, "x")
    changed: dict[str, object] = {"labels": labels or trained.config.labels}
    if data is not None:
        if trained.config.y_data is not None:
            raise UserError(
                f"{run} was trained on two files, {trained.config.data} and "
                f"{trained.config.y_data}: leave DATA out, which is one"
            )
        changed["data"] = data
    errors = error_console()
    with tempfile.TemporaryDirectory() as cache, show_warnings(errors):
        items = open_items_of(trained.config.model_copy(update=changed), Path(cache))
        with ProgressLine(errors) as line:
            found = retrieve_codes(trained, items, progress=line)
    if as_json:
        typer.echo(json.dumps(_as_data(found, trained.step)))
        return
    console = output_console()
    console.print(_shown(found))
    console.print()
    console.print(_how_to_read(found, trained.step))


def _rows(found: "CodeRetrieval") -> "dict[str, Retrieval]":
    """Return what was found, by what was looked for and how."""
    rows = {}
    for told, of_pairs in (("critic", found.by_critic), ("cosine", found.by_cosine)):
        if of_pairs is not None:
            rows[f"partner by {told}, x to y"] = of_pairs.x_to_y
            rows[f"partner by {told}, y to x"] = of_pairs.y_to_x
    if found.classes is not None:
        rows["class by cosine, among x"] = found.classes
    return rows


def _shown(found: "CodeRetrieval") -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("looked for")
    for column in ("candidates", "chance", *(f"{name} [95 %]" for name in _METRICS.values())):
        table.add_column(column, justify="right")
    for name, each in _rows(found).items():
        shares = (getattr(each, metric).in_words() for metric in _METRICS)
        table.add_row(name, str(each.candidates), f"{each.chance:z.4f}", *shares)
    return table


def _how_to_read(found: "CodeRetrieval", step: int) -> str:
    queries = found.by_critic.x_to_y.queries
    pairs = (
        f"{queries} pairs that the run held out of its training"
        if found.as_trained
        else f"{queries} pairs, on which the run may have been trained if they are of its data"
    )
    sentences = [
        f"Among the codes of {pairs}; weights of step {step}.",
        "Chance is the R@1 of candidates in random order, which codes that are all alike have.",
        "A pair has one partner, so that MAP@R of partners is R@1.",
    ]
    if found.classes is not None and found.classes.left_out:
        sentences.append(
            f"{found.classes.left_out} codes are alone in their class, and no queries."
        )
    return " ".join(sentences)


def _as_data(found: "CodeRetrieval", step: int) -> dict[str, Any]:
    """Return what was found as what JSON can hold."""
    return {
        "step": step,
        "held_out_of_training": found.as_trained,
        "retrieval": {
            name: {
                "queries": each.queries,
                "candidates": each.candidates,
                "chance": each.chance,
                "left_out": each.left_out,
                **{metric: asdict(getattr(each, metric)) for metric in _METRICS},
            }
            for name, each in _rows(found).items()
        },
    }
