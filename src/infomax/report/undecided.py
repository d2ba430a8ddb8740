"""The claims that are not decided, what would decide them, and the commands that do it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from infomax.report.text import plural
from infomax.studies.catalogue import STUDIES
from infomax.studies.study import Study
from infomax.studies.verdicts import FEWEST_SEEDS, MOST_SEEDS, Claim

__all__ = ["Open", "group_undecided", "resume_command"]


@dataclass(frozen=True)
class Open:
    """Claims that are not decided for one reason.

    Attributes:
        reason: what they are short of, and what would decide them.
        command: command that does it; empty if none is known to.
        claims: which.
    """

    reason: str
    command: str
    claims: tuple[Claim, ...]


def group_undecided(
    claims: Sequence[Claim],
    studies: Sequence[Study],
    *,
    preset: str,
    command: str,
    to_come: Sequence[str] = (),
) -> list[Open]:
    """Group the claims that are not decided by what would decide them.

    Args:
        claims: judged on the records of one reproduction.
        studies: as they were run; none if the settings are not recorded.
        preset: name of the preset that they were run at, e.g. ``quick``.
        to_come: names of the studies that lack a run which can still be made.
        command: command by which the records were made; empty if that is not recorded.
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
    close = [(claim, claim.seeds_to_decide) for claim in left if claim.lacks == "certainty"]
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
        f"The interval holds zero, and {MOST_SEEDS} seeds, which the paper has, would not leave "
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
    """Return the command that resumes a reproduction; empty if no command of ours made it."""
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
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == "--out" and following is not None:
            return shlex.quote(following)
        if word.startswith("--out="):
            return shlex.quote(word.removeprefix("--out="))
    return "runs/reproduction"


def _longer(study: Study, preset: str, folder: str) -> str:
    steps, seeds = 2 * study.steps, max(len(study.seeds), FEWEST_SEEDS)
    path = shlex.quote(f"{shlex.split(folder)[0].rstrip('/')}-longer")
    words = ["infomax", "reproduce", study.name, "--preset", preset]
    if study.datasets != STUDIES[study.name].full.datasets:
        words += ["--dataset", shlex.quote(study.datasets[0])]
    return " ".join([*words, "--steps", f"{steps}", "--seeds", f"{seeds}", "--out", path])
