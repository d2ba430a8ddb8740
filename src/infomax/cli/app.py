"""Parse, call, print.

The modules of commands import what takes long inside their functions: help, the version and a
name that is mistyped wait for neither PyTorch nor pandas.
"""

import sys
from typing import Annotated

import typer
from rich.console import Console

from infomax import __version__
from infomax.cli.benchmark_command import benchmark_app
from infomax.cli.encode_command import encode, export, probe
from infomax.cli.estimate_command import estimate
from infomax.cli.listing import list_parts
from infomax.cli.report_command import report
from infomax.cli.reproduce_command import reproduce
from infomax.cli.show_command import runs, show
from infomax.cli.train_command import init, train
from infomax.cli.views_command import views
from infomax.errors import UserError

__all__ = ["main"]

app = typer.Typer(
    name="infomax",
    help="Mutual information between views, estimated and maximised, with the truth about both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("estimate")(estimate)
app.command("init")(init)
app.command("views")(views)
app.command("train")(train)
app.command("show")(show)
app.command("runs")(runs)
app.command("encode")(encode)
app.command("probe")(probe)
app.command("export")(export)
app.command("reproduce")(reproduce)
app.command("report")(report)
app.add_typer(benchmark_app, name="benchmark")
app.command("list")(list_parts)


def main() -> None:
    """Run the command; a user's mistake is one line and exit status 2."""
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        app()
    except UserError as error:
        errors.print(f"infomax: {error}")
        sys.exit(2)
    except OSError as error:
        # A full disk or a folder that may not be written to; whatever was finished is on disk.
        errors.print(f"infomax: {error.filename or 'input or output'}: {error.strerror or error}")
        sys.exit(2)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"infomax {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version
