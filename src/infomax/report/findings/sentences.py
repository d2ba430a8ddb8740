"""Sentences on claims, grouped by what is claimed: one for all estimators of one verdict."""

from collections.abc import Iterator, Sequence

from infomax.report.claim_groups import VERDICTS
from infomax.report.findings.critics import what_it_bought
from infomax.report.findings.wording import WORDINGS, Wording
from infomax.report.formatting import signed
from infomax.report.names import level_name
from infomax.studies.verdicts import Claim

__all__ = ["found", "in_short"]


def found(claims: Sequence[Claim]) -> list[str]:
    """Return what was found on the claims of one figure and data set."""
    kinds = _kinds(claims)
    sentences = [
        sentence
        for kind, of_kind in kinds.items()
        for sentence in (
            _worded(WORDINGS[kind], of_kind, effects=True) if kind in WORDINGS else _quoted(of_kind)
        )
    ]
    return [*sentences, *what_it_bought(kinds)]


def in_short(claims: Sequence[Claim]) -> str:
    """Return the answer to what the study was made to ask; empty if that was not judged."""
    kinds = _kinds(claims)
    answers = [
        sentence
        for kind, of_kind in kinds.items()
        if kind in WORDINGS and WORDINGS[kind].asked
        for sentence in _worded(WORDINGS[kind], of_kind, effects=False)
    ]
    return " ".join([*answers, *what_it_bought(kinds)])


def _kinds(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    kinds: dict[str, list[Claim]] = {}
    for claim in claims:
        kinds.setdefault(claim.claim.partition(":")[0], []).append(claim)
    return kinds


def _worded(wording: Wording, claims: Sequence[Claim], *, effects: bool) -> Iterator[str]:
    for verdict in VERDICTS:
        of_verdict = [claim for claim in claims if claim.verdict == verdict]
        if not of_verdict:
            continue
        names = [] if wording.names_estimator else [_qualifier(claim) for claim in of_verdict]
        condition = f"With {_listed(names)}, " if names and all(names) else ""
        clause = {
            "supported": wording.holds,
            "contradicted": wording.fails,
            "inconclusive": f"whether {wording.holds} cannot be told from these runs",
        }[verdict]
        told = effects and wording.unit and verdict != "inconclusive"
        effect = f" ({_effects(of_verdict, wording)})" if told else ""
        sentence = f"{condition}{clause}{effect}."
        yield sentence[0].upper() + sentence[1:]


def _quoted(claims: Sequence[Claim]) -> Iterator[str]:
    for claim in claims:
        yield f"{claim.verdict.capitalize()}: {claim.sentence}"


def _qualifier(claim: Claim) -> str:
    """Return estimator and target of a claim, which its name ends with; empty if it has neither."""
    parts = claim.claim.split(":")[1:]
    if claim.dataset in parts:
        parts.remove(claim.dataset)
    if not parts:
        return ""
    estimator, *targets = parts
    return " at ".join([level_name("estimator", estimator), *(f"{each} nats" for each in targets)])


def _effects(claims: Sequence[Claim], wording: Wording) -> str:
    shown = [
        "not measured" if claim.effect is None else signed(claim.effect, wording.decimals)
        for claim in claims
    ]
    return f"{_listed(shown)} {wording.unit}"


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
