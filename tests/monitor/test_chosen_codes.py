"""Codes are found in dictionaries, tuples and objects, and what lacks them is refused by name."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from infomax.errors import UserError
from infomax.monitor.chosen_codes import Chosen, chosen_codes

X, Y = torch.eye(2), torch.ones(2, 2)


@pytest.mark.parametrize(
    ("outputs", "codes"),
    [
        ({"a": X, "b": Y}, ("a", "b")),
        ((None, X, Y), (1, 2)),
        (SimpleNamespace(a=X, b=Y), ("a", "b")),
        ({"both": [X, Y]}, lambda outputs: outputs["both"]),
    ],
)
def test_codes_are_found(outputs: Any, codes: Chosen) -> None:
    x, y = chosen_codes(outputs, codes, "the model")
    assert x is X
    assert y is Y


@pytest.mark.parametrize(
    ("outputs", "codes", "told"),
    [
        ({"loss": X}, ("z_x", "z_y"), r"no two tensors \('z_x', 'z_y'\) in what training_step ret"),
        (X, ("z_x", "z_y"), r"returns \('Tensor'\)"),
        ((X,), (0, 1), r"codes=\(\.\.\., \.\.\.\)"),
        ({"a": X}, lambda _: (X,), "give a function that returns both"),
    ],
)
def test_what_is_not_there_is_named(outputs: Any, codes: Chosen, told: str) -> None:
    with pytest.raises(UserError, match=told):
        chosen_codes(outputs, codes, "training_step")
