"""What is there after ``import infomax``: every room and every name that users need, on demand."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import pytest

import infomax
from infomax import warnings

ROOMS = [name for name in infomax.__all__ if isinstance(getattr(infomax, name), ModuleType)]
# What only the command and processes need.
NOT_PUBLIC = {"cli", "executors"}


def in_a_process_of_its_own(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    return done.stdout.strip()


def test_importing_loads_neither_pytorch_nor_any_room() -> None:
    loaded = in_a_process_of_its_own(
        "import sys, infomax; dir(infomax); print([name for name in sys.modules if "
        "name.startswith('infomax.') or name in ('torch', 'numpy', 'pandas', 'sklearn')])"
    )
    assert loaded == "[]"


def test_rooms_and_names_are_there_without_importing_them() -> None:
    assert in_a_process_of_its_own(
        "import infomax; print(infomax.bounds.infonce.__name__, infomax.OptimizerConfig(0.1), "
        "infomax.warnings.CapWarning.__name__)"
    ).startswith("infonce OptimizerConfig(learning_rate=0.1")


@pytest.mark.parametrize("name", infomax.__all__)
def test_every_public_name_is_there_and_told(name: str) -> None:
    found = getattr(infomax, name)
    assert name in dir(infomax)
    if name in ROOMS:
        assert found is import_module(f"infomax.{name}")
    elif name != "__version__":
        assert found.__name__ == name
        assert found.__doc__


def test_every_room_is_public() -> None:
    packages = {each.name for each in iter_modules(infomax.__path__) if each.ispkg}
    assert packages - NOT_PUBLIC <= set(ROOMS)


def test_what_is_not_there_is_told_by_name() -> None:
    with pytest.raises(AttributeError, match="module 'infomax' has no attribute 'infonce'"):
        infomax.infonce  # noqa: B018


def test_every_warning_is_of_one_kind_and_in_one_place() -> None:
    for name in warnings.__all__:
        kind = getattr(warnings, name)
        assert issubclass(kind, warnings.InfomaxWarning)
        assert issubclass(kind, UserWarning)
    elsewhere = [
        f"{path}: {node.name}"
        for path in Path(infomax.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith("Warning") for base in node.bases)
        and path != Path(warnings.__file__)
    ]
    assert not elsewhere
