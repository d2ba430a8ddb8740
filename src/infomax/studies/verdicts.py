"""A claim, its effect over seeds, and the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["Claim", "Verdict", "judge"]

Verdict = Literal["supported", "contradicted", "inconclusive"]

_FEWEST_SEEDS = 3


@dataclass(frozen=True)
class Claim:
    """A sentence, the effect that it predicts to be positive, and what the records say.

    Attributes:
        claim: short name, unique in a reproduction.
        figure: of the paper.
        dataset: that the runs are on.
        sentence: what is claimed.
        verdict: supported if the interval lies above 0, contradicted if it lies below,
            inconclusive otherwise or where the comparison was not a fair one.
        effect: mean over seeds, in the unit that ``note`` names; ``None`` if nothing was measured.
        ci: 95 % confidence interval of the effect over seeds; ``None`` below two seeds.
        seeds: how many seeds were compared.
        steps: updates after which the runs were compared.
        note: what the effect is, and why the verdict is not to be read without care.
    """

    claim: str
    figure: str
    dataset: str
    sentence: str
    verdict: Verdict
    effect: float | None
    ci: tuple[float, float] | None
    seeds: int
    steps: int
    note: str

    def as_json(self) -> dict[str, Any]:
        """Return the claim as values that JSON can hold."""
        return {**vars(self), "ci": None if self.ci is None else list(self.ci)}


def judge(
    *,
    claim: str,
    figure: str,
    dataset: str,
    sentence: str,
    effects: Sequence[float],
    steps: int,
    measured_as: str,
    unfair_because: str = "",
    remarks: Sequence[str] = (),
) -> Claim:
    """Judge a claim by Student's t interval of its effect over seeds.

    Args:
        claim: short name.
        figure: of the paper.
        dataset: that the runs are on.
        sentence: what is claimed.
        effects: one value for each seed, positive where the claim holds; where runs share a seed,
            the difference within the seed.
        steps: updates after which the runs were compared.
        measured_as: what an effect is, with its unit.
        unfair_because: why the comparison cannot decide, whatever it shows; empty if it can.
        remarks: what a reader is to know besides, which does not bear on the verdict.

    Example:
        >>> made_up = dict(claim="c", figure="f", dataset="d", sentence="s", steps=1)
        >>> made_up["measured_as"] = "nats"
        >>> judge(effects=[0.9, 1.0, 1.1], **made_up).verdict
        'supported'
        >>> judge(effects=[-0.9, -1.0, -1.1], **made_up).verdict
        'contradicted'
        >>> judge(effects=[-0.9, 0.0, 1.1], **made_up).verdict
        'inconclusive'
    """
    values = np.asarray(effects, dtype=float)
    number = len(values)
    finite = bool(np.isfinite(values).all())
    effect = float(values.mean()) if number and finite else None
    ci = _confidence_interval(values) if number > 1 and finite else None
    reasons = [unfair_because] if unfair_because else []
    if not finite:
        reasons.append("the effect is not finite in every seed")
    if number < _FEWEST_SEEDS:
        reasons.append(f"{number} seed(s) to compare, at least {_FEWEST_SEEDS} are needed")
    verdict: Verdict = "inconclusive"
    if not reasons and ci is not None:
        if ci[0] > 0:
            verdict = "supported"
        elif ci[1] < 0:
            verdict = "contradicted"
    return Claim(
        claim=claim,
        figure=figure,
        dataset=dataset,
        sentence=sentence,
        verdict=verdict,
        effect=effect,
        ci=ci,
        seeds=number,
        steps=steps,
        note=". ".join([f"Effect: {measured_as}", *remarks, *reasons]),
    )


def _confidence_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    half_width = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(values.mean() - half_width), float(values.mean() + half_width)
