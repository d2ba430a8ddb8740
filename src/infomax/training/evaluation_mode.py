"""Evaluation mode for a while, with each part's own mode afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

__all__ = ["evaluation_mode"]


@contextmanager
def evaluation_mode(module: nn.Module) -> Iterator[None]:
    """Put a module and all its parts in evaluation mode, and each back in its own afterwards.

    ``module.train()`` would put every part in training mode, those included that a user keeps in
    evaluation while others train: the statistics of a frozen batch norm would then move.

    Args:
        module: of any kind.

    Example:
        >>> module = nn.Sequential(nn.BatchNorm1d(2).eval(), nn.Dropout())
        >>> with evaluation_mode(module):
        ...     [part.training for part in module]
        [False, False]
        >>> [part.training for part in module]
        [False, True]
    """
    trained = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in trained:
            part.training = True
