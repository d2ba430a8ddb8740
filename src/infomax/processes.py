"""Several processes that work on one batch: who they are, and what they tell each other.

The rule by which gradients are exact: every process computes the value of the whole batch, from
rows that only it holds and from sums over all processes. A sum hands its gradient back as it is, to
each process for its own summand; rows that were gathered, and totals that rows are normalised by,
hand back the sum of what all processes did with them. The gradient of a weight is then the sum over
processes, not the mean.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import torch
from torch import Tensor, distributed
from torch.autograd.function import once_differentiable

from infomax.errors import UserError

__all__ = ["LostProcessError", "Processes", "ToldByFirstError"]

ValueT = TypeVar("ValueT")


class LostProcessError(UserError):
    """Another process has ended, or no longer answers."""


class ToldByFirstError(UserError):
    """A mistake that the first process tells of; this one only ends."""


@dataclass(frozen=True)
class Processes:
    r"""Processes that share a batch, and which of them this one is.

    Every method must be called by all of them, in the same order. Where there is only one, nothing
    is sent.

    Attributes:
        rank: which of the processes this is, from 0.
        count: how many processes there are.

    Example:
        >>> alone = Processes()
        >>> alone.sum(torch.tensor(2.0)), alone.own_rows(7)
        (tensor(2.), slice(0, 7, None))
    """

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process speaks for all: it looks, writes and prints."""
        return self.rank == 0

    def own_rows(self, rows: int) -> slice:
        """Return which of so many rows are this process's; shares differ by at most one row.

        Raises:
            UserError: if there are fewer rows than processes.

        Example:
            >>> [Processes(rank, 3).own_rows(7) for rank in range(3)]
            [slice(0, 3, None), slice(3, 5, None), slice(5, 7, None)]
        """
        if rows < self.count:
            raise UserError(
                f"a batch of {rows} cannot be shared by {self.count} processes: each needs at "
                "least one pair; make the batch larger or start fewer processes"
            )
        share, over = divmod(rows, self.count)
        begin = self.rank * share + min(self.rank, over)
        return slice(begin, begin + share + (self.rank < over))

    def counts(self, own: int) -> list[int]:
        """Return how many each process has of something, such as rows of a batch."""
        if self.count == 1:
            return [own]
        told = [torch.empty(1, dtype=torch.int64) for _ in range(self.count)]
        with _answering():
            distributed.all_gather(told, torch.tensor([own]))
        return [int(each) for each in told]

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum over processes of values of one shape.

        The gradient of a process's summand is that of the sum, as each process holds it.
        """
        if self.count == 1:
            return values
        total: Tensor = _Sum.apply(values)  # type: ignore[no-untyped-call]
        return total

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over processes of values of one shape, which each uses for its own rows.

        Unlike that of ``sum``, the gradient of a summand is the sum over what all processes did
        with the total, as for rows that were gathered.
        """
        if self.count == 1:
            return values
        total: Tensor = _Total.apply(values)  # type: ignore[no-untyped-call]
        return total

    def log_sum_exp(self, values: Tensor) -> Tensor:
        r"""Return :math:`\log \sum_p e^{v_p}` over processes, of values of one shape."""
        if self.count == 1:
            return values
        largest = values.detach().clone()
        with _answering():
            distributed.all_reduce(largest, distributed.ReduceOp.MAX)
        # As torch.logsumexp has it: infinite values are themselves the result.
        largest = largest.where(largest.isfinite(), 0)
        return self.sum((values - largest).exp()).log() + largest

    def gather_rows(self, rows: Tensor, counts: Sequence[int]) -> Tensor:
        """Return the rows of all processes, those of the first process first.

        The gradient of a process's rows is the sum over what all processes did with them.

        Args:
            rows: the rows of this process, ``(n, ...)``.
            counts: n of each process.

        Returns:
            ``(sum of n, ...)``.
        """
        if self.count == 1:
            return rows
        gathered: Tensor = _Gather.apply(rows, tuple(counts), self.rank)  # type: ignore[no-untyped-call]
        return gathered

    def sum_in_place(self, tensors: Sequence[Tensor]) -> None:
        """Replace each of some tensors on one device by its sum over processes."""
        if self.count == 1:
            return
        for kind in dict.fromkeys(each.dtype for each in tensors):
            of_kind = [each for each in tensors if each.dtype == kind]
            # As one message: each by itself would cost more in latency than in bytes.
            flat = torch.cat([each.reshape(-1) for each in of_kind])
            with _answering():
                distributed.all_reduce(flat)
            totals = flat.split([each.numel() for each in of_kind])
            for each, total in zip(of_kind, totals, strict=True):
                each.copy_(total.view_as(each))

    def broadcast(self, value: ValueT) -> ValueT:
        """Return the value that the first process gave; those of the others are not looked at."""
        if self.count == 1:
            return value
        told = [value if self.is_first else None]
        with _answering():
            distributed.broadcast_object_list(told)
        return told[0]  # type: ignore[return-value]

    def all_gather(self, value: ValueT) -> list[ValueT]:
        """Return the value of each process."""
        if self.count == 1:
            return [value]
        told: list[Any] = [None] * self.count
        with _answering():
            distributed.all_gather_object(told, value)
        return told

    def clock(self) -> float:
        """Return seconds since some moment, the same on all processes."""
        return self.broadcast(time.monotonic())

    @contextmanager
    def first_goes_first(self) -> Iterator[None]:
        """Let the first process do something before the others do it, such as write a cache.

        What is wrong on any process is raised on all: none is left waiting for one that has ended.

        Raises:
            UserError: if one of them raised it.
        """
        if self.count == 1:
            yield
            return
        mistake: UserError | None = None
        if not self.is_first:
            self._agree(None)
        try:
            yield
        except UserError as error:
            mistake = error
        self._agree(mistake)
        if self.is_first:
            self._agree(None)

    def refuse(self, text: str, cause: UserError | None = None) -> NoReturn:
        """Raise a mistake that all processes know of, for the first to tell."""
        raise (UserError if self.is_first else ToldByFirstError)(text) from cause

    def _agree(self, mistake: UserError | None) -> None:
        for rank, text in enumerate(self.all_gather(None if mistake is None else str(mistake))):
            if text is not None:
                self.refuse(text if rank == 0 else f"process {rank}: {text}", mistake)


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(_ctx: Any, values: Tensor) -> Tensor:
        return _summed(values)

    @staticmethod
    @once_differentiable
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


