"""What an estimate tells of how far it is, and the stages that it may go through."""

from typing import NamedTuple, TypeAlias

from infomax.training import StagedProgress

__all__ = ["EstimationProgress", "Stage", "stages_of_estimate"]

EstimationProgress: TypeAlias = StagedProgress
"""Whatever wants to know what an estimate is at, and how far that is."""

_ROW_TESTS = 3


class Stage(NamedTuple):
    """What an estimate may go through, and what that costs beside the other stages.

    Attributes:
        steps: that it has at most, however often it comes.
        step_cost: of each of them, in seconds where that was measured.
    """

    steps: int
    step_cost: float


def stages_of_estimate(permutations: int) -> dict[str, Stage]:
    """Return every stage in the order in which they come, by what progress says is being done.

    No method needs all of them.

    Args:
        permutations: of the test for any dependence at all.
    """
    return {
        "reading columns": Stage(1, 0.05),
        "fitting what critics begin as": Stage(1, 0.1),
        "training critics until they settle": Stage(4_000, 0.0035),
        "drawing test pairs again, for the interval": Stage(1, 0.3),
        "repeating the estimate on permuted pairs": Stage(max(permutations, 1), 0.002),
        "testing all rows by permutation": Stage(max(_ROW_TESTS * permutations, 1), 0.00015),
    }
