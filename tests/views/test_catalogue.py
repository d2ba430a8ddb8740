"""Views by name and by path, and what all of them keep to."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from pandas.testing import assert_frame_equal
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.views import (
    VIEWS,
    AdditiveNoise,
    Augmentation,
    CallableViews,
    Channels,
    ContextResponse,
    FeatureGroups,
    Halves,
    Masking,
    ViewMaker,
    make_views,
)

OF_EACH: dict[str, ViewMaker] = {
    "halves": Halves("even-odd-columns"),
    "channels": Channels(x=(1,)),
    "features": FeatureGroups(x=(0, 3), y=(1,)),
    "noise": AdditiveNoise(0.3),
    "mask": Masking(0.5, 1),
    "augment": Augmentation(),
    "context-response": ContextResponse(8),
}
RANDOM = ("noise", "mask", "augment")


def items_for(name: str, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    shape = (16,) if name in {"features", "context-response"} else (4, 4, 3)
    return torch.rand(10, *shape, generator=torch.Generator().manual_seed(5), dtype=dtype)


def test_every_maker_of_the_catalogue_is_tested_here() -> None:
    assert list(OF_EACH) == list(VIEWS)
    assert all(isinstance(OF_EACH[name], type_) for name, type_ in VIEWS.items())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", VIEWS)
def test_the_state_of_the_generator_determines_the_views(name: str) -> None:
    views, items = OF_EACH[name], items_for(name)
    generator = torch.Generator().manual_seed(1)
    state = generator.get_state()
    before = torch.get_rng_state()
    first, second = views(items, generator), views(items, generator)
    generator.set_state(state)
    again = views(items, generator)
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))
    assert torch.equal(first[0], second[0]) == (name not in RANDOM)
    assert torch.equal(torch.get_rng_state(), before), "the global generator was drawn from"


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_views_have_the_shapes_promised_and_the_type_of_the_items(
    name: str, dtype: torch.dtype
) -> None:
    views, items = OF_EACH[name], items_for(name, dtype)
    x_shape, y_shape = views.shapes(tuple(items.shape[1:]))
    kept = items.clone()
    for number in (10, 1, 0):
        x, y = views(items[:number], torch.Generator().manual_seed(0))
        assert (x.shape, y.shape) == ((number, *x_shape), (number, *y_shape))
        clean = views.clean(items[:number])
        assert (clean[0].shape, clean[1].shape) == (x.shape, y.shape)
        assert {each.dtype for each in (x, y, *clean)} == {dtype}
        assert x.device == y.device == items.device
    assert torch.equal(items, kept), "the items were written into"


@pytest.mark.parametrize("name", ["halves", "channels", "features", "context-response"])
def test_views_that_are_not_random_are_made_of_each_item_alone(name: str) -> None:
    views, items = OF_EACH[name], items_for(name)
    together = views(items, torch.Generator())
    for side in (0, 1):
        apart = [views(item[None], torch.Generator())[side] for item in items]
        assert torch.equal(together[side], torch.cat(apart))
    assert all(map(torch.equal, views.clean(items), together))


@pytest.mark.parametrize("name", RANDOM)
def test_random_views_differ_from_each_other_and_the_clean_one_is_the_item(name: str) -> None:
    items = items_for(name)
    x, y = OF_EACH[name](items, torch.Generator().manual_seed(0))
    assert not torch.equal(x, y)
    assert all(torch.equal(view, items) for view in OF_EACH[name].clean(items))


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("halves", {}, Halves()),
        ("halves", {"cut": "left-right"}, Halves("left-right")),
        ("channels", {"x": "1,2"}, Channels(x=(1, 2))),
        ("channels", {"x": 1, "y": "0"}, Channels(x=(1,), y=(0,))),
        ("features", {"x": "0-3,7", "y": [4, 5]}, FeatureGroups((0, 1, 2, 3, 7), (4, 5))),
        ("noise", {"deviation": "0.3", "shared": "true"}, AdditiveNoise(0.3, shared=True)),
        ("noise", {"deviation": 1}, AdditiveNoise(1.0)),
        ("mask", {"share": "0.25", "patch": "4"}, Masking(0.25, 4)),
        ("augment", {"crop": "0.1,0.9", "flip": "no"}, Augmentation((0.1, 0.9), flip=False)),
        ("augment", {"crop": [0.1, 0.9], "grey": 0}, Augmentation((0.1, 0.9), grey=0.0)),
    ],
)
def test_options_come_as_values_or_as_text(
    name: str, options: dict[str, object], expected: ViewMaker
) -> None:
    made = make_views(name, options)
    assert made == expected
    assert repr(made) == repr(expected)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("hafles", {}, "unknown views 'hafles': did you mean 'halves'"),
        ("mask", {"pacth": 2}, "unknown mask option 'pacth': did you mean 'patch'"),
        ("noise", {}, "noise needs the option deviation"),
        ("noise", {"deviation": "loud"}, "noise option deviation is 'loud': .*valid number"),
        ("noise", {"deviation": "-1"}, "deviation of the noise is -1"),
        ("mask", {"patch": "1.5"}, "mask option patch is '1.5': .*valid integer"),
        ("mask", {"share": "1.5"}, "share to mask is 1.5"),
        ("halves", {"cut": "middle"}, "halves option cut is 'middle': .*'top-bottom'"),
        ("augment", {"crop": "0.2"}, "augment option crop is '0.2'"),
        ("augment", {"crop": "0.2,1,3"}, "augment option crop is '0.2,1,3'"),
        ("features", {"x": "a-b"}, "features option x is 'a-b': give whole numbers and ranges"),
    ],
)
def test_what_cannot_be_made_is_named(name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        make_views(name, options)
    assert "\n" not in str(caught.value)


OWN = """
import torch

