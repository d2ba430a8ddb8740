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
