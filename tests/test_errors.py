"""A name that is none of the choices."""

import pytest

from infomax.errors import unknown_name


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("ag", "age"),
        ("AGE", "age"),
        ("Body Mass", "body mass index"),
        ("nothing", None),
        ("", None),
    ],
)
def test_the_nearest_spelling_comes_first(given: str, nearest: str | None) -> None:
    choices = ["sex", "age", "body mass index"]
    told = f"did you mean {nearest!r}? " if nearest else ""
    listed = "choose one of sex, age, body mass index"
    assert (
        str(unknown_name("column", given, choices)) == f"unknown column {given!r}: {told}{listed}"
    )


def test_very_many_choices_are_counted_and_the_nearest_is_still_found() -> None:
    message = str(unknown_name("column", "pixel-700", (f"pixel {place}" for place in range(784))))
    assert "did you mean 'pixel 700'? choose one of pixel 0, pixel 1, " in message
    assert message.endswith("pixel 39, ... (784 in all)")
