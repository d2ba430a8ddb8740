"""Parts that do not fit are refused, and those that do are left in the modes that they have."""

import pytest
import torch
from torch import Tensor, nn

from infomax import InfoMax
from infomax.errors import UserError
from infomax.training import PairModel


class Normed(nn.Module):
    """A critic over codes that a frozen batch norm brings to a scale that is known."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(size)
        self.norm.requires_grad_(False).eval()
        self.weights = nn.Parameter(torch.eye(size))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        scores: Tensor = self.norm(x) @ self.weights @ self.norm(y).T
        return scores


def test_each_part_keeps_its_mode_when_a_model_is_made_and_checked() -> None:
    critic = Normed(2)
    modes = set()
    # What is trained is a copy, with its hooks: they are told which module it is.
    critic.register_forward_hook(
        lambda module, *_: modes.add((module.training, module.norm.training))
    )
    x = torch.randn(120, 3, generator=torch.Generator().manual_seed(0)).numpy()
    InfoMax(
        encoder_options={"layer_sizes": [2]}, critic=critic, steps=2, batch_size=8, random_state=0
    ).fit(x, x)
    assert modes == {(True, False), (False, False)}


class NoScores(nn.Module):
    """Forgets to return."""

    def forward(self, x: Tensor, y: Tensor) -> None:
        x @ y.T


def test_a_critic_that_gives_no_tensor_is_named() -> None:
    model = PairModel(nn.Linear(3, 2), nn.Linear(3, 2), NoScores())
    with pytest.raises(UserError, match=r"critic \(NoScores\) gives scores no tensor"):
        model.check(torch.zeros(2, 3), torch.zeros(2, 3))
    assert model.training
