"""Flows of both sides, after which pairs are normal together: a density of pairs, learned whole."""

import math
from collections.abc import Sequence

import torch
import zuko
from torch import Tensor, nn

from infomax.bounds.likelihood import DIFFERENCE_OF_ENTROPIES
from infomax.critics import Critic
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.neural.course import train_until_settled
from infomax.estimation.split import Refit
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairTraining,
    SeparateBatches,
    generator_for,
)

__all__ = ["NormalisingFlows", "flow_sides"]

_TRANSFORMS = 4
_HIDDEN_SIZES = (64, 64)
_BATCH_SIZE = 256
_LEARNING_RATE = 1e-2
_DECAY = 1e-3
_LONGEST_GRADIENT = 5.0
_EVALUATE_EVERY = 50
_PATIENCE = 4


class NormalisingFlows(Critic):
    r"""Scores pairs by the log density of a Gaussian behind a flow of each side, in nats.

    .. math:: \log q(x_i, y_j) = \log N(f(x_i), g(y_j); \Sigma)
              + \log \left| \frac{\partial f}{\partial x_i} \right|
              + \log \left| \frac{\partial g}{\partial y_j} \right|

    Where it is the density of the pairs, f and g are invertible maps behind which both sides are
    normal together, and what the sides share is what the Gaussian shares: both determinants belong
    to one side alone. A likelihood, unlike a bound of a batch, tells as much of strong dependence
    as of weak, and every pair tells of f and g what no negative needs to.

    Source: Papamakarios, Pavlakou and Murray (2017), for the flows; Butakov et al. (2024), for the
    information behind flows that make both sides normal.

    Args:
        x_size: dx.
        y_size: dy.
        generator: draws the weights.
    """

    def __init__(self, x_size: int, y_size: int, generator: torch.Generator) -> None:
        super().__init__()
        # zuko draws its weights from PyTorch's own generator, which stays as it was.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
            self.of_x, self.of_y = (
                zuko.flows.MAF(
                    size, transforms=_TRANSFORMS, hidden_features=_HIDDEN_SIZES
                ).transform
                for size in (x_size, y_size)
            )
        self.prediction = nn.Parameter(torch.zeros(y_size, x_size))
        self.mixing = nn.Parameter(torch.zeros(y_size, y_size))
        self.log_scales = nn.Parameter(torch.zeros(y_size))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        u, log_of_x = self.of_x().call_and_ladj(x)
        v, log_of_y = self.of_y().call_and_ladj(y)
        # The Cholesky factor of the precision of what the prediction leaves.
        factor = self.mixing.tril(-1) + torch.diag(self.log_scales.exp())
        predicted, white = u @ self.prediction.mT @ factor.mT, v @ factor.mT
        size = x.shape[-1] + y.shape[-1]
        of_x = log_of_x - (u.square().sum(dim=-1) + predicted.square().sum(dim=-1)) / 2
        of_y = log_of_y - white.square().sum(dim=-1) / 2 + self.log_scales.sum()
        constant = size / 2 * math.log(2 * math.pi)
        scores: Tensor = predicted @ white.mT + of_x.unsqueeze(-1) + of_y.unsqueeze(-2) - constant
        return scores

    @torch.no_grad()
    def sides(self, x: Tensor, y: Tensor) -> tuple[Array, Array]:
        """Return both sides behind their flows: ``(N, dx)`` and ``(N, dy)``."""
        return self.of_x()(x).double().numpy(), self.of_y()(y).double().numpy()


def flow_sides(
    x: Array, y: Array, refits: Sequence[Refit], seed: int, *, most_steps: int
) -> list[tuple[Array, Array]]:
    """Train flows of normal scores by likelihood, each refit's on its own rows, side by side.

    Args:
        x: ``(N, dx)``, continuous.
        y: ``(N, dy)``, continuous.
        refits: which rows each is fitted on; their validation rows tell when to stop.
        seed: of weights and batches.
        most_steps: number of updates after which to stop in any case.

    Returns:
        What each refit makes of both sides, for all rows.
    """
    dtype = torch.get_default_dtype()
    seen = [
        [torch.from_numpy(NormalScores(side[refit.train])(side)).to(dtype) for side in (x, y)]
        for refit in refits
    ]

    def stacked(rows: Sequence[Indices]) -> tuple[Tensor, Tensor]:
        of_x, of_y = (
            torch.stack([sides[side][chosen] for sides, chosen in zip(seen, rows, strict=True)])
            for side in (0, 1)
        )
        return of_x, of_y

    models = [
        NormalisingFlows(x.shape[1], y.shape[1], generator_for(seed, f"flows of refit {index}"))
        for index in range(len(refits))
    ]
    train = stacked([refit.train for refit in refits])
    generators = [generator_for(seed, f"batches of flows {each}") for each in range(len(refits))]
    likelihood = DIFFERENCE_OF_ENTROPIES()
    training = PairTraining(
        models,
        SeparateBatches(*train, min(_BATCH_SIZE, train[0].shape[1]), generators),
        Objective(likelihood),
        optimizer=OptimizerConfig(
            _LEARNING_RATE, weight_decay=_DECAY, gradient_norm=_LONGEST_GRADIENT
        ),
    )
    validation = stacked([refit.validation for refit in refits])
    train_until_settled(
        training,
        lambda _: likelihood.objective(training.scores(*validation)),
        most_steps=most_steps,
        evaluate_every=_EVALUATE_EVERY,
        patience=_PATIENCE,
    )
    return [model.sides(*sides) for model, sides in zip(models, seen, strict=True)]
