"""What there is to know of a bound stands in ``infomax.bounds``: no other room asks for its name.

Names may be defaults, choices of a method and entries of the catalogue of studies; they may not be
what something is compared with, nor keys of a table.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import infomax
from infomax.bounds import BOUNDS, DENSITY_BOUNDS

ROOT = Path(infomax.__file__).parent
NAMES = {*BOUNDS, *DENSITY_BOUNDS}
ASKING = {"startswith", "endswith", "removeprefix", "get", "pop", "index", "set", "frozenset"}


def names_asked_for(code: str) -> Iterator[tuple[int, str]]:
    """Yield line and name wherever code asks whether something is a certain bound."""
    for node in ast.walk(ast.parse(code)):
        for part in compared_or_keys(node):
            for each in ast.walk(part):
                if isinstance(each, ast.Constant) and each.value in NAMES:
                    yield each.lineno, str(each.value)
        if isinstance(node, ast.keyword) and node.arg in NAMES:
            yield node.lineno, node.arg


def compared_or_keys(node: ast.AST) -> list[ast.expr]:
    """Return what a node compares with, or looks up by."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Set(elts=elements):
            return elements
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.Subscript(slice=part) | ast.MatchValue(value=part):
            return [part]
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=given):
            return given if name in ASKING else []
        case _:
            return []


@pytest.mark.parametrize(
    "code",
    [
        'if name == "infonce": pass',
        'name in ("nwj", "mine")',
        'shifts = {"nwj": 1.0}',
        'heavy = {"nwj", "smile"}',
        'heavy = frozenset(["nwj"])',
        'name.startswith("infonce")',
        'shift = shifts.get("nwj", 0.0)',
        'colour = colours["infonce"]',
        "table = dict(nwj=1.0)",
        'match name:\n    case "club": pass',
    ],
)
def test_each_way_to_ask_is_found(code: str) -> None:
    assert list(names_asked_for(code))


def test_defaults_and_choices_are_not_asked_for() -> None:
    code = 'def train(bound="infonce"): return fit("nwj", bound)\nboth = ("infonce", "nwj")'
    assert not list(names_asked_for(code))


def test_no_other_room_asks_for_the_name_of_a_bound() -> None:
    files = [file for file in ROOT.rglob("*.py") if ROOT / "bounds" not in file.parents]
    assert len(files) > 100
    found = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in files
        for line, name in names_asked_for(file.read_text(encoding="utf-8"))
    ]
    assert found == []
