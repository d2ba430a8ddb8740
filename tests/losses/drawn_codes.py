"""Codes that are drawn, and the loops' own cosines and distances."""

import math

import torch
from torch import Tensor


def drawn(seed: int, *shape: int, scale: float = 1.0) -> Tensor:
    """Return normal values in double precision."""
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


def drawn_labels(seed: int, count: int, classes: int) -> Tensor:
    """Return one of some classes for each code."""
    return torch.randint(classes, (count,), generator=torch.Generator().manual_seed(seed))


def cosine(first: Tensor, second: Tensor) -> float:
    """Return the cosine of two codes, entry by entry."""
    a, b = first.tolist(), second.tolist()
    product: float = sum(one * other for one, other in zip(a, b, strict=True))
    return product / math.sqrt(sum(each * each for each in a) * sum(each * each for each in b))


def distance(first: Tensor, second: Tensor) -> float:
    """Return the Euclidean distance of two codes of which each is divided by its length."""
    return float((first / first.norm() - second / second.norm()).norm())


def of_class(labels: Tensor, anchor: int) -> tuple[list[int], list[int]]:
    """Return the indices of an anchor's positives and negatives."""
    others = [index for index in range(len(labels)) if index != anchor]
    return (
        [index for index in others if labels[index] == labels[anchor]],
        [index for index in others if labels[index] != labels[anchor]],
    )
