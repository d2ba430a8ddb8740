"""The negatives of models in training: chosen from the scores of each batch, and counted."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.score_matrix import NegativesCount, Scores
from infomax.training.batches import Batches, PositionedBatches, State
from infomax.training.negatives import Negatives, ScoredBatch, largest_score_of

__all__ = ["ChosenNegatives"]


class ChosenNegatives:
    """Chooses negatives for models of S seeds side by side, and remembers how many there were.

    Args:
        way: how they are drawn.
        models: one for each seed.
        batches: that scores are of.
        labels: class of each row that the batches are drawn from, ``(rows,)``; ``None`` without.

    Raises:
        UserError: if classes are needed, and there are none or batches do not tell which rows they
            hold.
    """

    def __init__(
        self,
        way: Negatives,
        models: Sequence[nn.Module],
        batches: Batches,
        labels: Tensor | None,
    ) -> None:
        self.way = way
        self._positioned = batches if isinstance(batches, PositionedBatches) else None
        if way.needs_labels and (labels is None or self._positioned is None):
            raise UserError(
                f"{way.name} negatives need a label for each pair, on batches that are drawn here: "
                "give labels and a Dataset, not a DataLoader"
            )
        self._labels = labels if way.needs_labels else None
        self._lowest_scores = -torch.tensor([largest_score_of(each) for each in models])
        self._counted: list[Tensor] = []

    def __repr__(self) -> str:
        return f"ChosenNegatives({self.way!r})"

    def of(self, scores: Tensor, size: int) -> Scores:
        """Return what bounds read of a batch: scores ``(S, N, N + K)`` -> a score matrix.

        Args:
            scores: of the batch that was drawn last.
            size: N.
        """
        if self.way.takes_batch:
            return scores
        lowest = self._lowest_scores
        chosen = self.way.of(ScoredBatch(scores, size, labels=self.labels(), lowest_score=lowest))
        self.keep(chosen.count())
        return chosen

    def labels(self) -> Tensor | None:
        """Return the classes of the batch that was drawn last, ``(S, N)``, if they are needed."""
        if self._labels is None or self._positioned is None:
            return None
        return self._labels[self._positioned.positions.to(self._labels.device)]

    def keep(self, counted: NegativesCount | None) -> None:
        """Remember how many negatives the anchors of a batch had."""
        if counted is not None:
            self._counted.append(torch.stack(counted, dim=-1).reshape(1, -1, 2))

    def curve(self) -> Tensor:
        """Return how many negatives anchors had, on the CPU; no rows where none are chosen.

        Of every update so far and each model the mean number, and the share of anchors without any:
        ``(updates, S, 2)``.
        """
        if not self._counted:
            return torch.empty(0, len(self._lowest_scores), 2)
        self._counted = [torch.cat(self._counted)]
        return self._counted[0].cpu()

    def state(self) -> State:
        """Return what was counted."""
        return {} if self.way.takes_batch else {"counted": self.curve()}

    def restore(self, state: Mapping[str, Tensor], device: torch.device) -> None:
        """Go on from a state that ``state`` returned."""
        self._counted = [each.to(device) for each in state.values()]
