"""The flags of commands that make several runs: where, and on which cluster."""

from typing import Annotated, TypeAlias

import typer

__all__ = ["AddressFlag", "ExecutorFlag"]

ExecutorFlag: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Where several runs are made: local, one after the other, or by ray, side by side."
    ),
]
AddressFlag: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Of the Ray cluster, HOST:PORT or auto; without, the cores of this machine.",
        show_default=False,
    ),
]
