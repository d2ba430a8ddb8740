"""Two encoders and a critic: from a batch of pairs to its score matrix."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from infomax.encoders import check_codes
from infomax.errors import UserError, reason_of
from infomax.training.evaluation_mode import evaluation_mode

__all__ = ["PairModel", "check_model", "learns"]


class PairModel(nn.Module):
    """Scores ``f(g1(x_i), g2(y_j))`` for all pairs of a batch.

    Args:
        x_encoder: g1, the encoder whose codes are probed.
        y_encoder: g2; the same module as ``x_encoder`` where weights are shared.
        critic: f.
        heads: what stands between the codes of x and of y and the critic, in training alone; none
            in the paper.
    """

    def __init__(
        self,
        x_encoder: nn.Module,
        y_encoder: nn.Module,
        critic: nn.Module,
        *,
        heads: tuple[nn.Module, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.x_encoder = x_encoder
        self.y_encoder = y_encoder
        self.critic = critic
        self.x_head, self.y_head = heads or (nn.Identity(), nn.Identity())

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score a batch: views ``(N, ...)`` each -> ``(N, N)``; rows are x."""
        scores: Tensor = self.critic(self.x_head(self.x_encoder(x)), self.y_head(self.y_encoder(y)))
        return scores

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102


def learns(module: nn.Module) -> bool:
    """Tell whether a module has weights that training changes."""
    return any(each.requires_grad for each in module.parameters())


@torch.no_grad()
def check_model(model: PairModel, x: Tensor, y: Tensor) -> None:
    """Refuse, before anything is trained, modules that do not fit the views or each other.

    Each part is asked in evaluation mode, and has afterwards the mode that it had.

    Args:
        model: encoders, heads and critic.
        x: some views x, ``(n, ...)``.
        y: as many views y.

    Raises:
        UserError: if a part does not take what it is given, or gives what is not expected of it;
            or if nothing could be trained.
    """
    with evaluation_mode(model):
        for name, encoder, view in (
            ("x", model.x_encoder, x),
            ("y", model.y_encoder, y),
        ):
            try:
                with torch.enable_grad():
                    codes = encoder(view)
            except UserError:
                raise
            # Whatever a module of anyone's own raises: an assertion on sizes, a missing key.
            except Exception as error:
                raise UserError(
                    f"the encoder of {name} ({type(encoder).__name__}) does not take views of "
                    f"shape {tuple(view.shape)}: {reason_of(error)}"
                ) from error
            check_codes(codes, len(view))
            if learns(encoder) and not codes.requires_grad:
                raise UserError(
                    f"the encoder of {name} ({type(encoder).__name__}) has weights that require a "
                    "gradient, and its codes carry none: something in it cuts them off (no_grad, "
                    "detach, NumPy); mend that, or freeze it with requires_grad_(False)"
                )
        try:
            with torch.enable_grad():
                # A critic of anyone's own may give anything.
                scores: Any = model(x, y)
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                f"the critic ({type(model.critic).__name__}) does not take the codes of these "
                f"encoders: {reason_of(error)}"
            ) from error
        if not isinstance(scores, Tensor) or scores.shape != (len(x), len(y)):
            gives = f"of shape {tuple(scores.shape)}" if isinstance(scores, Tensor) else "no tensor"
            raise UserError(
                f"the critic ({type(model.critic).__name__}) gives scores {gives}, expected "
                f"({len(x)}, {len(y)}): one row for each x, one column for each y"
            )
        if not scores.requires_grad:
            x_encoder, y_encoder, critic = (
                type(part).__name__ for part in (model.x_encoder, model.y_encoder, model.critic)
            )
            raise UserError(
                f"nothing can be trained: the encoders {x_encoder} and {y_encoder} and the critic "
                f"{critic} have no weights that require a gradient, or compute without gradients; "
                "unfreeze a part, or choose a critic that has weights, such as bilinear"
            )
