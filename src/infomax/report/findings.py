"""What was found, in plain words and no stronger than the verdicts, and what is left to decide."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

import pandas as pd
from scipy import stats

from infomax.records import final_records
from infomax.report.layout import compares_datasets
from infomax.report.recorded_runs import finished, raw_pixels, trained
from infomax.report.text import (
    dataset_name,
    figure_name,
    interval,
    level_name,
    level_phrase,
    number,
    plural,
    power_of_ten,
    signed,
    whole,
)
from infomax.studies.catalogue import STUDIES
from infomax.studies.study import Study
from infomax.studies.verdicts import FEWEST_SEEDS, Claim, Verdict, Words

__all__ = [
    "ClaimGroup",
    "Open",
    "against_untrained",
    "answer",
    "budget_of",
    "claim_groups",
    "interval_places",
    "opening",
    "resume_command",
    "seeds_to_decide",
    "shown_effect",
    "undecided",
    "verdict_of",
]

_ORDER: tuple[Verdict, ...] = ("supported", "contradicted", "inconclusive")


@dataclass(frozen=True)
class ClaimGroup:
    """Claims of one figure on one data set.

    Attributes:
        study: that the figure belongs to; empty if no study is known for it.
        dataset: that the claims are about; empty where they compare data sets.
        heading: number of the figure, and the data set.
        title: of the study.
        claims: in the order in which they were judged.
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
    by_figure = {entry.paper.figure: entry.paper for entry in STUDIES.values()}
    order = {figure: place for place, figure in enumerate(by_figure)}
    grouped: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims, key=lambda each: order.get(each.figure, len(order))):
        study = by_figure.get(claim.figure)
        together = study is not None and compares_datasets(study.name)
        grouped.setdefault((claim.figure, "" if together else claim.dataset), []).append(claim)
    return [
        ClaimGroup(
            study=by_figure[figure].name if figure in by_figure else "",
            dataset=dataset,
            heading=f"{figure_name(figure)}, {dataset_name(dataset)}".removesuffix(", "),
            title=by_figure[figure].title if figure in by_figure else "",
            claims=tuple(of_figure),
        )
        for (figure, dataset), of_figure in grouped.items()
    ]


def verdict_of(claims: Sequence[Claim]) -> Verdict | None:
    """Return the verdict of what a study asks, if its claims agree; ``None`` if they do not."""
    verdicts = {claim.verdict for claim in claims if claim.words}
    return verdicts.pop() if len(verdicts) == 1 else None


def answer(claims: Sequence[Claim]) -> str:
    """Return what the claims of one figure and data set come to; empty if none was asked for.

    A claim that is not decided is told as a question. Bounds that do not agree are named.
    """
    kinds: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.words is not None:
            kinds.setdefault(claim.claim.partition(":")[0], []).append(claim)
    told = []
    for of_kind in kinds.values():
        parts = []
        for verdict in _ORDER:
            alike = [claim for claim in of_kind if claim.verdict == verdict]
            if alike:
                names = _listed([name for claim in alike if (name := _qualifier(claim))])
                said = _worded(alike)
                if len(alike) < len(of_kind) and names:
                    asked = "?" if said.endswith("?") else ""
                    said = f"{said.removesuffix('?')} ({names}){asked}"
                parts.append(said)
        told.append(_joined(parts))
    said = "; ".join(told).replace("?; ", "? ")
    # An abbreviation stays small.
    return said if said[1:2] == "." else said[:1].upper() + said[1:]


def _joined(parts: Sequence[str]) -> str:
    """Join what is said of one thing, which is named once.

    Example:
        >>> _joined(["the bound: 1 nat tighter (NWJ)", "the bound: 2 nats looser (InfoNCE)"])
        'the bound: 1 nat tighter (NWJ), 2 nats looser (InfoNCE)'
    """
    first, *others = (part.split() for part in parts)
    said = " ".join(first)
    for other in others:
        pairs = zip(first, other, strict=False)
        # Sizes are told of each, even where they are equal.
        alike = takewhile(lambda pair: pair[0] == pair[1] and not pair[0][:1].isdigit(), pairs)
        same = sum(1 for _ in alike)
        said += f"{', ' if same else '; '}{' '.join(other[same:])}"
    return said


