"""Critic swap: do several critics, and several bounds, read the same of the same frozen codes?"""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.simple_critic import CHOSEN_AT
from infomax.audit.swapped_critics import (
    MOST_STEPS,
    CriticScores,
    ScoresOfCritics,
    swapped_critics,
)
from infomax.bounds import Bound, JensenShannon, find_bound, infonce
from infomax.evaluation import BatchMean, means_over_batches
from infomax.information import NEAR_CEILING_NATS, NOTHING_NATS, Interval

__all__ = ["check_critic_swap"]

NAME = "critic swap"
QUESTION = "Is what a bound reads a property of the codes, or of the critic that reads them?"
_LEAST_SHARE = 0.5
_LEAST_APART_NATS = 0.5
# Of scores that are log ratios this is NWJ's value of the scores that are best for NWJ.
_NWJ_OF_RATIOS = JensenShannon()
_BOUNDS: dict[str, Bound] = {
    "InfoNCE": find_bound("infonce"),
    "NWJ": _NWJ_OF_RATIOS,
    "Donsker-Varadhan": find_bound("donsker-varadhan"),
    "SMILE": find_bound("smile"),
}


@dataclass(frozen=True)
class _Swap:
    """What critics read of the same codes by InfoNCE.

    Attributes:
        best: critic that reads most.
        lowest: critic that reads least, of those that InfoNCE chose or trained and that learnt.
        most: what the best reads.
        least: what the lowest reads.
        apart: by how much, of the same pairs.
        bearing_out: other critics that agree with the best.
    """

    best: str
    lowest: str
    most: BatchMean
    least: BatchMean
    apart: BatchMean
    bearing_out: list[str]


def check_critic_swap(codes: AuditedCodes) -> Finding:
    r"""Read the same held-out codes by several critics and bounds, and see whether they agree.

    The codes stay as they are, and so does the information that they share: whatever differs is the
    critic's or the bound's. Critics are cosines over a temperature, the density ratio of Gaussian
    codes, and a bilinear critic and separable networks that are trained in a moment, by InfoNCE and
    by Jensen-Shannon (``swapped_critics``). Bounds are InfoNCE; NWJ of log ratios, which is how
    Jensen-Shannon is read; Donsker-Varadhan's value; and SMILE's. The last two are no bounds.

    Critics disagree where the best reads surely half a nat more, and twice as much, as the lowest
    of those that InfoNCE chose or trained, leaving out what had too few pairs to learn from. Lower
    bounds of one information never contradict each other: the largest is the nearest. So
    disagreement is a caution, and never speaks against the claim. It leaves the answer open only
    where all other critics are as far from the best one: then nothing bears its number out.

    Source: Tschannen et al. (2020), section 3.2, for codes that different critics read differently;
    Poole et al. (2019), equations 2, 5 and 10, for the bounds.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x, noise = torch.randn(2, 800, 3, generator=torch.Generator().manual_seed(0))
        >>> check_critic_swap(read_codes("mine", x, x + noise, None, seed=0)).status
        'sound'
        >>> moved = check_critic_swap(read_codes("mine", x, (x + noise).roll(1, 1), None, seed=0))
        >>> moved.status, moved.stance
        ('caution', 'not against')
    """
    critics = {each.name: each for each in swapped_critics(codes)}
    pairs = len(next(iter(critics.values())).scores)
    size = min(CHOSEN_AT, pairs // 2)
    read = _read(critics, size)
    swap = _compared(critics, {name: read[name, "InfoNCE"] for name in critics}, size)
    if swap is None:
        return _not_run(codes, pairs)
    status, stance, sentence, next_step = _verdict(swap, size)
    best, lowest, apart = swap.best, swap.lowest, swap.apart
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"{swap.least.mean:z.2f} ({lowest}) to {swap.most.mean:z.2f} nats ({best})",
        sentence,
        next_step,
        _detail(read, best, size),
        Interval(apart.low, apart.high),
        f"InfoNCE by the {best} critic less that by the {lowest} critic at K = {size}, in nats",
        {
            "negatives_and_partner": size,
            "held_out": pairs,
            "best": best,
            "lowest": lowest,
            "best_borne_out_by": swap.bearing_out,
            "critics": [_told(each, read) for each in critics.values()],
        },
        {
            "least_share_of_best": _LEAST_SHARE,
            "least_apart_nats": _LEAST_APART_NATS,
            "near_ceiling_nats": NEAR_CEILING_NATS,
        },
        [_dots(read, size)],
        _method(critics, size, pairs),
    )


def _not_run(codes: AuditedCodes, pairs: int) -> Finding:
    why = f"no second critic had pairs enough to learn, {len(codes.fitted):,}"
    return Finding.not_run(
        NAME,
        codes.name,
        QUESTION,
        f"{why}, so that {pairs:,} held-out pairs tell of memory and not of critics",
        "give more pairs",
        short=why,
    )


def _compared(
    critics: dict[str, CriticScores], by_infonce: dict[str, BatchMean], size: int
) -> _Swap | None:
    """Return how critics compare; nothing where no second one had pairs enough to learn."""
    best = max(by_infonce, key=lambda name: by_infonce[name].mean)
    compared = [name for name, each in critics.items() if each.learnt and each.by_infonce]
    if set(compared) <= {best}:
        return None
    lowest = min(compared, key=lambda name: by_infonce[name].mean)
    most = by_infonce[best]
    return _Swap(
        best,
        lowest,
        most,
        by_infonce[lowest],
        _difference(critics, best, lowest, size),
        [name for name in critics if name != best and _bears_out(by_infonce[name], most)],
    )


