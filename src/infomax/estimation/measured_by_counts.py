"""Estimates between discrete columns, by the name of the entropy they are made of."""

import math

import numpy as np

from infomax.advice import advice, choosing
from infomax.errors import UserError
from infomax.estimation.classical import NO_HISTORY
from infomax.estimation.discrete.contingency import contingency_table
from infomax.estimation.discrete.independence import independence_test
from infomax.estimation.discrete.information import information_interval, information_of_counts
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.settings import EstimationSettings

__all__ = ["measure_by_counts"]


def measure_by_counts(
    name: str, samples: PairedSamples, settings: EstimationSettings, reason: str
) -> MIResult:
    """Estimate by how often levels were seen together.

    Args:
        name: of ``ENTROPIES``.
        samples: the pairs.
        settings: of the estimate.
        reason: why this method.

    Raises:
        UserError: if a column is continuous.
    """
    continuous = [column.name for column in samples.columns if not column.discrete]
    if continuous:
        raise UserError(
            f"method {name} counts levels and {', '.join(continuous)} is continuous: choose "
            f"{choosing('method', 'mixed-ksg-1', 'auto')}, or "
            f"declare what has levels with {advice('discrete=[...]', '--discrete COLUMNS')}"
        )
    table = contingency_table(samples)
    value = information_of_counts(table, name)
    generator = np.random.default_rng(settings.random_state)
    test = independence_test(table, settings.permutations, generator)
    tested = "" if math.isnan(test.p_value) else f"; tested by {test.name}"
    return MIResult(
        value=value,
        interval=information_interval(table, name, value, settings.confidence),
        # What floating point cannot tell from 0 is not 0.
        p_value=max(test.p_value, np.finfo(np.float64).tiny),
        method=name,
        kind="neither",
        reason=f"{reason}{tested}",
        pairs=len(samples),
        confidence=settings.confidence,
        null_values=test.null_values,
        observed=test.observed,
        history=NO_HISTORY,
    )
