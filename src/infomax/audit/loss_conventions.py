"""What the logged value of a loss is made of, for each loss that the field logs.

Each convention turns the settings of a training into a ``LossScale``: by what the code multiplies
the nats, and where chance, the least and the most that the loss can be lie. The candidates of an
anchor, its positive included, are the N pairs of the batch (over all processes) for ``infonce``,
``clip``, ``k-pair``, ``n-pair`` and ``moco-v3``; 2 N - 1 views for ``nt-xent``; V N - 1, of which P
are positives, for ``supcon``; 1 + Q, with a queue of Q, for ``moco``.
"""

import math
from dataclasses import dataclass
from typing import Final

from infomax.audit.loss_scale import Claim, LossConvention, LossScale, LossSettings
from infomax.errors import UserError, advice
from infomax.information import contrastive_loss

__all__ = ["LOSS_CONVENTIONS"]

_VIEWS = 2
_BASE_TEMPERATURE = 0.07


@dataclass(frozen=True)
class Contrastive(LossConvention):
    """A cross-entropy of the positive among candidates, which are those of the batch.

    Attributes:
        symbol: number of candidates, as formulas write it.
        per_pair: candidates in the batch for each of its pairs.
        left_out: candidates of the batch that an anchor has not, such as itself.
        multiplied_by: what the code multiplies the cross-entropy by, as formulas write it.
    """

    symbol: str = "N"
    per_pair: int = 1
    left_out: int = 0
    multiplied_by: str = ""

    def _scale(self, settings: LossSettings) -> LossScale:
        factor = self._factor(settings)
        by = f" / ({self.multiplied_by})" if self.multiplied_by else ""
        formula = f"ln({self.symbol}) - L{by}"
        candidates = self._candidates(settings)
        if candidates is None:
            return LossScale(formula=formula, factor=factor, chance=math.nan, least=0.0)
        positives = self._positives(settings, candidates)
        chance, most, gap = math.log(candidates), math.inf, math.inf
        if settings.temperature is not None:
            gap = 2 / settings.temperature
            most = _most(candidates, positives, gap)
        least = contrastive_loss(candidates, gap, positives=positives)
        if settings.distinct is not None:
            if settings.distinct > candidates:
                raise UserError(
                    f"{advice('distinct', '--distinct')} is {settings.distinct}, and a batch has "
                    f"{candidates} items: give at most so many"
                )
            least = max(least, chance - math.log(settings.distinct))
        return LossScale(
            formula=formula,
            factor=factor,
            chance=chance,
            least=least,
            most=most,
            candidates=candidates,
        )

    def batch_size_of(self, candidates: float, settings: LossSettings) -> float | None:
        """Return how many pairs the whole batch holds that has so many candidates."""
        return (candidates + self.left_out) / self._candidates_per_pair(settings)

    def _candidates(self, settings: LossSettings) -> int | None:
        if settings.batch_size is None:
            return None
        pairs = settings.batch_size * (settings.processes or 1)
        found = self._candidates_per_pair(settings) * pairs - self.left_out
        if found < 1:
            raise UserError("a batch of one view has no candidates: give a larger batch size")
        return found

    def _candidates_per_pair(self, settings: LossSettings) -> int:  # noqa: ARG002
        return self.per_pair

    def _positives(self, settings: LossSettings, candidates: int) -> int:  # noqa: ARG002
        return 1

    def _factor(self, settings: LossSettings) -> float:  # noqa: ARG002
        return 1.0


class WithQueue(Contrastive):
    """A cross-entropy whose negatives are those of a queue, and not of the batch."""

    def _candidates(self, settings: LossSettings) -> int | None:
        return None if settings.queue_size is None else 1 + settings.queue_size

    def batch_size_of(self, candidates: float, settings: LossSettings) -> None:
        """Return nothing: the batch has no part in it."""


class SupervisedContrastive(Contrastive):
    """A cross-entropy of several views and positives, as the code of SupCon computes it."""

    def _candidates_per_pair(self, settings: LossSettings) -> int:
        return settings.views or _VIEWS

    def _positives(self, settings: LossSettings, candidates: int) -> int:
        positives = settings.positives or max(self._candidates_per_pair(settings) - 1, 1)
        if positives > candidates:
            raise UserError(
                f"{advice('positives', '--positives')} is {positives}, and an anchor has "
                f"{candidates} others in its batch: give at most so many"
            )
        return positives

    def _factor(self, settings: LossSettings) -> float:
        return (settings.temperature or 1.0) / (settings.base_temperature or _BASE_TEMPERATURE)


class BothDirectionsScaled(Contrastive):
    """The sum of both directions, each times twice the temperature, as the code of MoCo v3."""

    def _factor(self, settings: LossSettings) -> float:
        return 4 * (settings.temperature or 1.0)


