"""Two contestants that take turns, so that a machine whose speed drifts is fair to both."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.table import Row, seconds

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

__all__ = ["Compare", "Turns"]


@dataclass(frozen=True)
class Turns:
    """Seconds that two contestants took, round by round.

    Attributes:
        ours: of infomax.
        yardstick: of the other.
    """

    ours: Sequence[float]
    yardstick: Sequence[float]

    def row(
        self,
        subject: str,
        *,
        beside: str,
        how: str = "",
        at_most: float | None = None,
        times: int = 1,
    ) -> Row:
        """Return the line of the table.

        Args:
            subject: what is measured.
            beside: what the yardstick is.
            how: ours was done, if there is something to say.
            at_most: the largest ratio that is asked for.
            times: that a contestant did in a round what the seconds are to be given of.
        """
        took = [seconds(median(each) / times) for each in (self.ours, self.yardstick)]
        ratios = [ours / other for ours, other in zip(self.ours, self.yardstick, strict=True)]
        return Row(
            subject,
            ours=", ".join(filter(None, (took[0], how))),
            yardstick=f"{took[1]}, {beside}",
            ratio=median(ratios),
            at_most=at_most,
        )


class Compare:
    """Times two contestants in turn, ours as pytest-benchmark has it.

    Args:
        benchmark: fixture of pytest-benchmark, which can be used once.
    """

    def __init__(self, benchmark: "BenchmarkFixture") -> None:
        self._benchmark = benchmark

    def __call__(
        self,
        ours: Callable[[], object],
        yardstick: Callable[[], object],
        *,
        rounds: int,
        warm_up: int = 1,
    ) -> Turns:
        """Return the seconds of each round.

        Args:
            ours: what is measured.
            yardstick: what it is measured by.
            rounds: of both.
            warm_up: rounds before them that do not count.
        """
        of_yardstick: list[float] = []

        def yardstick_first() -> None:
            began = time.perf_counter()
            yardstick()
            of_yardstick.append(time.perf_counter() - began)

        # What is set up before a round is not counted as the round's own time.
        self._benchmark.pedantic(ours, setup=yardstick_first, rounds=rounds, warmup_rounds=warm_up)
        assert self._benchmark.stats is not None, "pytest-benchmark is disabled"
        turns = Turns(list(self._benchmark.stats.stats.data), of_yardstick[warm_up:])
        self._benchmark.extra_info["yardstick"] = turns.yardstick
        return turns
