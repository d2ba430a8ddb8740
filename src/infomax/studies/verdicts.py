"""A claim: what it says, its effect over seeds, and the verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = [
    "FEWEST_SEEDS",
    "MOST_SEEDS",
    "Claim",
    "Lack",
    "Statement",
    "Verdict",
    "Words",
    "judge",
]

Verdict = Literal["supported", "contradicted", "inconclusive"]

Lack = Literal["", "seeds", "fairness", "finite values", "certainty"]
"""What an inconclusive claim is short of; empty where a claim is decided."""

FEWEST_SEEDS = 3
"""Seeds below which no claim is decided."""

MOST_SEEDS = 20
"""As many seeds as the paper has: nobody is told to run more."""


@dataclass(frozen=True)
class Words:
    """What a claim comes to in a few words, whichever way it was decided.

    Attributes:
        holds: said of a supported claim; ``{}`` in it is how large the effect is.
        fails: said of a contradicted claim, likewise.
        question: asked where it is inconclusive.
        unit: what effects are in: nats, accuracy, or nats of a logarithm told as a factor.
    """

    holds: str
    fails: str
    question: str
    unit: Literal["nats", "accuracy", "factor"] = "nats"


@dataclass(frozen=True)
class Statement:
    """What is claimed, with all that is said of it.

    Attributes:
        name: what is claimed in short, e.g. ``condition-number-grows``.
        sentence: what is claimed.
        measured_as: what an effect is, with its unit; positive effects speak for the claim.
        words: a few for each verdict, where the claim answers what its study asks.
        in_paper: whether the paper says it.
        allowed: the error that a claim of equality allows, from which the largest is taken as the
            effect; ``None`` for a claim of another kind.

    Example:
        >>> Statement("c", "Bounds rise.", measured_as="nats", in_paper=False).whole_sentence
        'Not in the paper: bounds rise.'
    """

    name: str
    sentence: str
    measured_as: str
    words: Words | None = None
    in_paper: bool = True
    allowed: float | None = None

    @property
    def whole_sentence(self) -> str:
        """The sentence, which tells where it is not the paper's."""
        if self.in_paper:
            return self.sentence
        return f"Not in the paper: {self.sentence[:1].lower()}{self.sentence[1:]}"


@dataclass(frozen=True)
class Claim:
    """A sentence, the effect that it predicts to be positive, and what the records say.

    Attributes:
        claim: short name, unique in a reproduction.
        figure: name of the figure, e.g. ``fig3``.
        dataset: the data set that the runs are on.
        sentence: what is claimed, and whether the paper does not say it.
        verdict: supported if the interval lies above 0, contradicted if it lies below,
            inconclusive otherwise or where the comparison was not a fair one.
        effect: mean over seeds, in the unit that ``note`` names; ``None`` if nothing was measured.
        ci: 95 % confidence interval of the effect over seeds; ``None`` below two seeds.
        seeds: how many seeds were compared.
        steps: updates after which the runs were compared.
        note: what the effect is, and why the verdict is not to be read without care.
        lacks: what an inconclusive claim is short of.
        allowed: the error that a claim of equality allows; the effect is this less the largest.
            ``None`` if the claim is of another kind.
        in_paper: whether the paper says it.
        words: for claims that answer what their study asks; ``None`` for others.
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
    lacks: Lack = ""
    allowed: float | None = None
    in_paper: bool = True
    words: Words | None = None

    @property
    def kind(self) -> str:
        """The claim's name without the data set and the part of the study that it is about."""
        return self.claim.partition(":")[0]

    @property
    def part(self) -> tuple[str, ...]:
        """The part of the study: a bound, perhaps a target; empty if it is about all of it."""
        parts = self.claim.split(":")[1:]
        if self.dataset in parts:
            parts.remove(self.dataset)
        return tuple(parts)

    @property
    def seeds_to_decide(self) -> int | None:
        """How many seeds would decide it, if its effect and its spread stay as they are.

        It is the least number for which Student's t interval of that spread leaves out zero;
        ``None`` if that is more than ``MOST_SEEDS``, or nothing is known of the spread.
        """
        if self.lacks == "seeds":
            return FEWEST_SEEDS
        if self.lacks != "certainty" or self.effect is None or self.ci is None or self.seeds < 2:
            return None
        half_width = (self.ci[1] - self.ci[0]) / 2
        spread = half_width * math.sqrt(self.seeds) / float(stats.t.ppf(0.975, self.seeds - 1))
        for seeds in range(self.seeds + 1, MOST_SEEDS + 1):
            if float(stats.t.ppf(0.975, seeds - 1)) * spread < abs(self.effect) * math.sqrt(seeds):
                return seeds
        return None

    def as_json(self) -> dict[str, Any]:
        """Return the claim as values that JSON can hold; its words are for people."""
        values = {name: value for name, value in vars(self).items() if name != "words"}
        return {**values, "ci": None if self.ci is None else list(self.ci)}


def judge(
    statement: Statement,
    effects: Sequence[float],
    *,
    claim: str,
    figure: str,
    dataset: str,
    steps: int,
    unfair_because: str = "",
    remarks: Sequence[str] = (),
) -> Claim:
    """Judge a statement by Student's t interval of its effect over seeds.

    Args:
        statement: what is claimed.
        effects: one value for each seed, positive where the claim holds; where runs share a seed,
            the difference within the seed.
        claim: short name, unique in a reproduction.
        figure: name of the figure, e.g. ``fig3``.
        dataset: the data set that the runs are on.
        steps: updates after which the runs were compared.
        unfair_because: why the comparison cannot decide, whatever it shows; empty if it can.
        remarks: what a reader is to know besides, which does not bear on the verdict.

    Example:
        >>> statement = Statement("c", "It rises.", measured_as="nats")
        >>> runs = dict(claim="c:digits", figure="f", dataset="digits", steps=1)
        >>> judge(statement, [0.9, 1.0, 1.1], **runs).verdict
        'supported'
        >>> judge(statement, [-0.9, -1.0, -1.1], **runs).verdict
        'contradicted'
        >>> judge(statement, [-0.9, 0.0, 1.1], **runs).verdict
        'inconclusive'
    """
    values = np.asarray(effects, dtype=float)
    seeds = len(values)
    finite = bool(np.isfinite(values).all())
    effect = float(values.mean()) if seeds and finite else None
    ci = _confidence_interval(values) if seeds > 1 and finite else None
    reasons: dict[Lack, str] = {"fairness": unfair_because} if unfair_because else {}
    if not finite:
        reasons["finite values"] = "the effect is not finite in every seed"
    if seeds < FEWEST_SEEDS:
        reasons["seeds"] = (
            f"{seeds} {'seed' if seeds == 1 else 'seeds'} to compare, "
            f"at least {FEWEST_SEEDS} are needed"
        )
    verdict: Verdict = "inconclusive"
    if not reasons and ci is not None:
        if ci[0] > 0:
            verdict = "supported"
        elif ci[1] < 0:
            verdict = "contradicted"
    lacks = next(iter(reasons), "certainty" if verdict == "inconclusive" else "")
    return Claim(
        claim=claim,
        figure=figure,
        dataset=dataset,
        sentence=statement.whole_sentence,
        verdict=verdict,
        effect=effect,
        ci=ci,
        seeds=seeds,
        steps=steps,
        note=". ".join([f"Effect: {statement.measured_as}", *remarks, *reasons.values()]),
        lacks=lacks,
        allowed=statement.allowed,
        in_paper=statement.in_paper,
        words=statement.words,
    )


def _confidence_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    half_width = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(values.mean() - half_width), float(values.mean() + half_width)
