"""A batch that is not in one process, one matrix or one pass: how it is cut, and its gradients."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from infomax.critics import FactoredCritic
from infomax.errors import UserError
from infomax.layers import BatchNorm, normalised_over
from infomax.losses import Loss, LossInputs
from infomax.processes import Processes
from infomax.score_matrix import DenseScores, NegativesCount, ScoreMatrix, Scores, TiledScores
from infomax.training.code_losses import learned_temperature
from infomax.training.negatives import InBatchNegatives, Negatives, ScoredBatch, largest_score_of
from infomax.training.pair_model import Objective, PairModel
from infomax.training.training import Update

__all__ = [
    "BatchPlan",
    "CodesInParts",
    "SharedBatch",
    "check_norms",
    "check_plan",
    "unshared_scores",
]


@dataclass(frozen=True)
class BatchPlan:
    """What a batch too large for one process, one matrix or one pass is cut into.

    However it is cut, loss, gradients and estimate are those of the whole batch.

    Attributes:
        processes: that share each batch; each reads, encodes and scores its own part of the anchors
            against the candidates of all.
        tile_size: rows of the score matrix that are made at a time; ``None`` makes the whole.
            Memory for scores is then tile_size x N in the place of several N x N.
        encode_at_once: pairs whose activations are kept at a time; ``None`` keeps all. All are then
            encoded twice, once without gradients.

    Example:
        >>> BatchPlan().is_plain, BatchPlan(tile_size=64).is_plain
        (True, False)
    """

    processes: Processes = field(default_factory=Processes)
    tile_size: int | None = None
    encode_at_once: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether a batch is not cut at all."""
        return self.processes.count == 1 and self.tile_size is None and self.encode_at_once is None

    def check(self, batch_size: int) -> None:
        """Check that batches of that many pairs can be cut like this.

        Raises:
            UserError: if they cannot.
        """
        self.processes.own_rows(batch_size)
        for name, rows in (("tile_size", self.tile_size), ("encode_at_once", self.encode_at_once)):
            if rows is not None and not 1 <= rows <= batch_size:
                raise UserError(
                    f"{name} is {rows}, a batch {batch_size} pairs: give at least 1 and at most "
                    "the batch, or leave it out"
                )


def check_plan(
    plan: BatchPlan, model: PairModel, objective: Objective, negatives: Negatives | None = None
) -> None:
    """Check that a model can be trained on an objective with batches that are cut like this.

    Raises:
        UserError: if the bound, the loss, the negatives, the critic or a batch norm cannot be cut
            like that.
    """
    if plan.tile_size is not None and negatives is not None and not negatives.takes_batch:
        raise UserError(
            f"{negatives.name} negatives are chosen from scores that tiles do not keep: leave the "
            "size of tiles out, or take in-batch negatives"
        )
    if objective.loss is None:
        _check_bound(objective, plan)
    elif plan.tile_size is not None:
        raise UserError(
            f"the loss {objective.loss.name} is not computed in tiles, which are of bounds: leave "
            "the size of tiles out"
        )
    check_norms(model, plan)
    if plan.tile_size is not None and not isinstance(model.critic, FactoredCritic):
        raise UserError(
            f"the scores of {type(model.critic).__name__} cannot be made in tiles: they are no "
            "inner products; choose inner-product, cosine, bilinear or separable, or leave the "
            "size of tiles out"
        )


def _check_bound(objective: Objective, plan: BatchPlan) -> None:
    computed_from = objective.bound.computed_from
    if plan.processes.count > 1 and computed_from == "whole":
        raise UserError(
            f"the bound {objective.bound.name} cannot be computed by several processes: it says "
            "nowhere how it is put together from rows of the score matrix; train it in one"
        )
    if plan.tile_size is not None and computed_from != "tiles":
        raise UserError(
            f"the bound {objective.bound.name} cannot be computed in tiles: it is no function of "
            "sums of exponentials; leave the size of tiles out"
        )


# What sees codes of the whole batch, however few views are encoded at once.
_BEHIND_CODES = tuple(
    f"{network}{side}_{kind}"
    for network in ("", "target.")
    for side in "xy"
    for kind in ("head", "predictor")
)


