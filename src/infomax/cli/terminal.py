"""What commands print beside their results, and the flags that several of them have."""

import math
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer
from rich.console import Console

from infomax.errors import UserError
from infomax.warnings import DataWarning, TrainingWarning

if TYPE_CHECKING:
    from infomax.cli.progress_line import ProgressLine
    from infomax.evaluation import Evaluation
    from infomax.training import Callback, Trainer

__all__ = [
    "REPORT_HELP",
    "AddressFlag",
    "ExecutorFlag",
    "ReportFlag",
    "check_one_process",
    "check_report_path",
    "error_console",
    "line_of_warning",
    "output_console",
    "print_warning",
    "show_evaluations",
    "show_warnings",
]


def error_console() -> Console:
    """Return the console of warnings and progress, on standard error."""
    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def output_console(*, soft_wrap: bool = False) -> Console:
    """Return the console of results.

    Args:
        soft_wrap: whether long lines are left whole, so that a path in them can be copied.
    """
    return Console(soft_wrap=soft_wrap, highlight=False, markup=False)


def line_of_warning(message: Warning | str) -> str:
    r"""Return a warning as the one line that the command shows.

    Example:
        >>> line_of_warning("rows repeat:\n  3 of 50")
        'infomax: warning: rows repeat: 3 of 50'
    """
    return f"infomax: warning: {' '.join(str(message).split())}"


def print_warning(errors: Console, message: Warning | str) -> None:
    """Print a warning as one line, which a terminal wraps at words; logs keep it whole.

    Args:
        errors: console that it is printed to.
        message: text of the warning.
    """
    errors.print(line_of_warning(message), markup=False, soft_wrap=not errors.is_terminal)


@contextmanager
def show_warnings(errors: Console) -> Iterator[None]:
    """Print every warning about data or training, each time it is given.

    Args:
        errors: console that they are printed to.
    """

    def show(message: Warning | str, *_: object, **__: object) -> None:
        print_warning(errors, message)

    with warnings.catch_warnings():
        for kind in (DataWarning, TrainingWarning):
            warnings.simplefilter("always", kind)
        warnings.showwarning = show
        yield


REPORT_HELP: Final = "Write a page of one file that needs no network: FILE ends in .html."

ReportFlag: TypeAlias = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help=REPORT_HELP)
]


def check_report_path(path: Path | None, made: Path | None = None) -> None:
    """Refuse the path of a page that could not be written, before anything is computed.

    Args:
        path: path of the page, if one is asked for.
        made: folder that will be there by then, such as that of the run.

    Raises:
        UserError: if it does not end in .html, or there is no folder to write it to.
    """
    if path is None:
        return
    if path.suffix.lower() not in {".html", ".htm"}:
        raise UserError(f"--report is {path}: give a file that ends in .html")
    if not path.parent.is_dir() and path.parent != made:
        raise UserError(f"--report is {path}: there is no folder {path.parent}, make it first")


_MEBIBYTE = 2**20


def show_evaluations(progress: "ProgressLine") -> "Callback":
    """Return a callback that shows the bound on validation pairs, accuracies and memory."""
    # Imported here: `infomax --help` does not wait for PyTorch.
    from infomax.training import Callback  # noqa: PLC0415

    class ShowEvaluations(Callback):
        def on_evaluation_end(self, trainer: "Trainer", evaluation: "Evaluation") -> None:  # noqa: ARG002
            measured = evaluation.measurements
            found = {each.metric: each.value for each in measured if each.split == "test"}
            details = []
            if math.isfinite(evaluation.validation_bound):
                details.append(f"validation {evaluation.validation_bound:z.3f}")
            if "probe_accuracy" in found:
                details += [
                    f"probe {found['probe_accuracy']:z.3f}",
                    f"balanced {found['probe_balanced_accuracy']:z.3f}",
                    f"commonest class {found['majority_share']:z.3f}",
                ]
            progress.show_beside((*details, f"{_peak_memory_mib():z.0f} MiB"))

    return ShowEvaluations()


def _peak_memory_mib() -> float:
    import resource  # noqa: PLC0415 - not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBIBYTE


ExecutorFlag: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Where several runs are made: local, on this machine (those of `reproduce` in up to "
        "eight processes, of OMP_NUM_THREADS threads or one, that share its cores), or ray, on a "
        "cluster.",
        rich_help_panel="Several runs",
    ),
]
AddressFlag: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Address of the Ray cluster, HOST:PORT or auto. Without one, Ray uses the cores of "
        "this machine.",
        show_default=False,
        rich_help_panel="Several runs",
    ),
]


def check_one_process() -> None:
    """Refuse to do in each of several processes what is to be done once.

    Raises:
        UserError: if this process is one of several that `torchrun` has started.
    """
    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise UserError(
            "each run of a sweep or a reproduction is trained by one process: call infomax without "
            "torchrun, and with --executor ray for several runs of a sweep at once"
        )
