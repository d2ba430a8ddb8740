"""Saturation: is the bound of contrastive training the information, or the log of its negatives?"""

import math
import warnings
from typing import Any

import pandas as pd

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.simple_critic import fit_simple_critic, held_out_bound
from infomax.errors import UserError
from infomax.estimation import MIResult, estimate_mi
from infomax.evaluation import BatchMean
from infomax.information import NEAR_CEILING_NATS, NOTHING_NATS, Interval
from infomax.warnings import InfomaxWarning

__all__ = ["check_saturation"]

NAME = "saturation"
QUESTION = "Is what InfoNCE reads the information, or the log of the number of negatives?"
_SIZES = tuple(2**power for power in range(5, 13))
_MOST_ESTIMATED = 5_000


def check_saturation(codes: AuditedCodes) -> Finding:
    r"""Read InfoNCE of held-out pairs at K = 32 to 4,096 candidates, beside its ceiling log K.

    The critic is the better of two simple ones (``fit_simple_critic``): what it reads is at least
    so much. Beside it stands what ``estimate_mi`` finds, which no number of negatives limits. K
    goes as far as two batches of held-out pairs do.

    Source: van den Oord, Li and Vinyals (2018), appendix A.1, for the ceiling; McAllester and
    Stratos (2020) for what such bounds cannot say.

    Args:
        codes: that are audited.

    Example:
        >>> import numpy as np
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((400, 8))
        >>> finding = check_saturation(read_codes("mine", x, x + 1e-3 * x[::-1], None, seed=0))
        >>> finding.status, finding.stance
        ('caution', 'undecided')
    """
    sizes = [size for size in _SIZES if size <= len(codes.held_out) // 2]
    if not sizes:
        return Finding.not_run(
            NAME,
            codes.name,
            QUESTION,
            f"there are {len(codes.held_out)} held-out pairs, and two batches of {_SIZES[0]} are "
            "the least",
            f"give at least {4 * _SIZES[0]} pairs",
            short=f"needs {2 * _SIZES[0]} held-out pairs",
        )
    critic = fit_simple_critic(codes)
    bounds: dict[int, BatchMean] = {size: held_out_bound(critic, codes, size) for size in sizes}
    largest = sizes[-1]
    bound, ceiling = bounds[largest], math.log(largest)
    status, stance, sentence, next_step = _verdict(bound.mean, bound.high, largest)
    estimate, told = _estimate(codes)
    claim = "" if estimate is None or not estimate.claim else f"{estimate.claim} "
    uncapped = "not estimated" if estimate is None else f"estimate {claim}{estimate.value:.2f} nats"
    measured: dict[str, Any] = {
        "critic": critic.told,
        "curve": [
            {
                "negatives_and_partner": size,
                "log_k_nats": math.log(size),
                "bound_nats": each.mean,
                "low_nats": each.low,
                "high_nats": each.high,
                "share": each.mean / math.log(size),
            }
            for size, each in bounds.items()
        ],
        "gap_nats": ceiling - bound.mean,
        "estimate": told,
        "estimate_nats": math.nan if estimate is None else estimate.value,
        "estimate_method": "" if estimate is None else estimate.method,
        "estimate_warnings": [] if estimate is None else [str(each) for each in estimate.warnings],
    }
    if sizes[-1] < _SIZES[-1]:
        measured["not_read"] = (
            f"K above {largest:,}: two batches of it need more held-out pairs than there are, "
            f"{len(codes.held_out):,}"
        )
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"at least {bound.mean:z.2f} of ln {largest:,} = {ceiling:z.2f}; {uncapped}",
        sentence,
        next_step,
        _detail(estimate, told, bound.mean),
        Interval(bound.low, bound.high),
        f"InfoNCE of held-out pairs at K = {largest}, in nats",
        measured,
        {"near_ceiling_nats": NEAR_CEILING_NATS, "nothing_nats": NOTHING_NATS},
        [_log_k_curve(bounds, estimate)],
        _method(critic.told, sizes, len(codes.held_out), estimate),
    )


def _log_k_curve(bounds: dict[int, BatchMean], estimate: MIResult | None) -> FindingFigure:
    rows = [
        {"series": "InfoNCE", "at": size, "value": read.mean, "low": read.low, "high": read.high}
        for size, read in bounds.items()
    ]
    rows += [{"series": "ceiling, ln K", "at": size, "value": math.log(size)} for size in bounds]
    marks = {}
    if estimate is not None and math.isfinite(estimate.value):
        claim = f", {estimate.claim}" if estimate.claim else ""
        marks[f"estimate without a ceiling{claim}"] = estimate.value
    return FindingFigure(
        "log-k-curve",
        "What InfoNCE reads of held-out pairs, and the most that it could",
        "curve",
        pd.DataFrame(rows),
        value_label="nats",
        at_label="K, a partner and its negatives",
        log_at=True,
        marks=marks,
    )


def _method(critic: str, sizes: list[int], held_out: int, estimate: MIResult | None) -> str:
    most = f"K = {sizes[0]}" + (f" to {sizes[-1]:,}" if len(sizes) > 1 else "")
    beside = (
        ""
        if estimate is None
        else f" Beside it, mutual information was estimated by {estimate.method} on "
        f"{estimate.pairs_told}."
    )
    return (
        f"InfoNCE (van den Oord et al., 2018) was read on {held_out:,} held-out pairs at {most} "
        f"by {critic}, fitted and chosen on the other pairs, and called saturated within "
        f"{NEAR_CEILING_NATS:g} nats of ln K.{beside}"
    )


def _verdict(bound: float, high: float, largest: int) -> tuple[Status, Stance, str, str]:
    ceiling = math.log(largest)
    share = f"{bound:z.2f} nats, {100 * bound / ceiling:z.0f} % of ln {largest:,}"
    if ceiling - bound < NEAR_CEILING_NATS:
        return (
            "caution",
            "undecided",
            f"The bound is at its ceiling: it reads at least {share}, and no more could be read "
            "however much is shared.",
            "rank no codes by this bound; read the uncapped estimate, or use more negatives",
        )
    if high < NOTHING_NATS:
        return (
            "caution",
            "undecided",
            f"A simple critic reads next to nothing: {share}.",
            "compare with critics that are trained (infomax estimate --method infonce)",
        )
    return (
        "sound",
        "not against",
        f"The bound is below its ceiling: it reads at least {share}.",
        "",
    )


def _detail(estimate: MIResult | None, told: str, bound: float) -> str:
    sentence = f"The estimate of infomax.estimate_mi, which no log K limits, is {told}."
    if estimate is not None and estimate.at_least and estimate.value < bound:
        return f"{sentence} It is less than the bound here, and both hold."
    return sentence


def _estimate(codes: AuditedCodes) -> tuple[MIResult | None, str]:
    rows = slice(0, _MOST_ESTIMATED)
    with warnings.catch_warnings():
        # They are in the result, and become a part of what is measured.
        warnings.simplefilter("ignore", InfomaxWarning)
        try:
            result = estimate_mi(
                codes.x[rows], codes.y[rows], permutations=0, random_state=codes.seed
            )
        except UserError as error:
            return None, f"not estimated ({error})"
    return result, f"{result.amount_told()} ({result.method})"