def check_norms(model: nn.Module, plan: BatchPlan) -> None:
    """Refuse batch norms that would not be of the whole batch, wherever in a model they stand.

    Args:
        model: all that encodes a batch: encoders, heads, and whatever else it has as parts.
        plan: how batches are cut.

    Raises:
        UserError: if it has one, naming it: any of an encoder where batches are encoded in parts;
            on several processes one that is neither ``infomax.layers.BatchNorm`` nor PyTorch's for
            GPUs.
    """
    for name, module in model.named_modules():
        behind_codes = name.startswith(_BEHIND_CODES)
        # One that is kept in evaluation has statistics of its own: no code depends on a batch.
        if not isinstance(module, _BatchNorm) or (
            not module.training and module.running_mean is not None
        ):
            continue
        if plan.encode_at_once is not None and not behind_codes:
            raise UserError(
                f"{name} is a batch norm: a code would depend on the part that it is encoded with, "
                "so gradients of the whole batch cannot be had in parts; use another norm (group "
                "norm, layer norm), or leave encode_at_once out"
            )
        if plan.processes.count > 1 and not isinstance(module, BatchNorm | nn.SyncBatchNorm):
            raise UserError(
                f"{name} is a batch norm: on several processes each would use its own part of the "
                "batch, and train something else than one process; use infomax.layers.BatchNorm, "
                "torch.nn.SyncBatchNorm on GPUs, or another norm (group norm, layer norm)"
            )


