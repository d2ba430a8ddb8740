"""What values of a bound say of a training: near its ceiling, by heart, failing or stuck."""

import math

from torch import Tensor, nn

from infomax.bounds import Bound
from infomax.evaluation.held_out import BatchMean
from infomax.information import NEAR_CEILING_NATS, NOTHING_NATS, PARTING_NATS
from infomax.warnings import (
    BelowChanceWarning,
    NearCeilingWarning,
    NothingLearntWarning,
    PartingWarning,
    TrainingWarning,
)

__all__ = ["BoundLimits", "unusual_sizes"]

_UPDATES_TO_LEARN = 200
_BELOW_CHANCE_NATS = -1.0
_UPDATES_TO_RECOVER = 20
_USUAL_SIZES = (1e-3, 30.0)


class BoundLimits:
    """The most that a bound can read of batches scored by a critic, and what its values tell.

    Args:
        bound: bound that is trained.
        batch_size: pairs in a batch, on which the ceiling of InfoNCE depends.
        critic: critic, whose scores may be limited, as those of a cosine are.

    Attributes:
        ceiling: largest value in nats; infinite where nothing limits the bound.
    """

    def __init__(self, bound: Bound, batch_size: int, critic: nn.Module) -> None:
        self._bound, self._batch_size = bound, batch_size
        # One of anyone's own may be any module.
        self._largest_score = getattr(critic, "largest_score", math.inf)
        self.ceiling = bound.ceiling(batch_size, largest_score=self._largest_score)

    def __repr__(self) -> str:
        return f"BoundLimits({self._bound!r}, batch_size={self._batch_size})"

    def warnings_of(
        self,
        step: int,
        estimates: Tensor,
        held_out: BatchMean | None,
        *,
        collapsed: bool,
        sizes: str,
    ) -> list[TrainingWarning]:
        """Return what the values of the bound give reason to.

        Args:
            step: updates made so far.
            estimates: bound of each update since the last evaluation, in nats: ``(updates,)``.
            held_out: on validation pairs; ``None`` without.
            collapsed: whether codes have collapsed, which is told already.
            sizes: what `unusual_sizes` says of the views.
        """
        found: list[TrainingWarning] = []
        training = float(estimates.mean()) if len(estimates) else math.nan
        where, value = ("training", training) if held_out is None else ("validation", held_out.mean)
        if value > self.ceiling - NEAR_CEILING_NATS:
            found.append(NearCeilingWarning(self._near_ceiling(where, value)))
        # Beyond what another draw of the pairs could explain.
        if held_out is not None and training > 0 and training - held_out.high > PARTING_NATS:
            found.append(
                PartingWarning(
                    f"the bound is {training:z.2f} nats on training pairs, {held_out.mean:z.2f} on "
                    "validation pairs: the encoders learn the pairs by heart; the weights of "
                    "the best evaluation are kept (patience stops soon after it), and weight "
                    "decay or more pairs may better them"
                )
            )
        # The first of the updates since the last evaluation may have come from anywhere.
        latest = float(estimates[len(estimates) // 2 :].median()) if len(estimates) else math.nan
        if step >= _UPDATES_TO_RECOVER and latest < _BELOW_CHANCE_NATS:
            found.append(
                BelowChanceWarning(
                    f"the bound is {latest:,.2f} nats on training pairs, where scores that are all "
                    "alike would give 0: scores are far too large; lower the learning rate, or "
                    f"bring views to values of about 1{sizes}"
                )
            )
        held_out_says_no = held_out is None or held_out.low <= NOTHING_NATS
        if (
            step >= _UPDATES_TO_LEARN
            and abs(latest) < NOTHING_NATS
            and held_out_says_no
            # Of these the reason is told already.
            and not collapsed
            and self.ceiling > NEAR_CEILING_NATS
        ):
            found.append(
                NothingLearntWarning(
                    f"after {step} updates the bound is {latest:z.3f} nats, as for scores that are "
                    "all alike: the views share nothing that this encoder and critic find, rows of "
                    f"x and y do not belong together, or the learning rate is too low{sizes}"
                )
            )
        return found

    def _near_ceiling(self, where: str, value: float) -> str:
        reads = f"the bound on {where} pairs is {value:z.2f} nats and cannot exceed"
        of_batch = self._bound.ceiling(self._batch_size)
        if math.isinf(self._largest_score) or of_batch - self.ceiling < NEAR_CEILING_NATS / 10:
            return (
                f"{reads} log {self._batch_size} = {of_batch:z.2f}: it says no more than that the "
                "views share that much; a larger batch lifts the ceiling"
            )
        return (
            f"{reads} {self.ceiling:z.2f}, as a cosine over a temperature t = "
            f"{1 / self._largest_score:g} tells no pair from others by more than 2 / t = "
            f"{2 * self._largest_score:.3g}: a lower temperature, such as 0.1, lifts the ceiling"
        )


def unusual_sizes(x: Tensor, y: Tensor) -> str:
    """Say of which size the values of views are, where encoders rarely learn from such."""
    sizes = {
        side: float(view.double().square().mean().sqrt()) for side, view in (("x", x), ("y", y))
    }
    least, most = _USUAL_SIZES
    unusual = [
        f"view {side} has values of about {size:.1e}"
        for side, size in sizes.items()
        # Zeros have no standard deviation to be divided by.
        if size and not least <= size <= most
    ]
    return "".join(f"; {each}: divide them by their standard deviation" for each in unusual)
