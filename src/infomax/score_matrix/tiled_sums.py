r"""Sums over a score matrix :math:`S = U V^\top` that is never built, with their gradients.

A block of rows is multiplied, exponentiated and summed, and what the gradient needs of it is
multiplied out at once, while the block is in the cache: of all B x N scores only one block is ever
there, and nothing of them is kept for the backward, which only scales what the forward found.

For a softmax over each row, :math:`P_{ij} = e^{s_{ij}} / \sum_k e^{s_{ik}}`, that costs what dense
arithmetic costs, three products of 2 B N d operations; to compute scores again in the backward, as
is done where the gradient is not known before it, would be a fourth.

Source: the row-wise form follows the online softmax of Milakov and Gimelshein (2018); gradients
taken in the forward are those of a value that is only ever scaled afterwards.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["contrast_of_rows", "log_sum_exp_of_negatives"]


def contrast_of_rows(u: Tensor, v: Tensor, first_row: int, rows_at_once: int) -> Tensor:
    r"""Return :math:`\sum_i \bigl( s_{ii} - \log \sum_j e^{s_{ij}} \bigr)`, with its gradient.

    Args:
        u: factors of the rows, ``(n, d)``.
        v: factors of the columns, ``(N, d)``, of the same kind; row i of u belongs to row
            ``first_row + i`` of v.
        first_row: index of the first row among the columns.
        rows_at_once: rows in a block.

    Returns:
        One value, in nats; in float32 at the least.

    Example:
        >>> u, v = torch.zeros(4, 2), torch.zeros(4, 2)
        >>> round(contrast_of_rows(u, v, 0, 3).item(), 4)  # - 4 log 4
        -5.5452
    """
    total: Tensor = _ContrastOfRows.apply(u, v, first_row, rows_at_once)  # type: ignore[no-untyped-call]
    return total


def log_sum_exp_of_negatives(u: Tensor, v: Tensor, first_row: int, rows_at_once: int) -> Tensor:
    r"""Return :math:`\log \sum_i \sum_{j \ne i} e^{s_{ij}}`, with its gradient.

    Args:
        u: factors of the rows, ``(n, d)``.
        v: factors of the columns, ``(N, d)``, of the same kind, N at least 2; row i of u belongs to
            row ``first_row + i`` of v.
        first_row: index of the first row among the columns.
        rows_at_once: rows in a block.

    Returns:
        One value; in float32 at the least.

    Example:
        >>> u, v = torch.zeros(4, 2), torch.zeros(4, 2)
        >>> round(log_sum_exp_of_negatives(u, v, 0, 3).exp().item(), 4)
        12.0
    """
    total: Tensor = _LogSumExpOfNegatives.apply(u, v, first_row, rows_at_once)  # type: ignore[no-untyped-call]
    return total


class _ContrastOfRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, v: Tensor, first_row: int, rows_at_once: int) -> Tensor:
        sums = _Sums(u, v, rows_at_once, with_gradient=any(ctx.needs_input_grad))
        total = torch.zeros((), dtype=torch.float64, device=u.device)
        for begin, end, scores in sums.blocks():
            joint = scores.diagonal(offset=first_row + begin)
            total += joint.sum(dtype=torch.float64)
            largest, exponentials = _exponentials(scores)
            partition = exponentials.sum(dim=1)
            total -= (largest + partition.log()).sum(dtype=torch.float64)
            sums.add_gradients(begin, end, exponentials, -1 / partition)
            sums.add_gradients_of_joint(begin, end, first_row)
        ctx.save_for_backward(*sums.gradients)
        return total.to(sums.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return (*(gradient * each for each in ctx.saved_tensors), None, None)


class _LogSumExpOfNegatives(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: Tensor, v: Tensor, first_row: int, rows_at_once: int) -> Tensor:
        sums = _Sums(u, v, rows_at_once, with_gradient=any(ctx.needs_input_grad))
        total = torch.full((), -math.inf, dtype=sums.dtype, device=u.device)
        for begin, end, scores in sums.blocks():
            scores.diagonal(offset=first_row + begin).fill_(-math.inf)
            largest, exponentials = _exponentials(scores)
            log_sums = largest + exponentials.sum(dim=1).log()
            before, total = total, torch.logaddexp(total, log_sums.logsumexp(dim=0))
            # What was found so far is relative to a sum that has grown.
            sums.scale_gradients((before - total).exp())
            sums.add_gradients(begin, end, exponentials, (largest - total).exp())
        ctx.save_for_backward(*sums.gradients)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return (*(gradient * each for each in ctx.saved_tensors), None, None)


class _Sums:
    """Blocks of scores one after the other, and the gradients that they add up to.

    Scores are multiplied in the kind of the factors and kept, like all sums, in float32 at least.
    """

    def __init__(self, u: Tensor, v: Tensor, rows_at_once: int, *, with_gradient: bool) -> None:
        self._u, self._v = u, v
        self._rows_at_once = min(rows_at_once, len(u))
        self._with_gradient = with_gradient
        self.dtype = torch.promote_types(u.dtype, torch.float32)
        self.gradients: tuple[Tensor, ...] = ()
        if with_gradient:
            self.gradients = tuple(torch.zeros_like(each, dtype=self.dtype) for each in (u, v))

    def blocks(self) -> Iterator[tuple[int, int, Tensor]]:
        """Yield first and last row of each block, and its scores, which the next writes over."""
        held = torch.empty(
            self._rows_at_once, len(self._v), dtype=self.dtype, device=self._u.device
        )
        for begin in range(0, len(self._u), self._rows_at_once):
            end = min(begin + self._rows_at_once, len(self._u))
            scores = held[: end - begin]
            if self._u.dtype == self.dtype:
                torch.mm(self._u[begin:end], self._v.T, out=scores)
            else:
                scores.copy_(self._u[begin:end] @ self._v.T)
            yield begin, end, scores

    def add_gradients(self, begin: int, end: int, of_scores: Tensor, weights: Tensor) -> None:
        """Add what a block gives whose scores have gradient ``weights[i] * of_scores[i, j]``."""
        if not self._with_gradient:
            return
        of_u, of_v = self.gradients
        kind = self._u.dtype
        weighted = (weights.unsqueeze(1) * self._u[begin:end]).to(kind)
        if kind == self.dtype:
            of_u[begin:end].addcmul_(weights.unsqueeze(1), of_scores @ self._v)
            of_v.addmm_(of_scores.T, weighted)
        else:
            rounded = of_scores.to(kind)
            of_u[begin:end].addcmul_(weights.unsqueeze(1), (rounded @ self._v).to(self.dtype))
            of_v += rounded.T @ weighted

    def add_gradients_of_joint(self, begin: int, end: int, first_row: int) -> None:
        """Add what a block gives whose scores on the diagonal have gradient 1."""
        if self._with_gradient:
            of_u, of_v = self.gradients
            of_u[begin:end] += self._v[first_row + begin : first_row + end]
            of_v[first_row + begin : first_row + end] += self._u[begin:end]

    def scale_gradients(self, factor: Tensor) -> None:
        """Multiply what was added so far."""
        for each in self.gradients:
            each.mul_(factor)


def _exponentials(scores: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest score of each row and, in place, exponentials relative to it."""
    largest = scores.amax(dim=1)
    return largest, scores.sub_(largest.unsqueeze(1)).exp_()
