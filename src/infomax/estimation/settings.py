"""What a user may choose about an estimate."""

from dataclasses import dataclass, field
from numbers import Integral, Real

from infomax.errors import UserError, unknown_name
from infomax.estimation.copula.margins import SCALINGS
from infomax.estimation.progress import EstimationProgress
from infomax.training import NoProgress

__all__ = ["EstimationSettings"]

# NumPy's generators take no larger seed.
_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class EstimationSettings:
    """Settings of an estimate.

    Attributes:
        confidence: of the interval, between 0 and 1.
        permutations: of the test for any dependence; 0 for none.
        neighbours: k of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see: rank-gaussian or standard.
        random_state: seed of splits, weights, batches, bootstraps and permutations.
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
    progress: EstimationProgress = field(default_factory=NoProgress, repr=False, compare=False)

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
