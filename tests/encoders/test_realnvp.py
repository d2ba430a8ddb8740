"""The flows: bijections whose inverse and log-determinant are what autograd says they are."""

import math

import pytest
import torch
from torch import Tensor

from infomax.encoders import (
    ENCODERS,
    AdditiveRealNVPEncoder,
    AffineRealNVPEncoder,
    Flow,
    RealNVPEncoder,
)
from infomax.errors import UserError

VIEW = (2, 4, 1)
HALF_DIGIT = (14, 28, 1)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def flow(*, affine: bool) -> RealNVPEncoder:
    """Return a small flow in float64 whose weights are far from their start."""
    made = RealNVPEncoder(VIEW, generator(), couplings=6, hidden_sizes=(16, 16), affine=affine)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator(1)))
    return made.double()


def views(number: int = 5, size: int = 8) -> Tensor:
    return torch.rand(number, size, generator=generator(2), dtype=torch.float64)


def trained(made: Flow, steps: int = 15) -> Flow:
    """Train a flow to blow up, fold and stretch its codes, which tries its inverse."""
    optimiser = torch.optim.Adam(made.parameters(), lr=1e-3)
    drawn = torch.rand(128, made.code_size, generator=generator(3))
    wanted = torch.randn(128, made.code_size, generator=generator(4)).sign() * drawn.roll(1, 0)
    for _ in range(steps):
        optimiser.zero_grad()
        (made(drawn) - wanted).square().mean().backward()
        optimiser.step()
    return made


@pytest.mark.parametrize("affine", [False, True])
def test_the_inverse_recovers_the_view(affine: bool) -> None:
    made, given = flow(affine=affine), views()
    code = made(given)
    assert not torch.allclose(code, given, atol=0.1)
    torch.testing.assert_close(made.inverse(code), given, rtol=0, atol=1e-9)
    torch.testing.assert_close(made(made.inverse(given)), given, rtol=0, atol=1e-9)


@pytest.mark.parametrize("affine", [False, True])
def test_the_log_determinant_agrees_with_autograd(affine: bool) -> None:
    made, given = flow(affine=affine), views()
    jacobians = torch.func.vmap(torch.func.jacrev(made))(given)
    expected = torch.linalg.slogdet(jacobians).logabsdet
    torch.testing.assert_close(made.log_determinant(given), expected, rtol=1e-8, atol=1e-9)
    if affine:
        assert expected.abs().min() > 0.1


def test_additive_couplings_preserve_volume_exactly() -> None:
    assert torch.equal(flow(affine=False).log_determinant(views()), torch.zeros(5).double())


def test_after_training_the_additive_inverse_holds_in_single_precision() -> None:
    made = trained(AdditiveRealNVPEncoder(HALF_DIGIT, generator()))
    given = torch.rand(64, 392, generator=generator(5))
    with torch.no_grad():
        code = made(given)
        assert (code.sort().values - given.sort().values).abs().max() > 0.01
        assert (made.inverse(code) - given).abs().max() < 1e-4


def test_after_training_the_affine_inverse_holds_in_double_precision() -> None:
    made = trained(AffineRealNVPEncoder(HALF_DIGIT, generator())).double()
    given = torch.rand(64, 392, generator=generator(5)).double()
    with torch.no_grad():
        assert (made.inverse(made(given)) - given).abs().max() < 1e-6


def test_a_coupling_passes_the_first_half_through_and_then_permutes() -> None:
    made = flow(affine=True)
    coupling, given = next(iter(made.couplings)), views()
    permutation = coupling.get_buffer("permutation")
    kept, moved = given.chunk(2, dim=-1)
    shift, scale = coupling.get_submodule("network")(kept).chunk(2, dim=-1)
    joined = torch.cat([kept, moved * (1e-7 + (1 + scale.exp()).log()) + shift], dim=-1)
    torch.testing.assert_close(coupling(given), joined[:, permutation])


@pytest.mark.parametrize("name", ["realnvp-additive", "realnvp-affine"])
def test_it_has_the_sizes_and_the_start_of_the_paper(name: str) -> None:
    made = ENCODERS[name](HALF_DIGIT, generator())
    assert isinstance(made, RealNVPEncoder)
    assert len(made.couplings) == 30
    outputs = 196 if name == "realnvp-additive" else 392
    shapes = [
        tuple(each.shape) for each in next(iter(made.couplings)).parameters() if each.ndim == 2
    ]
    assert shapes == [(512, 196), (512, 512), (outputs, 512)]
    for key, parameter in made.named_parameters():
        if "bias" in key:
            assert (parameter == 0).all(), key
        else:
            assert parameter.abs().max() <= 2e-4, key
            assert parameter.std().item() == pytest.approx(0.88e-4, rel=0.03), key
    permutations = {tuple(each.get_buffer("permutation").tolist()) for each in made.couplings}
    assert len(permutations) == 30
    given = torch.rand(3, 392, generator=generator(1))
    if name == "realnvp-additive":
        # The additive flow starts as a permutation.
        found, expected = made(given).sort().values, given.sort().values
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    else:
        contraction = 30 * 196 * math.log(math.log(2))
        assert made.log_determinant(given).mean().item() == pytest.approx(contraction, rel=1e-3)


@pytest.mark.parametrize("affine", [False, True])
def test_every_parameter_gets_a_gradient(affine: bool) -> None:
    made = flow(affine=affine)
    (made(views()) * torch.randn(5, 8, generator=generator(6))).sum().backward()
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_an_odd_number_of_features_is_refused() -> None:
    with pytest.raises(UserError, match="3 x 5 x 1 is an odd number of values"):
        AdditiveRealNVPEncoder((3, 5, 1), generator())
