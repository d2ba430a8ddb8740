"""Findings in plain words, no stronger than the verdicts they rest on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import pandas as pd

from infomax.records import final_records
from infomax.report.recorded_runs import FACTORS, finished_runs, raw_pixels, trained_runs
from infomax.report.text import (
    Names,
    dataset_name,
    figure_name,
    format_count,
    format_interval,
    format_number,
    format_power_of_ten,
    format_signed,
    plural,
)
from infomax.studies.catalogue import STUDIES
from infomax.studies.study import Study
from infomax.studies.verdicts import Claim, Verdict, Words

__all__ = [
    "ClaimGroup",
    "against_untrained",
    "answer",
    "budget_of",
    "claim_groups",
    "format_effect",
    "interval_positions",
    "opening",
    "verdict_of",
]

_ORDER: tuple[Verdict, ...] = ("supported", "contradicted", "inconclusive")


@dataclass(frozen=True)
class ClaimGroup:
    """Claims of one figure on one data set.

    Attributes:
        study: study that the figure belongs to; empty if no study is known for it.
        dataset: data set that the claims are about; empty where they compare data sets.
        heading: number of the figure, and the data set.
        title: title of the study.
        claims: claims in the order in which they were judged.
    """

    study: str
    dataset: str
    heading: str
    title: str
    claims: tuple[Claim, ...]

    def of(self, verdict: Verdict) -> list[Claim]:
        """Return the claims that have a verdict."""
        return [claim for claim in self.claims if claim.verdict == verdict]


def claim_groups(claims: Sequence[Claim]) -> list[ClaimGroup]:
    """Return the claims of each figure and data set, in the order of the paper's figures."""
    by_figure = {entry.full.figure: entry for entry in STUDIES.values()}
    order = {figure: index for index, figure in enumerate(by_figure)}
    grouped: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims, key=lambda each: order.get(each.figure, len(order))):
        entry = by_figure.get(claim.figure)
        together = entry is not None and entry.compares == "dataset"
        grouped.setdefault((claim.figure, "" if together else claim.dataset), []).append(claim)
    return [
        ClaimGroup(
            study=by_figure[figure].full.name if figure in by_figure else "",
            dataset=dataset,
            heading=f"{figure_name(figure)}, {dataset_name(dataset)}".removesuffix(", "),
            title=by_figure[figure].full.title if figure in by_figure else "",
            claims=tuple(of_figure),
        )
        for (figure, dataset), of_figure in grouped.items()
    ]


def verdict_of(claims: Sequence[Claim]) -> Verdict | None:
    """Return the verdict of what a study asks, if its claims agree; ``None`` if they do not."""
    verdicts = {claim.verdict for claim in claims if claim.words}
    return verdicts.pop() if len(verdicts) == 1 else None


def answer(claims: Sequence[Claim], names: Names) -> str:
    """Return the answer that the claims of one figure and data set give; empty if they give none.

    A claim that is not decided is told as a question. Bounds that do not agree are named.
    """
    kinds: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.words is not None:
            kinds.setdefault(claim.kind, []).append(claim)
    sentences = []
    for of_kind in kinds.values():
        parts = []
        for verdict in _ORDER:
            alike = [claim for claim in of_kind if claim.verdict == verdict]
            if not alike:
                continue
            words = _worded(alike)
            about = _listed([_part(claim, names) for claim in alike if claim.part])
            if about and len(alike) < len(of_kind):
                mark = "?" if words.endswith("?") else ""
                words = f"{words.removesuffix('?')} ({about}){mark}"
            parts.append(words)
        sentences.append(_joined(parts))
    whole_answer = "; ".join(sentences).replace("?; ", "? ")
    # An abbreviation stays small.
    return whole_answer if whole_answer[1:2] == "." else whole_answer[:1].upper() + whole_answer[1:]


def _joined(parts: Sequence[str]) -> str:
    """Join sentences about one thing, so that it is named once.

    Example:
        >>> _joined(["the bound: 1 nat tighter (NWJ)", "the bound: 2 nats looser (InfoNCE)"])
        'the bound: 1 nat tighter (NWJ), 2 nats looser (InfoNCE)'
    """
    first, *others = (part.split() for part in parts)
    joined = " ".join(first)
    for other in others:
        pairs = zip(first, other, strict=False)
        # Sizes are told of each, even where they are equal.
        alike = takewhile(lambda pair: pair[0] == pair[1] and not pair[0][:1].isdigit(), pairs)
        same = sum(1 for _ in alike)
        joined += f"{', ' if same else '; '}{' '.join(other[same:])}"
    return joined


def _worded(claims: Sequence[Claim]) -> str:
    """Return the words of claims of one kind and verdict, with the range of their effects."""
    words, verdict = claims[0].words, claims[0].verdict
    if words is None:
        return ""
    if verdict == "inconclusive":
        return words.question
    sizes = sorted(abs(claim.effect) for claim in claims if claim.effect is not None)
    sentence = words.holds if verdict == "supported" else words.fails
    return sentence.format(_size(sizes, words))


def _size(sizes: Sequence[float], words: Words) -> str:
    if words.unit == "factor":
        factors = [math.exp(min(size, 700)) for size in sizes]
        shown = [f"{format_number(factor, 1 if factor < 100 else 0)}-fold" for factor in factors]
    elif words.unit == "accuracy":
        shown = [format_number(100 * size, 1) for size in sizes]
    else:
        # Two digits that count, of the smallest too: information can be hundredths of a nat.
        decimals = 2 if sizes[0] >= 0.1 else 1 - math.floor(math.log10(max(sizes[0], 1e-4)))
        shown = [format_number(size, decimals) if size >= 1e-4 else "<0.0001" for size in sizes]
    ends = dict.fromkeys((shown[0], shown[-1]))
    unit = {"nats": " nats", "accuracy": " percentage points", "factor": ""}[words.unit]
    return " to ".join(ends) + unit


