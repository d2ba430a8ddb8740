"""What is trained on pairs: two encoders and a critic, and the objective on their score matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from infomax.bounds import Bound, check_bound
from infomax.encoders import check_codes
from infomax.errors import UserError, reason_of
from infomax.losses import Loss, LossInputs
from infomax.score_matrix import Scores
from infomax.training.batches import State
from infomax.training.code_queue import CodeQueue
from infomax.training.target_network import TargetNetwork
from infomax.training.training import Update, evaluation_mode, prefixed, stripped

__all__ = ["Objective", "PairModel", "codes_of_trial", "learns"]


class PairModel(nn.Module):
    """Scores ``f(h1(g1(x_i)), h2(g2(y_j)))`` for all pairs of a batch.

    Args:
        x_encoder: g1, the encoder whose codes are probed.
        y_encoder: g2; the same module as ``x_encoder`` where weights are shared.
        critic: f, from codes of x and y to scores ``(N, N)``; rows are x.
        heads: h1 and h2, which stand between codes and critic in training alone, e.g. two
            ``ProjectionHead``; none in the paper.
        predictors: what predicts codes of y from those of x, behind the heads, and the other way
            round, for a loss that needs it.

    Attributes:
        code_size: number of values in a code of x; known once ``check`` has seen views.
        target: network that follows encoders and heads, for a loss that needs it.
        queue: codes of earlier batches, for a loss that needs them.

    Example:
        >>> from infomax.critics import InnerProductCritic
        >>> critic = InnerProductCritic(2, 2, torch.Generator())
        >>> model = PairModel(nn.Linear(3, 2), nn.Linear(4, 2), critic)
        >>> model(torch.zeros(5, 3), torch.zeros(5, 4)).shape
        torch.Size([5, 5])
    """

    code_size: int

    def __init__(
        self,
        x_encoder: nn.Module,
        y_encoder: nn.Module,
        critic: nn.Module,
        *,
        heads: tuple[nn.Module, nn.Module] | None = None,
        predictors: tuple[nn.Module, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.x_encoder = x_encoder
        self.y_encoder = y_encoder
        self.critic = critic
        self.x_head, self.y_head = heads or (nn.Identity(),) * 2
        self.x_predictor: nn.Module | None = None
        self.y_predictor: nn.Module | None = None
        if predictors is not None:
            self.x_predictor, self.y_predictor = predictors
        self.target: TargetNetwork | None = None
        self.queue: CodeQueue | None = None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score a batch: views ``(N, ...)`` each -> ``(N, N)``; rows are x."""
        scores: Tensor = self.critic(self.x_head(self.x_encoder(x)), self.y_head(self.y_encoder(y)))
        return scores

    def follow(self, momentum: float, *, cosine_steps: int | None = None) -> None:
        """Make the target network, of encoders and heads as they are now.

        Args:
            momentum: share of its own values that it keeps in each update.
            cosine_steps: updates over which that share rises to 1; ``None`` leaves it constant.

        Raises:
            UserError: if the momentum is not from 0 to 1.
        """
        encoders, heads = (self.x_encoder, self.y_encoder), (self.x_head, self.y_head)
        self.target = TargetNetwork(encoders, heads, momentum=momentum, cosine_steps=cosine_steps)

    @property
    def followed(self) -> list[Tensor]:
        """Parameters that the target network follows, each once."""
        encoders, heads = (self.x_encoder, self.y_encoder), (self.x_head, self.y_head)
        return TargetNetwork.parameters_of(encoders, heads)

    @property
    def is_shared(self) -> bool:
        """Whether codes of x and y are of one encoder and head, and so lie in one space."""
        return self.x_encoder is self.y_encoder and self.x_head is self.y_head

    @property
    def device(self) -> torch.device:
        """Where the weights are; the CPU if there are none."""
        return next((each.device for each in self.parameters()), torch.device("cpu"))

    @torch.no_grad()
    def check(self, x: Tensor, y: Tensor) -> None:
        """Refuse modules that do not fit the views or each other, before anything is trained.

        Each module is tried in evaluation mode, and has afterwards the mode that it had.

        Args:
            x: some views x, ``(n, ...)``.
            y: as many views y.

        Raises:
            UserError: if a module does not take what it is given, or gives what is not expected of
                it; or if nothing could be trained.
        """
        self.code_size = codes_of_trial(self.x_encoder, x, "x").shape[1]
        codes_of_trial(self.y_encoder, y, "y")
        if not self._scores_of_trial(x, y).requires_grad:
            x_encoder, y_encoder, critic = (
                type(module).__name__ for module in (self.x_encoder, self.y_encoder, self.critic)
            )
            raise UserError(
                f"nothing can be trained: the encoders {x_encoder} and {y_encoder} and the critic "
                f"{critic} have no weights that require a gradient, or compute without gradients; "
                "unfreeze a part, or choose a critic that has weights, such as bilinear"
            )

    def _scores_of_trial(self, x: Tensor, y: Tensor) -> Tensor:
        name = type(self.critic).__name__
        try:
            with evaluation_mode(self), torch.enable_grad():
                # A critic of anyone's own may give anything.
                scores: Any = self(x, y)
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                f"the critic ({name}) does not take the codes of these encoders: {reason_of(error)}"
            ) from error
        if not isinstance(scores, Tensor) or scores.shape != (len(x), len(y)):
            gives = f"of shape {tuple(scores.shape)}" if isinstance(scores, Tensor) else "no tensor"
            raise UserError(
                f"the critic ({name}) gives scores {gives}, expected ({len(x)}, {len(y)}): one row "
                "for each x, one column for each y"
            )
        return scores

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102