class _Total(torch.autograd.Function):
    @staticmethod
    def forward(_ctx: Any, values: Tensor) -> Tensor:
        return _summed(values)

    @staticmethod
    @once_differentiable
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        return _summed(gradient)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, counts: tuple[int, ...], rank: int) -> Tensor:
        ctx.counts, ctx.rank = counts, rank
        longest = max(counts)
        gathered = [rows.new_empty(longest, *rows.shape[1:]) for _ in counts]
        with _answering():
            distributed.all_gather(gathered, _padded(rows.detach(), longest))
        return torch.cat([each[:own] for each, own in zip(gathered, counts, strict=True)])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        longest = max(ctx.counts)
        shares = [_padded(share, longest) for share in gradient.split(ctx.counts)]
        own = torch.empty_like(shares[0])
        with _answering():
            distributed.reduce_scatter(own, shares)
        return own[: ctx.counts[ctx.rank]], None, None


def _summed(values: Tensor) -> Tensor:
    total = values.detach().clone(memory_format=torch.contiguous_format)
    with _answering():
        distributed.all_reduce(total)
    return total


def _padded(rows: Tensor, length: int) -> Tensor:
    """Return rows followed by zeros: what is sent must be of one shape on all processes."""
    if len(rows) == length:
        return rows.contiguous()
    return torch.cat([rows, rows.new_zeros(length - len(rows), *rows.shape[1:])])


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise LostProcessError(
            f"another process has ended or no longer answers ({str(error).splitlines()[0]}): the "
            "checkpoints are whole; start all processes again with --resume"
        ) from error
