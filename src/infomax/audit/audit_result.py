"""What an audit says on top, and all findings that it rests on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from infomax.audit.finding import STATUSES, Finding, FindingFigure, Status
from infomax.audit.method_paragraph import CodesSize, method_paragraph
from infomax.audit.printed_answer import notes_of, printed_answer
from infomax.audit.several_codes import bound_against_accuracy
from infomax.errors import UserError
from infomax.whole_file import write_text_whole

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

__all__ = ["AuditResult"]


@dataclass(frozen=True, eq=False)
class AuditResult:
    """All findings of an audit, and the answer for the codes that were given first.

    Attributes:
        findings: of each check on each pair of codes, in the order in which they were made.
        rows: number of pairs of each codes: looked at, and given.
        random_state: seed of everything that was drawn.
        notes: what a reader should know of the inputs, a sentence each.
        sizes: how much was audited of each codes, by their names.
        environment: versions and machine, by name.
        seeds: number of splits that each check was repeated over.
    """

    findings: Sequence[Finding]
    rows: dict[str, tuple[int, int]]
    random_state: int
    notes: Sequence[str] = ()
    sizes: Mapping[str, CodesSize] = field(default_factory=dict, repr=False)
    environment: Mapping[str, Any] = field(default_factory=dict, repr=False)
    seeds: int = 1

    @property
    def verdict(self) -> str:
        """``No``, ``Cannot be told`` or ``Not contradicted``: never yes, see ``answer``."""
        return self._decided()[0]

    @property
    def because(self) -> str:
        """Why that is the verdict, as a sentence that begins with what "because" stands before."""
        return self._decided()[1]

    @property
    def next_step(self) -> str:
        """What to do next, as a sentence; empty where nothing is."""
        step = self._decided()[2]
        return f"{step}." if step else ""

    @property
    def deciding(self) -> list[Finding]:
        """The findings of the first codes that the verdict rests on."""
        of_first = self.of(self._first)
        for rests_on in (
            [each for each in of_first if each.status == "broken"],
            [each for each in of_first if each.stance == "against"],
            [each for each in of_first if each.stance == "undecided"],
        ):
            if rests_on:
                return rests_on
        # What was not run has found nothing, neither for nor against.
        return [each for each in of_first if each.status != "not run"] or of_first

    def of(self, codes: str) -> list[Finding]:
        """Return the findings of one of the codes, in the order of the checks."""
        return [each for each in self.findings if each.codes == codes]

    @property
    def figures(self) -> list[FindingFigure]:
        """The figures of all codes together; none of one codes alone."""
        figure = bound_against_accuracy(self.findings)
        return [] if figure is None else [figure]

    def method_paragraph(self) -> str:
        """Return how the audit was done, to stand in the section on methods of a paper."""
        return method_paragraph(self)

    @property
    def worst(self) -> Status:
        """The worst status of all findings, of all codes."""
        return max((each.status for each in self.findings), key=STATUSES.index)

    def answer(self) -> str:
        """Return in one line whether mutual information is what makes the first codes good.

        Broken codes or splits come first: of them nothing can be told, whatever else was found.
        Then one check that contradicts the claim is enough for a no. That checks have not
        contradicted it is no proof, since another one may.
        """
        told = f"{self.question} {self.verdict}, because {self.because}"
        return f"{told} {self.next_step}".rstrip()

    @property
    def question(self) -> str:
        """What is asked of the first codes."""
        return f"Is mutual information what makes {self._first} good?"

    @property
    def _first(self) -> str:
        return self.findings[0].codes

    def _decided(self) -> tuple[str, str, str]:
        """Return the verdict, its reason as a sentence without its beginning, and what to do."""
        rests_on = self.deciding
        if rests_on[0].status == "broken" or rests_on[0].stance == "undecided":
            return "Cannot be told", *_reason(rests_on, "To decide: ")
        if rests_on[0].stance == "against":
            return "No", *_reason(rests_on, "Next: ")
        names = _joined([each.check for each in rests_on])
        return (
            "Not contradicted",
            f"{names} found nothing against it, which is no proof.",
            "To decide, compare encoders that were trained to the same bound",
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each finding: check, codes, status, stance, sentence and interval."""
        return pd.DataFrame(
            [
                {
                    "codes": each.codes,
                    "check": each.check,
                    "status": each.status,
                    "stance": each.stance,
                    "short": each.short,
                    "low": float("nan") if each.interval is None else each.interval.low,
                    "high": float("nan") if each.interval is None else each.interval.high,
                    "interval_of": each.interval_of,
                    "sentence": each.sentence,
                    "detail": each.detail,
                    "next_step": each.next_step,
                }
                for each in self.findings
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, measurements and thresholds included, as what JSON can hold."""
        return {
            "answer": self.answer(),
            "verdict": self.verdict,
            "codes": self._first,
            "worst": self.worst,
            "random_state": self.random_state,
            "seeds": self.seeds,
            "pairs": {
                name: {"looked_at": looked_at, "given": given}
                for name, (looked_at, given) in self.rows.items()
            },
            "notes": list(self.notes),
            "sizes": {name: asdict(size) for name, size in self.sizes.items()},
            "environment": dict(self.environment),
            "method": self.method_paragraph(),
            "findings": [each.as_dict() for each in self.findings],
        }

    def write_json(self, path: Path | str) -> None:
        """Write ``as_dict`` to a file, whole or not at all.

        Raises:
            UserError: if it does not end in .json, or there is no folder to write it to.
        """
        path = Path(path)
        if path.suffix.lower() != ".json" or not path.parent.is_dir():
            raise UserError(f"{path}: give a file that ends in .json, in a folder that there is")
        text = json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        write_text_whole(path, f"{text}\n")

    def __str__(self) -> str:
        rows = [f"{each.check}  {each.status}  {each.short}" for each in self.of(self._first)]
        return "\n".join([self.answer(), *rows, *notes_of(self)])

    def __rich_console__(
        self, console: "Console", options: "ConsoleOptions"
    ) -> Iterator["RenderableType"]:
        yield from printed_answer(self, console, options)


def _reason(findings: Sequence[Finding], before: str) -> tuple[str, str]:
    """Return why, by the first of the findings, and what to do next.

    Where several say the same, their names are told, and the sentence of the first.
    """
    first = findings[0]
    others = _joined([each.check for each in findings[1:]])
    says = "Against it" if first.stance == "against" else "Open"
    also = f" {'Broken' if first.status == 'broken' else says}, too: {others}." if others else ""
    sentence = f"{first.sentence[0].lower()}{first.sentence[1:]}"
    return (
        f"{first.check} was not run: {first.short}.{also}"
        if first.status == "not run"
        else f"of {first.check}: {sentence}{also}",
        f"{before}{first.next_step}" if first.next_step else "",
    )


def _joined(names: Sequence[str]) -> str:
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last
