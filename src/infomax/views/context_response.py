"""Views of a dialogue: what was said so far, and what is said to it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["ContextResponse"]

_LARGEST_EXACT = 2**24


@dataclass(frozen=True)
class ContextResponse:
    """Makes views of dialogues: x all turns so far, y the turn that follows them.

    There is a pair for each turn of a dialogue but the first. Views are ids of tokens, of a
    vocabulary that is learnt from the pairs that are trained on; of a context the last tokens are
    kept, of a response the first, and 0 fills up the end.

    Source: Santra et al. (2022), section 3.1.

    Args:
        length: tokens of a context and of a response at most.
        vocabulary_size: different tokens at most.

    Raises:
        UserError: if a number is too small, or the vocabulary has no place in float32.

    Example:
        >>> items = torch.tensor([[7.0, 8.0, 9.0, 0.0]])
        >>> x, y = ContextResponse(length=2)(items, torch.Generator())
        >>> x.tolist(), y.tolist()
        ([[7.0, 8.0]], [[9.0, 0.0]])
    """

    length: int = 128
    vocabulary_size: int = 8_000

    def __post_init__(self) -> None:
        if self.length < 1 or not 1 < self.vocabulary_size <= _LARGEST_EXACT:
            raise UserError(
                f"length is {self.length} and vocabulary_size {self.vocabulary_size}: give at "
                f"least 1 token, and at most {_LARGEST_EXACT:,} different ones"
            )

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of x and y, which are the same.

        Raises:
            UserError: if items are no pairs of texts of that length.
        """
        if item_shape != (2 * self.length,):
            raise UserError(
                f"views context-response are of dialogues, and items are of shape {item_shape}: "
                "give a file of dialogues (.txt, .jsonl), or other views"
            )
        return (self.length,), (self.length,)

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return contexts and responses of items ``(N, 2 * length)``."""
        self.shapes(tuple(items.shape[1:]))
        context, response = items.chunk(2, dim=1)
        return context, response

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return contexts and responses: nothing here is random."""
        return self(items, torch.Generator())
