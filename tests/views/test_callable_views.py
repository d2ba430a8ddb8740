"""Views by a function of the user's."""

import re
from collections.abc import Callable
from functools import partial

import pytest
import torch
from pandas.testing import assert_frame_equal
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.views import CallableViews


def noisy_ends(items: Tensor, generator: torch.Generator, size: int = 1) -> tuple[Tensor, Tensor]:
    noise = torch.rand(len(items), size, generator=generator)
    return items[:, :size] + noise, items[:, size:]


def only_one(items: Tensor, generator: torch.Generator) -> Tensor:
    return items


def without_the_last(items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return items, items[:-1]


def of_names(items: Tensor, generator: torch.Generator) -> list[str]:
    return ["x", "y"]


def of_rows(items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return items[:, 0], items


def of_whole_numbers(items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return items, items.long()


def through_torch(items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return nn.Linear(3, 2)(items), items


def of_nothing_said(items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    raise NotImplementedError


def of_no_generator(items: Tensor) -> tuple[Tensor, Tensor]:
    return items, items


class OfNothing:
    def __call__(self, items: Tensor, generator: torch.Generator) -> None:  # noqa: ARG002
        return None


def test_shapes_are_found_by_a_trial() -> None:
    assert CallableViews(noisy_ends).shapes((5,)) == ((1,), (4,))
    assert CallableViews(partial(noisy_ends, size=2)).shapes((5,)) == ((2,), (3,))


def test_views_are_what_the_function_makes() -> None:
    items = torch.arange(8.0).reshape(2, 4)
    made = CallableViews(noisy_ends)(items, torch.Generator().manual_seed(3))
    expected = noisy_ends(items, torch.Generator().manual_seed(3))
    assert all(torch.equal(*pair) for pair in zip(made, expected, strict=True))


def test_the_clean_view_is_the_same_each_time() -> None:
    views, items = CallableViews(noisy_ends), torch.zeros(3, 4)
    assert all(map(torch.equal, views.clean(items), views.clean(items)))


@pytest.mark.parametrize(
    ("function", "name", "got"),
    [
        (only_one, "only_one", r"one of shape \(2, 4\)"),
        (without_the_last, "without_the_last", r"a tuple of \(2, 4\) .*, \(1, 4\)"),
        (of_names, "of_names", "a list of str, str"),
        (of_rows, "of_rows", r"a tuple of \(2,\)"),
        (of_whole_numbers, "of_whole_numbers", "torch.int64"),
        (partial(only_one), "only_one", "one of shape"),
        (OfNothing(), "OfNothing", "a NoneType"),
    ],
)
def test_a_result_that_is_no_two_views_is_refused(
    function: Callable[[Tensor, torch.Generator], object], name: str, got: str
) -> None:
    with pytest.raises(UserError, match=rf"views by \S*{name}: expected two.* for 2 items.*{got}"):
        CallableViews(function).shapes((4,))


def test_batches_are_looked_at_too() -> None:
    with pytest.raises(UserError, match="for 5 items"):
        CallableViews(without_the_last)(torch.zeros(5, 4), torch.Generator())


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (through_torch, rf"RuntimeError: mat1 and mat2 .* \({re.escape(__file__)}, line \d+\)$"),
        (of_nothing_said, rf"NotImplementedError \({re.escape(__file__)}, line \d+\)$"),
        (assert_frame_equal, r"generator: AssertionError: .*pandas\S+, line \d+\)$"),
        (of_no_generator, "generator: TypeError: of_no_generator.* but 2 were given$"),
    ],
)
def test_an_error_of_the_function_is_told_with_the_users_line(
    function: Callable[..., object], told: str
) -> None:
    with pytest.raises(UserError, match=told) as caught:
        CallableViews(function).shapes((4,))
    assert "\n" not in str(caught.value)