def _verdict(swap: _Swap, size: int) -> tuple[Status, Stance, str, str]:
    most, least, apart = swap.most, swap.least, swap.apart
    ceiling = f"ln {size:,} = {math.log(size):z.2f}"
    told = (
        f"from {least.mean:z.2f} nats (the {swap.lowest} critic) to {most.mean:z.2f} (the "
        f"{swap.best} one)"
    )
    if apart.low > _LEAST_APART_NATS and least.high < _LEAST_SHARE * most.low:
        differs = (
            f"Of the same codes critics read {told}: such a number is the critic's as much as the "
            "codes'. "
        )
        if not swap.bearing_out:
            return (
                "caution",
                "undecided",
                f"{differs}No second critic bears the largest out, so that none is known to be "
                "near the information.",
                "compare encoders by several critics, trained for longer (infomax estimate)",
            )
        return (
            "caution",
            "not against",
            f"{differs}All are lower bounds and hold at once, and the largest is borne out by "
            f"another critic ({', '.join(swap.bearing_out)}).",
            "compare encoders by the best of several critics, never by one of them",
        )
    if math.log(size) - most.mean < NEAR_CEILING_NATS:
        return (
            "caution",
            "undecided",
            f"Critics read {told}, and the largest is at its ceiling, {ceiling}: how far they "
            "differ cannot be told.",
            "give more pairs, so that batches hold more negatives",
        )
    if most.high < NOTHING_NATS:
        return (
            "sound",
            "not against",
            f"Critics agree that codes share next to nothing that they know of: {told}.",
            "",
        )
    return (
        "sound",
        "not against",
        f"Critics agree within their intervals: they read {told}."
        if least.high >= most.low
        else f"Critics read {told}, {Interval(apart.low, apart.high).told(decimals=2)} apart, "
        "which is not surely half of the largest.",
        "",
    )


def _read(critics: dict[str, CriticScores], size: int) -> dict[tuple[str, str], BatchMean]:
    """Return what each bound reads by each critic: by their names."""

    def reading(critic: str, bound: Bound) -> Any:
        return lambda scores: bound.estimate(scores.of[critic]).double()

    read = _over_batches(
        critics,
        size,
        {
            f"{critic}|{name}": reading(critic, bound)
            for critic in critics
            for name, bound in _BOUNDS.items()
        },
    )
    return {(name.split("|")[0], name.split("|")[1]): each for name, each in read.items()}


def _difference(critics: dict[str, CriticScores], best: str, lowest: str, size: int) -> BatchMean:
    """Return by how much one critic reads more than another, of the same pairs."""

    def difference(scores: ScoresOfCritics) -> Tensor:
        return infonce(scores.of[best]) - infonce(scores.of[lowest])

    return _over_batches(critics, size, {"difference": difference})["difference"]


def _over_batches(
    critics: dict[str, CriticScores], size: int, functions: dict[str, Any]
) -> dict[str, BatchMean]:
    pairs = len(next(iter(critics.values())).scores)
    batches = torch.arange(pairs // size * size).reshape(-1, size)
    return means_over_batches(
        lambda rows, _: ScoresOfCritics(
            {name: each.scores[rows][:, rows] for name, each in critics.items()}
        ),
        ((rows, rows) for rows in batches),
        functions,
    )


def _bears_out(one: BatchMean, best: BatchMean) -> bool:
    """Tell whether one critic is so near to the best that they count as agreeing."""
    return one.high >= _LEAST_SHARE * best.low or best.mean - one.mean <= _LEAST_APART_NATS


def _detail(read: dict[tuple[str, str], BatchMean], best: str, size: int) -> str:
    """Return what bounds read by the best critic; of one without a finite mean, that it is low."""
    worst = -math.log(size)
    told = [
        f"{bound} {each.mean:z.2f} {Interval(each.low, each.high).told(decimals=2)}"
        if each.mean > worst
        else f"{bound} less than -ln {size:,}"
        for (critic, bound), each in read.items()
        if critic == best
    ]
    return f"By the {best} critic, bounds and values read: {'; '.join(told)} nats."


def _told(critic: CriticScores, read: dict[tuple[str, str], BatchMean]) -> dict[str, Any]:
    return {
        "name": critic.name,
        "told": critic.told,
        "had_pairs_enough_to_learn": critic.learnt,
        **{
            f"{bound}_nats": [each.mean, each.low, each.high]
            for (name, bound), each in read.items()
            if name == critic.name
        },
    }


def _dots(read: dict[tuple[str, str], BatchMean], size: int) -> FindingFigure:
    """Return the readings of all critics that are above -log K; intervals begin there."""
    worst = -math.log(size)
    rows = [
        {
            "label": critic,
            "series": bound,
            "value": each.mean,
            "low": max(each.low, worst),
            "high": each.high,
        }
        for (critic, bound), each in read.items()
        if each.mean > worst
    ]
    return FindingFigure(
        "critic-swap",
        f"What critics and bounds read of the same frozen codes, above -ln {size:,}",
        "dots",
        pd.DataFrame(rows),
        value_label="nats",
        marks={f"ln {size:,}": math.log(size)},
    )


def _method(critics: dict[str, CriticScores], size: int, pairs: int) -> str:
    told = "; ".join(each.told for each in critics.values())
    return (
        f"The same {pairs:,} held-out pairs were read by several critics ({told}), trained ones "
        f"for at most {MOST_STEPS:,} updates of 128 pairs with early stopping, at K = {size:,}, by "
        "InfoNCE, NWJ, Donsker-Varadhan's value and SMILE (Poole et al., 2019; Song and Ermon, "
        "2020), each row of scores less the log of its mean exponential over y of fitted pairs."
    )
