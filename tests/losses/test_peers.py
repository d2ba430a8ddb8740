"""Losses that mean the same in other packages: the same values and gradients, where installed."""

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch
from torch import Tensor

from infomax.losses import (
    LossTerms,
    barlow_twins,
    circle,
    contrastive_margin,
    dino,
    lifted_structure,
    moco,
    multi_similarity,
    negative_cosine,
    nt_xent,
    supcon,
    triplet,
    vicreg,
)
from tests.losses.drawn_codes import drawn, drawn_labels

TOLERANCE = 1e-6
PairLoss = Callable[[Tensor, Tensor], Tensor]


def assert_same(ours: PairLoss, theirs: PairLoss, number: int = 12, size: int = 7) -> None:
    found = []
    for loss in (ours, theirs):
        x, y = (each.clone().requires_grad_() for each in drawn(0, 2, number, size))
        value = loss(x, y)
        gradients = torch.autograd.grad(value, (x, y), allow_unused=True)
        found.append((value.detach(), *gradients))
    for one, other in zip(*found, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            torch.testing.assert_close(one, other, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.fixture
def lightly_loss(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return lightly's losses; of torchvision, which some others of them need, nothing is asked."""
    pytest.importorskip("lightly")
    try:
        import torchvision  # type: ignore[import-not-found, unused-ignore]  # noqa: F401, PLC0415
    except (ImportError, RuntimeError):
        # Its wheels are built for another PyTorch than one without CUDA.
        for name in ("", ".ops", ".transforms", ".transforms.functional", ".models", ".datasets"):
            monkeypatch.setitem(sys.modules, f"torchvision{name}", MagicMock(__spec__=None))
    yield pytest.importorskip("lightly.loss")
    for name in [each for each in sys.modules if each.startswith("lightly")]:
        monkeypatch.delitem(sys.modules, name)


# More than twice as many dimensions as pairs take another way.
@pytest.mark.parametrize("size", [7, 40])
@pytest.mark.parametrize(
    ("peer", "ours"),
    [
        ("NTXentLoss", nt_xent),
        ("BarlowTwinsLoss", barlow_twins),
        ("VICRegLoss", vicreg),
        ("NegativeCosineSimilarity", negative_cosine),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_lightly_has_the_same(
    peer: str, ours: Callable[..., LossTerms], size: int, lightly_loss: Any
) -> None:
    theirs = getattr(lightly_loss, peer)()
    if peer == "NegativeCosineSimilarity":
        # Whoever calls theirs holds the target still.
        assert_same(lambda x, y: ours(x, y).total, lambda x, y: theirs(x, y.detach()), size=size)
        return
    assert_same(lambda x, y: ours(x, y).total, theirs, size=size)


@pytest.mark.filterwarnings("ignore")
def test_lightly_has_the_same_moco(lightly_loss: Any) -> None:
    theirs = lightly_loss.NTXentLoss(temperature=0.2, memory_bank_size=(9, 7))
    bank = torch.nn.functional.normalize(drawn(3, 9, 7), dim=1)
    theirs.memory_bank(torch.zeros(1, 7, dtype=torch.float64), update=True)
    theirs.memory_bank.bank = bank if theirs.memory_bank.bank.shape == (9, 7) else bank.T
    assert_same(
        lambda x, y: moco(x, y, bank, temperature=0.2).total,
        lambda x, y: theirs(x, y.detach()),
    )


@pytest.mark.filterwarnings("ignore")
def test_lightly_has_the_same_dino(lightly_loss: Any) -> None:
    centre, teacher = drawn(1, 7), tuple(drawn(2, 2, 12, 7))
    theirs = lightly_loss.DINOLoss(output_dim=7)
    theirs.center = centre.reshape(1, 1, 7)

    def of_theirs(x: Tensor, y: Tensor) -> Tensor:
        loss: Tensor = theirs(list(teacher), [x, y])
        return loss

    assert_same(lambda x, y: dino((x, y), (teacher[0], teacher[1]), centre).total, of_theirs)


def mean_of_all() -> dict[str, Any]:
    """Return the reducer that takes the mean over all elements, and not over those above 0."""
    reducers = pytest.importorskip("pytorch_metric_learning.reducers")
    return {"reducer": reducers.MeanReducer()}


@pytest.mark.parametrize(
    ("peer", "ours", "options", "theirs"),
    [
        ("SupConLoss", supcon, {}, {}),
        ("MultiSimilarityLoss", multi_similarity, {}, {}),
        ("CircleLoss", circle, {"scale": 20.0}, {"gamma": 20}),
        ("TripletMarginLoss", triplet, {"margin": 0.3}, {"margin": 0.3}),
        ("TripletMarginLoss", triplet, {"soft": True}, {"margin": 0.2, "smooth_loss": True}),
        ("ContrastiveLoss", contrastive_margin, {"power": 1}, {}),
        ("LiftedStructureLoss", lifted_structure, {}, {}),
    ],
)
@pytest.mark.parametrize("classes", [2, 4])
def test_pytorch_metric_learning_has_the_same(
    peer: str,
    ours: Callable[..., LossTerms],
    options: dict[str, Any],
    theirs: dict[str, Any],
    classes: int,
) -> None:
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    made = getattr(losses, peer)(**theirs, **mean_of_all())
    labels = drawn_labels(0, 24, classes)
    assert_same(
        lambda x, y: ours(torch.cat([x, y]), labels, **options).total,
        lambda x, y: made(torch.cat([x, y]), labels),
    )


def test_pytorch_metric_learning_has_the_same_nt_xent() -> None:
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    made = losses.NTXentLoss(temperature=0.5)
    labels = torch.arange(12).repeat(2)
    assert_same(lambda x, y: nt_xent(x, y).total, lambda x, y: made(torch.cat([x, y]), labels))
