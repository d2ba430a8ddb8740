"""Adam, and its state as named tensors."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from infomax.training.batches import State

__all__ = ["adam", "optimiser_state", "restore_optimiser"]


def adam(parameters: Sequence[Tensor], learning_rate: float) -> torch.optim.Adam:
    """Return Adam (Kingma and Ba, 2015) with its usual settings.

    Fused: one kernel in place of a dozen for each parameter, the same arithmetic. It works on each
    value by itself, so parameters of several models may be stacked.
    """
    return torch.optim.Adam(parameters, lr=learning_rate, eps=1e-8, fused=True)


def optimiser_state(optimiser: torch.optim.Optimizer) -> State:
    """Return moments and step counts; nothing before the first step."""
    return {
        f"{place}.{name}": value
        for place, of_parameter in optimiser.state_dict()["state"].items()
        for name, value in of_parameter.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, state: Mapping[str, Tensor]) -> None:
    """Go on from a state that ``optimiser_state`` returned."""
    by_parameter: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        place, _, name = key.partition(".")
        by_parameter.setdefault(int(place), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": by_parameter, "param_groups": groups})