class SharedBatch:
    r"""The gradients of one model for batches that are cut as a plan has it.

    Over processes: each encodes its own pairs; the codes of y are gathered, and each scores its own
    anchors against them all. What the loss of the whole batch does to a gathered code is summed
    over processes on the way back, and so are the gradients of the weights.

    In tiles, ``TiledScores``; encoded in parts, ``CodesInParts``. A loss of codes is computed by
    every process from the codes of all, which is exact for all of them and saves encoding alone.

    Args:
        model: encoders, heads, critic, and what else the loss needs.
        objective: what to maximise or match.
        plan: how batches are cut, as ``check_plan`` allows.
        mixed_precision: compute encoders and critic in bfloat16.
        negatives: how negatives are drawn; every other pair of a batch without.

    Attributes:
        keys: the target network's codes of y of the last batch, ``(1, N, d)``; ``None`` without.
        counted: how many negatives the anchors of the latest batch had, where some were chosen.
    """

    counted: NegativesCount | None = None

    def __init__(
        self,
        model: PairModel,
        objective: Objective,
        plan: BatchPlan,
        *,
        mixed_precision: bool,
        negatives: Negatives | None = None,
    ) -> None:
        self._model, self._objective, self._plan = model, objective, plan
        self._negatives = negatives or InBatchNegatives()
        self._mixed_precision = mixed_precision
        self._parameters = [each for each in model.parameters() if each.requires_grad]
        self.keys: Tensor | None = None

    def differentiate(
        self,
        x: Tensor,
        y: Tensor,
        *,
        labels: Tensor | None = None,
        local: Tensor | None = None,
        step: int = 0,
    ) -> Update:
        """Leave the gradients of the whole batch in the parameters.

        Args:
            x: views of this process's pairs, ``(n, ...)``.
            y: views of the same pairs, and behind them what is drawn beside the batch, which all
                processes have.
            labels: their classes, ``(n,)``, for a loss or negatives that need them.
            local: further views of these pairs, ``(L, n, ...)``, for a loss that takes them.
            step: updates that were made before.

        Returns:
            Loss and estimate of the whole batch, ``(1,)`` each, the same on all processes.
        """
        with normalised_over(self._plan.processes, self._model):
            return self._differentiated((x, y), labels, local, step)

    @torch.no_grad()
    def target_codes(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor] | None:
        """Return codes of a whole batch by the target network, ``(N, d)`` each, if there is one.

        Args:
            x: views of this process's pairs, ``(n, ...)``.
            y: views of the same pairs.
        """
        with normalised_over(self._plan.processes, self._model):
            return self._target_codes(x, y)

    def _differentiated(
        self,
        views: tuple[Tensor, Tensor],
        labels: Tensor | None,
        local: Tensor | None,
        step: int,
    ) -> Update:
        at_once, model, loss = self._plan.encode_at_once, self._model, self._objective.loss
        sides = [(model.x_encoder, views[0]), (model.y_encoder, views[1])]
        if local is not None:
            # Those of a pair side by side, so that rows of pairs are gathered.
            sides.append((model.x_encoder, local.transpose(0, 1).flatten(end_dim=1)))
        in_parts = []
        if at_once is None:
            codes = [self._called(encoder, each) for encoder, each in sides]
        else:
            in_parts = [
                CodesInParts(partial(self._called, encoder), each, at_once)
                for encoder, each in sides
            ]
            codes = [each.codes for each in in_parts]
        # Heads see the codes of the whole batch, so that no batch norm of theirs sees a part.
        heads = (model.x_head, model.y_head, model.x_head)
        x, y, *further = (
            self._called(head, each) for head, each in zip(heads, codes, strict=False)
        )
        if loss is None:
            made = self._objective(self._score(x, y, labels))
        else:
            of_parts = None
            if local is not None:
                rows = self._gathered(further[0].unflatten(0, (len(x), len(local))))
                of_parts = rows.transpose(0, 1)
            inputs = self._inputs((x, y), views, labels, step)
            made = self._of_codes(loss, replace(inputs, local=of_parts))
        self._share(made.loss).backward()
        for each in in_parts:
            each.hand_back()
        self._plan.processes.sum_in_place(
            [each.grad for each in self._parameters if each.grad is not None]
        )
        return Update(made.loss.detach().unsqueeze(0), made.watched.unsqueeze(0))

    def _of_codes(self, loss: Loss, inputs: LossInputs) -> Update:
        with torch.no_grad():
            scores = self._model.critic(inputs.x, inputs.y)
        return self._objective.of_codes(loss, inputs, scores)

    def _inputs(
        self,
        codes: tuple[Tensor, Tensor],
        views: tuple[Tensor, Tensor],
        labels: Tensor | None,
        step: int,
    ) -> LossInputs:
        """Return what the loss of the whole batch is computed from."""
        model, predicted = self._model, None
        if model.x_predictor is not None and model.y_predictor is not None:
            of_x, of_y = (
                self._called(model.x_predictor, codes[0]),
                self._called(model.y_predictor, codes[1]),
            )
            predicted = self._gathered(of_x), self._gathered(of_y)
        x, y = self._gathered(codes[0]), self._gathered(codes[1])
        target = self._target_codes(*views)
        self.keys = None if target is None else target[1].unsqueeze(0)
        return LossInputs(
            x,
            y,
            labels=None if labels is None else self._gathered(labels),
            queue=None if model.queue is None else model.queue.codes,
            predictor=predicted,
            target=target,
            temperature=learned_temperature(self._model.critic),
            step=step,
        )

    @torch.no_grad()
    def _target_codes(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor] | None:
        target = self._model.target
        if target is None:
            return None
        at_once = self._plan.encode_at_once or len(x)
        sides = ((target.x_encoder, target.x_head, x), (target.y_encoder, target.y_head, y))
        of_x, of_y = (
            self._called(head, _in_parts(partial(self._called, encoder), views, at_once))
            for encoder, head, views in sides
        )
        return self._gathered(of_x), self._gathered(of_y)

    def _gathered(self, rows: Tensor) -> Tensor:
        processes = self._plan.processes
        if self._mixed_precision and rows.is_floating_point():
            rows = rows.float()
        return processes.gather_rows(rows, processes.counts(len(rows)))

    def _share(self, loss: Tensor) -> Tensor:
        """Return what this process differentiates, so that the sum over all is the gradient.

        Where each computes the whole loss from rows that were gathered, what all do with them would
        be counted once for each.
        """
        return loss if self._objective.loss is None else loss / self._plan.processes.count

    def _called(self, module: nn.Module, values: Tensor) -> Tensor:
        with self._precision(values):
            made: Tensor = module(values)
        return made

    def _score(self, x: Tensor, y: Tensor, labels: Tensor | None) -> Scores:
        processes = self._plan.processes
        counts = processes.counts(len(x))
        if self._negatives.takes_batch:
            return self._score_all(x, y, counts)
        with self._precision(x):
            candidates = torch.cat([processes.gather_rows(y[: len(x)], counts), y[len(x) :]])
            scores = self._model.critic(x, candidates)
        chosen = self._negatives.of(
            ScoredBatch(
                scores.float() if self._mixed_precision else scores,
                sum(counts),
                first_row=sum(counts[: processes.rank]),
                processes=processes,
                labels=None if labels is None else processes.gather_rows(labels, counts),
                lowest_score=torch.tensor(-largest_score_of(self._model)),
            )
        )
        self.counted = chosen.count()
        return chosen

    def _score_all(self, x: Tensor, y: Tensor, counts: list[int]) -> ScoreMatrix:
        processes, critic = self._plan.processes, self._model.critic
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
