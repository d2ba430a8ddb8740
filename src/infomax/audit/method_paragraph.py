"""The paragraph of an audit for the section on methods of a paper, made of what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infomax.audit.audit_result import AuditResult
    from infomax.audit.finding import Finding

__all__ = ["CodesSize", "method_paragraph"]

_NAMES = {"torch": "PyTorch", "numpy": "NumPy", "scipy": "SciPy", "python": "Python"}
_CITED = ("torch", "scikit-learn", "scipy", "numpy", "python")


@dataclass(frozen=True)
class CodesSize:
    """How much was audited of one pair of codes.

    Attributes:
        columns: of x and of y.
        fitted: pairs that critics and probes were fitted on.
        held_out: pairs that they were read on.
        classes: of the labels of these pairs; 0 without labels.
        groups: that were kept together; 0 where pairs stand by themselves.
    """

    columns: tuple[int, int]
    fitted: int
    held_out: int
    classes: int = 0
    groups: int = 0

    def told(self) -> str:
        """Return the columns and classes in words.

        Example:
            >>> CodesSize((8, 8), 20, 20, classes=3).told()
            '8 columns of x and 8 of y, 3 classes'
        """
        classes = f", {self.classes:,} classes" if self.classes else ", no labels"
        return f"{self.columns[0]:,} columns of x and {self.columns[1]:,} of y{classes}"


def method_paragraph(result: "AuditResult") -> str:
    """Say in the past tense how an audit came to its answer, with all settings and versions.

    Each check that was run has its own words for what it did (``Finding.method``). Checks that were
    not run are named with the reason, and the answer stands last.

    Args:
        result: of the audit.
    """
    first = result.findings[0].codes
    of_first = [each for each in result.findings if each.codes == first]
    sentences = [_of_codes(result, first), _of_split(result, first)]
    if result.seeds > 1:
        sentences.append(
            f"Each check was repeated over {result.seeds} such splits: what most of them found "
            "counts, and its interval spans those of all."
        )
    sentences += [f"{_sentence(each.check)}: {each.method}" for each in of_first if each.method]
    unworded = [each.check for each in of_first if not each.method and each.status != "not run"]
    if unworded:
        sentences.append(f"Checked as well: {', '.join(unworded)}.")
    not_run = [f"{each.check} ({each.short})" for each in of_first if each.status == "not run"]
    if not_run:
        sentences.append(f"Not run: {'; '.join(not_run)}.")
    others = [name for name in result.rows if name != first]
    if others:
        sentences.append(f"The same was done with {', '.join(others)}.")
    sentences.append(
        "Intervals are of 95 %, for independent pairs, and not corrected for the number of checks. "
        f"Asked whether mutual information is what makes {first} good, the audit answered "
        f"“{result.verdict}”{_deciding(result.deciding)}."
    )
    return " ".join(sentences)


def _of_codes(result: "AuditResult", first: str) -> str:
    looked_at, given = result.rows[first]
    pairs = f"{looked_at:,} pairs"
    if looked_at < given:
        pairs += f" drawn at random of {given:,}"
    size = f" ({result.sizes[first].told()})" if first in result.sizes else ""
    by = _versions(result.environment)
    return f"Codes of two views ({first}) were audited by {by}: {pairs}{size}."


def _of_split(result: "AuditResult", first: str) -> str:
    seed = f"(seed {result.random_state})"
    if first not in result.sizes:
        return f"Critics and probes were fitted on one random half and read on the other {seed}."
    size = result.sizes[first]
    whole = f" by {size.groups:,} groups, none of which is in both halves," if size.groups else ""
    return (
        f"They were split at random{whole} into {size.fitted:,} pairs that critics and probes were "
        f"fitted on and {size.held_out:,} that were held out {seed}."
    )


def _versions(environment: Mapping[str, Any]) -> str:
    cited = [
        f"{_NAMES.get(each, each)} {environment[each]}" for each in _CITED if each in environment
    ]
    version = f" {environment['infomax']}" if "infomax" in environment else ""
    return f"infomax{version}" + (f" ({', '.join(cited)})" if cited else "")


def _deciding(findings: Sequence["Finding"]) -> str:
    names = [each.check for each in findings]
    return f", by {', '.join(names)}" if names else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
