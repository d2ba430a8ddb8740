"""Whatever holds pairs, as a source of them."""

from typing import Any, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infomax.data.array_source import check_float32_exact
from infomax.errors import UserError
from infomax.experiments.dataset_pairs import DatasetPairs
from infomax.experiments.given_array import given_array
from infomax.experiments.pair_source import PairSource
from infomax.experiments.tensor_pairs import TensorPairs
from infomax.training import Pairs

__all__ = ["GivenPairs", "source_of"]

GivenPairs: TypeAlias = (
    PairSource | Pairs | Dataset[object] | DataLoader[Any] | tuple[ArrayLike, ArrayLike]
)
"""Views x and y as two arrays of equal length, or a map-style data set of pairs; of a DataLoader,
the data set, put together by its own function."""

_TWO = 2


def source_of(pairs: GivenPairs, device: torch.device) -> PairSource:
    """Return a source of pairs on a device.

    Raises:
        UserError: if these are no pairs, or of different lengths.
    """
    if isinstance(pairs, PairSource):
        return pairs
    if isinstance(pairs, Pairs):
        return TensorPairs(Pairs(pairs.x.to(device), pairs.y.to(device)))
    if isinstance(pairs, (tuple, list)) and len(pairs) == _TWO:
        x, y = (_rows(side, name, device) for side, name in zip(pairs, "xy", strict=True))
        return TensorPairs(Pairs(x, y))
    if isinstance(pairs, DataLoader):
        return DatasetPairs(pairs.dataset, device, pairs.collate_fn)
    if hasattr(pairs, "__getitem__"):
        return DatasetPairs(cast(Dataset[object], pairs), device)
    raise UserError(
        f"{type(pairs).__name__} holds no pairs: give (x, y), a Dataset or a DataLoader of pairs"
    )


def _rows(side: ArrayLike | Tensor, name: str, device: torch.device) -> Tensor:
    if isinstance(side, Tensor) and side.is_floating_point() and not side.is_meta:
        values = side.detach()
    else:
        array = given_array(side, f"view {name}")
        check_float32_exact(array, f"view {name}")
        try:
            values = torch.from_numpy(np.asarray(array, dtype=np.float32))
        except (TypeError, ValueError) as error:
            raise UserError(f"view {name} is no array of numbers ({error})") from error
    if not values.ndim:
        raise UserError(f"view {name} is a single number: expected one row for each pair")
    if values.ndim == 1:
        values = values.unsqueeze(1)
    return values.to(device, torch.float32)
