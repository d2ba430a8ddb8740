"""What is told of pairs: labels, groups and nuisances are numbered, and mistakes take a line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax import UserError
from infomax.audit.pair_columns import read_groups, read_labels, read_nuisances, read_trained_on


def test_nuisances_are_classes_or_measurements() -> None:
    found = read_nuisances(
        pd.DataFrame(
            {
                "site": ["b", "a"] * 15,
                "night": [True, False] * 15,
                "scanner": [3, 7] * 15,
                "age": range(30),
                "dose": [0.5, 1.5] * 15,
            }
        )
    )
    assert {name: each.dtype.kind for name, each in found.items()} == {
        "site": "i",
        "night": "i",
        "scanner": "i",
        "age": "f",
        "dose": "f",
    }
    assert found["scanner"][:2].tolist() == [0, 1]
    assert found["age"].tolist() == list(range(30))


@pytest.mark.parametrize(
    ("read", "given", "told"),
    [
        (read_labels, [[1, 2]], "labels have 2 columns: give one class"),
        (read_labels, [0.5, 1.0], "classes are whole numbers or text"),
        (read_groups, [0.5, 1.0], "groups are whole numbers or text"),
        (read_groups, ["a", None], "groups: 1 are missing"),
        (read_groups, [4, 4], "groups are all the same"),
        (read_trained_on, [1, 2], "trained_on holds 2: give 1 for"),
        (read_trained_on, ["yes", "no"], "trained_on holds 'yes'"),
        (read_trained_on, [[1, 0]], "trained_on has 2 columns"),
        (read_nuisances, {"age": [1.0, np.nan]}, "nuisances: 1 values of 'age' are missing"),
        (read_nuisances, {"age": [1.0, np.inf]}, "'age' are infinite"),
        (read_nuisances, {"age": [1.0, 2.0], "sex": [1]}, "nuisance is a dict that is no table"),
    ],
)
def test_mistakes_take_a_line(read: Callable[[Any], Any], given: Any, told: str) -> None:
    with pytest.raises(UserError, match=told) as raised:
        read(given)
    assert "\n" not in str(raised.value)
