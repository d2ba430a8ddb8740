"""Losses and miners of PyTorch Metric Learning by name; where it is not installed, one line."""

import sys

import pytest
import torch

from infomax.errors import UserError
from infomax.losses import LossInputs, find_loss
from tests.losses.drawn_codes import drawn

INPUTS = LossInputs(drawn(0, 6, 3), drawn(1, 6, 3), labels=torch.arange(6) % 2)


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning.losses", None)
    with pytest.raises(
        UserError, match=r"^the loss pml:TripletMarginLoss needs an optional packag"
    ):
        find_loss("pml:TripletMarginLoss")


def test_a_miner_is_for_losses_of_the_package() -> None:
    with pytest.raises(UserError, match=r"^the miner pml:HDCMiner chooses for losses of PyTorch"):
        find_loss("supcon", miner="pml:HDCMiner")


def test_is_the_loss_of_both_views_and_of_what_a_miner_chose() -> None:
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    miners = pytest.importorskip("pytorch_metric_learning.miners")
    codes = torch.cat([INPUTS.x, INPUTS.y])
    labels = torch.arange(6).repeat(2) % 2
    found = find_loss("pml:TripletMarginLoss", {"margin": 0.2})
    assert found(INPUTS).item() == losses.TripletMarginLoss(margin=0.2)(codes, labels).item()
    mined = find_loss(
        "pml:TripletMarginLoss", miner="pml:TripletMarginMiner", miner_options={"margin": 0.1}
    )
    chosen = miners.TripletMarginMiner(margin=0.1)(codes, labels)
    assert mined(INPUTS).item() == losses.TripletMarginLoss()(codes, labels, chosen).item()
    side_by_side = LossInputs(
        torch.stack([INPUTS.x, INPUTS.y]), torch.stack([INPUTS.y, INPUTS.x]), labels=INPUTS.labels
    )
    assert found(side_by_side).shape == (2,)
    with pytest.raises(UserError, match=r"^the loss pml:TripletMarginLoss does not tell its join"):
        found.terms(INPUTS)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("pml:TripletLoss", {}, r"^unknown loss of PyTorch Metric Learning 'TripletLoss': did you"),
        ("pml:TripletMarginLoss", {"gap": 1}, r"^loss pml:TripletMarginLoss cannot be made with {"),
        (
            "pml:ProxyAnchorLoss",
            {"num_classes": 2, "embedding_size": 3},
            r"^the loss pml:ProxyAnchorLoss has weights of its own, such as proxies, which train",
        ),
        ("pml:DynamicSoftMarginLoss", {}, r"^the loss pml:DynamicSoftMarginLoss keeps what it has"),
    ],
)
def test_what_cannot_be_made_is_refused(name: str, options: dict[str, int], message: str) -> None:
    pytest.importorskip("pytorch_metric_learning")
    with pytest.raises(UserError, match=message):
        find_loss(name, options)
    with pytest.raises(UserError, match=r"^miner 'HDCMiner' is none of PyTorch Metric Learning"):
        find_loss("pml:TripletMarginLoss", miner="HDCMiner")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "pml:SmoothAPLoss",
            {},
            r"^the loss pml:SmoothAPLoss cannot be computed of 6 codes .*same",
        ),
        ("pml:VICRegLoss", {}, r"^the loss pml:VICRegLoss cannot be computed of 6 codes and label"),
        ("pml:TripletMarginLoss", {"margin": "wide"}, r"MarginLoss cannot .* TypeError.*options"),
    ],
)
def test_what_the_package_cannot_compute_is_one_line(
    name: str, options: dict[str, str], message: str
) -> None:
    pytest.importorskip("pytorch_metric_learning")
    uneven = LossInputs(drawn(0, 3, 3), drawn(1, 3, 3), labels=torch.tensor([0, 0, 1]))
    with pytest.raises(UserError, match=message):
        find_loss(name, options)(uneven)
