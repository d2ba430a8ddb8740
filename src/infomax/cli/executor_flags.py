"""The flags of commands that make several runs: where, and on which cluster."""

from typing import Annotated, TypeAlias

import typer

__all__ = ["AddressFlag", "ExecutorFlag"]

ExecutorFlag: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Where several runs are made: local, one after the other, or ray, side by side.",
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
