"""How a batch is worked through: by whom, and how much of it at a time."""

from dataclasses import dataclass, field

from infomax.errors import UserError
from infomax.processes import Processes

__all__ = ["BatchPlan"]


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
