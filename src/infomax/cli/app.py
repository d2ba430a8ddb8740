"""The command line: each command parses, calls and prints, and has examples under its help.

The modules of commands import what takes long inside their functions: help, the version and a
name that is mistyped wait for neither PyTorch nor pandas.
"""

import sys
import warnings
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from infomax import __version__
from infomax.cli.audit_command import audit
from infomax.cli.benchmark_command import benchmark_mi
from infomax.cli.encode_command import encode, export, probe
from infomax.cli.estimate_command import estimate
from infomax.cli.list_command import list_named
from infomax.cli.matrix_command import matrix
from infomax.cli.read_loss_command import read_logged_loss
from infomax.cli.reproduce_command import report, reproduce
from infomax.cli.retrieve_command import retrieve
from infomax.cli.show_command import runs, show, views
from infomax.cli.terminal import error_console, print_warning
from infomax.cli.train_command import init, train
from infomax.cli.transfer_command import transfer
from infomax.errors import UserError, advising_flags
from infomax.makers import raised_at

__all__ = ["EXAMPLES", "STARTING_POINTS", "examples_of", "run", "starting_points"]

STARTING_POINTS: Final[dict[str, str]] = {
    "Estimate what two columns share, and how sure that is": (
        "infomax estimate table.csv --x COLUMN --y COLUMN"
    ),
    "Train encoders on pairs of your own": (
        "infomax train --data pairs.npz --x x --y y --out runs/pairs"
    ),
    "Reproduce the paper, and judge its claims": (
        "infomax reproduce --preset quick --out runs/paper"
    ),
    "Look at what is there: studies, bounds, critics, encoders, ...": "infomax list studies",
}
"""What one may want, and the line that does it."""

EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "estimate": (
        "infomax estimate wine.csv --x flavanoids,proline --y target",
        "infomax estimate visits.csv --x zip --y cost --discrete zip",
        "infomax estimate x.npy y.npy --plot estimate.png",
        "infomax estimate wine.csv --y target --columns --report wine.html",
    ),
    "matrix": (
        "infomax matrix wine.csv --out pairs.csv --plot pairs.png --jobs -1",
        "infomax matrix wine.csv --x flavanoids,hue --y target,proline",
    ),
    "transfer": (
        "infomax transfer sensors.csv --x load --y power --order time",
        "infomax transfer x.npy y.npy --history 2 --delay 3",
    ),
    "read-loss": (
        "infomax read-loss 4.8 --batch-size 128",
        "infomax read-loss 6.92 --loss supcon --batch-size 64 --temperature 0.1",
        "infomax read-loss log.csv --column loss --batch-size 256 --plot loss.png",
    ),
    "audit": (
        "infomax audit z_x.npy z_y.npy --labels labels.npy",
        "infomax audit z_x.npy z_y.npy --raw-x x.npy --raw-y y.npy --out audit",
    ),
    "init": ("infomax init settings.yaml --data digits",),
    "views": ("infomax views digits --views halves --out views.png",),
    "train": (
        "infomax train --data digits --views halves --steps 300 --out runs/digits",
        "infomax train --resume --out runs/digits",
        "infomax train settings.yaml --learning-rate 0.0003 --out runs/slower",
        "infomax train settings.yaml --sweep seed=0,1,2 --out runs/seeds",
    ),
    "show": ("infomax show runs/digits", "infomax show runs/digits --report digits.html"),
    "runs": ("infomax runs runs",),
    "encode": ("infomax encode runs/digits digits --out codes.npy",),
    "probe": ("infomax probe runs/digits",),
    "retrieve": ("infomax retrieve runs/digits",),
    "export": ("infomax export runs/digits --format torch",),
    "reproduce": (
        "infomax reproduce critics --preset quick --out runs/critics",
        "infomax reproduce fig4ab --steps 2000 --seeds 3 --out runs/matched",
        "infomax reproduce --resume --out runs/critics",
    ),
    "report": ("infomax report runs/critics",),
    "benchmark mi": (
        "infomax benchmark mi --tasks 1v1-normal-0.75 --methods auto,ksg-1",
        "infomax benchmark mi --tasks hard,bmi-v2 --samples 1000,5000 --seeds 1",
        "infomax benchmark mi --tasks high-information --only student",
    ),
    "list": ("infomax list bounds", "infomax list"),
}
"""Lines that can be pasted, by command; none is longer than a terminal of 80 columns shows."""


def examples_of(command: str) -> str:
    r"""Return the examples under the help of a command, as paragraphs that it shows as lines.

    Example:
        >>> examples_of("probe")
        'Example:\n\ninfomax probe runs/digits'
    """
    lines = EXAMPLES[command]
    return "\n\n".join([f"Example{'s' if len(lines) > 1 else ''}:", *lines])


def starting_points() -> str:
    """Return the text that `infomax` alone prints."""
    points = [f"{what}\n  {line}" for what, line in STARTING_POINTS.items()]
    return "\n\n".join(
        [
            "infomax estimates and maximises mutual information between views.",
            *points,
            "`infomax --help` names all commands, and `infomax COMMAND --help` explains one.",
        ]
    )


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
_ESTIMATES, _LOSSES = "Estimates of information", "Trainings of any code"
_COMMANDS: dict[str, dict[str, Callable[..., None]]] = {
    _ESTIMATES: {"estimate": estimate, "matrix": matrix, "transfer": transfer},
    "Runs of your own": {
        "init": init,
        "views": views,
        "train": train,
        "show": show,
        "runs": runs,
        "encode": encode,
        "probe": probe,
        "retrieve": retrieve,
        "export": export,
    },
    _LOSSES: {"audit": audit, "read-loss": read_logged_loss},
    "The paper": {"reproduce": reproduce, "report": report},
    "Names": {"list": list_named},
}
for _panel, _commands in _COMMANDS.items():
    for _name, _command in _commands.items():
        app.command(
            _name,
            epilog=examples_of(_name),
            rich_help_panel=_panel,
            # A loss may be negative, and -1 is then no flag that is unknown.
            context_settings={"ignore_unknown_options": _command is read_logged_loss},
        )(_command)
benchmark_app = typer.Typer(
    help="Measure errors of estimates where the truth is known.", no_args_is_help=True
)
benchmark_app.command("mi", epilog=examples_of("benchmark mi"))(benchmark_mi)
app.add_typer(benchmark_app, name="benchmark", rich_help_panel=_ESTIMATES)


@benchmark_app.callback()
def _benchmark() -> None:
    """Make ``mi`` a name that has to be given, though there is one benchmark only."""


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
