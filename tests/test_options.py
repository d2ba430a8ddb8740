"""Options as the shell and files have them."""

from collections.abc import Callable
from typing import Literal

import pytest

from infomax.errors import UserError
from infomax.options import checked_options


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
