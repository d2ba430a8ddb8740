"""What is public, and what its docstrings and the strings below names say of it."""

import ast
import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType

import infomax

__all__ = ["first_line", "public_modules", "public_names", "words_below", "words_of"]


def public_modules() -> list[str]:
    """Return `infomax` and its rooms."""
    rooms = [name for name in infomax.__all__ if isinstance(getattr(infomax, name), ModuleType)]
    return ["infomax", *(f"infomax.{name}" for name in rooms)]


def public_names(module: str) -> list[str]:
    """Return the public names of a module that are no modules themselves, in its own order."""
    found = import_module(module)
    return [
        name
        for name in getattr(found, "__all__", ())
        if not isinstance(getattr(found, name), ModuleType) and name != "__version__"
    ]


def words_below(module: str, name: str) -> str:
    """Return the string that stands below a name that is no class or function, where it is made.

    Args:
        module: that makes the name public, e.g. ``infomax.estimation``.
        name: e.g. ``METHODS``.
    """
    path = Path(inspect.getfile(import_module(module)))
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node in body:
        if isinstance(node, ast.ImportFrom) and name in {each.name for each in node.names}:
            return words_below(str(node.module), name)
    for node, after in zip(body, [*body[1:], None], strict=True):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        made_here = any(isinstance(each, ast.Name) and each.id == name for each in targets)
        if made_here and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return inspect.cleandoc(str(after.value.value))
    return ""


def words_of(module: str, name: str) -> str:
    """Return the docstring of a public class or function, and of others the string below it."""
    value = getattr(import_module(module), name)
    if inspect.isclass(value) or inspect.isroutine(value):
        return inspect.getdoc(value) or ""
    return words_below(module, name)


def first_line(module: str, name: str) -> str:
    """Return in one line what a public name is."""
    return " ".join(words_of(module, name).partition("\n\n")[0].split())
