"""One estimate to be made: its pairs and settings, the split of its rows, and what a method is."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import pandas as pd

from infomax.bounds import Kind
from infomax.errors import UserError, unknown_name
from infomax.estimation.copula.margins import SCALINGS
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.rows import IndependentRows, RowOrder, RowsInTime
from infomax.estimation.samples import PairedSamples
from infomax.estimation.split import Split
from infomax.training import NoProgress, StagedProgress
from infomax.warnings import EstimationWarning

__all__ = [
    "EstimationSettings",
    "EstimationTask",
    "Method",
    "Stage",
    "stages_of_estimate",
]

# NumPy's generators take no larger seed.
_LARGEST_SEED = 2**32 - 1
_ROW_TESTS = 3
_MOST_TRAINED = 50_000
_MOST_WORK_OF_FIT = 4e7
# A stream of its own, so that what is drawn of all rows is the same with and without parts.
_STREAM_OF_PARTS = 3
_NO_HISTORY = pd.DataFrame(columns=["refit", "step", "train", "validation"], dtype=float)


@dataclass(frozen=True)
class EstimationSettings:
    """What a user may choose about an estimate.

    Attributes:
        confidence: of the interval, between 0 and 1.
        permutations: of the test for any dependence; 0 for none.
        neighbours: k of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see: rank-gaussian or standard.
        random_state: seed of splits, weights, batches, bootstraps and permutations.
        in_time: whether rows are in order of time, or else independent draws.
        progress: is told what is being done, and how far it is.

    Raises:
        UserError: if a setting is outside its range.

    Example:
        >>> EstimationSettings(confidence=95)
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: confidence is 95: give a number between 0 and 1, such as 0.95
    """

    confidence: float = 0.95
    permutations: int = 199
    neighbours: int = 5
    scaling: str = "rank-gaussian"
    random_state: int = 0
    in_time: bool = False
    progress: StagedProgress = field(default_factory=NoProgress, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.confidence, Real) or not 0 < self.confidence < 1:
            raise UserError(
                f"confidence is {self.confidence}: give a number between 0 and 1, such as 0.95"
            )
        for name, least in (("permutations", 0), ("neighbours", 1), ("random_state", 0)):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
                raise UserError(f"{name} is {value}: give a whole number of at least {least}")
        if self.random_state > _LARGEST_SEED:
            raise UserError(f"random_state is {self.random_state}: give at most {_LARGEST_SEED}")
        if self.scaling not in SCALINGS:
            raise unknown_name("scaling", self.scaling, SCALINGS)


class Stage(NamedTuple):
    """What an estimate may go through, and what that costs beside the other stages.

    Attributes:
        steps: that it has at most, however often it comes.
        step_cost: of each of them, in seconds where that was measured.
    """

    steps: int
    step_cost: float


def stages_of_estimate(permutations: int, rows: int = 5_000, columns: int = 10) -> dict[str, Stage]:
    """Return every stage in the order in which they come, by what progress says is being done.

    No method needs all of them.

    Args:
        permutations: of the test for any dependence at all.
        rows: N.
        columns: dx + dy.
    """
    values, of_critics = rows * columns, min(rows, _MOST_TRAINED) * columns
    tested = min(values * columns, _MOST_WORK_OF_FIT)
    return {
        "reading columns": Stage(1, 0.05 + 5e-7 * values),
        "comparing the copula with nearest neighbours": Stage(1, 0.02 + 2.5e-6 * values),
        "fitting what critics begin as": Stage(4, 0.05 + 1e-6 * of_critics),
        "training critics until they settle": Stage(8_000, 0.0035),
        "testing the fit of the copula": Stage(19, 0.005 + 4e-9 * tested),
        "fitting the copula to all pairs": Stage(2, 0.02 + 5e-7 * values),
        "drawing test pairs again, for the interval": Stage(1, 0.3),
        "repeating the estimate on permuted pairs": Stage(max(permutations, 1), 0.002),
        "testing all rows by permutation": Stage(
            max(_ROW_TESTS * permutations, 1), 0.00015 + 3e-9 * min(rows, 1_000_000)
        ),
    }


@dataclass(frozen=True, eq=False)
class EstimationTask:
    """The pairs of one estimate, its settings, and the split of rows that all methods share.

    Attributes:
        samples: the pairs.
        settings: what the user chose.
        part_of: the task of all rows, where these are a part of them.
        parts: what was computed on some of the rows only, and on how many.
        known_rows: how rows are permuted, drawn again and split, where that is known already.
    """

    samples: PairedSamples
    settings: EstimationSettings
    part_of: "EstimationTask | None" = field(default=None, repr=False)
    parts: dict[str, int] = field(default_factory=dict, repr=False)
    known_rows: RowOrder | None = field(default=None, kw_only=True)

    @cached_property
    def rows(self) -> RowOrder:
        """How rows are permuted, drawn again and split."""
        if self.known_rows is not None:
            return self.known_rows
        return RowsInTime.of(self.samples) if self.settings.in_time else IndependentRows()

    @property
    def split(self) -> Split:
        """Which rows are fitted on and which are tested; drawn once."""
        return self._split_and_generator[0]

    def part(self, what: str, most: int) -> "EstimationTask":
        """Return the task of at most so many of its rows, drawn by its seed; all if they are few.

        Args:
            what: is computed on them, in words that go before "on 50,000 of 100,000 pairs".
            most: number of rows.
        """
        size = len(self.samples)
        if size <= most:
            return self
        generator = np.random.default_rng((self.settings.random_state, _STREAM_OF_PARTS))
        drawn = self.rows.fewer(self.rows.order(size, generator), most)
        self.note_part(what, len(drawn))
        return EstimationTask(self.samples.take(drawn), self.settings, self.whole, self.parts)

    @property
    def whole(self) -> "EstimationTask":
        """The task of all rows, of which this may be a part."""
        return self.part_of or self

    def note_part(self, what: str, used: int) -> None:
        """Take note of what is computed on so many of the rows, for the result to say it."""
        if used < len(self.whole.samples):
            self.parts[what] = used

    def generator(self) -> np.random.Generator:
        """Return a generator at its beginning."""
        return np.random.default_rng(self.settings.random_state)

    def generator_after_split(self) -> np.random.Generator:
        """Return a generator that has drawn the split, and goes on from there."""
        return copy.deepcopy(self._split_and_generator[1])

    @cached_property
    def _split_and_generator(self) -> tuple[Split, np.random.Generator]:
        generator = self.generator()
        return self.rows.split(len(self.samples), generator), generator

    def result(
        self,
        method: str,
        reason: str,
        test: DependenceTest,
        *,
        value: float,
        interval: Interval,
        kind: Kind = "neither",
        history: pd.DataFrame = _NO_HISTORY,
        warnings: Sequence[EstimationWarning] = (),
    ) -> MIResult:
        """Return the result of the task.

        Args:
            method: the name of the method that gave the value.
            reason: why this method.
            test: for any dependence at all.
            value: in nats.
            interval: around it.
            kind: side of the information on which the value stands.
            history: of training; by default that of a method without any.
            warnings: reasons to read the value with care.
        """
        return MIResult(
            value=value,
            interval=interval,
            p_value=test.p_value,
            method=method,
            kind=kind,
            reason=reason,
            pairs=len(self.samples),
            confidence=self.settings.confidence,
            null_values=test.null_values,
            observed=test.observed,
            history=history,
            warnings=tuple(warnings),
            parts=tuple(
                f"{what} on {used:,} of {len(self.whole.samples):,} pairs"
                for what, used in self.parts.items()
            ),
            random_state=self.settings.random_state,
        )

    def known(self, value: float, p_value: float, reason: str) -> MIResult:
        """Return the result of a task whose information needs no estimate.

        Args:
            value: in nats.
            p_value: how often independent pairs would look at least as dependent.
            reason: why it is known.
        """
        test = DependenceTest(value, np.zeros(0), p_value)
        return self.result("none", reason, test, value=value, interval=Interval(value, value))


@dataclass(frozen=True)
class Method:
    """A way from pairs to an estimate.

    Attributes:
        name: by which it is asked for, e.g. ``ksg-1``.
        description: what it is, in a line.
        kind: side of the information on which its expectation stands; None where that depends on
            the data.
        measure: makes the estimate of a task, and is told why by this method.
    """

    name: str
    description: str
    kind: Kind | None
    measure: Callable[[EstimationTask, str], MIResult] = field(repr=False)
