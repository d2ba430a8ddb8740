"""Gradients of a batch that is not in one process, one matrix or one pass."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from infomax.critics import FactoredCritic
from infomax.score_matrix import DenseScores, ScoreMatrix, Scores, TiledScores
from infomax.training.batch_plan import BatchPlan
from infomax.training.objective import Objective
from infomax.training.pair_model import PairModel
from infomax.training.training import Update

__all__ = ["CodesInParts", "SharedBatch", "unshared_scores"]


class SharedBatch:
    r"""The gradients of one model for batches that are cut as a plan has it.

    Over processes: each encodes its own pairs; the codes of y are gathered, and each scores its own
    anchors against them all. What the loss of the whole batch does to a gathered code is summed
    over processes on the way back, and so are the gradients of the weights.

    In tiles, ``TiledScores``; encoded in parts, ``CodesInParts``.

    Args:
        model: encoders and critic.
        objective: what to maximise or match.
        plan: how batches are cut, as ``check_plan`` allows.
        mixed_precision: compute encoders and critic in bfloat16.
    """

    def __init__(
        self, model: PairModel, objective: Objective, plan: BatchPlan, *, mixed_precision: bool
    ) -> None:
        self._model, self._objective, self._plan = model, objective, plan
        self._mixed_precision = mixed_precision
        self._parameters = [each for each in model.parameters() if each.requires_grad]

    def differentiate(self, x: Tensor, y: Tensor) -> Update:
        """Leave the gradients of the whole batch in the parameters.

        Args:
            x: views of this process's pairs, ``(n, ...)``.
            y: views of the same pairs.

        Returns:
            Loss and estimate of the whole batch, ``(1,)`` each, the same on all processes.
        """
        at_once = self._plan.encode_at_once
        if at_once is None:
            loss, estimate = self._objective(self._score(self._encode_x(x), self._encode_y(y)))
            loss.backward()
        else:
            of_x = CodesInParts(self._encode_x, x, at_once)
            of_y = CodesInParts(self._encode_y, y, at_once)
            loss, estimate = self._objective(self._score(of_x.codes, of_y.codes))
            loss.backward()
            of_x.hand_back()
            of_y.hand_back()
        self._plan.processes.sum_in_place(
            [each.grad for each in self._parameters if each.grad is not None]
        )
        return Update(loss.detach().unsqueeze(0), estimate.unsqueeze(0))

    def _encode_x(self, views: Tensor) -> Tensor:
        with self._precision(views):
            codes: Tensor = self._model.x_head(self._model.x_encoder(views))
        return codes

    def _encode_y(self, views: Tensor) -> Tensor:
        with self._precision(views):
            codes: Tensor = self._model.y_head(self._model.y_encoder(views))
        return codes

    def _score(self, x: Tensor, y: Tensor) -> ScoreMatrix:
        processes, critic = self._plan.processes, self._model.critic
        counts = processes.counts(len(x))
        with self._precision(x):
            if not isinstance(critic, FactoredCritic):
                scores = critic(x, processes.gather_rows(y, counts))
            else:
                # Each process makes its own factors, and only they are sent.
                u, v = critic.factors(x, y)
                if self._plan.tile_size is not None:
                    return TiledScores(
                        u,
                        v,
                        rows_at_once=self._plan.tile_size,
                        processes=processes,
                        sizes=counts,
                    )
                scores = u @ processes.gather_rows(v, counts).mT
        rows = scores.float() if self._mixed_precision else scores
        return DenseScores(rows, sum(counts[: processes.rank]), processes)

    def _precision(self, values: Tensor) -> AbstractContextManager[object]:
        if not self._mixed_precision:
            return nullcontext()
        return torch.autocast(values.device.type, dtype=torch.bfloat16)


class CodesInParts:
    r"""Codes of views that are encoded a few at a time, and encoded again for their gradients.

    First without gradients, so that no activation is kept; once the loss has been differentiated
    with respect to the codes, part by part with gradients,

    .. math:: \nabla_\theta L = \sum_p \Bigl( \frac{\partial z_p}{\partial \theta} \Bigr)^\top
              \nabla_{z_p} L

    What the encoder draws from PyTorch's own generator, as dropout does, is drawn the same both
    times; afterwards the generator is where the first time has left it.

    Source: Gao, Zhang, Han and Callan (2021), section 3.2 (GradCache).

    Args:
        encode: views ``(n, ...)`` -> codes ``(n, d)``, each a function of its own view alone.
        views: ``(N, ...)``.
        at_once: views in a part.

    Attributes:
        codes: ``(N, d)``; differentiate the loss with respect to them, then ``hand_back``.

    Example:
        >>> layer = torch.nn.Linear(2, 1, bias=False)
        >>> coded = CodesInParts(layer, torch.ones(5, 2), at_once=3)
        >>> coded.codes.sum().backward()
        >>> coded.hand_back()
        >>> layer.weight.grad.tolist()
        [[5.0, 5.0]]
    """

    def __init__(self, encode: Callable[[Tensor], Tensor], views: Tensor, at_once: int) -> None:
        self._encode = encode
        self._parts = views.split(at_once)
        self._on_gpu = [views.device] if views.device.type == "cuda" else []
        self._generators: list[tuple[Tensor, list[Tensor]]] = []
        codes = []
        with torch.no_grad():
            for part in self._parts:
                self._generators.append(self._generator_states())
                codes.append(encode(part))
        self.codes = torch.cat(codes).requires_grad_()

    def hand_back(self) -> None:
        """Add the gradients of the encoder's weights that those of the codes amount to."""
        if self.codes.grad is None:
            return
        gradients = self.codes.grad.split([len(part) for part in self._parts])
        with torch.random.fork_rng(self._on_gpu):
            for part, generators, gradient in zip(
                self._parts, self._generators, gradients, strict=True
            ):
                on_cpu, on_gpu = generators
                torch.set_rng_state(on_cpu)
                for device, state in zip(self._on_gpu, on_gpu, strict=True):
                    torch.cuda.set_rng_state(state, device)
                codes = self._encode(part)
                if codes.requires_grad:
                    codes.backward(gradient)

    def _generator_states(self) -> tuple[Tensor, list[Tensor]]:
        return torch.get_rng_state(), [torch.cuda.get_rng_state(each) for each in self._on_gpu]


@torch.no_grad()
def unshared_scores(model: PairModel, x: Tensor, y: Tensor, plan: BatchPlan) -> Scores:
    """Score all pairs of a batch without gradients, in the memory that its training needs.

    Args:
        model: encoders and critic.
        x: views ``(N, ...)``.
        y: views of the same pairs.
        plan: in which tiles, and how many encoded at once.
    """
    if plan.tile_size is None and plan.encode_at_once is None:
        return model(x, y)
    at_once = plan.encode_at_once or len(x)
    codes = (
        _in_parts(lambda part: model.x_head(model.x_encoder(part)), x, at_once),
        _in_parts(lambda part: model.y_head(model.y_encoder(part)), y, at_once),
    )
    if plan.tile_size is not None and isinstance(model.critic, FactoredCritic):
        u, v = model.critic.factors(*codes)
        return TiledScores(u, v, rows_at_once=min(plan.tile_size, len(x)))
    scores: Tensor = model.critic(*codes)
    return scores


def _in_parts(encode: Callable[[Tensor], Tensor], views: Tensor, at_once: int) -> Tensor:
    return torch.cat([encode(part) for part in views.split(at_once)])
