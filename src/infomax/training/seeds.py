"""One seed per run, and from it one independent generator for each purpose."""

import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["generator_for", "seeded_globally"]

_CPU = torch.device("cpu")


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
def seeded_globally(seed: int) -> Iterator[None]:
    """Seed the global generators of PyTorch, NumPy and Python, and put them back afterwards.

    Code of other people draws from them: items of a data set, makers of encoders. Whatever is
    drawn within depends on the seed alone, and what is drawn outside does not depend on it.
    PyTorch's is that of the CPU.

    Args:
        seed: at least 0.

    Example:
        >>> def draw():
        ...     with seeded_globally(3):
        ...         return torch.rand(1).item(), np.random.rand(), random.random()
        >>> draw() == draw()
        True
    """
    # NumPy's old generator is the one that such code draws from.
    before = torch.get_rng_state(), np.random.get_state(), random.getstate()  # noqa: NPY002
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        random.setstate(before[2])