def _most(candidates: int, positives: int, gap: float) -> float:
    """Return the most that a mean over positives can be where scores differ by a gap at most.

    The loss is convex in the scores, so it is largest where each is largest or least: all negatives
    are largest, and some of the positives.
    """
    return max(
        gap * (1 - largest / positives)
        + math.log(candidates - positives + largest + (positives - largest) * math.exp(-gap))
        for largest in range(positives + 1)
        if candidates - positives + largest
    )


@dataclass(frozen=True)
class Direct(LossConvention):
    """A loss that is the estimate itself, or the negative of it.

    Attributes:
        sign: of the estimate in the loss.
        claim: what the estimate claims of the information.
        limits: least and most that the loss can be.
    """

    sign: int = -1
    claim: Claim = "at least"
    limits: tuple[float, float] = (-math.inf, math.inf)

    def _scale(self, settings: LossSettings) -> LossScale:
        least, most = self.limits
        if settings.temperature is not None and self.claim == "at least":
            least = -self._estimate_at(1 / settings.temperature)
        return LossScale(
            formula=("-L" if self.sign < 0 else "L") if self.claim else "none",
            factor=-self.sign,
            least=least,
            most=most,
            claim=self.claim,
        )

    def _estimate_at(self, score: float) -> float:
        """Return the estimate where all pairs have that score, and all others its opposite."""
        return 2 * score


class NguyenWainwrightJordan(Direct):
    """The loss of the NWJ bound, whose partition is no logarithm."""

    def _estimate_at(self, score: float) -> float:
        return score - math.exp(-score - 1)


_BATCH: Final = ("batch_size", "processes", "temperature")
_DIRECT: Final = ("batch_size", "temperature")

LOSS_CONVENTIONS: dict[str, LossConvention] = {
    each.name: each
    for each in (
        Contrastive(
            "infonce",
            "cross-entropy of each anchor's positive among the N of the batch",
            "van den Oord, Li and Vinyals (2018), equation 4",
            takes=(*_BATCH, "distinct"),
        ),
        Contrastive(
            "clip",
            "mean of the cross-entropy of rows and of columns, N each, gathered from all processes",
            "Radford et al. (2021), figure 3",
            takes=(*_BATCH, "distinct"),
        ),
        Contrastive(
            "nt-xent",
            "cross-entropy of each view's positive among the 2N - 1 other views (SimCLR)",
            "Chen, Kornblith, Norouzi and Hinton (2020), equation 1",
            takes=_BATCH,
            symbol="2 N - 1",
            per_pair=2,
            left_out=1,
        ),
        SupervisedContrastive(
            "supcon",
            "mean over positives of the cross-entropy, times temperature / base temperature",
            "Khosla et al. (2020), equation 2, and its code, which multiplies",
            needs=("temperature",),
            takes=("batch_size", "processes", "base_temperature", "views", "positives"),
            symbol="V N - 1",
            left_out=1,
            multiplied_by="temperature / base temperature",
        ),
        WithQueue(
            "moco",
            "cross-entropy of the positive among itself and a queue of Q negatives",
            "He, Fan, Wu, Xie and Girshick (2020), equation 1",
            takes=("queue_size", "temperature"),
            symbol="1 + Q",
        ),
        BothDirectionsScaled(
            "moco-v3",
            "sum of both directions' cross-entropy among N, each times 2 temperature",
            "Chen, Xie and He (2021), algorithm 1, and its code, which multiplies",
            needs=("temperature",),
            takes=("batch_size", "processes"),
            multiplied_by="4 temperature",
        ),
        Contrastive(
            "k-pair",
            "mean of log (1 + sum over negatives of exp(negative - positive)), N - 1 negatives",
            "Sohn (2016), section 3",
            takes=(*_BATCH, "distinct"),
        ),
        Contrastive(
            "n-pair",
            "the K-pair loss, from which a penalty of the length of codes has been taken off",
            "Sohn (2016), section 3",
            takes=(*_BATCH, "distinct"),
        ),
        Direct(
            "donsker-varadhan",
            "the negative of mean T of pairs less log mean exp(T) of others",
            "Donsker and Varadhan (1983)",
            takes=_DIRECT,
        ),
        Direct(
            "mine",
            "the Donsker-Varadhan loss; with a moving average in it, right in its gradient alone",
            "Belghazi et al. (2018), section 3.2",
            takes=_DIRECT,
        ),
        NguyenWainwrightJordan(
            "nwj",
            "the negative of mean T of pairs less mean exp(T - 1) of others",
            "Nguyen, Wainwright and Jordan (2010), equation 25",
            takes=_DIRECT,
        ),
        Direct(
            "club",
            "the estimate itself, which is minimised: log q(y | x) of pairs less that of others",
            "Cheng et al. (2020), theorems 3.1 and 3.2",
            sign=1,
            claim="at most",
            takes=("batch_size",),
        ),
        Direct(
            "simsiam",
            "the negative cosine of a prediction and the other view: no estimate of information",
            "Chen and He (2021), equation 1",
            claim="",
            limits=(-1.0, 1.0),
            takes=("batch_size",),
        ),
    )
}
"""The losses that can be read, by name."""