def ends(items, generator, size: int = 1):
    return items[:, :size], items[:, -size:]

class Own:
    def __init__(self, size: int = 1): self.size = size
    def shapes(self, item_shape): return (self.size,), (self.size,)
    def __call__(self, items, generator): return ends(items, generator, self.size)
    def clean(self, items): return ends(items, None, self.size)

class OnlyCalled:
    def __call__(self, items, generator): return ends(items, generator, 2)

class NotCalled:
    pass

made = Own(3)
"""


@pytest.fixture
def own_views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module in the current directory."""
    name = f"own_views_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return name


@pytest.mark.parametrize(
    ("attribute", "options", "size"),
    [
        ("ends", {}, 1),
        ("ends", {"size": "2"}, 2),
        ("Own", {"size": "2"}, 2),
        ("OnlyCalled", {}, 2),
        ("made", {}, 3),
    ],
)
def test_views_of_the_user_s_own_are_found_by_path(
    own_views: str, attribute: str, options: dict[str, object], size: int
) -> None:
    views = make_views(f"{own_views}:{attribute}", options)
    items = torch.arange(12.0).reshape(2, 6)
    assert views.shapes((6,)) == ((size,), (size,))
    x, y = views(items, torch.Generator())
    assert torch.equal(x, items[:, :size])
    assert torch.equal(y, items[:, -size:])
    assert all(map(torch.equal, views.clean(items), (x, y)))
    assert isinstance(views, CallableViews) == (attribute in {"ends", "OnlyCalled"})


@pytest.mark.parametrize(
    ("attribute", "options", "message"),
    [
        ("end", {}, "unknown views in .* 'end': did you mean 'ends'"),
        ("ends", {"sise": 1}, "ends option 'sise': did you mean 'size'"),
        ("ends", {"items": 1}, "ends option 'items'"),
        ("made", {"size": 1}, "made takes no options: leave out 'size'"),
        ("NotCalled", {}, "NotCalled.*give the class a method __call__"),
    ],
)
def test_views_of_the_user_s_own_that_cannot_be_made_are_named(
    own_views: str, attribute: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        make_views(f"{own_views}:{attribute}", options)


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
