"""The flags of commands that make several runs: where, and on which cluster."""

from typing import Annotated, TypeAlias

import typer

__all__ = ["AddressFlag", "ExecutorFlag"]

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
