"""Estimates where the truth is known: tasks, sizes, methods and seeds, and the records of all."""

import time
import warnings
from collections.abc import Iterable, Iterator
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
from infomax.truth_table import TruthRow
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
        samples: numbers of pairs, each drawn for each task and seed.
        seeds: number of seeds, from 0.

    Raises:
        UserError: if a task or method is unknown or there is none, or a number is too small.
    """

    tasks: tuple[str, ...] = BENCHMARK_TASKS
    methods: tuple[str, ...] = ("auto",)
    samples: tuple[int, ...] = (5000,)
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
        if not self.samples or min(self.samples) < 1:
            raise UserError(f"samples is {self.samples}: give whole numbers of at least 1")

    def __len__(self) -> int:
        return len(self.tasks) * len(self.samples) * len(self.methods) * self.seeds


@dataclass(frozen=True)
class BenchmarkEstimate:
    """One estimate of a benchmark.

    Attributes:
        task: name of the distribution.
        samples: number of pairs.
        method: name of the method.
        seed: of the pairs, and of the estimate.
        truth: the information of the task, in nats.
        outcome: the estimate, or why the method refused these pairs.
        seconds: that it took.
    """

    task: str
    samples: int
    method: str
    seed: int
    truth: float
    outcome: MIResult | UserError
    seconds: float

    @property
    def row(self) -> TruthRow:
        """The estimate beside the truth."""
        named = (self.task, self.samples, self.method, self.seed)
        truth = (self.truth, DISTRIBUTIONS[self.task].information_error)
        if isinstance(self.outcome, UserError):
            nothing = (float("nan"),) * 3
            refusal = str(self.outcome)
            return TruthRow(*named, *truth, *nothing, False, self.seconds, "", refusal=refusal)
        said = (self.outcome.value, self.outcome.interval.low, self.outcome.interval.high)
        return TruthRow(
            *named,
            *truth,
            *said,
            self.outcome.at_least,
            self.seconds,
            self.outcome.method,
            tuple(type(warning).__name__ for warning in self.outcome.warnings),
        )


def draw_pairs(task: str, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the pairs of a task: ``(N, dx)`` and ``(N, dy)``, the same for every method."""
    generator = generator_for(seed, f"pairs of {task}")
    x, y = DISTRIBUTIONS[task].sample(pairs, generator)
    return x.double().numpy(), y.double().numpy()


def measure(benchmark: Benchmark) -> Iterator[BenchmarkEstimate]:
    """Make the estimates one after the other; warnings stand in the results and are not shown."""
    for task in benchmark.tasks:
        truth = DISTRIBUTIONS[task].mutual_information
        for samples in benchmark.samples:
            for seed in range(benchmark.seeds):
                x, y = draw_pairs(task, samples, seed)
                for method in benchmark.methods:
                    start = time.perf_counter()
                    outcome = _estimate(x, y, method, seed)
                    seconds = time.perf_counter() - start
                    yield BenchmarkEstimate(task, samples, method, seed, truth, outcome, seconds)


def benchmark_records(measured: Iterable[BenchmarkEstimate]) -> pd.DataFrame:
    """Return estimates as records: metrics mutual_information, estimate, its interval and p_value.

    Where a method refused the pairs, the estimate is NaN. The first columns are the method and the
    number of pairs.
    """
    of_each = [(one.method, one.samples, record) for one in measured for record in _records(one)]
    table = records_table(record for _, _, record in of_each)
    table.insert(0, "method", [method for method, _, _ in of_each])
    table.insert(1, "samples", [samples for _, samples, _ in of_each])
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
            loss="",
            negatives="",
            seed=one.seed,
            step=0,
            split="test",
            metric=metric,
            value=value,
        )
