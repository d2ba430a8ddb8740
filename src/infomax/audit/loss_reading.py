"""The reading of one logged loss: what is learnt, of how much that could be shown."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from infomax.audit.loss_conventions import LOSS_CONVENTIONS
from infomax.audit.loss_scale import LossConvention, LossScale, LossSettings
from infomax.audit.loss_warnings import is_chance, loss_warnings
from infomax.errors import UserError, advice, unknown_name
from infomax.information import NATS_OF
from infomax.warnings import ImpossibleLossWarning, InfomaxWarning, NearCeilingWarning

__all__ = ["NO_MEASURE_OF_QUALITY", "LossReading", "read_loss"]

NO_MEASURE_OF_QUALITY = (
    "The loss need not reach 0, and tells nothing of how good codes are: its least value is chance "
    "less the information that the views share; ask a probe, on pairs that were held out."
)
"""What holds for every reading."""

_SHOWN_AS_ZERO = 1e-3


@dataclass(frozen=True)
class LossReading:
    """What a logged loss means.

    Attributes:
        value: as it was logged.
        convention: of the loss, with its meaning and source.
        settings: of the training.
        scale: chance, least and most of the loss under these settings.
        logged: whether the loss was logged, or the estimate in nats.
        held_out: the same on pairs that were held out, as it was logged; NaN without.
    """

    value: float
    convention: LossConvention
    settings: LossSettings
    scale: LossScale
    logged: Literal["loss", "estimate"] = "loss"
    held_out: float = math.nan

    def __str__(self) -> str:
        lines = [self.answer(), *(f"{name}: {told}" for name, told in self.details().items())]
        lines += [f"warning: {each}" for each in self.warnings]
        return "\n".join((*lines, NO_MEASURE_OF_QUALITY))

    def __rich__(self) -> str:
        from rich.markup import escape  # noqa: PLC0415 - needed by terminals alone

        answer, _, rest = str(self).partition("\n")
        return f"[bold]{escape(answer)}[/bold]\n{escape(rest)}"

    @property
    def loss_nats(self) -> float:
        """The loss in nats, without what the code multiplies it by."""
        return self._in_nats(self.value)

    @property
    def nats(self) -> float:
        """What the loss reads of the information, in nats: chance less the loss.

        NaN where the batch size is not known, or the loss is none of information.
        """
        return self.scale.chance - self.loss_nats if self.scale.claim else math.nan

    @property
    def held_out_nats(self) -> float:
        """What it reads on pairs that were held out, in nats; NaN without."""
        return self.scale.chance - self._in_nats(self.held_out)

    @property
    def share(self) -> float:
        """The reading as a share of the ceiling; NaN where there is no ceiling or it is 0."""
        ceiling = self.scale.ceiling
        return self.nats / ceiling if 0 < ceiling < math.inf else math.nan

    @property
    def batch_size_at_chance(self) -> float:
        """Pairs in the batch of which this loss is chance; NaN where no batch decides that."""
        if not math.isfinite(self.loss_nats) or self.loss_nats > math.log(1e12):
            return math.nan
        found = self.convention.batch_size_of(math.exp(self.loss_nats), self.settings)
        return math.nan if found is None else found

    @property
    def warnings(self) -> tuple[InfomaxWarning, ...]:
        """Reasons to read the number with care."""
        return loss_warnings(self)

    def _in_nats(self, logged: float) -> float:
        return (
            self.scale.chance - logged if self.logged == "estimate" else logged / self.scale.factor
        )

    def answer(self, unit: str = "nats") -> str:
        """Return what the loss says, in one sentence.

        Args:
            unit: of ``NATS_OF``.
        """
        nothing = self._nothing_to_read()
        if nothing:
            return nothing
        scale = self.scale
        if is_chance(self):
            return f"Nothing is learnt: {self.value:g} is chance, the loss of scores all alike."
        nats = f"{self.nats / NATS_OF[unit]:z.3f} {unit}"
        if scale.claim == "at most":
            shared = f"At most {nats} are shared, if q(y | x) is right."
            wrong = f"{nats} are no upper bound: information is never negative."
            return shared if self.nats >= 0 else wrong
        if self.nats < 0:
            return f"{self.value:g} is worse than chance: it reads {nats}."
        of = f", {100 * self.share:.0f} % of what it can show" if not math.isnan(self.share) else ""
        near = any(isinstance(each, NearCeilingWarning) for each in self.warnings)
        return f"At least {nats} are learnt{of}{', which is nearly all' if near else ''}."

    def _nothing_to_read(self) -> str:
        """Say why there is no number of nats, where there is none."""
        value, name = f"{self.value:g}", self.convention.name
        if not math.isfinite(self.value):
            return f"A loss of {value} says nothing: the training has failed."
        if any(isinstance(each, ImpossibleLossWarning) for each in self.warnings):
            return f"{value} is no loss that {name} can have with these settings."
        if not self.scale.claim:
            return f"{value} is {name}, which tells no information: nothing to read in nats."
        if math.isnan(self.scale.chance):
            return self._answer_without_chance()
        if self.scale.ceiling == 0:
            return "Nothing can be learnt: without negatives the loss is 0 whatever codes are."
        return ""

    def _answer_without_chance(self) -> str:
        at = self.batch_size_at_chance
        if math.isnan(at):
            queue = math.exp(min(self.loss_nats, math.log(1e12))) - 1
            what, more = f"a queue of {queue:z,.0f}", "a longer queue"
        else:
            what, more = f"a batch of {at:z,.0f} pairs", "more pairs in the batch"
        return (
            f"{self.value:g} is chance for {what}: with {more} something is learnt, with fewer it "
            "is worse than chance."
        )

    def details(self, unit: str = "nats") -> dict[str, str]:
        """Return what the answer rests on, in words, by what it is.

        Args:
            unit: of ``NATS_OF``.
        """
        scale, factor = self.scale, self.scale.factor
        told = {"loss": f"{self.convention.name}: {self.convention.meaning}"}
        if scale.claim:
            told["formula"] = self._formula(unit)
        if scale.claim and abs(factor) != 1:
            told["loss in nats"] = f"{self.loss_nats:z.3f}: the code multiplies by {factor:.4g}"
        if scale.candidates is not None:
            told["chance"] = f"{scale.chance * factor:.4g} logged, ln {scale.candidates:,}"
        if math.isfinite(scale.ceiling) and scale.claim:
            told["ceiling"] = (
                f"{scale.ceiling / NATS_OF[unit]:z.3f} {unit}, at a loss of "
                f"{_short(scale.least * factor)} logged{self._limited_by()}"
            )
        if math.isfinite(scale.most):
            told["worst possible"] = f"{scale.most * abs(factor):.4g} logged"
        if not math.isnan(self.held_out):
            told["held out"] = f"{self.held_out_nats / NATS_OF[unit]:z.3f} {unit}"
        told["source"] = self.convention.source
        return told

    def _limited_by(self) -> str:
        """Say what else than the number of candidates sets the ceiling."""
        temperature, of_items = self.settings.temperature, self.settings.distinct
        if self.settings.positives is None and of_items is not None:
            return f": {of_items:,} distinct items hold no more"
        if temperature is None or self.scale.least < self.scale.chance * _SHOWN_AS_ZERO:
            return ""
        return f": cosines over {temperature:g} tell no more than {2 / temperature:.3g} nats"

    def _formula(self, unit: str) -> str:
        scale = self.scale
        claim = "I >=" if scale.claim == "at least" else "I <="
        if self.logged == "estimate":
            return f"{claim} {self.value:g} nats, as it was logged"
        if math.isnan(scale.chance):
            return f"{claim} {scale.formula}"
        filled = f"{self.nats:z.3f}"
        if scale.candidates is not None:
            by = f" / {scale.factor:.4g}" if scale.factor != 1 else ""
            filled = f"ln {scale.candidates:,} - {self.value:g}{by} = {filled}"
        in_unit = f" = {self.nats / NATS_OF[unit]:z.3f} {unit}" if unit != "nats" else ""
        return f"{claim} {scale.formula} = {filled} nats{in_unit}"

    def as_dict(self, unit: str = "nats") -> dict[str, Any]:
        """Return all of it as what JSON can hold; None for what is not finite.

        Args:
            unit: of ``NATS_OF``, which the names of what is measured in it end with.
        """
        scale = self.scale
        measured = {
            "value": self.nats,
            "loss": self.loss_nats,
            "chance": scale.chance,
            "least_loss": scale.least,
            "most_loss": scale.most,
            "ceiling": scale.ceiling if scale.claim else math.nan,
        }
        numbers = {f"{name}_{unit}": nats / NATS_OF[unit] for name, nats in measured.items()}
        if not math.isnan(self.held_out):
            numbers[f"held_out_{unit}"] = self.held_out_nats / NATS_OF[unit]
        numbers |= {
            "logged": self.value,
            "factor": scale.factor,
            "chance_logged": scale.chance * scale.factor,
            "share": self.share,
            "batch_size_at_chance": self.batch_size_at_chance,
        }
        return {
            "answer": self.answer(unit),
            "loss": self.convention.name,
            "claim": scale.claim,
            "formula": scale.formula,
            "source": self.convention.source,
            "settings": {**asdict(self.settings), "logged": self.logged},
            "candidates": scale.candidates,
            **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "not_finite": {
                name: str(value) for name, value in numbers.items() if not math.isfinite(value)
            },
            "warnings": [
                {"type": type(each).__name__, "message": str(each)} for each in self.warnings
            ],
        }


def _short(number: float) -> str:
    return "0" if abs(number) < _SHOWN_AS_ZERO else f"{number:.4g}"


def read_loss(
    value: float,
    *,
    loss: str = "infonce",
    batch_size: int | None = None,
    processes: int | None = None,
    queue_size: int | None = None,
    temperature: float | None = None,
    logit_scale: float | None = None,
    base_temperature: float | None = None,
    views: int | None = None,
    positives: int | None = None,
    distinct: int | None = None,
    logged: Literal["loss", "estimate"] = "loss",
    held_out: float = math.nan,
) -> LossReading:
    r"""Read a logged loss: how much is learnt in nats, beside chance and ceiling.

    Of a contrastive loss L with K candidates for each anchor

    .. math:: I \ge \log K - L / c

    where c is what the code multiplies the cross-entropy by, such as temperature / base temperature
    in SupCon's. K and c of each loss, and its source, are in ``LOSS_CONVENTIONS``. On training
    pairs it also counts what was learnt by heart.

    Args:
        value: as it was logged.
        loss: name in ``LOSS_CONVENTIONS``.
        batch_size: pairs in the batch of one process. Without it the reading tells of which batch
            the loss would be chance.
        processes: number of processes whose codes are gathered; 1 by default.
        queue_size: codes in the queue of negatives (MoCo).
        temperature: that cosines are divided by; without it scores are taken as unlimited.
        logit_scale: 1 / temperature, as CLIP has it.
        base_temperature: that SupCon's code divides by, 0.07 by default.
        views: of each item, in SupCon's batch; 2 by default.
        positives: of each anchor, in SupCon's batch; without labels ``views - 1``, the default.
        distinct: number of distinct items in the batch, where some come several times.
        logged: ``"estimate"`` where the log holds an estimate in nats, which rises.
        held_out: the same value on pairs that were held out.

    Returns:
        The reading: ``nats``, ``share``, ``scale``, ``answer()``, ``warnings``; printed, all of it.

    Raises:
        UserError: if there is no such loss, or settings that it needs are lacking, that have no
            part in it are given, or are not above 0.

    Example:
        >>> reading = read_loss(6.92, loss="supcon", batch_size=64, temperature=0.1)
        >>> reading.answer()
        'Nothing is learnt: 6.92 is chance, the loss of scores all alike.'
        >>> reading = read_loss(28.5, loss="supcon", batch_size=128, temperature=0.5)
        >>> reading.answer()
        'At least 1.551 nats are learnt, 41 % of what it can show.'
        >>> read_loss(2.0, loss="clip", batch_size=256, processes=8).details()["formula"]
        'I >= ln(N) - L = ln 2,048 - 2 = 5.625 nats'
    """
    if loss not in LOSS_CONVENTIONS:
        raise unknown_name("loss", loss, LOSS_CONVENTIONS)
    if logged not in {"loss", "estimate"}:
        raise UserError(f"{advice('logged', '--logged')} is {logged!r}: give 'loss' or 'estimate'")
    if logit_scale is not None:
        if temperature is not None:
            raise UserError(
                f"{advice('logit_scale is 1 / temperature', '--logit-scale is 1 / temperature')}: "
                "give one of both"
            )
        if not 0 < logit_scale < math.inf:
            raise UserError(
                f"{advice('logit_scale', '--logit-scale')} is {logit_scale}: give a number above "
                "0, such as 100; where its logarithm was logged, the exponential of that"
            )
        temperature = 1 / logit_scale
    settings = LossSettings(
        batch_size=batch_size,
        processes=processes,
        queue_size=queue_size,
        temperature=temperature,
        base_temperature=base_temperature,
        views=views,
        positives=positives,
        distinct=distinct,
    )
    convention = LOSS_CONVENTIONS[loss]
    scale = convention.scale(settings)
    return LossReading(float(value), convention, settings, scale, logged, float(held_out))
