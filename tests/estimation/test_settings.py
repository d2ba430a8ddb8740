"""Settings: what is out of range is refused by a line that says what to give."""

from typing import Any

import pytest

from infomax.errors import UserError
from infomax.estimation.settings import EstimationSettings


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("confidence", 0, "confidence is 0: give a number between 0 and 1, such as 0.95"),
        ("confidence", 1, "confidence is 1: give a number between 0 and 1, such as 0.95"),
        ("confidence", 95, "confidence is 95: give a number between 0 and 1, such as 0.95"),
        ("confidence", -0.1, "confidence is -0.1: give a number"),
        ("confidence", float("nan"), "confidence is nan: give a number"),
        ("confidence", "0.95", "confidence is 0.95: give a number"),
        ("confidence", None, "confidence is None: give a number"),
        ("neighbours", True, "neighbours is True: give a whole number"),
        ("permutations", 0.5, "permutations is 0.5: give a whole number of at least 0"),
        ("permutations", -3, "permutations is -3: give a whole number of at least 0"),
        ("neighbours", 0, "neighbours is 0: give a whole number of at least 1"),
        ("random_state", -1, "random_state is -1: give a whole number of at least 0"),
        ("random_state", 2**32, "random_state is 4294967296: give at most 4294967295"),
        ("scaling", "none", "unknown scaling 'none': choose one of rank-gaussian, standard"),
    ],
)
def test_refuses_what_is_out_of_range(setting: str, value: Any, message: str) -> None:
    with pytest.raises(UserError) as refused:
        EstimationSettings(**{setting: value})
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("confidence", 0.001),
        ("confidence", 0.999),
        ("permutations", 1),
        ("neighbours", 1),
        ("random_state", 0),
        ("random_state", 2**32 - 1),
        ("scaling", "standard"),
    ],
)
def test_takes_the_ends_of_each_range(setting: str, value: Any) -> None:
    settings: dict[str, Any] = {setting: value}
    assert getattr(EstimationSettings(**settings), setting) == value