def _part(claim: Claim, names: Names) -> str:
    """Return the bound and the target that a claim is about."""
    bound, *targets = claim.part
    return " at ".join([names.short("bound", bound), *(f"{each} nats" for each in targets)])


def _listed(names: Sequence[str]) -> str:
    if not names:
        return ""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def opening(groups: Sequence[ClaimGroup]) -> str:
    """Return the sentence that a page begins with: how much of the paper is seen again."""
    claims = [claim for group in groups for claim in group.claims]
    if not claims:
        return "The records hold no runs that a claim could be judged on."
    asked = [group for group in groups if any(claim.words for claim in group.claims)]
    again = sum(verdict_of(group.claims) == "supported" for group in asked)
    left = sum(
        any(claim.words and claim.verdict == "inconclusive" for claim in group.claims)
        for group in asked
    )
    still_open = f" and open in {left}" if left else ""
    counted = [
        f"{count} {word}"
        for verdict, word in zip(_ORDER, ("supported", "contradicted", "undecided"), strict=True)
        if (count := sum(claim.verdict == verdict for claim in claims))
    ]
    of_all = f"of {len(claims)} {plural('claim', len(claims))}, {_listed(counted)}"
    if not asked:
        return f"{of_all[0].upper()}{of_all[1:]}."
    return (
        f"The paper's main finding is seen again in {again} of {len(asked)} "
        f"{plural('figure', len(asked))}{still_open}; {of_all}."
    )


def budget_of(studies: Sequence[Study]) -> str:
    """Return how many seeds and steps the runs had of the paper's; empty if they had all."""
    entries = [(study, STUDIES.get(study.name)) for study in studies]
    pairs = [(study, entry.full) for study, entry in entries if entry and entry.in_paper]
    reduced = []
    for noun, numbers in (
        ("seeds", [(len(ours.seeds), len(paper.seeds)) for ours, paper in pairs]),
        ("steps", [(ours.steps, paper.steps) for ours, paper in pairs]),
    ):
        if any(ours < theirs for ours, theirs in numbers):
            here, there = (_range(each) for each in zip(*numbers, strict=True))
            reduced.append(f"{here} of the paper's {there} {noun}")
    return f"{_listed(reduced)}: a verdict speaks of these runs alone." if reduced else ""


def _range(numbers: Sequence[int]) -> str:
    return " to ".join(dict.fromkeys((format_count(min(numbers)), format_count(max(numbers)))))


# Accuracies differ in the third decimal, nats in the second.
_DECIMALS: dict[float, int | None] = {1e-3: None, 0.1: 4, 1.0: 3}


def format_effect(claim: Claim) -> str:
    """Return a claim's effect and its interval, or that there is none."""
    if claim.effect is None:
        return "not measured"
    if claim.allowed is not None:
        # That all of what is allowed is left says nothing; how little was used does.
        largest = format_number(max(claim.allowed - claim.effect, 0.0), None)
        return f"{largest} of {format_power_of_ten(claim.allowed)} allowed"
    largest_end = max(abs(value) for value in (claim.effect, *(claim.ci or ())))
    decimals = next((shown for below, shown in _DECIMALS.items() if largest_end < below), 2)
    shown = format_signed(claim.effect, decimals)
    if claim.ci is None:
        return shown
    ends = [format_number(end, decimals) for end in claim.ci]
    if ends[0] == ends[1] == format_number(claim.effect, decimals):
        return f"{shown}, the same for all seeds"
    return f"{shown} {format_interval(*claim.ci, decimals)}"


def interval_positions(claim: Claim) -> tuple[float, float, float] | None:
    """Return the positions of an interval's ends, and of the effect between, in a strip of 100.

    Zero stands in the middle; ``None`` if there is no interval, or one of no width at zero.
    """
    if claim.ci is None or claim.effect is None:
        return None
    reach = max(abs(claim.ci[0]), abs(claim.ci[1]))
    if not 0 < reach < math.inf:
        return None
    low, effect, high = (
        50 + 46 * each / reach for each in (claim.ci[0], claim.effect, claim.ci[1])
    )
    return round(low, 1), round(effect, 1), round(high, 1)


def against_untrained(records: pd.DataFrame, names: Names) -> str:
    """Return a sentence that compares the codes with raw pixels and untrained encoders.

    Empty if nothing was trained, or one of the three was not probed.

    Args:
        records: records of one figure.
        names: what levels are called.
    """
    final = _probed(trained_runs(final_records(records)))
    runs = trained_runs(finished_runs(records))
    untrained = _probed(runs[runs["step"] == 0])
    pixels = _probed(raw_pixels(records))
    if final.empty or untrained.empty or pixels.empty or final["step"].max() == 0:
        return ""
    means = final.groupby([*FACTORS], dropna=False, sort=False)["value"].mean()
    before = untrained.groupby("encoder", sort=False)["value"].mean()
    ends = [format_number(means.min(), 3), format_number(means.max(), 3)]
    ended = f"at {ends[0]}" if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"
    starts = " and ".join(
        f"the untrained {names.phrase('encoder', encoder)} {format_number(value, 3)}"
        for encoder, value in before.items()
    )
    return (
        f"Mean probe accuracy ended {ended}; raw pixels have "
        f"{format_number(pixels['value'].mean(), 3)}, {starts}, under the same probe."
    )


def _probed(records: pd.DataFrame) -> pd.DataFrame:
    return records[(records["metric"] == "probe_accuracy") & (records["split"] == "test")]
