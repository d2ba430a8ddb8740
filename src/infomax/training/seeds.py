"""One seed per run, and from it one independent generator for each purpose."""

import random
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import TypeAlias

import numpy as np
import torch

from infomax.errors import UserError, shortened

__all__ = ["RandomState", "checked_seed", "generator_for", "seeded_globally"]

_CPU = torch.device("cpu")
_LARGEST_DRAWN = 2**31 - 1

RandomState: TypeAlias = int | np.random.RandomState | None
"""What a user may give as ``random_state``, as scikit-learn has it."""


def checked_seed(random_state: RandomState) -> int:
    """Return the seed that a ``random_state`` stands for.

    Args:
        random_state: a whole number is the seed itself; a ``RandomState`` of NumPy draws one, and
            None takes a fresh one.

    Raises:
        UserError: if it is none of these, or below 0.

    Example:
        >>> checked_seed(3), checked_seed(np.random.RandomState(0))
        (3, 209652396)
    """
    if random_state is None:
        return secrets.randbelow(_LARGEST_DRAWN)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(_LARGEST_DRAWN))
    if not isinstance(random_state, Integral) or isinstance(random_state, bool) or random_state < 0:
        raise UserError(
            f"random_state is {shortened(random_state)}: give a whole number of at least 0, a "
            "RandomState of NumPy, or None for a fresh seed"
        )
    return int(random_state)


def generator_for(seed: int, purpose: str, device: torch.device = _CPU) -> torch.Generator:
    """Return the generator of one purpose of a run.

    Purposes do not share a stream, so that an evaluation more or less leaves the training as it
    was, and runs that share a seed share whatever they have in common: the first weights of an
    encoder, the order of the batches.

    Args:
        seed: the run's seed, at least 0.
        purpose: what is drawn from it (``"x-encoder"``, ``"batches"``, ...).
        device: where it draws; a GPU's stream differs from the CPU's.

    Example:
        >>> first = torch.rand(2, generator=generator_for(0, "batches"))
        >>> bool((first == torch.rand(2, generator=generator_for(0, "batches"))).all())
        True
        >>> bool((first == torch.rand(2, generator=generator_for(0, "critic"))).any())
        False
    """
    # CRC-32 rather than hash(): the latter differs from process to process.
    sequence = np.random.SeedSequence((seed, zlib.crc32(purpose.encode())))
    first = int(sequence.generate_state(1, np.uint64)[0] >> 1)
    return torch.Generator(device).manual_seed(first)


@contextmanager
def seeded_globally(seed: int, device: torch.device = _CPU) -> Iterator[None]:
    """Seed the global generators of PyTorch, NumPy and Python, and put them back afterwards.

    Code of other people draws from them: items of a data set, makers of encoders. Whatever is
    drawn within depends on the seed alone, and what is drawn outside does not depend on it.

    Args:
        seed: at least 0.
        device: whose generator is seeded beside that of the CPU, e.g. ``cuda:0``.

    Example:
        >>> def draw():
        ...     with seeded_globally(3):
        ...         return torch.rand(1).item(), np.random.rand(), random.random()
        >>> draw() == draw()
        True
    """
    # NumPy's old generator is the one that such code draws from.
    before = np.random.get_state(), random.getstate()  # noqa: NPY002
    on_gpu = device.type == "cuda"
    with torch.random.fork_rng([device] if on_gpu else []):
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(before[0])  # noqa: NPY002
            random.setstate(before[1])
