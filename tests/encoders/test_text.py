"""Encoders of text: a code depends on its own tokens alone."""

import pytest
import torch
from torch import Tensor

from infomax.encoders import BagEncoder, Encoder, TransformerEncoder
from infomax.errors import UserError

LENGTH, WORDS = 40, 50


def texts(lengths: list[int], seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(2, WORDS, (len(lengths), LENGTH), generator=generator)
    filled = torch.arange(LENGTH) < torch.tensor(lengths)[:, None]
    return (ids * filled).float()


def encoder_of(name: str) -> Encoder:
    generator = torch.Generator().manual_seed(0)
    if name == "bag":
        bag = BagEncoder((LENGTH,), generator, vocabulary_size=WORDS, layer_sizes=(16, 8))
        return bag.double()
    return TransformerEncoder(
        (LENGTH,), generator, vocabulary_size=WORDS, code_size=8, heads=2
    ).double()


BOTH = pytest.mark.parametrize("name", ["bag", "transformer"])


@BOTH
@pytest.mark.parametrize("training", [False, True])
def test_a_code_depends_on_no_other_text_of_its_batch(name: str, *, training: bool) -> None:
    encoder = encoder_of(name).train(training)
    batch = texts([40, 1, 16, 17, 32, 33, 5, 40, 0])
    codes = encoder(batch)
    assert codes.isfinite().all()
    for row, code in zip(batch, codes, strict=True):
        torch.testing.assert_close(encoder(row[None])[0], code, rtol=1e-10, atol=1e-10)
    order = torch.tensor([8, 3, 0, 1, 7, 6, 5, 4, 2])
    torch.testing.assert_close(encoder(batch[order]), codes[order], rtol=1e-10, atol=1e-10)


@BOTH
def test_a_code_does_not_depend_on_how_much_is_filled_up(name: str) -> None:
    encoder = encoder_of(name)
    batch = texts([7, 3])
    if name == "bag":
        mean = torch.stack(
            [encoder.embedding.weight[row[row > 0].long()].mean(0) for row in batch]  # type: ignore[index,union-attr]
        )
        torch.testing.assert_close(encoder(batch), encoder.perceptron(mean))  # type: ignore[operator]
        return
    assert isinstance(encoder, TransformerEncoder)
    short = encoder._encoded(batch[:, :7].long())
    torch.testing.assert_close(encoder._encoded(batch.long()), short, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(encoder(batch), short, rtol=1e-10, atol=1e-10)


@BOTH
def test_every_weight_gets_a_gradient_and_padding_none(name: str) -> None:
    encoder = encoder_of(name)
    codes = encoder(texts([40, 10, 20, 3]))
    (codes * torch.randn(codes.shape, dtype=codes.dtype)).sum().backward()
    for key, parameter in encoder.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().sum() > 0, key
    gradient = encoder.get_parameter("embedding.weight").grad
    assert gradient is not None
    assert not gradient[0].any()


@BOTH
def test_weights_are_drawn_from_the_generator_alone(name: str) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = encoder_of(name)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    for one, other in zip(first.parameters(), encoder_of(name).parameters(), strict=True):
        assert torch.equal(one, other)


def test_order_matters_to_the_transformer_alone() -> None:
    batch = texts([9])
    turned = batch.clone()
    turned[0, :9] = batch[0, :9].flip(0)
    bag, transformer = encoder_of("bag"), encoder_of("transformer")
    torch.testing.assert_close(bag(batch), bag(turned))
    assert (transformer(batch) - transformer(turned)).abs().max() > 1e-3


def test_gradients_are_those_without_parts_of_like_length() -> None:
    encoder = encoder_of("transformer")
    assert isinstance(encoder, TransformerEncoder)
    batch = texts([40, 10, 20, 3, 33])
    weights = torch.randn(5, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    found = []
    for codes in (encoder(batch), encoder._encoded(batch.long())):
        gradients = torch.autograd.grad((codes * weights).sum(), [*encoder.parameters()])
        found.append(gradients)
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"code_size": 10, "heads": 4}, "twice the heads divide"),
        ({"layers": 0}, "twice the heads divide"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"vocabulary_size": 0}, "sizes must be at least 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        TransformerEncoder((LENGTH,), torch.Generator(), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [BagEncoder, TransformerEncoder])
def test_images_are_no_text(kind: type[Encoder]) -> None:
    with pytest.raises(UserError, match="reads text"):
        kind((14, 28, 1), torch.Generator())
