"""What training makes small."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from infomax.bounds import Bound, check_bound
from infomax.score_matrix import Scores
from infomax.training.batches import State
from infomax.training.training import Update

__all__ = ["Objective"]


@dataclass(frozen=True)
class Objective:
    """Maximise a bound, or hold it at a target.

    Attributes:
        bound: says what is maximised, and what estimate it is watched by.
        target: nats; ``None`` maximises the bound's objective, a number minimises
            ``|estimate - target|``, which compares encoders at one estimate of the information
            (Tschannen et al. (2020), section 3.3). Where the objective is not the estimate, the
            distance is that of the estimate, its gradient that of the objective.

    Raises:
        UserError: if the bound lacks what a bound has.

    Example:
        >>> import torch
        >>> from infomax.bounds import BOUNDS
        >>> loss, watched = Objective(BOUNDS["infonce"](), target=2.0)(torch.zeros(4, 4))
        >>> loss.item(), watched.item()
        (2.0, 0.0)
    """

    bound: Bound
    target: float | None = None

    def __post_init__(self) -> None:
        check_bound(self.bound)

    def __call__(self, scores: Scores) -> Update:
        """Return the loss, with its gradient, and the estimate: ``(S, N, N)`` -> ``(S,)`` each.

        Of a score matrix that is held otherwise, for one model, both are single values.
        """
        trained = self.bound.objective(scores)
        if self.bound.objective_is_estimate:
            return Update(self._loss(trained, trained), trained.detach())
        with torch.no_grad():
            estimate = self.bound.estimate(scores)
        return Update(self._loss(trained, estimate + (trained - trained.detach())), estimate)

    def state(self) -> State:
        """Return what the bound remembers between batches."""
        return dict(self.bound.state_dict()) if isinstance(self.bound, nn.Module) else {}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        if isinstance(self.bound, nn.Module):
            self.bound.load_state_dict(state)

    def _loss(self, trained: Tensor, held: Tensor) -> Tensor:
        return -trained if self.target is None else (held - self.target).abs()
