"""What counts as codes."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from infomax.encoders import ENCODERS, Encoder, Flow, ViewShape, check_codes
from infomax.encoders.encoder import flattened, shaped
from infomax.errors import UserError
from infomax.experiments.build import ModelConfig, build_model


def test_one_row_for_each_view_is_returned_as_it_is() -> None:
    codes = torch.zeros(5, 3)
    assert check_codes(codes, 5) is codes


def test_codes_of_more_dimensions_are_to_be_flattened() -> None:
    with pytest.raises(UserError) as refused:
        check_codes(torch.zeros(5, 3, 2), 5)
    assert str(refused.value) == (
        "encoder gives codes of shape (5, 3, 2), expected (5, d): one row for each view; "
        "end it with .flatten(1)"
    )


def test_single_numbers_are_to_become_rows() -> None:
    with pytest.raises(UserError, match=r"\(5,\), expected \(5, d\).* with \.unsqueeze\(1\)$"):
        check_codes(torch.zeros(5), 5)


@pytest.mark.parametrize("shape", [(4, 3), (1, 5, 3), (), (15,)])
def test_views_that_were_mixed_are_to_be_kept_apart(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"expected \(5, d\).* keep views apart"):
        check_codes(torch.zeros(shape), 5)


def test_what_is_no_tensor_is_named() -> None:
    with pytest.raises(UserError, match=r"gives tuple, expected a tensor \(5, d\)"):
        check_codes((torch.zeros(5, 3), torch.zeros(5, 3)), 5)


IMAGE, SERIES, FEATURES = (6, 4, 2), (12, 3), (10,)
SUITED = [
    (name, view_shape)
    for name in ENCODERS
    for view_shape in (IMAGE, SERIES, FEATURES)
    # Those of text have tests of their own.
    if not getattr(ENCODERS[name], "reads_tokens", False)
    and {"convnet": view_shape == IMAGE, "resnet": view_shape == IMAGE}.get(name, True)
    and not (name == "series-convnet" and view_shape == IMAGE)
]


def views(view_shape: ViewShape, *leading: int) -> Tensor:
    return torch.rand(*leading, *view_shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("name", "view_shape"), SUITED)
def test_views_in_shape_and_flattened_have_the_same_codes(name: str, view_shape: ViewShape) -> None:
    encoder = ENCODERS[name](view_shape, torch.Generator().manual_seed(0))
    given = views(view_shape, 5)
    codes = encoder(given)
    assert codes.shape == (5, encoder.code_size)
    assert torch.equal(codes, encoder(given.flatten(1)))


@pytest.mark.parametrize(("name", "view_shape"), dict(reversed(SUITED)).items())
def test_models_stacked_by_vmap_are_each_model_alone(name: str, view_shape: ViewShape) -> None:
    encoders = [
        ENCODERS[name](view_shape, torch.Generator().manual_seed(seed)).double()
        for seed in range(3)
    ]
    parameters, buffers = stack_module_state([*encoders])
    given = views(view_shape, 3, 5).double()

    def code(parameters: dict[str, Tensor], buffers: dict[str, Tensor], view: Tensor) -> Tensor:
        codes: Tensor = functional_call(encoders[0], (parameters, buffers), (view,))
        return codes

    together = vmap(code)(parameters, buffers, given)
    alone = torch.stack([encoder(view) for encoder, view in zip(encoders, given, strict=True)])
    torch.testing.assert_close(together, alone)
    if not parameters:
        return
    together.square().sum().backward()
    alone.square().sum().backward()
    for parameter_name, parameter in parameters.items():
        of_each = [encoder.get_parameter(parameter_name).grad for encoder in encoders]
        torch.testing.assert_close(
            parameter.grad, torch.stack([grad for grad in of_each if grad is not None])
        )


@pytest.mark.parametrize(("name", "view_shape"), SUITED)
def test_views_of_another_shape_are_named_with_what_was_expected(
    name: str, view_shape: ViewShape
) -> None:
    encoder = ENCODERS[name](view_shape, torch.Generator().manual_seed(0))
    values = math.prod(view_shape)
    with pytest.raises(UserError, match=rf"\(5, {values + 1}\) do not fit .* expected \(N, "):
        encoder(torch.zeros(5, values + 1))


def test_nothing_is_copied() -> None:
    given = views(IMAGE, 5)
    assert flattened(given, IMAGE).data_ptr() == given.data_ptr()
    assert shaped(given.flatten(1), IMAGE).data_ptr() == given.data_ptr()
    assert shaped(given, IMAGE) is given
    flat = given.flatten(1)
    assert flattened(flat, IMAGE) is flat


def test_flattened_views_keep_their_leading_sizes() -> None:
    flat = views((48,), 2, 3)
    assert flattened(flat, IMAGE).shape == (2, 3, 48)
    assert shaped(flat, IMAGE).shape == (2, 3, *IMAGE)


def test_the_message_gives_both_ways_or_the_only_one() -> None:
    with pytest.raises(UserError, match=r"expected \(N, 6, 4, 2\) or \(N, 48\)$"):
        flattened(torch.zeros(5, 4, 6, 2), IMAGE)
    with pytest.raises(UserError, match=r"expected \(N, 10\)$"):
        flattened(torch.zeros(9), FEATURES)


def test_an_image_without_its_batch_is_refused() -> None:
    with pytest.raises(UserError, match=r"\(6, 4, 2\) do not fit"):
        shaped(torch.zeros(IMAGE), IMAGE)


@pytest.mark.parametrize(
    ("name", "view_shape", "choice"),
    [
        ("resnet", SERIES, "series-convnet or mlp"),
        ("convnet", SERIES, "series-convnet or mlp"),
        ("resnet", FEATURES, "mlp, or series-convnet"),
        ("convnet", FEATURES, "mlp, or series-convnet"),
        ("series-convnet", IMAGE, "resnet, convnet or mlp"),
        ("resnet", (2, 3, 4, 5), "mlp$"),
    ],
)
def test_a_shape_that_does_not_suit_says_which_encoder_does(
    name: str, view_shape: ViewShape, choice: str
) -> None:
    with pytest.raises(UserError, match=f"^{name} reads .*: choose {choice}"):
        ENCODERS[name](view_shape, torch.Generator())


class WithoutForward(Encoder):
    code_size = 2


class WithoutInverse(Flow):
    code_size = 2

    def forward(self, view: torch.Tensor) -> torch.Tensor:
        return view


@pytest.mark.parametrize(
    ("called", "lacking"),
    [
        (WithoutForward(), "the encoder WithoutForward lacks forward: give it one that returns"),
        (WithoutInverse().inverse, "the encoder WithoutInverse lacks inverse: give it one"),
        (WithoutInverse().log_determinant, "the encoder WithoutInverse lacks log_determinant"),
    ],
)
def test_an_encoder_says_what_it_lacks(
    called: Callable[[torch.Tensor], object], lacking: str
) -> None:
    with pytest.raises(UserError, match=lacking):
        called(torch.zeros(3, 2))


def test_a_model_of_an_encoder_that_lacks_something_says_so() -> None:
    encoder = WithoutForward()
    with pytest.raises(UserError, match="the encoder WithoutForward lacks forward"):
        build_model(ModelConfig(encoder=(encoder, encoder)), ((2,), (2,)))