def learns(module: nn.Module) -> bool:
    """Tell whether a module has weights that training changes."""
    return any(each.requires_grad for each in module.parameters())


def codes_of_trial(encoder: nn.Module, views: Tensor, side: str) -> Tensor:
    """Return the codes that an encoder gives for some views, in evaluation mode.

    Args:
        encoder: any module; it has afterwards the mode that it had.
        views: views to encode, ``(n, ...)``.
        side: which view they are, ``x`` or ``y``, for messages.

    Raises:
        UserError: if it does not take such views, gives no codes ``(n, d)``, or cuts the gradient
            of its weights off.
    """
    name = f"the encoder of {side} ({type(encoder).__name__})"
    try:
        with evaluation_mode(encoder), torch.enable_grad():
            codes: Tensor = encoder(views)
    except UserError:
        raise
    # Whatever a module of anyone's own raises: an assertion on sizes, a missing key.
    except Exception as error:
        raise UserError(
            f"{name} does not take views of shape {tuple(views.shape)}: {reason_of(error)}"
        ) from error
    check_codes(codes, len(views))
    if learns(encoder) and not codes.requires_grad:
        raise UserError(
            f"{name} has weights that require a gradient, and its codes carry none: something in "
            "it cuts them off (no_grad, detach, NumPy); mend that, or freeze it with "
            "requires_grad_(False)"
        )
    return codes


@dataclass(frozen=True)
class Objective:
    """Maximise a bound, hold it at a target, or minimise a loss of codes that a bound reads.

    Attributes:
        bound: says what is maximised, and what estimate it is watched by.
        target: nats; ``None`` maximises the bound's objective, a number minimises
            ``|estimate - target|``, which compares encoders at one estimate of the information
            (Tschannen et al. (2020), section 3.3). Where the objective is not the estimate, the
            distance is that of the estimate, its gradient that of the objective.
        loss: what is minimised in the place of the bound, which then only reads how far the
            training is, by the scores of the model's critic; ``None`` trains on the bound.

    Raises:
        UserError: if the bound lacks what a bound has, or a loss has a target.

    Example:
        >>> import torch
        >>> from infomax.bounds import BOUNDS
        >>> loss, watched = Objective(BOUNDS["infonce"](), target=2.0)(torch.zeros(4, 4))
        >>> loss.item(), watched.item()
        (2.0, 0.0)
    """

    bound: Bound
    target: float | None = None
    loss: Loss | None = None

    def __post_init__(self) -> None:
        check_bound(self.bound)
        if self.loss is not None and self.target is not None:
            raise UserError(
                f"target is {self.target}, and the loss {self.loss.name} is no information that "
                "could be held at it: leave one of them out"
            )

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

    def of_codes(self, loss: Loss, inputs: LossInputs, scores: Scores) -> Update:
        """Return a loss of codes, with its gradient, and what the bound reads of their scores.

        Args:
            loss: the objective's own.
            inputs: codes of a batch, and what else the loss needs.
            scores: what the critic makes of the codes.
        """
        with torch.no_grad():
            estimate = self.bound.estimate(scores)
        return Update(loss(inputs), estimate)

    def state(self) -> State:
        """Return what the bound and the loss remember between batches."""
        state: State = {}
        for name, each in (("bound", self.bound), ("loss", self.loss)):
            if isinstance(each, nn.Module):
                state |= prefixed(name, each.state_dict())
        return state

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        for name, each in (("bound", self.bound), ("loss", self.loss)):
            if isinstance(each, nn.Module):
                each.load_state_dict(stripped(name, state))

    def _loss(self, trained: Tensor, held: Tensor) -> Tensor:
        return -trained if self.target is None else (held - self.target).abs()