def _worded(claims: Sequence[Claim]) -> str:
    """Return the words of claims of one kind and verdict, with the range of their effects."""
    words, verdict = claims[0].words, claims[0].verdict
    if words is None:
        return ""
    if verdict == "inconclusive":
        return words.question
    sizes = sorted(abs(claim.effect) for claim in claims if claim.effect is not None)
    said = words.holds if verdict == "supported" else words.fails
    return said.format(_size(sizes, words))


def _size(sizes: Sequence[float], words: Words) -> str:
    if words.unit == "factor":
        factors = [math.exp(min(size, 700)) for size in sizes]
        shown = [f"{number(factor, 1 if factor < 100 else 0)}-fold" for factor in factors]
    elif words.unit == "accuracy":
        shown = [number(100 * size, 1) for size in sizes]
    else:
        # Two digits that count, of the smallest too: information can be hundredths of a nat.
        decimals = 2 if sizes[0] >= 0.1 else 1 - math.floor(math.log10(max(sizes[0], 1e-4)))
        shown = [number(size, decimals) if size >= 1e-4 else "<0.0001" for size in sizes]
    ends = dict.fromkeys((shown[0], shown[-1]))
    unit = {"nats": " nats", "accuracy": " percentage points", "factor": ""}[words.unit]
    return " to ".join(ends) + unit


def _qualifier(claim: Claim) -> str:
    """Return bound and target of a claim, which its name ends with; empty if it has neither."""
    parts = claim.claim.split(":")[1:]
    if claim.dataset in parts:
        parts.remove(claim.dataset)
    if not parts:
        return ""
    bound, *targets = parts
    return " at ".join([level_name("bound", bound), *(f"{each} nats" for each in targets)])


def _listed(names: Sequence[str]) -> str:
    if not names:
        return ""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def opening(groups: Sequence[ClaimGroup]) -> str:
    """Return the one sentence that a page begins with: how much of the paper is seen again."""
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
        f"{number_of} {word}"
        for verdict, word in zip(_ORDER, ("supported", "contradicted", "undecided"), strict=True)
        if (number_of := sum(claim.verdict == verdict for claim in claims))
    ]
    told = f"of {len(claims)} {plural('claim', len(claims))}, {_listed(counted)}"
    if not asked:
        return f"{told[0].upper()}{told[1:]}."
    return (
        f"The paper's main finding is seen again in {again} of {len(asked)} "
        f"{plural('figure', len(asked))}{still_open}; {told}."
    )


def budget_of(studies: Sequence[Study]) -> str:
    """Return what the runs were given, beside what the paper gives them; empty if all is alike."""
    pairs = [(study, STUDIES[study.name].paper) for study in studies if study.name in STUDIES]
    told = []
    for noun, numbers in (
        ("seeds", [(len(ours.seeds), len(paper.seeds)) for ours, paper in pairs]),
        ("steps", [(ours.steps, paper.steps) for ours, paper in pairs]),
    ):
        if any(ours < theirs for ours, theirs in numbers):
            here, there = (_range(each) for each in zip(*numbers, strict=True))
            told.append(f"{here} of the paper's {there} {noun}")
    return f"{_listed(told)}: a verdict speaks of these runs alone." if told else ""


def _range(numbers: Sequence[int]) -> str:
    return " to ".join(dict.fromkeys((whole(min(numbers)), whole(max(numbers)))))


# Accuracies differ in the third decimal, nats in the second.
_DECIMALS: dict[float, int | None] = {1e-3: None, 0.1: 4, 1.0: 3}


