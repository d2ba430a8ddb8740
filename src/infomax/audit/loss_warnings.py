"""What speaks against the reading of a logged loss."""

import math
from typing import TYPE_CHECKING

from infomax.errors import choosing
from infomax.information import NEAR_CEILING_NATS, NOTHING_NATS, PARTING_NATS
from infomax.warnings import (
    AssumptionWarning,
    BelowChanceWarning,
    CodesCollapsedWarning,
    HeavyTailWarning,
    ImpossibleLossWarning,
    InfomaxWarning,
    NearCeilingWarning,
    NothingLearntWarning,
    PartingWarning,
    RepeatedItemsWarning,
)

if TYPE_CHECKING:
    from infomax.audit.loss_reading import LossReading

__all__ = ["is_chance", "loss_warnings"]

# A loss is logged with few digits: 4.8 may be 4.85.
_NOTHING_SHARE = 0.02
_ROUNDING_NATS = 0.01
_COLLAPSED_COSINE = 0.99


def is_chance(reading: "LossReading") -> bool:
    """Tell whether a loss is chance, as far as a few digits tell."""
    nothing = NOTHING_NATS
    if math.isfinite(reading.scale.ceiling):
        nothing = max(nothing, _NOTHING_SHARE * reading.scale.ceiling)
    # Of an upper bound no value is chance: 0 would be the least that it can mean.
    return reading.scale.claim == "at least" and abs(reading.nats) < nothing


def loss_warnings(reading: "LossReading") -> tuple[InfomaxWarning, ...]:
    """Return the reasons to read a logged loss with care."""
    if not math.isfinite(reading.value):
        return (
            ImpossibleLossWarning(
                f"the loss is {reading.value}: exponentials of scores have overflowed, or a code "
                "is not finite; lower the learning rate, limit the scores (a cosine, a clip), or "
                "compute the loss in float32"
            ),
        )
    impossible = _impossible(reading)
    if impossible is not None:
        return (impossible,)
    found = [
        _no_information(reading),
        _of_chance(reading),
        _near_ceiling(reading),
        _repeats(reading),
        _by_heart(reading),
        _heavy_tail(reading),
    ]
    return tuple(each for each in found if each is not None)


def _impossible(reading: "LossReading") -> InfomaxWarning | None:
    scale, loss = reading.scale, reading.loss_nats
    if scale.least - _ROUNDING_NATS <= loss <= scale.most + _ROUNDING_NATS or math.isnan(loss):
        return None
    too_small = loss < scale.least
    limit, said = (scale.least, "least") if too_small else (scale.most, "most")
    reasons = ["the sign", "a sum in the place of a mean", "other terms added to it"]
    if too_small:
        reasons.append("the positive left out of the denominator (decoupled)")
    if reading.settings.temperature is not None:
        reasons.append("another temperature, or codes that are not divided by their length")
    if scale.candidates is not None:
        reasons.append(f"candidates other than {scale.candidates:,}")
    unit, side = " nats" if scale.claim else "", "below" if too_small else "above"
    return ImpossibleLossWarning(
        f"a loss of {loss:.4g}{unit} is {side} {limit:.4g}, the {said} that "
        f"{reading.convention.name} can be with these settings; it may be {', '.join(reasons)}"
    )


def _no_information(reading: "LossReading") -> InfomaxWarning | None:
    convention, scale = reading.convention, reading.scale
    if not scale.claim and reading.loss_nats <= -_COLLAPSED_COSINE:
        return CodesCollapsedWarning(
            f"a cosine of {-reading.loss_nats:.3g} is what codes have that are all alike, whatever "
            "the views are: look at the spread of unit-length codes (the deviation of each of d "
            "values is near 1 / sqrt(d) where they spread, near 0 where they have collapsed) and "
            "at their effective rank"
        )
    if scale.claim == "at most" and reading.nats < 0:
        return AssumptionWarning(
            f"{convention.name} reads {reading.nats:z.3f} nats, and information is never negative: "
            "it is an upper bound only where q(y | x) is right; fit q for longer, or to more "
            "pairs, before the estimate is read"
        )
    return None


def _of_chance(reading: "LossReading") -> InfomaxWarning | None:
    scale = reading.scale
    if scale.claim != "at least" or math.isnan(reading.nats):
        return None
    if scale.ceiling == 0:
        return NothingLearntWarning(
            "a batch of one pair has no negatives, so that the ceiling is log 1 = 0: give it more "
            "pairs, or gather the codes of all processes"
        )
    if is_chance(reading):
        return NothingLearntWarning(
            "the loss is chance: codes may be all alike, or spread and tell nothing of each other; "
            "the deviation of each of d values of unit-length codes is near 0 in the one case and "
            "near 1 / sqrt(d) in the other. Look whether rows of both views belong together, and "
            "at the learning rate"
        )
    if reading.nats > 0:
        return None
    other_sign = (
        f"; if the log holds the estimate and not its negative, say "
        f"{choosing('logged', 'estimate')}"
        if scale.candidates is None and reading.logged == "loss"
        else ""
    )
    return BelowChanceWarning(
        f"the loss is {-reading.nats:.3g} nats worse than scores that are all alike: scores are "
        "far too large, positives are not where the loss looks for them, the batch is smaller or "
        f"the code multiplies the loss{other_sign}"
    )


def _near_ceiling(reading: "LossReading") -> InfomaxWarning | None:
    ceiling = reading.scale.ceiling
    if is_chance(reading) or not reading.nats > ceiling - NEAR_CEILING_NATS:
        return None
    return NearCeilingWarning(
        f"the reading is {reading.nats:.2f} nats and cannot exceed {ceiling:z.2f}: it says no more "
        "than that the views share that much; more negatives lift the ceiling, and so does a lower "
        "temperature where 2 / temperature is less than the logarithm of their number"
    )


def _repeats(reading: "LossReading") -> InfomaxWarning | None:
    distinct, candidates = reading.settings.distinct, reading.scale.candidates
    if distinct is None or candidates is None or distinct == candidates:
        return None
    return RepeatedItemsWarning(
        f"{distinct:,} of {candidates:,} items in a batch are distinct, and no critic tells equal "
        f"ones apart: the ceiling is their entropy, at most ln {distinct:,} = "
        f"{math.log(distinct):z.2f} nats. Draw batches without repeats, or count equal items as "
        "positives"
    )


def _by_heart(reading: "LossReading") -> InfomaxWarning | None:
    if math.isnan(reading.held_out):
        return None
    gap = (reading.held_out - reading.value) / reading.scale.factor
    gap = -gap if reading.logged == "estimate" else gap
    if not gap > PARTING_NATS:
        return None
    return PartingWarning(
        f"the loss is {gap:z.2f} nats better on training pairs than on held-out ones: so much is "
        "learnt by heart, and more training need not make codes better; more pairs, augmentation "
        "or weight decay may"
    )


def _heavy_tail(reading: "LossReading") -> InfomaxWarning | None:
    batch_size = reading.settings.batch_size
    if reading.scale.candidates is not None or batch_size is None:
        return None
    if reading.scale.claim != "at least" or not reading.nats > math.log(batch_size):
        return None
    return HeavyTailWarning(
        f"{reading.nats:.2f} nats are more than ln {batch_size:,} = {math.log(batch_size):.2f}: no "
        "lower bound from so many samples can be trusted beyond that (McAllester and Stratos, "
        f"2020), as a mean of exponentials rests on a few of them; read it on many "
        "held-out pairs at once, or train a bound that is capped, such as InfoNCE"
    )
