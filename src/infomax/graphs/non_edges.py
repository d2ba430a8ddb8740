"""Sums over all pairs of nodes that are no edges: exact, a few rows at a time, or sampled."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import softplus

from infomax.errors import unknown_name
from infomax.graphs.node_products import Neighbourhoods, Ring, ring_products

__all__ = [
    "SOFTPLUS",
    "EdgeForm",
    "PairFunction",
    "check_edge_form",
    "sum_over_all_pairs",
    "sum_over_non_edges",
]

EdgeForm: TypeAlias = Literal["exact", "sampled"]
"""Whether all pairs of nodes are summed, or a few drawn for each node."""

_SCORES_AT_ONCE = 2**21


class PairFunction(NamedTuple):
    """A function of each score, with its derivative.

    Attributes:
        value: scores -> values, of the same shape.
        slope: scores -> derivatives, of the same shape.
    """

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]


SOFTPLUS = PairFunction(softplus, torch.sigmoid)


def check_edge_form(form: str) -> EdgeForm:
    """Return the form of a name.

    Raises:
        UserError: if it is neither ``exact`` nor ``sampled``.
    """
    if form == "exact":
        return "exact"
    if form == "sampled":
        return "sampled"
    raise unknown_name("form of the edge term", form, ("exact", "sampled"))


def sum_over_all_pairs(codes: Tensor, function: PairFunction) -> Tensor:
    r"""Return :math:`\sum_{i, j} f(h_i^\top h_j)` over all i and j, with its gradient.

    Scores are symmetric, so that half of them are made; of these a few rows are there at a time,
    and what the gradient needs of them is multiplied out at once. Memory grows with N, not N x N.

    Args:
        codes: ``(N, d)``.
        function: f, and its derivative.

    Returns:
        One value, in float64.

    Example:
        >>> round(sum_over_all_pairs(torch.zeros(10, 3), SOFTPLUS).item(), 3)  # 100 log 2
        69.315
    """
    total: Tensor = _SumOverAllPairs.apply(codes, function)  # type: ignore[no-untyped-call]
    return total


class _SumOverAllPairs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, codes: Tensor, function: PairFunction) -> Tensor:
        nodes = len(codes)
        total = torch.zeros((), dtype=torch.float64, device=codes.device)
        gradient = torch.zeros_like(codes) if ctx.needs_input_grad[0] else None
        at_once = max(_SCORES_AT_ONCE // nodes, 1)
        for begin in range(0, nodes, at_once):
            end = min(begin + at_once, nodes)
            rows, others = codes[begin:end], codes[begin:]
            scores = rows @ others.T
            values = function.value(scores)
            own = end - begin
            total += values[:, :own].sum(dtype=torch.float64)
            total += 2 * values[:, own:].sum(dtype=torch.float64)
            if gradient is not None:
                slopes = function.slope(scores)
                # Each pair is there twice, as (i, j) and as (j, i).
                gradient[begin:end].addmm_(slopes, others, alpha=2)
                gradient[end:].addmm_(slopes[:, own:].T, rows, alpha=2)
        if gradient is not None:
            ctx.save_for_backward(gradient)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        return gradient.to(kept.dtype) * kept, None


def sum_over_non_edges(
    codes: Tensor,
    pairs: Neighbourhoods,
    of_pairs: Tensor,
    function: PairFunction,
    ring: Ring | None,
) -> Tensor:
    r"""Return the sum of f over all ordered pairs of nodes that are neither edges nor one node.

    Without a ring it is exact: all pairs less the neighbourhoods. With one, each pair of different
    nodes is drawn with probability K / (n - 1), and those drawn count (n - 1) / K times, so that
    the expectation is the exact sum (Horvitz and Thompson, 1952).

    Args:
        codes: ``(n, d)``.
        pairs: the neighbourhoods of these nodes.
        of_pairs: inner products of the codes of each pair, ``(M,)``.
        function: f, and its derivative.
        ring: draws K others for each node; ``None`` sums over all.

    Returns:
        One value, in float64.
    """
    if ring is None:
        neighbours = function.value(of_pairs).sum(dtype=torch.float64)
        return sum_over_all_pairs(codes, function) - neighbours
    values = function.value(ring_products(codes, codes, ring))
    rows = torch.arange(pairs.size, device=codes.device)[:, None].expand_as(values)
    drawn = values.masked_fill(pairs.holds(rows, ring.negatives), 0.0)
    return drawn.sum(dtype=torch.float64) * (pairs.size - 1) / ring.count
