"""The compiled update: the same to rounding, the same bits each time, and never in the way."""

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.encoders import MLPEncoder
from infomax.training import (
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    Update,
    generator_for,
)
from infomax.training.compilation import CompiledGradients, reason_against_compiling
from infomax.training.onednn_products import _product
from infomax.warnings import NotCompiledWarning

needs_a_compiler = pytest.mark.skipif(
    reason_against_compiling(torch.device("cpu")) is not None, reason="there is no C++ compiler"
)
VIEW = (14, 20, 1)


def training_of(bound: str = "infonce", **settings: Any) -> PairTraining[PairModel]:
    x = torch.randn(600, 280, generator=torch.Generator().manual_seed(0))
    x_encoder, y_encoder = (MLPEncoder(VIEW, generator_for(0, side)) for side in "xy")
    critic = CRITICS["bilinear"](100, 100, generator_for(0, "critic"))
    model = PairModel(x_encoder, y_encoder, critic)
    batches = ShuffledBatches(x, x.abs(), 256, [generator_for(0, "batches")])
    config = OptimizerConfig(1e-4)
    return PairTraining([model], batches, Objective(BOUNDS[bound]()), optimizer=config, **settings)


def weights_after(training: PairTraining[PairModel], updates: int) -> list[Tensor]:
    for _ in range(updates):
        training.update()
    return [each.detach().clone() for each in training.modules[0].parameters()]


@pytest.mark.slow
@needs_a_compiler
# MINE's average has another shape before the first batch.
@pytest.mark.parametrize("bound", ["infonce", "mine"])
def test_compiled_it_is_the_same_training_and_resumed_the_same_bits(bound: str) -> None:
    plain, compiled = training_of(bound), training_of(bound, compile=True)
    assert plain.update().loss.item() == pytest.approx(compiled.update().loss.item(), abs=1e-5)
    for one, other in zip(
        *(each.modules[0].parameters() for each in (plain, compiled)), strict=True
    ):
        torch.testing.assert_close(other.grad, one.grad, rtol=1e-3, atol=1e-5)
    weights_after(compiled, 2)
    state = {name: each.clone() for name, each in compiled.state().items()}
    whole = weights_after(compiled, 3)
    assert compiled.compile_seconds is not None
    assert compiled.compile_seconds > 0
    resumed = training_of(bound, compile=True)
    resumed.restore(state)
    assert all(map(torch.equal, whole, weights_after(resumed, 3)))


def test_without_a_compiler_it_says_so_and_trains_as_it_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.warns(NotCompiledWarning, match="no C\\+\\+ compiler .*no-such-compiler") as said:
        compiled = training_of(compile=True)
    assert len(said) == 1
    assert compiled.compile_seconds is None
    plain = weights_after(training_of(), 2)
    assert all(map(torch.equal, plain, weights_after(compiled, 2)))


def test_batches_that_are_cut_are_not_compiled() -> None:
    with pytest.warns(NotCompiledWarning, match="scored in tiles"):
        training = training_of(compile=True, plan=BatchPlan(tile_size=64))
    assert training.compile_seconds is None


@needs_a_compiler
def test_what_the_compiler_refuses_is_trained_as_it_would(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise torch._dynamo.exc.BackendCompilerFailed(refuse, RuntimeError("no header"), None)

    monkeypatch.setattr(torch, "compile", lambda *_, **__: refuse)
    compiled = training_of(compile=True)
    with pytest.warns(NotCompiledWarning, match="the update is not compiled"):
        compiled.update()
    plain = training_of()
    plain.update()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (weights_after(each, 1) for each in (compiled, plain))
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="there is no oneDNN")
def test_a_later_batch_of_another_size_is_compiled_as_carefully_as_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compile_size_4(function: Any, **_: object) -> Any:
        def compiled(x: Tensor, y: Tensor) -> Any:
            if len(x) != 4:
                raise torch._dynamo.exc.BackendCompilerFailed(compiled, RuntimeError("size"), None)
            return function(x, y)

        return compiled

    monkeypatch.setattr(torch, "compile", compile_size_4)
    weight = torch.ones(1, requires_grad=True)
    gradients = CompiledGradients(lambda x, y: Update((weight * x * y).sum(0), x.sum(0)), [weight])
    for _ in range(5):
        gradients(torch.ones(4, 1), torch.ones(4, 1))
    with pytest.warns(NotCompiledWarning, match="is not compiled"):
        gradients(torch.ones(3, 1), torch.ones(3, 1))
    assert weight.grad is not None
    assert weight.grad.item() == 3


@pytest.mark.parametrize("turned", ["neither", "a", "b", "both"])
def test_products_by_onednn_are_products(turned: str) -> None:
    a, b = torch.randn(2, 40, 40, generator=torch.Generator().manual_seed(0))
    a, b = a[:30].contiguous(), b[:, :20].contiguous()
    if turned in {"a", "both"}:
        a = a.T.contiguous().T
    if turned in {"b", "both"}:
        b = b.T.contiguous().T
    torch.testing.assert_close(_product(a, b), a @ b)
