"""Several models of one architecture, trained as one."""

import copy
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.utils._pytree import tree_map

__all__ = ["StackedModels"]

ModuleT = TypeVar("ModuleT", bound=nn.Module)


class StackedModels(Generic[ModuleT]):
    """Runs S models of one architecture on S batches at once, as one model with stacked weights.

    A step of a small network costs more in calls than in arithmetic; stacked, the calls are made
    once for all. The models' own parameters and buffers become views of the stacked ones, so each
    model can be evaluated by itself at any moment. A single model is called as it is, to the same
    bits as without this class.

    Parts are in the mode, and parameters are frozen, as in the first model when it is given.

    Source: model ensembling by ``torch.func.vmap`` (Horace He and Richard Zou, functorch, 2021).

    Args:
        models: of one architecture, each with weights of its own.

    Attributes:
        models: as given; they follow the training of the stacked parameters.
        parameters: all: each ``(S, ...)``, matrices turned, or those of the single model.
        trainable: those of them that an optimiser is to train; frozen ones are not among them.

    Example:
        >>> import torch
        >>> models = [nn.Linear(3, 2) for _ in range(4)]
        >>> StackedModels(models)(torch.ones(4, 5, 3)).shape
        torch.Size([4, 5, 2])
    """

    def __init__(self, models: Sequence[ModuleT]) -> None:
        self.models = tuple(models)
        self.parameters: list[Tensor]
        if len(self.models) == 1:
            self.parameters = list(self.models[0].parameters())
            self.trainable = [each for each in self.parameters if each.requires_grad]
            return
        stacked, self._buffers = stack_module_state(list(self.models))
        self._names = list(stacked)
        self.parameters = [
            _turned(each).detach().requires_grad_(each.requires_grad) for each in stacked.values()
        ]
        self.trainable = [each for each in self.parameters if each.requires_grad]
        for name, all_models in zip(self._names, self.parameters, strict=True):
            for index, model in enumerate(self.models):
                model.get_parameter(name).data = _turned_back(all_models.data)[index]
        for name, of_all_models in self._buffers.items():
            for index, model in enumerate(self.models):
                model.get_buffer(name).data = of_all_models[index]
        # Only the shape of a model, without weights: it gets them anew with each call, and where
        # two names share a module it is not put back as it was afterwards.
        shape = copy.deepcopy(self.models[0]).to("meta")
        # Looked for once, not at each call, which is short where models are small.
        tied = len(self._names) < len([*shape.named_parameters(remove_duplicate=False)])

        def call(state: tuple[dict[str, Tensor], dict[str, Tensor]], *inputs: Tensor) -> Any:
            return functional_call(shape, state, inputs, tie_weights=tied)

        self._call = vmap(call)

    def __repr__(self) -> str:
        return f"StackedModels({len(self)} x {type(self.models[0]).__name__})"

    def __len__(self) -> int:
        return len(self.models)

    def __call__(self, *inputs: Tensor) -> Any:
        """Call every model on its own inputs, each ``(S, ...)``; results are ``(S, ...)``.

        A result that is a dictionary or a tuple of tensors is one of such results.
        """
        if len(self.models) == 1:
            result = self.models[0](*(each.squeeze(0) for each in inputs))
            if isinstance(result, Tensor):
                return result.unsqueeze(0)
            return tree_map(lambda value: value.unsqueeze(0), result)
        weights = zip(self._names, map(_turned_back, self.parameters), strict=True)
        return self._call((dict(weights), self._buffers), *inputs)

    def dimensions(self, parameter: Tensor) -> int:
        """Return the number of dimensions that a parameter has in each model."""
        return parameter.ndim - (len(self.models) > 1)

    @torch.no_grad()
    def clip_gradients(self, largest_norm: float) -> None:
        """Scale the gradients of each model whose norm, all taken together, is larger down to it.

        Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.
        """
        alone = len(self.models) == 1
        gradients = [each.grad for each in self.trainable if each.grad is not None]
        of_models = [each.unsqueeze(0) if alone else each for each in gradients]
        # Of a parameter that is one number there is nothing to flatten.
        rows = [each.reshape(len(each), -1) for each in of_models]
        norms = torch.stack([each.norm(dim=1) for each in rows]).norm(dim=0)
        factors = (largest_norm / norms.clamp_min(torch.finfo(norms.dtype).tiny)).clamp_max(1)
        for each in of_models:
            each.mul_(factors.reshape(-1, *[1] * (each.ndim - 1)))


def _turned(stacked: Tensor) -> Tensor:
    """Lay the stacked matrices of dense layers, ``(S, out, in)``, in memory as ``(S, in, out)``.

    So lie the gradients that products of stacked matrices give; laid out otherwise, each would be
    copied before the optimiser can take it.
    """
    return stacked.mT.contiguous() if stacked.ndim == 3 else stacked


def _turned_back(turned: Tensor) -> Tensor:
    """Return a view in which dense layers find their matrices as they want them."""
    return turned.mT if turned.ndim == 3 else turned
