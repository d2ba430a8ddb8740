"""Warnings as lines of the command, without the place in the code that gave them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

__all__ = ["line_of_warning", "print_warning", "shown_warnings"]


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
        errors: where to.
        message: of the warning.
    """
    errors.print(line_of_warning(message), markup=False, soft_wrap=not errors.is_terminal)


@contextmanager
def shown_warnings(errors: Console) -> Iterator[None]:
    """Show every warning about data or training, each time it is given.

    Args:
        errors: where to.
    """
    # Imported here: `infomax --help` waits for neither pandas nor PyTorch.
    from infomax.data import DataWarning  # noqa: PLC0415
    from infomax.training.warnings import TrainingWarning  # noqa: PLC0415

    def show(message: Warning | str, *_: object, **__: object) -> None:
        print_warning(errors, message)

    with warnings.catch_warnings():
        for kind in (DataWarning, TrainingWarning):
            warnings.simplefilter("always", kind)
        warnings.showwarning = show
        yield
