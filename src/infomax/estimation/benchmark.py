"""Estimates where the truth is known: tasks, methods and seeds, and the records of all."""

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from infomax.distributions import BENCHMARK_TASKS, DISTRIBUTIONS
from infomax.errors import UserError, unknown_name
from infomax.estimation.estimate import estimate_mi
from infomax.estimation.methods import METHODS
from infomax.estimation.result import MIResult
from infomax.records import Record, records_table
from infomax.training import generator_for
from infomax.warnings import EstimationWarning

__all__ = ["STUDY", "Benchmark", "BenchmarkEstimate", "benchmark_records", "draw_pairs", "measure"]

STUDY = "mi-benchmark"
"""What the records of a benchmark have in their column ``study``."""


@dataclass(frozen=True)
class Benchmark:
    """Which methods to try on which tasks.

    Attributes:
        tasks: names of distributions; by default the 40 of Czyż et al. (2023).
        methods: names of methods.
        pairs: N, drawn for each task and seed.
        seeds: number of seeds, from 0.

    Raises:
        UserError: if a task or method is unknown or there is none, or a number is too small.
    """

    tasks: tuple[str, ...] = BENCHMARK_TASKS
    methods: tuple[str, ...] = ("auto",)
    pairs: int = 5000
    seeds: int = 3

    def __post_init__(self) -> None:
        for kind, names, known in (
            ("task", self.tasks, DISTRIBUTIONS),
            ("method", self.methods, METHODS),
        ):
            if not names:
                raise UserError(f"there is no {kind} to measure: name at least one")
            for name in names:
                if name not in known:
                    raise unknown_name(kind, name, known)
        if self.seeds < 1:
            raise UserError(f"seeds is {self.seeds}: give a whole number of at least 1")
        if self.pairs < 1:
            raise UserError(f"n is {self.pairs}: give a whole number of at least 1")

    def __len__(self) -> int:
        return len(self.tasks) * len(self.methods) * self.seeds


@dataclass(frozen=True)
class BenchmarkEstimate:
    """One estimate of a benchmark.

    Attributes:
        task: name of the distribution.
        method: name of the method.
        seed: of the pairs, and of the estimate.
        truth: the information of the task, in nats.
        outcome: the estimate, or why the method refused these pairs.
        seconds: that it took.
    """

    task: str
    method: str
    seed: int
    truth: float
    outcome: MIResult | UserError
    seconds: float


def draw_pairs(task: str, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the pairs of a task: ``(N, dx)`` and ``(N, dy)``, the same for every method."""
    generator = generator_for(seed, f"pairs of {task}")
    x, y = DISTRIBUTIONS[task].sample(pairs, generator)
    return x.double().numpy(), y.double().numpy()


def measure(benchmark: Benchmark) -> Iterator[BenchmarkEstimate]:
    """Make the estimates one after the other; warnings stand in the results and are not shown."""
    for task in benchmark.tasks:
        truth = DISTRIBUTIONS[task].mutual_information
        for seed in range(benchmark.seeds):
            x, y = draw_pairs(task, benchmark.pairs, seed)
            for method in benchmark.methods:
                start = time.perf_counter()
                outcome = _estimate(x, y, method, seed)
                seconds = time.perf_counter() - start
                yield BenchmarkEstimate(task, method, seed, truth, outcome, seconds)


def benchmark_records(measured: list[BenchmarkEstimate]) -> pd.DataFrame:
    """Return estimates as records: metrics mutual_information, estimate, its interval and p_value.

    Where a method refused the pairs, the estimate is NaN. The first column names the method.
    """
    by_method = [(one.method, record) for one in measured for record in _records(one)]
    table = records_table(record for _, record in by_method)
    table.insert(0, "method", [method for method, _ in by_method])
    return table


def _estimate(x: object, y: object, method: str, seed: int) -> MIResult | UserError:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        try:
            return estimate_mi(x, y, method, random_state=seed)
        except UserError as refusal:
            return refusal


def _records(one: BenchmarkEstimate) -> Iterator[Record]:
    values = {"mutual_information": one.truth, "estimate": float("nan")}
    if isinstance(one.outcome, MIResult):
        values |= {
            "estimate": one.outcome.value,
            "estimate_low": one.outcome.interval.low,
            "estimate_high": one.outcome.interval.high,
            "p_value": one.outcome.p_value,
        }
    for metric, value in values.items():
        yield Record(
            study=STUDY,
            dataset=one.task,
            encoder="",
            critic="",
            bound="",
            target=float("nan"),
            seed=one.seed,
            step=0,
            split="test",
            metric=metric,
            value=value,
        )
