"""Codes whose fault shows beside what else is told of them: nuisances, or what was encoded."""

import numpy as np

from infomax.audit.audited_codes import AuditedCodes, read_codes
from tests.audit.planted import sound


def nuisance_held(
    seed: int, rows: int = 600, size: int = 8, *, strength: float = 6.0
) -> AuditedCodes:
    """Codes of three classes that tell better which of ten sites a pair is from."""
    generator = np.random.default_rng(seed)
    x, y, labels = sound(seed, rows, size)
    site = generator.integers(0, 10, rows)
    of_site = strength * generator.standard_normal((10, size))[site]
    told = {"site": site, "gain": generator.standard_normal(rows)}
    return read_codes("mine", x + of_site, y + of_site, labels, seed=0, nuisances=told)


def shared_brightness(seed: int, rows: int = 600, *, content: float = 0.0) -> AuditedCodes:
    """Linear codes of images of 8 x 8 that share brightness, and content where it is asked for."""
    generator = np.random.default_rng(seed)
    brightness = 0.5 * generator.standard_normal((rows, 1))
    shared = content * generator.standard_normal((rows, 64))
    x, y = (brightness + shared + generator.standard_normal((rows, 64)) for _ in range(2))
    weights = np.concatenate([np.ones((64, 1)) / 8, generator.standard_normal((64, 7))], axis=1) / 8
    labels = (shared[:, 0] + generator.standard_normal(rows) > 0).astype(np.int64)
    raw = tuple(each.reshape(rows, 8, 8) for each in (x, y))
    return read_codes("mine", x @ weights, y @ weights, labels, seed=0, raw=raw)


def drifting(seed: int, rows: int = 600, size: int = 8) -> AuditedCodes:
    """Codes that share nothing but a slow drift along their file."""
    generator = np.random.default_rng(seed)
    drift = (
        3 * np.cos(2 * np.pi * np.arange(rows) / rows)[:, None] * generator.standard_normal(size)
    )
    x, y = drift + generator.standard_normal((2, rows, size))
    return read_codes("mine", x, y, generator.integers(0, 2, rows), seed=0)
