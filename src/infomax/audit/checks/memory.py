"""Memory: does the bound hold on pairs that critic and encoder have not seen?"""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.simple_critic import (
    CHOSEN_AT,
    SimpleCritic,
    fit_simple_critic,
    held_out_bound,
)
from infomax.evaluation import BatchMean
from infomax.information import NOTHING_NATS, Interval

__all__ = ["check_memory"]

NAME = "memory"
QUESTION = "Does the bound hold on pairs that critic and encoder have not seen?"
_FEWEST = 64
_LEAST_GAP_NATS = 0.1
_ENCODER_SHARE = 0.25
_CRITIC_SHARE = 0.75
_MOST_ROWS = 8_000
_METHOD = (
    "InfoNCE by a critic that was fitted on one half of the pairs was read on that half and on the "
    "other, and on pairs that the encoder was trained on and on those that it was not, where that "
    "was told; intervals of gaps hold those of both bounds (Zou and Donner, 2008)."
)


def check_memory(codes: AuditedCodes) -> Finding:
    r"""Read the bound on pairs that were fitted and on pairs that were not.

    What a critic reads on pairs that it was fitted on is partly memory, and so is what any critic
    reads on pairs that the encoder was trained on. Where it was told which these are, InfoNCE of
    the same simple critic, at the same K, is read of those and of new ones among the held-out
    pairs. The encoder's bound is memory where the gap is surely more than 0.1 nats and than a
    quarter of the bound on pairs that it was trained on; the critic's where surely more than three
    quarters of its bound on fitted pairs are lost on held-out ones.

    Source: Zou and Donner (2008), the interval of a difference from those of both.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((400, 4))
        >>> check_memory(read_codes("mine", x, x + 0.5 * x[::-1], None, seed=0)).status
        'sound'
    """
    kept = codes.drawn(_MOST_ROWS)
    size = min(CHOSEN_AT, min(len(kept.fitted), len(kept.held_out)) // 2)
    if size < _FEWEST // 2:
        return Finding.not_run(
            NAME,
            codes.name,
            QUESTION,
            f"{len(kept.fitted)} pairs are fitted and {len(kept.held_out)} held out, and "
            f"{_FEWEST} of both are the least",
            f"give at least {2 * _FEWEST} pairs",
            short=f"needs {_FEWEST} pairs on both sides",
        )
    critic = fit_simple_critic(kept)
    fitted = held_out_bound(critic, kept, size, rows=kept.fitted)
    held_out = held_out_bound(critic, kept, size)
    rows = [("pairs that the critic was fitted on", fitted), ("held-out pairs", held_out)]
    measured: dict[str, Any] = {
        "critic": critic.told,
        "negatives_and_partner": size,
        "fitted_nats": fitted.mean,
        "held_out_nats": held_out.mean,
        "gap_nats": fitted.mean - held_out.mean,
        "gap_interval_nats": list(_gap(fitted, held_out)),
    }
    encoder = _of_encoder(critic, kept, measured)
    if encoder is not None:
        rows += [
            ("of these, pairs that the encoder was trained on", encoder[0]),
            ("of these, pairs that are new to it", encoder[1]),
        ]
    status, stance, sentence, next_step = _verdict(fitted, held_out, encoder, measured)
    compared = (fitted, held_out) if encoder is None else encoder
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"bound {compared[0].mean:z.2f} nats on {'fitted' if encoder is None else 'trained-on'} "
        f"pairs, {compared[1].mean:z.2f} on new ones",
        sentence,
        next_step,
        f"Of the encoder: {measured['encoder']}.",
        _gap(*compared),
        f"InfoNCE at K = {measured['compared_at']} on seen pairs less that on new ones, in nats",
        measured,
        {
            "least_gap_nats": _LEAST_GAP_NATS,
            "lost_share_of_encoder": _ENCODER_SHARE,
            "lost_share_of_critic": _CRITIC_SHARE,
        },
        [_figure(rows)],
        _METHOD,
    )


