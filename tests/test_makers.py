"""Anything a user wrote, by its path, and options as the shell and files have them."""

import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

import infomax
from infomax.errors import UserError
from infomax.makers import checked_options, import_object, raised_at

OURS = str(Path(infomax.__file__).parent / "cli" / "app.py")
OF_PYTHON = str(Path(sysconfig.get_path("stdlib")) / "json" / "decoder.py")
PACKAGES = [f"/env/lib/{kind}-packages/{name}.py" for kind, name in (("site", "a"), ("dist", "b"))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the current directory, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    yield tmp_path
    for name in [each for each in sys.modules if each.startswith("mine")]:
        del sys.modules[name]


def test_a_function_of_the_current_directory_is_found_and_the_path_is_as_before(
    folder: Path,
) -> None:
    (folder / "mine.py").write_text("import mine_beside\ndef double(x): return mine_beside.TWO * x")
    (folder / "mine_beside.py").write_text("TWO = 2")
    before = list(sys.path)
    assert import_object("mine:double", "critic")(4) == 8
    assert sys.path == before


def test_a_method_of_a_class_in_a_package_is_found(folder: Path) -> None:
    (folder / "mine_pack").mkdir()
    (folder / "mine_pack" / "__init__.py").write_text("")
    (folder / "mine_pack" / "inner.py").write_text(
        "class Made:\n    @staticmethod\n    def one(): return 1"
    )
    assert import_object("mine_pack.inner:Made.one", "critic")() == 1


def test_a_change_of_the_path_by_the_module_itself_is_kept(folder: Path) -> None:
    (folder / "mine.py").write_text("import sys\nsys.path.append('elsewhere')\ndef f(): ...")
    before = list(sys.path)
    import_object("mine:f", "critic")
    assert sys.path == [*before, "elsewhere"]


@pytest.mark.parametrize("path", ["mine", "mine:", ":f", "mine.py:f()", "a/b:f", "a..b:f", "a:b:c"])
def test_a_path_of_another_form_is_refused(path: str) -> None:
    with pytest.raises(UserError, match="is not of the form package"):
        import_object(path, "critic")


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"critic 'nowhere.at_all:f' cannot be imported: .*nowhere"):
        import_object("nowhere.at_all:f", "critic")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\ny = undefined", r"NameError: name 'undefined' .*mine.py, line 2\)"),
        ("def f(:", r"SyntaxError: .*mine.py, line 1"),
        ("\nimport nowhere_at_all", r".*No module named 'nowhere_at_all' \(.*mine.py, line 2\)"),
        ("raise ValueError('two\\nlines')", r"ValueError: two \(.*mine.py, line 1\)"),
        ("raise AssertionError", r"AssertionError \(.*mine.py, line 1\)"),
        ("import pandas\npandas.Series()['a']", r"KeyError: 'a' \(.*mine.py, line 2\)"),
    ],
)
def test_a_module_that_fails_is_named_with_its_line(
    folder: Path, source: str, message: str
) -> None:
    (folder / "mine.py").write_text(source)
    before = list(sys.path)
    with pytest.raises(UserError, match=f"views 'mine:f' cannot be imported: {message}") as caught:
        import_object("mine:f", "views")
    assert "\n" not in str(caught.value)
    assert sys.path == before


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError, match="unknown critic in math 'gdc': did you mean 'gcd'"):
        import_object("math:gdc", "critic")


def test_a_module_of_nothing_that_can_be_called_says_so(folder: Path) -> None:
    (folder / "mine.py").write_text("x = 1")
    with pytest.raises(UserError, match="nothing in mine can be called"):
        import_object("mine:f", "critic")


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(UserError, match="'math:pi' is of type float: name a function or a class"):
        import_object("math:pi", "critic")


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        (["mine.py", *PACKAGES, OF_PYTHON], "mine.py, line 1"),
        (["mine.py", OURS, "mine_too.py", OURS], "mine_too.py, line 1"),
        ([OURS, *PACKAGES, OF_PYTHON, "<frozen import>"], f"{PACKAGES[1]}, line 1"),
        ([PACKAGES[0], OURS, OF_PYTHON], ""),
        ([OURS, "<string>"], ""),
    ],
)
def test_an_error_is_of_the_line_that_the_user_can_change(calls: Sequence[str], told: str) -> None:
    called: Any = None
    for file in reversed(calls):
        # The innermost calls nothing, which is the error.
        scope = {"called": called}
        exec(compile("def call(): called()", file, "exec"), scope)  # noqa: S102
        called = scope["call"]
    with pytest.raises(TypeError) as caught:
        called()
    frames = caught.tb.tb_next  # Without that of this test.
    assert raised_at(caught.value.with_traceback(frames)) == told


class Opaque:
    """A type that pydantic knows nothing of."""


def maker(  # type: ignore[no-untyped-def]
    share: float,
    *,
    patch: int = 1,
    axes: tuple[int, ...] | None = None,
    way: Literal["up", "down"] = "up",
    name: str = "",
    of_own: Opaque | None = None,
    untyped=None,
    flag: bool = False,
) -> None: ...


def takes_any(items: object, /, known: int = 1, **others: object) -> None: ...


def takes_none() -> None: ...


@pytest.mark.parametrize(
    ("option", "given", "expected"),
    [
        ("patch", "4", 4),
        ("axes", "1,2", (1, 2)),
        ("axes", "(1, 2)", (1, 2)),
        ("axes", "[3]", (3,)),
        ("axes", 3, (3,)),
        ("axes", [1, 2], (1, 2)),
        ("axes", None, None),
        ("way", "down", "down"),
        ("name", "a,b", "a,b"),
        ("flag", "true", True),
        ("flag", "off", False),
        ("untyped", "0.5", "0.5"),
    ],
)
def test_a_value_is_read_as_the_type_asks(option: str, given: object, expected: object) -> None:
    read = checked_options(maker, {"share": 0.5, option: given}, "mask")
    assert read == {"share": 0.5, option: expected}
    assert type(read[option]) is type(expected)


def test_a_value_of_the_maker_s_own_type_is_left_to_it() -> None:
    own = Opaque()
    assert checked_options(maker, {"share": 1, "of_own": own}, "mask")["of_own"] is own


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (maker, {}, "mask needs the option share"),
        (maker, {"share": "x"}, "mask option share is 'x': .*valid number"),
        (maker, {"share": [1]}, r"mask option share is \[1\]: "),
        (maker, {"share": 1, "axes": 1.5}, "mask option axes is 1.5: .*valid tuple"),
        (maker, {"share": 1, "axes": True}, "mask option axes is True: .*valid tuple"),
        (maker, {"share": 1, "axes": "1,b"}, "mask option axes is '1,b': .*valid integer"),
        (maker, {"share": 1, "way": "sideways"}, "mask option way is 'sideways': .*'up' or 'down'"),
        (maker, {"share": 1, "Patch": 1}, "unknown mask option 'Patch': did you mean 'patch'"),
        (takes_none, {"share": 1}, "mask takes no options: leave out 'share'"),
    ],
)
def test_what_the_maker_does_not_take_is_named(
    function: Callable[..., None], options: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        checked_options(function, options, "mask")
    assert "\n" not in str(caught.value)


def test_a_maker_that_takes_anything_is_given_it() -> None:
    read = checked_options(takes_any, {"known": "2", "more": "3"}, "own", given=1)
    assert read == {"known": 2, "more": "3"}


def test_types_for_checkers_only_leave_values_as_they_are() -> None:
    def late(share: "NotThere" = 1) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    assert checked_options(late, {"share": "1"}, "own") == {"share": "1"}
