"""``infomax list``."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from infomax.studies.catalogue import STUDIES
from infomax.studies.presets import PRESETS

if TYPE_CHECKING:
    from infomax.distributions import PairDistribution

__all__ = ["list_parts"]


def list_parts() -> None:
    """Show studies, presets, bounds, critics, encoders, views, data sets, methods and others."""
    from infomax.bounds import BOUNDS  # noqa: PLC0415
    from infomax.critics import CRITICS  # noqa: PLC0415
    from infomax.data import DATASETS  # noqa: PLC0415
    from infomax.distributions import DISTRIBUTIONS  # noqa: PLC0415
    from infomax.encoders import ENCODERS  # noqa: PLC0415
    from infomax.estimation import METHODS  # noqa: PLC0415
    from infomax.views import VIEWS  # noqa: PLC0415

    parts = {
        "studies": {f"{name} ({study.figure})": study.title for name, study in STUDIES.items()},
        "presets": PRESETS,
        "bounds": {name: _first_line(bound().read) for name, bound in BOUNDS.items()},
        "critics": {name: _first_line(critic) for name, critic in CRITICS.items()},
        "encoders": {name: _first_line(encoder) for name, encoder in ENCODERS.items()},
        "views": {name: _first_line(views) for name, views in VIEWS.items()},
        "datasets": DATASETS,
        "methods": {name: method.meaning for name, method in METHODS.items()},
    }
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("kind", "name", "what it is"):
        table.add_column(column)
    for kind, of_kind in parts.items():
        for number, (name, meaning) in enumerate(of_kind.items()):
            table.add_row("" if number else kind, name, meaning)
    # Without markup: what stands in brackets is part of a formula.
    console = Console(markup=False, highlight=False)
    console.print(table)
    _print_distributions(console, DISTRIBUTIONS)


def _print_distributions(console: Console, distributions: "Mapping[str, PairDistribution]") -> None:
    """Print names, sizes and information, by family: a table would be all names."""
    families: dict[str, list[PairDistribution]] = {}
    for each in distributions.values():
        families.setdefault(_first_line(type(each)), []).append(each)
    widest = max(map(len, distributions))
    console.print(
        "\ndistributions: values in x and in y, and their information in nats", style="bold"
    )
    for meaning, members in families.items():
        console.print(f"\n{meaning}")
        for each in members:
            sizes = f"{each.x_size:3} {each.y_size:3}"
            console.print(f"  {each.name:{widest}} {sizes} {each.mutual_information:8.4f}")


def _first_line(part: object) -> str:
    r"""Return the first line of a docstring, with formulas as they are typed where there is no TeX.

    Example:
        >>> class Bilinear:
        ...     r'''Scores by :math:`f(x, y) = x^\top W y` with ``W``.'''
        >>> _first_line(Bilinear)
        'Scores by f(x, y) = x^T W y with W.'
    """
    line = (part.__doc__ or "").partition("\n")[0].replace("``", "")
    return re.sub(":math:`(.*?)`", _formula, line)


def _formula(found: "re.Match[str]") -> str:
    upright = re.sub(r"\\mathrm\{(\w+)\}", r"\1", found[1]).replace(r"\top", "T")
    return upright.replace("\\", "")