def _of_encoder(
    critic: SimpleCritic, codes: AuditedCodes, measured: dict[str, Any]
) -> tuple[BatchMean, BatchMean] | None:
    """Return the bound on held-out pairs that the encoder was trained on, and on those it was not.

    Says in what is measured what was compared, or why nothing was.
    """
    measured["compared_at"] = measured["negatives_and_partner"]
    if codes.trained_on is None:
        measured["encoder"] = (
            "nobody said on which of these pairs it was trained, so that what it knows by heart "
            "was not measured"
        )
        return None
    seen = codes.held_out[codes.trained_on[codes.held_out]]
    new = codes.held_out[~codes.trained_on[codes.held_out]]
    if min(len(seen), len(new)) < _FEWEST:
        measured["encoder"] = (
            f"{len(seen):,} held-out pairs are ones that it was trained on and {len(new):,} new, "
            f"and {_FEWEST} of both are the least to compare"
        )
        measured["new_to_the_encoder"] = len(new)
        return None
    size = min(CHOSEN_AT, min(len(seen), len(new)) // 2)

    def bound(rows: NDArray[np.int64]) -> BatchMean:
        return held_out_bound(critic, codes, size, rows=rows)

    both = bound(seen), bound(new)
    measured["compared_at"] = size
    measured["trained_on_nats"], measured["new_nats"] = both[0].mean, both[1].mean
    measured["encoder_gap_interval_nats"] = list(_gap(*both))
    measured["encoder"] = (
        f"{len(seen):,} held-out pairs that it was trained on were compared with {len(new):,} that "
        "it was not"
    )
    return both


def _verdict(
    fitted: BatchMean,
    held_out: BatchMean,
    encoder: tuple[BatchMean, BatchMean] | None,
    measured: dict[str, Any],
) -> tuple[Status, Stance, str, str]:
    if encoder is not None:
        seen, new = encoder
        told = (
            f"On pairs that the encoder was trained on the bound reads {seen.mean:z.2f} nats, and "
            f"on new ones {new.mean:z.2f}"
        )
        material = max(_LEAST_GAP_NATS, _ENCODER_SHARE * seen.mean)
        if _gap(*encoder).low > material:
            return (
                "caution",
                "undecided",
                f"{told}: the difference is memory, and no information about what is new.",
                "audit pairs that the encoder was not trained on, and stop its training earlier or "
                "give it more items",
            )
        return (
            "sound",
            "not against",
            f"{told}: that more than {material:z.2f} nats of it are memory is not shown.",
            "",
        )
    told = (
        f"The bound reads {fitted.mean:z.2f} nats on pairs that the critic was fitted on and "
        f"{held_out.mean:z.2f} on held-out ones"
    )
    new_pairs = measured.get("new_to_the_encoder", _FEWEST)
    if new_pairs < _FEWEST:
        few = f"all but {new_pairs:,}" if new_pairs else "all"
        return (
            "caution",
            "undecided",
            f"The encoder was trained on {few} of the held-out pairs, so that no number here is "
            "one of new pairs.",
            "audit pairs that the encoder was not trained on",
        )
    if max(fitted.high, held_out.high) < NOTHING_NATS:
        return (
            "not run",
            "undecided",
            f"Nothing to ask: {told[0].lower()}{told[1:]}, next to nothing on either.",
            "give critics that are trained a try (infomax estimate --method infonce)",
        )
    lost = _gap(fitted, held_out).low
    if fitted.low > NOTHING_NATS and lost > _CRITIC_SHARE * fitted.mean:
        return (
            "caution",
            "undecided",
            f"{told}: nearly all of it is memory of the critic.",
            "give more pairs or fewer columns, such as the first principal components",
        )
    return "sound", "not against", f"{told}: what is said of bounds here is of held-out ones.", ""


def _gap(seen: BatchMean, new: BatchMean) -> Interval:
    """Return the 95 % interval of a difference of independent means."""
    gap = seen.mean - new.mean
    return Interval(
        gap - math.hypot(seen.mean - seen.low, new.high - new.mean),
        gap + math.hypot(seen.high - seen.mean, new.mean - new.low),
    )


def _figure(rows: list[tuple[str, BatchMean]]) -> FindingFigure:
    return FindingFigure(
        "bound-on-seen-and-new-pairs",
        "The bound on pairs that were seen, and on new ones",
        "dots",
        pd.DataFrame(
            [
                {"label": name, "value": each.mean, "low": each.low, "high": each.high}
                for name, each in rows
            ]
        ),
        value_label="InfoNCE, in nats",
    )
