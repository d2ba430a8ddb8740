"""How an answer about measurements is printed: as it reads, or as one object of JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import RenderableType

from infomax import __version__
from infomax.cli.terminal import error_console, output_console, print_warning

__all__ = ["print_answer"]


def print_answer(
    answer: RenderableType | Mapping[str, Any],
    *,
    asked: Mapping[str, Any],
    warnings: Sequence[Warning | str],
) -> None:
    """Print an answer, and its warnings where errors go; as JSON they stand in the object.

    Args:
        answer: what is printed as it is, or a mapping for JSON.
        asked: what was asked, which JSON tells before the answer.
        warnings: that came up.
    """
    if isinstance(answer, Mapping):
        told = {
            "version": __version__,
            **asked,
            **answer,
            "warnings": [{"type": type(each).__name__, "message": str(each)} for each in warnings],
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False))
        return
    output_console().print(answer)
    errors = error_console()
    for each in warnings:
        print_warning(errors, each)
