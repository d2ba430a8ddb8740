"""A score matrix that is never built: made of factors, a few rows at a time."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.score_matrix.score_matrix import EachScore
from infomax.score_matrix.tiled_sums import contrast_of_rows, log_sum_exp_of_negatives

__all__ = ["TiledScores"]


class TiledScores:
    r"""The scores :math:`s_{ij} = u(x_i)^\top v(y_j)` of a critic with factors, in tiles.

    In memory are the factors and one tile, ``rows_at_once`` x N, where the matrix is N x N; sums
    that treat scores one by one, as Jensen-Shannon's do, cannot be had.

    Args:
        u: factors of the anchors that this process has, ``(n, d)``.
        v: factors of their partners, ``(n, d)``.
        rows_at_once: rows of a tile.
        processes: that share the batch.
        sizes: n of each process; this one's alone where there is one.

    Attributes:
        size: N.

    Raises:
        UserError: if a tile is larger than the batch.

    Example:
        >>> scores = TiledScores(torch.eye(3), 2 * torch.eye(3), rows_at_once=2)
        >>> scores.joint_mean(), scores.log_partition()
        (tensor(2.), tensor(0.))
    """

    def __init__(
        self,
        u: Tensor,
        v: Tensor,
        *,
        rows_at_once: int,
        processes: Processes | None = None,
        sizes: Sequence[int] = (),
    ) -> None:
        self._processes = processes or Processes()
        self._sizes = list(sizes) or [len(u)]
        self.size = sum(self._sizes)
        if not 1 <= rows_at_once <= self.size:
            raise UserError(
                f"a tile of {rows_at_once} rows for a batch of {self.size}: give at least 1 and "
                "at most the batch"
            )
        self._u, self._v = _as_multiplied(u, v)
        self._rows_at_once = rows_at_once
        self._first_row = sum(self._sizes[: self._processes.rank])

    def __repr__(self) -> str:
        tile, processes = self._rows_at_once, self._processes.count
        return f"TiledScores(size={self.size}, rows_at_once={tile}, processes={processes})"

    @property
    def log_candidates(self) -> float:
        """The log of N, candidates of each anchor."""
        return math.log(self.size)

    @property
    def log_anchors(self) -> float:
        """The log of N, anchors of each candidate."""
        return math.log(self.size)

    def joint_mean(self, of: EachScore | None = None) -> Tensor:
        """Return the mean over the pairs of the joint distribution."""
        kind = torch.promote_types(self._u.dtype, torch.float32)
        joint = (self._u.to(kind) * self._v.to(kind)).sum(dim=-1)
        return self._processes.sum((joint if of is None else of(joint)).sum()) / self.size

    def negatives_mean(self, of: EachScore) -> Tensor:  # noqa: ARG002
        """Refuse: scores are not kept one by one.

        Raises:
            UserError: always.
        """
        raise UserError("tiles hold sums of exponentials alone: leave the size of tiles out")

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        """Return the log of the mean exponential of the negatives.

        Raises:
            UserError: if it is to be of a function of the scores.
        """
        if of is not None:
            return self.negatives_mean(of)
        v = self._processes.gather_rows(self._v, self._sizes)
        own = log_sum_exp_of_negatives(self._u, v, self._first_row, self._rows_at_once)
        negatives = self.size * (self.size - 1)
        return self._processes.log_sum_exp(own) - math.log(negatives)

    def anchors_contrast(self) -> Tensor:
        """Return the mean log-softmax over candidates of the pairs."""
        return self._contrast(self._u, self._v)

    def candidates_contrast(self) -> Tensor:
        """Return the mean log-softmax over anchors of the pairs."""
        return self._contrast(self._v, self._u)

    def candidates_excess(self) -> Tensor:
        """Refuse: tiles sum over all candidates of an anchor, and leave none out.

        Raises:
            UserError: always.
        """
        raise UserError("tiles hold sums over whole rows alone: leave the size of tiles out")

    def among(self, pairs: Tensor) -> "TiledScores":
        """Return the scores of some of the pairs among themselves.

        Args:
            pairs: their indices in the batch, of this one process.
        """
        rows_at_once = min(self._rows_at_once, len(pairs))
        return TiledScores(self._u[pairs], self._v[pairs], rows_at_once=rows_at_once)

    def _contrast(self, own: Tensor, others: Tensor) -> Tensor:
        gathered = self._processes.gather_rows(others, self._sizes)
        contrast = contrast_of_rows(own, gathered, self._first_row, self._rows_at_once)
        return self._processes.sum(contrast) / self.size


def _as_multiplied(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Return factors in the kind in which their product would be taken here, under autocast too."""
    kind, device = torch.promote_types(u.dtype, v.dtype), u.device.type
    if torch.is_autocast_enabled(device) and kind != torch.float64:
        kind = torch.get_autocast_dtype(device)
    return u.to(kind), v.to(kind)
