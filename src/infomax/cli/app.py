"""The command line: each command parses, calls and prints.

The modules of commands import what takes long inside their functions: help, the version and a
name that is mistyped wait for neither PyTorch nor pandas.
"""

import sys
import warnings
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from infomax import __version__
from infomax.cli.benchmark_command import benchmark_app
from infomax.cli.encode_command import encode, export, probe
from infomax.cli.estimate_command import estimate
from infomax.cli.examples import examples_of, starting_points
from infomax.cli.list_command import list_named
from infomax.cli.report_command import report
from infomax.cli.reproduce_command import reproduce
from infomax.cli.runs_command import runs
from infomax.cli.show_command import show
from infomax.cli.terminal import error_console, print_warning
from infomax.cli.train_command import init, train
from infomax.cli.views_command import views
from infomax.errors import UserError, advising_flags
from infomax.makers import raised_at

__all__ = ["run"]


class _Commands(TyperGroup):
    """Commands that code of the user's cannot stop before they are done, as by `sys.exit`."""

    def invoke(self, ctx: Any) -> Any:
        """Call the command that was named."""
        try:
            return super().invoke(ctx)
        except SystemExit as stopped:
            if isinstance(stopped.__context__, BrokenPipeError):
                # Whoever read what is printed has read enough.
                raise
            at = raised_at(stopped)
            raise UserError(
                f"{f'{at},' if at else 'something that was called'} stopped the command (sys.exit, "
                f"status {stopped.code}) before it had done what was asked for: take that out"
            ) from stopped


app = typer.Typer(
    name="infomax",
    cls=_Commands,
    help="Mutual information between views, estimated and maximised, with the truth about both.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_ESTIMATES = "Estimates of information"
_COMMANDS: dict[str, dict[str, Callable[..., None]]] = {
    _ESTIMATES: {"estimate": estimate},
    "Runs of your own": {
        "init": init,
        "views": views,
        "train": train,
        "show": show,
        "runs": runs,
        "encode": encode,
        "probe": probe,
        "export": export,
    },
    "The paper": {"reproduce": reproduce, "report": report},
    "Names": {"list": list_named},
}
for _panel, _commands in _COMMANDS.items():
    for _name, _command in _commands.items():
        app.command(_name, epilog=examples_of(_name), rich_help_panel=_panel)(_command)
app.add_typer(benchmark_app, name="benchmark", rich_help_panel=_ESTIMATES)


def run() -> None:
    """Run the command that was typed; a user's mistake is one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that is not UTF-8, or a sign that a terminal lacks, is shown by its number.
            stream.reconfigure(errors="backslashreplace")
    errors = error_console()

    def warn(message: Warning | str, *_: object, **__: object) -> None:
        print_warning(errors, message)

    try:
        _check_encoded(sys.argv[1:])
        with warnings.catch_warnings(), advising_flags():
            warnings.showwarning = warn
            app()
    except UserError as error:
        errors.print(f"infomax: {error}")
        sys.exit(2)
    except OSError as error:
        # A full disk or a folder that may not be written to; whatever was finished is on disk.
        errors.print(f"infomax: {error.filename or 'input or output'}: {error.strerror or error}")
        sys.exit(2)


def _check_encoded(arguments: Iterable[str]) -> None:
    """Refuse names that neither tables nor settings nor logs could hold."""
    for each in arguments:
        try:
            each.encode()
        except UnicodeEncodeError:
            raise UserError(
                f"{each!r} is not UTF-8: give the file, folder or column a name that is"
            ) from None


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"infomax {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version
    if context.invoked_subcommand is None:
        typer.echo(starting_points())
