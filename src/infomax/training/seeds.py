"""One seed per run, and from it one independent generator for each purpose."""

import zlib

import numpy as np
import torch

__all__ = ["generator_for"]

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
