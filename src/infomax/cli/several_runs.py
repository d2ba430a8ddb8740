"""What commands of several runs share: where they run, and that each run has one process."""

import os
from typing import Annotated, TypeAlias

import typer

from infomax.errors import UserError

__all__ = ["AddressFlag", "ExecutorFlag", "check_one_process"]

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
