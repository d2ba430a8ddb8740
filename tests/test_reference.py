"""The API reference: every public name is in it, is told, and has an example or is owed one."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from docs._extensions.public import first_line, public_modules, public_names, words_of

DOCS = Path(__file__).parents[1] / "docs"
MODULES = public_modules()
NAMES = [(module, name) for module in MODULES for name in public_names(module)]
OWED = DOCS / "api" / "examples_owed.txt"


def has_example(module: str, name: str) -> bool:
    """Whether the docstring of a public name, or that of one of a class's own methods, has one."""
    value = getattr(import_module(module), name)
    own = vars(value).values() if inspect.isclass(value) else ()
    told = [getattr(each, "__doc__", None) or "" for each in own if inspect.isroutine(each)]
    return any(">>> " in text for text in (words_of(module, name), *told))


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_has_a_page_that_documents_all_of_it(module: str) -> None:
    room = module.removeprefix("infomax.")
    page = (DOCS / "api" / f"{room}.rst").read_text(encoding="utf-8")
    assert f".. public-names:: {module}\n" in page
    assert f"\n{room}\n" in (DOCS / "api" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_public_name_is_told_in_one_line(module: str, name: str) -> None:
    assert first_line(module, name).endswith((".", ":"))


def test_whatever_has_no_example_is_owed_one_and_nothing_else_is() -> None:
    """No name is let off in silence: one that lacks an example stands in the list, by name."""
    lacking = {name for module, name in NAMES if not has_example(module, name)}
    owed = OWED.read_text(encoding="utf-8").split()
    assert owed == sorted(set(owed))
    assert lacking - set(owed) == set(), f"give these an example, or owe them one in {OWED}"
    assert set(owed) - lacking == set(), f"these are owed none any more: take them out of {OWED}"
