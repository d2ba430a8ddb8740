"""The methods of conditional information by name, each from a task with a condition to a result."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from infomax.bounds import BOUNDS
from infomax.errors import unknown_name
from infomax.estimation.arrays import Array
from infomax.estimation.conditional.copula import fit_conditional
from infomax.estimation.conditional.counts import StrataCounts, independence_within_strata
from infomax.estimation.conditional.critics import measure_by_difference
from infomax.estimation.conditional.intervals import (
    error_left,
    interval_of_few_terms,
    interval_with_error_left,
)
from infomax.estimation.conditional.local_tests import (
    correlate_locally,
    repeat_locally,
)
from infomax.estimation.conditional.neighbours import (
    conditional_points,
    frenzel_pompe_terms,
    mesner_shalizi_terms,
    mixed_conditional_terms,
)
from infomax.estimation.copula.estimate import Fit
from infomax.estimation.copula.fits import (
    fit_elliptical_copula,
    fit_gaussian,
    fit_gaussian_copula,
)
from infomax.estimation.diagnostics import warnings_of_atoms
from infomax.estimation.discrete.entropies import ENTROPIES
from infomax.estimation.permutation import DependenceTest, combine_tests
from infomax.estimation.result import MIResult
from infomax.estimation.task import EstimationTask, Method
from infomax.estimation.terms import (
    first_line,
    refuse_continuous,
    refuse_discrete,
)

__all__ = [
    "CONDITIONAL_METHODS",
    "find_conditional_method",
    "measure_by_conditional_copula",
    "measure_by_conditional_counts",
    "measure_by_conditional_neighbours",
]

ConditionalTerms = Callable[..., Array]


def measure_by_conditional_neighbours(
    name: str,
    terms_of: ConditionalTerms,
    task: EstimationTask,
    reason: str,
    *,
    residuals: bool = False,
    continuous: bool = False,
) -> MIResult:
    """Estimate by a mean of one term of nearest neighbours for each row.

    Args:
        name: of the method.
        terms_of: from x, y and the condition to the terms, in nats.
        task: the rows and settings.
        reason: why this method.
        residuals: whether neighbours are sought in what the condition leaves of x and y.
        continuous: whether the method assumes that no value has positive probability.

    Raises:
        UserError: if it does and a column is discrete.
    """
    samples, settings = task.samples, task.settings
    if continuous:
        refuse_discrete(name, samples)
    generator = task.generator()
    points = conditional_points(samples, generator, residuals=residuals)
    terms = task.rows.terms(partial(terms_of, neighbours=settings.neighbours), *points)

    def estimate(x: Array, y: Array, given: Array) -> float:
        return float(terms_of(x, y, given, neighbours=settings.neighbours).mean())

    tests, second_order = repeat_locally(estimate, task, points, generator)
    tests += correlate_locally(task, points, generator)
    value = float(terms.mean())
    left = error_left(estimate, points, value, task, generator)
    interval = interval_of_few_terms(value, terms, settings.confidence, second_order, task.rows)
    return task.result(
        name,
        reason,
        combine_tests(tests) if tests else _untested(value),
        value=value,
        interval=interval_with_error_left(interval, value, left),
        warnings=warnings_of_atoms(name, samples) if continuous else (),
    )


def measure_by_conditional_copula(
    name: str, fit: Fit, task: EstimationTask, reason: str
) -> MIResult:
    """Estimate by the closed form of an elliptical model of x, y and the condition together.

    Args:
        name: of the method.
        fit: of `copula.fits`.
        task: the rows and settings.
        reason: why this method.

    Raises:
        UserError: if a column is discrete.
    """
    samples = task.samples
    refuse_discrete(name, samples)
    x, y = samples.arrays()
    given = samples.condition()
    model = fit_conditional(fit, x, y, given)
    terms = model.log_ratios(np.hstack([x, y, given]))
    worth = task.rows.worth(len(samples))
    value = model.mutual_information - model.optimism(worth)
    second_order = 2 * len(samples.x) * len(samples.y) / (2 * worth) ** 2
    generator = task.generator()
    tests = correlate_locally(task, conditional_points(samples, generator), generator)
    return task.result(
        name,
        reason,
        combine_tests(tests) if tests else _untested(value),
        value=value,
        interval=interval_of_few_terms(
            value, terms, task.settings.confidence, second_order, task.rows
        ),
        warnings=warnings_of_atoms(name, samples),
    )


def measure_by_conditional_counts(name: str, task: EstimationTask, reason: str) -> MIResult:
    """Estimate by how often levels of x and y were seen together in each stratum of z.

    Args:
        name: of ``ENTROPIES``.
        task: the rows and settings.
        reason: why this method.

    Raises:
        UserError: if a column is continuous.
    """
    refuse_continuous(name, task.samples)
    counts = StrataCounts.of_samples(task.samples)
    value = counts.information(name)
    confidence = task.settings.confidence
    if task.rows.exchangeable:
        test = independence_within_strata(task, counts)
        interval = counts.interval(name, value, confidence)
    else:
        generator = task.generator()
        points = conditional_points(task.samples, generator)
        tests = correlate_locally(task, points, generator)
        test = combine_tests(tests) if tests else _untested(value)
        test = dataclasses.replace(test, name="shifts of what the condition leaves, in time")
        value, interval = counts.in_time(value, task.rows, confidence)
    tested = "" if np.isnan(test.p_value) else f"; tested by {test.name}"
    return task.result(name, f"{reason}{tested}", test, value=value, interval=interval)


def _untested(value: float) -> DependenceTest:
    return DependenceTest(value, np.zeros(0))


def _of_neighbours(
    name: str, terms_of: ConditionalTerms, *, residuals: bool = False, continuous: bool = False
) -> Method:
    measure = partial(
        measure_by_conditional_neighbours,
        name,
        terms_of,
        residuals=residuals,
        continuous=continuous,
    )
    return Method(name, first_line(terms_of), "neither", measure)


_OF_ROWS = {
    method.name: method
    for method in (
        _of_neighbours("mixed-ksg-1", mixed_conditional_terms, residuals=True),
        _of_neighbours("frenzel-pompe", frenzel_pompe_terms, continuous=True),
        _of_neighbours("mesner-shalizi", mesner_shalizi_terms),
        *(
            Method(
                name,
                first_line(fit),
                "neither",
                partial(measure_by_conditional_copula, name, fit),
            )
            for name, fit in {
                "gaussian": fit_gaussian,
                "gaussian-copula": fit_gaussian_copula,
                "elliptical-copula": fit_elliptical_copula,
            }.items()
        ),
        *(
            Method(
                name,
                f"Of discrete columns: {first_line(entropy)}",
                "neither",
                partial(measure_by_conditional_counts, name),
            )
            for name, entropy in ENTROPIES.items()
        ),
    )
}

CONDITIONAL_METHODS: Mapping[str, Method] = _OF_ROWS
"""The methods that train nothing, by name; every bound of ``BOUNDS`` is one, too."""


def find_conditional_method(name: str) -> Method:
    """Return the method of a name that takes a condition.

    Raises:
        UserError: if there is none.
    """
    if name in CONDITIONAL_METHODS:
        return CONDITIONAL_METHODS[name]
    if name in BOUNDS:
        return Method(
            name,
            "Difference of two bounds by trained critics.",
            "neither",
            partial(measure_by_difference, name),
        )
    raise unknown_name("method with a condition", name, [*CONDITIONAL_METHODS, *BOUNDS])
