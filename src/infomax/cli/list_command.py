"""``infomax list``: all that has a name, with what it is."""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated
from unicodedata import lookup

import typer
from rich.console import Console
from rich.table import Table

from infomax.errors import unknown_name
from infomax.studies.catalogue import PRESETS, STUDIES

if TYPE_CHECKING:
    from infomax.distributions import PairDistribution

__all__ = ["list_named"]

_DISTRIBUTIONS = "distributions"


def list_named(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]",
            help="The kind to list: studies, presets, bounds, losses, negatives, critics, "
            "encoders, graphs, graph-encoders, graph-objectives, optimizers, views, datasets, "
            "methods, logged-losses or distributions. All kinds are listed when none is named.",
        ),
    ] = None,
) -> None:
    """List what has a name: studies, bounds, losses, critics, encoders, views, data sets, ..."""
    if kind is not None and kind not in (*_KINDS, _DISTRIBUTIONS):
        raise unknown_name("kind", kind, (*_KINDS, _DISTRIBUTIONS))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "what it is") if kind else ("kind", "name", "what it is"):
        table.add_column(column)
    for each, named in _KINDS.items():
        if kind in (None, each):
            for index, (name, meaning) in enumerate(named().items()):
                table.add_row(*(() if kind else ("" if index else each,)), name, meaning)
    # Without markup: what stands in brackets is part of a formula.
    console = Console(markup=False)
    if table.row_count:
        console.print(table)
    if kind in (None, _DISTRIBUTIONS):
        if table.row_count:
            console.print()
        _print_distributions(console)


def _summaries(room: str, registry: str, skip: str = "") -> Callable[[], Mapping[str, str]]:
    """Return what reads names and first lines of docstrings from a registry, which it imports.

    What PyTorch comes with is imported by whoever asks for it.
    """

    def read() -> Mapping[str, str]:
        named = getattr(import_module(f"infomax.{room}"), registry)
        return {name: _first_line(each).removeprefix(skip) for name, each in named.items()}

    return read


def _datasets() -> Mapping[str, str]:
    images, dialogues = (_summaries("data", each, "Load ") for each in ("DATASETS", "DIALOGUES"))
    return {**images(), **dialogues()}


def _studies() -> Mapping[str, str]:
    return {f"{name} ({entry.full.figure})": entry.full.title for name, entry in STUDIES.items()}


def _bounds() -> Mapping[str, str]:
    from infomax.bounds import BOUNDS, find_bound  # noqa: PLC0415

    return {name: find_bound(name).summary() for name in BOUNDS}


def _graph_objectives() -> Mapping[str, str]:
    from infomax.graphs import GRAPH_OBJECTIVES  # noqa: PLC0415

    return {name: each.summary for name, each in GRAPH_OBJECTIVES.items()}


def _logged_losses() -> Mapping[str, str]:
    from infomax.audit import LOSS_CONVENTIONS  # noqa: PLC0415

    return {name: each.meaning for name, each in LOSS_CONVENTIONS.items()}


def _methods() -> Mapping[str, str]:
    from infomax.estimation import METHODS  # noqa: PLC0415

    return {name: method.description for name, method in METHODS.items()}


_KINDS: dict[str, Callable[[], Mapping[str, str]]] = {
    "studies": _studies,
    "presets": lambda: PRESETS,
    "bounds": _bounds,
    "losses": _summaries("losses", "LOSSES"),
    "negatives": _summaries("training", "NEGATIVES"),
    "critics": _summaries("critics", "CRITICS"),
    "encoders": _summaries("encoders", "ENCODERS"),
    "graphs": _summaries("data", "GRAPHS"),
    "graph-encoders": _summaries("encoders.graphs", "GRAPH_ENCODERS"),
    "graph-objectives": _graph_objectives,
    "optimizers": _summaries("training", "OPTIMIZERS"),
    "views": _summaries("views", "VIEWS"),
    "datasets": _datasets,
    "methods": _methods,
    "logged-losses": _logged_losses,
}


def _print_distributions(console: Console) -> None:
    """Print names, sizes and information, by family: a table would be all names."""
    from infomax.distributions import DISTRIBUTIONS  # noqa: PLC0415

    families: dict[str, list[PairDistribution]] = {}
    for each in DISTRIBUTIONS.values():
        families.setdefault(_first_line(type(each)), []).append(each)
    widest = max(map(len, DISTRIBUTIONS))
    console.print(
        "distributions: values in x and in y, and their information in nats", style="bold"
    )
    for meaning, members in families.items():
        console.print(f"\n{meaning}")
        for each in members:
            sizes = f"{each.x_size:3} {each.y_size:3}"
            console.print(f"  {each.name:{widest}} {sizes} {each.mutual_information:8.4f}")


def _first_line(part: object) -> str:
    r"""Return the first line of a docstring, with its formulas in the signs of plain text.

    Example:
        >>> class Separable:
        ...     r'''Scores by :math:`f(x, y) = \phi_1(x)^\top W y` with ``W``.'''
        >>> _first_line(Separable)
        'Scores by f(x, y) = φ₁(x)ᵀ W y with W.'
        >>> class Near:
        ...     r'''Scores by :math:`f(x, y) = -\tau \|x - y\|^2`.'''
        >>> _first_line(Near)
        'Scores by f(x, y) = -τ |x - y|².'
    """
    line = (part.__doc__ or "").partition("\n")[0].replace("``", "")
    return re.sub(":math:`(.*?)`", _formula, line)


_GREEK = ("alpha", "beta", "gamma", "theta", "mu", "sigma", "tau", "phi")
_SIGNS = {
    r"^\top": "ᵀ",
    **{f"\\{name}": lookup(f"greek small letter {name}") for name in _GREEK},
    **{f"_{digit}": sign for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{f"^{digit}": sign for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}


def _formula(found: "re.Match[str]") -> str:
    formula = re.sub(r"\\mathrm\{(\w+)\}", r"\1", found[1])
    for typed, sign in _SIGNS.items():
        formula = formula.replace(typed, sign)
    return formula.replace("\\", "")