def shown_effect(claim: Claim) -> str:
    """Return a claim's effect and its interval, or that there is none."""
    if claim.effect is None:
        return "not measured"
    if claim.allowed is not None:
        # That all of what is allowed is left says nothing; how little was used does.
        largest = number(max(claim.allowed - claim.effect, 0.0), None)
        return f"{largest} of {power_of_ten(claim.allowed)} allowed"
    largest_end = max(abs(value) for value in (claim.effect, *(claim.ci or ())))
    decimals = next((shown for below, shown in _DECIMALS.items() if largest_end < below), 2)
    shown = signed(claim.effect, decimals)
    if claim.ci is None:
        return shown
    ends = [number(end, decimals) for end in claim.ci]
    if ends[0] == ends[1] == number(claim.effect, decimals):
        return f"{shown}, the same for all seeds"
    return f"{shown} {interval(*claim.ci, decimals)}"


def interval_places(claim: Claim) -> tuple[float, float, float] | None:
    """Return where the ends of an interval, and the effect between, stand in a strip of 100.

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


def against_untrained(records: pd.DataFrame) -> str:
    """Return how the codes compare with raw pixels and untrained encoders.

    Empty if nothing was trained, or one of the three was not probed.

    Args:
        records: of one figure.
    """
    final = _probed(trained(final_records(records)))
    runs = trained(finished(records))
    untrained = _probed(runs[runs["step"] == 0])
    pixels = _probed(raw_pixels(records))
    if final.empty or untrained.empty or pixels.empty or final["step"].max() == 0:
        return ""
    means = final.groupby(["encoder", "critic", "bound", "target"], dropna=False, sort=False)[
        "value"
    ].mean()
    before = untrained.groupby("encoder", sort=False)["value"].mean()
    ends = [number(means.min(), 3), number(means.max(), 3)]
    ended = f"at {ends[0]}" if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"
    starts = " and ".join(
        f"the untrained {level_phrase('encoder', name)} {number(value, 3)}"
        for name, value in before.items()
    )
    return (
        f"Mean probe accuracy ended {ended}; raw pixels have {number(pixels['value'].mean(), 3)}, "
        f"{starts}, under the same probe."
    )


def _probed(records: pd.DataFrame) -> pd.DataFrame:
    return records[(records["metric"] == "probe_accuracy") & (records["split"] == "test")]


_MOST_SEEDS = 20
"""As many seeds as the paper has: nobody is told to run more."""


def seeds_to_decide(claim: Claim) -> int | None:
    """Return how many seeds would decide a claim, if its effect and its spread stay as they are.

    It is the least number for which Student's t interval of that spread leaves out zero; ``None``
    if that is more than the paper has, or nothing is known of the spread.
    """
    if claim.lacks == "seeds":
        return FEWEST_SEEDS
    if claim.lacks != "certainty" or claim.effect is None or claim.ci is None or claim.seeds < 2:
        return None
    half_width = (claim.ci[1] - claim.ci[0]) / 2
    spread = half_width * math.sqrt(claim.seeds) / float(stats.t.ppf(0.975, claim.seeds - 1))
    for seeds in range(claim.seeds + 1, _MOST_SEEDS + 1):
        if float(stats.t.ppf(0.975, seeds - 1)) * spread < abs(claim.effect) * math.sqrt(seeds):
            return seeds
    return None


@dataclass(frozen=True)
class Open:
    """Claims that are not decided for one reason.

    Attributes:
        reason: what they are short of, and what would decide them.
        command: that does it; empty if none is known to.
        claims: which.
    """

    reason: str
    command: str
    claims: tuple[Claim, ...]


def undecided(
    claims: Sequence[Claim],
    studies: Sequence[Study],
    *,
    preset: str,
    command: str,
    to_come: Sequence[str] = (),
) -> list[Open]:
    """Return the claims that are not decided, by what would decide them.

    Args:
        claims: judged on the records of one reproduction.
        studies: as they were run; none if the settings are not recorded.
        preset: that they were scaled by.
        to_come: names of the studies that lack a run which can still be made.
        command: by which the records were made; empty if that is not recorded.
    """
    folder = _folder(command)
    left = [claim for claim in claims if claim.verdict == "inconclusive"]
    by_figure = {study.figure: study for study in studies}
    found: list[Open] = []

    def add(of_reason: Sequence[Claim], reason: str, command: str = "") -> None:
        if of_reason:
            found.append(Open(reason, command, tuple(of_reason)))

    few: dict[int, list[Claim]] = {}
    for claim in left:
        if claim.lacks == "seeds":
            study = by_figure.get(claim.figure)
            planned = len(study.seeds) if study else 0
            lost = 0 if study is None or study.name in to_come else FEWEST_SEEDS - claim.seeds
            needed = FEWEST_SEEDS if planned < FEWEST_SEEDS else planned + lost
            few.setdefault(needed, []).append(claim)
    for needed, short in few.items():
        had = sorted({claim.seeds for claim in short})
        names = [study.name for study in studies if study.figure in {e.figure for e in short}]
        lost_some = "" if needed == FEWEST_SEEDS else ", as runs failed or are missing"
        add(
            short,
            f"{' or '.join(map(str, had))} {plural('seed', max(had))}{lost_some}; "
            f"{FEWEST_SEEDS} are needed.",
            _more_seeds(names if len(names) < len(studies) else [], needed, folder),
        )
    close = [(claim, seeds_to_decide(claim)) for claim in left if claim.lacks == "certainty"]
    for figure, of_figure in groupby(
        [(claim, seeds) for claim, seeds in close if seeds is not None],
        key=lambda pair: pair[0].figure,
    ):
        pairs = list(of_figure)
        needed = max(seeds or 0 for _, seeds in pairs)
        name = by_figure[figure].name if figure in by_figure else ""
        add(
            [claim for claim, _ in pairs],
            f"The interval holds zero; about {needed} seeds would leave it out, if effect and "
            "spread stay what they are.",
            _more_seeds([name], needed, folder) if name else "",
        )
    add(
        [claim for claim, seeds in close if seeds is None],
        f"The interval holds zero, and {_MOST_SEEDS} seeds, which the paper has, would not leave "
        "it out: the effect is small beside its spread.",
    )
    for figure, of_figure_unfair in groupby(
        [claim for claim in left if claim.lacks == "fairness"], key=lambda claim: claim.figure
    ):
        study = by_figure.get(figure)
        add(
            list(of_figure_unfair),
            "The runs do not compare fairly yet, as each claim says; longer runs may.",
            _longer(study, preset, folder) if study is not None and folder else "",
        )
    add(
        [claim for claim in left if claim.lacks == "finite values"],
        "The effect is not finite in every seed: a bound overflowed, which more seeds do not mend.",
    )
    return found


def resume_command(command: str) -> str:
    """Return what goes on with a reproduction; empty if it was made by no command of ours."""
    folder = _folder(command)
    return f"infomax reproduce --resume --out {folder}" if folder else ""


def _more_seeds(names: Sequence[str], seeds: int, folder: str) -> str:
    if not folder:
        return ""
    return " ".join(["infomax reproduce", *names, f"--seeds {seeds} --resume --out", folder])


def _folder(command: str) -> str:
    """Return the folder that a command wrote to; empty if it is no command of ours."""
    words = shlex.split(command)
    if words[:2] != ["infomax", "reproduce"]:
        return ""
    for place, word in enumerate(words):
        if word == "--out" and place + 1 < len(words):
            return shlex.quote(words[place + 1])
        if word.startswith("--out="):
            return shlex.quote(word.removeprefix("--out="))
    return "runs/reproduction"


def _longer(study: Study, preset: str, folder: str) -> str:
    steps, seeds = 2 * study.steps, max(len(study.seeds), FEWEST_SEEDS)
    path = shlex.quote(f"{shlex.split(folder)[0].rstrip('/')}-longer")
    words = ["infomax", "reproduce", study.name, "--preset", preset]
    if study.datasets != STUDIES[study.name].paper.datasets:
        words += ["--dataset", shlex.quote(study.datasets[0])]
    return " ".join([*words, "--steps", f"{steps}", "--seeds", f"{seeds}", "--out", path])
