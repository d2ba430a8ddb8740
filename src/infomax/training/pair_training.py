"""Encoders and a critic, trained on an objective."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from infomax.errors import UserError
from infomax.losses import LossInputs
from infomax.training.batches import Batches, LocalBatches, PositionedBatches, State
from infomax.training.chosen_negatives import ChosenNegatives
from infomax.training.code_losses import EncodedPairs
from infomax.training.moved_parts import MovedParts
from infomax.training.negatives import InBatchNegatives, Negatives
from infomax.training.optimizer import OptimizerConfig, ScheduledOptimizer
from infomax.training.pair_model import Objective, PairModel
from infomax.training.shared_batch import BatchPlan, SharedBatch
from infomax.training.stacked_models import StackedModels
from infomax.training.training import Update, load_parameters, prefixed, stripped
from infomax.warnings import NotCompiledWarning

if TYPE_CHECKING:
    from infomax.training.compilation import CompiledGradients

__all__ = ["PairTraining", "restore_model"]

ModuleT = TypeVar("ModuleT", bound=nn.Module)


class PairTraining(Generic[ModuleT]):
    """Models of S seeds that score pairs, under one objective, each on batches of its own.

    Args:
        models: of one architecture, one for each seed: x and y of a batch -> score matrix.
        batches: x ``(S, N, dx)`` and y ``(S, N, dy)`` at a time.
        objective: what to maximise or match.
        optimizer: how weights are updated.
        plan: how each batch is worked through; what is not plain is for a single ``PairModel``.
        compile: compute losses and gradients by code that is compiled at the first update, where
            that can be done and batches are not cut; a warning says if not.
        labels: class of each row that the batches are drawn from, ``(rows,)``, for negatives that
            need them, or a loss of codes, which is then of a single model.
        negatives: how negatives are drawn; every other pair of a batch without. Batches then hold
            as many candidates more as these draw beside them.

    Attributes:
        modules: the models; they hold the weights of the latest update.

    Raises:
        UserError: if labels are given for a loss of several models, or for batches that do not
            tell which rows they hold.
    """

    def __init__(
        self,
        models: Sequence[ModuleT],
        batches: Batches,
        objective: Objective,
        *,
        optimizer: OptimizerConfig,
        plan: BatchPlan | None = None,
        compile: bool = False,
        labels: Tensor | None = None,
        negatives: Negatives | None = None,
    ) -> None:
        self.modules = tuple(models)
        self._stacked: StackedModels[Any] = StackedModels(
            self.modules
            if objective.loss is None
            else [EncodedPairs(each) for each in cast("tuple[PairModel, ...]", self.modules)]
        )
        self._negatives = ChosenNegatives(
            negatives or InBatchNegatives(), self.modules, batches, labels
        )
        self._labels = None if objective.loss is None else labels
        if self._labels is not None and not (
            len(self.modules) == 1 and isinstance(batches, PositionedBatches)
        ):
            raise UserError(
                "labels are for one model, on batches that are drawn here: give a Dataset, not a "
                "DataLoader, and train one model at a time"
            )
        self._batches = batches
        self._objective = objective
        self._mixed_precision = optimizer.mixed_precision
        self._optimizer = ScheduledOptimizer(self._stacked, optimizer)
        self._estimates: list[Tensor] = []
        self._step = 0
        self._keys: Tensor | None = None
        self._parts = (
            None
            if objective.loss is None
            else MovedParts(cast("tuple[PairModel, ...]", self.modules))
        )
        self._shared = None
        if plan is not None and not plan.is_plain:
            (model,) = cast("tuple[PairModel]", self.modules)
            self._shared = SharedBatch(
                model,
                objective,
                plan,
                mixed_precision=optimizer.mixed_precision,
                negatives=self._negatives.way,
            )
        self._compiled = self._compile() if compile else None

    def __repr__(self) -> str:
        return (
            f"PairTraining({self._stacked}, {self._batches}, {self._objective}, "
            f"optimizer={self._optimizer.config})"
        )

    @property
    def compile_seconds(self) -> float | None:
        """Seconds that it took to compile the update; ``None`` if that was not done yet."""
        return None if self._compiled is None else self._compiled.seconds

    def update(self) -> Update:
        """Make one update of every model."""
        if self._parts is not None:
            self._parts.fill(self._drawn_keys)
        self._optimizer.clear()
        made = self._differentiate()
        self._optimizer.step()
        if self._parts is not None:
            self._parts.move(self._keys, self._step)
        self._estimates.append(made.watched)
        self._step += 1
        return made

    @torch.no_grad()
    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Score pairs by every model: ``(S, ..., N, d)`` each -> ``(S, ..., N, N)``."""
        return self._scores(x, y)

    def _differentiate(self) -> Update:
        x, y = self._batches.draw()
        if self._shared is not None:
            local = self._drawn_local()
            made = self._shared.differentiate(
                x.squeeze(0),
                y.squeeze(0),
                labels=self._drawn_labels(),
                local=None if local is None else local.squeeze(0),
                step=self._step,
            )
            self._keys = self._shared.keys
            self._negatives.keep(self._shared.counted)
            return made
        if self._compiled is not None:
            return self._compiled(x, y)
        losses, estimates = self._made(x, y)
        # Models share no weights: the gradient of the sum is each model's own.
        losses.sum().backward()
        return Update(losses.detach(), estimates)

    def _made(self, x: Tensor, y: Tensor) -> Update:
        loss = self._objective.loss
        if loss is None:
            return self._objective(self._negatives.of(self._scores(x, y), x.shape[1]))
        inputs = self._inputs(x, y)
        self._keys = None if inputs.target is None else inputs.target[1]
        codes = torch.stack([inputs.x.detach(), inputs.y.detach()], dim=-3)
        return self._objective.of_codes(loss, inputs, self._scored(codes))

    def _inputs(self, x: Tensor, y: Tensor) -> LossInputs:
        queue = None if self._parts is None else self._parts.queue()
        local = self._drawn_local()
        encoded = self._called(x, y) if local is None else self._called(x, y, local)
        return LossInputs(**encoded, labels=self._drawn_labels(), queue=queue, step=self._step)

    @torch.no_grad()
    def _drawn_keys(self) -> Tensor:
        """Return the target's codes of y of a batch that is drawn for the queue alone."""
        x, y = self._batches.draw()
        shared = self._shared
        if shared is not None and (codes := shared.target_codes(x.squeeze(0), y.squeeze(0))):
            return codes[1].unsqueeze(0)
        of_models = []
        # The targets alone: networks that are trained keep the statistics of their batch norms.
        for module, *views in zip(cast("tuple[PairModel, ...]", self.modules), x, y, strict=True):
            if module.target is not None:
                with self._precision(x):
                    of_models.append(module.target(*views)[1])
        return torch.stack(of_models)

    def _drawn_local(self) -> Tensor | None:
        return self._batches.local if isinstance(self._batches, LocalBatches) else None

    def _drawn_labels(self) -> Tensor | None:
        if self._labels is None:
            of_negatives = self._negatives.labels()
            return None if of_negatives is None else of_negatives.squeeze(0)
        positions = cast("PositionedBatches", self._batches).positions.squeeze(0)
        return self._labels[positions.to(self._labels.device)]

    def _compile(self) -> "CompiledGradients | None":
        # Imported here: the compiler takes as long to import as PyTorch.
        from infomax.training.compilation import (  # noqa: PLC0415
            CompiledGradients,
            reason_against_compiling,
        )

        parameters = self._stacked.trainable
        against = reason_against_compiling(parameters[0].device)
        if self._shared is not None:
            against = "batches are shared by processes, scored in tiles or encoded in parts"
        elif self._objective.loss is not None:
            against = "a loss of codes is trained"
        elif not self._negatives.way.takes_batch:
            against = f"negatives are chosen ({self._negatives.way.name})"
        if against is None:
            return CompiledGradients(lambda x, y: self._objective(self._scores(x, y)), parameters)
        warnings.warn(NotCompiledWarning(f"the update is not compiled: {against}"), stacklevel=4)
        return None

    def _scores(self, x: Tensor, y: Tensor) -> Tensor:
        made = self._called(x, y)
        if self._objective.loss is None:
            scores: Tensor = made
            return scores
        return self._scored(torch.stack([made["x"], made["y"]], dim=-3))

    def _scored(self, codes: Tensor) -> Tensor:
        """Score codes by critics, which have no weights: ``(S, 2, N, d)`` -> ``(S, N, N)``."""
        # Each by its own, whose temperature may be another than that of the first.
        critics = [cast("PairModel", module).critic for module in self.modules]
        return torch.stack(
            [critic(*of_model) for critic, of_model in zip(critics, codes, strict=True)]
        )

    def _called(self, x: Tensor, y: Tensor, *local: Tensor) -> Any:
        """Return scores or, for a loss of codes, what it is computed from."""
        with self._precision(x):
            made = self._stacked(x, y, *local)
        return tree_map(lambda value: value.float(), made) if self._mixed_precision else made

    def _precision(self, views: Tensor) -> AbstractContextManager[object]:
        if not self._mixed_precision:
            return nullcontext()
        return torch.autocast(views.device.type, dtype=torch.bfloat16)

    def training_curve(self) -> Tensor:
        """Return the estimate of every update so far, in nats: ``(updates, S)``, on the CPU."""
        if not self._estimates:
            return torch.empty(0, len(self.modules))
        # Kept as one tensor, so that asking often does not cost more each time.
        self._estimates = [
            torch.cat([each.reshape(-1, len(self.modules)) for each in self._estimates])
        ]
        return self._estimates[0].cpu()

    @property
    def negatives(self) -> Negatives:
        """How negatives are drawn."""
        return self._negatives.way

    def negatives_curve(self) -> Tensor:
        """Return the mean number of negatives, and the share of anchors without: ``(., S, 2)``.

        Of every update so far, where negatives are chosen; none elsewhere.
        """
        return self._negatives.curve()

    def weights(self, index: int = 0) -> State:
        """Return what a model and, if it is alone, bound and loss now are.

        Parameters; buffers, without which a model gives other codes than with the batch norms of
        another update; and what bound and loss remember.
        """
        model = self.modules[index]
        parameters = {str(each): values for each, values in enumerate(model.parameters())}
        weights = prefixed("parameters", parameters)
        weights |= prefixed("buffers", dict(model.named_buffers()))
        if len(self.modules) == 1:
            weights |= prefixed("objective", self._objective.state())
        return weights

    def take_weights(self, index: int, state: Mapping[str, Tensor]) -> None:
        """Make a model, bound and loss what they were when ``weights`` returned this.

        Of a single model this takes what ``state`` returned, too.
        """
        restore_model(self.modules[index], state)
        if len(self.modules) == 1:
            self._objective.restore(stripped("objective", state))

    def state(self) -> State:
        """Return all that determines the updates to come, and the curve of those before.

        Weights, target networks and queues; moments; what bound and loss remember; and the position
        in the data.
        """
        parameters = self._stacked.parameters
        return {
            **prefixed("parameters", {str(index): each for index, each in enumerate(parameters)}),
            **prefixed("buffers", self._buffers()),
            **prefixed("objective", self._objective.state()),
            **prefixed("optimizer", self._optimizer.state()),
            **prefixed("batches", self._batches.state()),
            **prefixed("negatives", self._negatives.state()),
            "training_curve": self.training_curve(),
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned, to the same bits."""
        load_parameters(self._stacked.parameters, stripped("parameters", state))
        _copy(self._buffers(), stripped("buffers", state))
        self._objective.restore(stripped("objective", state))
        self._optimizer.restore(stripped("optimizer", state))
        self._batches.restore(stripped("batches", state))
        device = self._stacked.parameters[0].device
        self._estimates = [state["training_curve"].to(device)]
        self._step = len(state["training_curve"])
        if self._parts is not None:
            self._parts.look_again()
        self._negatives.restore(stripped("negatives", state), device)

    def _buffers(self) -> State:
        """What a model changes while it trains beside its weights (means of batches, ...)."""
        if len(self.modules) == 1:
            return dict(self.modules[0].named_buffers())
        return {
            f"{index}.{name}": buffer
            for index, module in enumerate(self.modules)
            for name, buffer in module.named_buffers()
        }


def restore_model(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Give a model by itself the weights that the state of its training holds.

    Args:
        model: of the architecture that was trained, alone.
        state: as ``PairTraining.state`` of that single model returned it.

    Raises:
        UserError: if the model has other weights than those of the state.
    """
    own = prefixed("parameters", {str(at): each for at, each in enumerate(model.parameters())})
    own |= prefixed("buffers", dict(model.named_buffers()))
    kept = {name for name in state if name.startswith(("parameters.", "buffers."))}
    for name in (*own, *sorted(kept - set(own))):
        shapes = [tuple(each[name].shape) if name in each else "none" for each in (own, state)]
        if shapes[0] != shapes[1]:
            raise UserError(
                f"the weights do not fit the model: {name} is {shapes[1]}, and the model's "
                f"{shapes[0]}"
            )
    load_parameters(list(model.parameters()), stripped("parameters", state))
    _copy(dict(model.named_buffers()), stripped("buffers", state))


@torch.no_grad()
def _copy(buffers: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    for name, value in values.items():
        buffers[name].copy_(value)
