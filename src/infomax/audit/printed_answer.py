"""An audit as a terminal shows it: the answer and what it rests on, on one screen."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from infomax.audit.finding import STATUSES, Finding, Status

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

    from infomax.audit.audit_result import AuditResult

__all__ = ["MOST_LINES", "notes_of", "printed_answer"]

MOST_LINES: Final = 20
"""Lines that are printed at the most, 80 columns wide."""

_STYLES = {"sound": "green", "caution": "yellow", "broken": "red", "not run": "dim"}
_MOST_OTHERS, _MOST_NOTES = 2, 2


def printed_answer(
    result: "AuditResult", console: "Console", options: "ConsoleOptions"
) -> Iterator["RenderableType"]:
    """Yield the answer, a line for each check, and notes, in no more lines than ``MOST_LINES``.

    Where they are more, a line ends in dots where it has no more room; and where that is not
    enough, checks of the best status are named in one line, then those of the next, and so on. All
    of it is in the page and in ``to_frame()``.

    Args:
        result: of an audit.
        console: that prints it.
        options: of the console, of which the width counts.
    """
    findings = result.of(result.findings[0].codes)
    notes = notes_of(result)
    for named, whole in ((0, True), *((count, False) for count in range(len(STATUSES) + 1))):
        shown = list(_lines(result.answer(), findings, STATUSES[:named], notes, whole=whole))
        if sum(len(console.render_lines(each, options)) for each in shown) <= MOST_LINES:
            break
    yield from shown


def _lines(
    answer: str,
    findings: Sequence[Finding],
    named: Sequence[Status],
    notes: Sequence[str],
    *,
    whole: bool,
) -> Iterator["RenderableType"]:
    """Yield what is printed; checks of the statuses that are named have one line together.

    Args:
        answer: on top.
        findings: of the first codes.
        named: statuses.
        notes: at the end.
        whole: whether lines that are too long go on in the next.
    """
    from rich.table import Table  # noqa: PLC0415 - needed by terminals alone
    from rich.text import Text  # noqa: PLC0415

    look: dict[str, Any] = {} if whole else {"no_wrap": True, "overflow": "ellipsis"}
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in findings:
        if each.status not in named:
            status = Text(each.status, style=_STYLES[each.status])
            table.add_row(Text(each.check), status, Text(each.short, **look))
    yield Text(answer, style="bold")
    yield Text()
    if table.row_count:
        yield table
    for status_named in reversed(named):
        names = _names([each for each in findings if each.status == status_named])
        if names:
            yield Text(f"{status_named}: {names}", style=_STYLES[status_named], **look)
    for note in notes:
        yield Text(note, **look)


def notes_of(result: "AuditResult") -> list[str]:
    """Return how the other codes fared, what was looked at, and what to know of the inputs."""
    first = result.findings[0].codes
    others = [name for name in result.rows if name != first]
    lines = [f"{name}: {_summary(result.of(name))}" for name in others[:_MOST_OTHERS]]
    if len(others) > _MOST_OTHERS:
        lines.append(f"{len(others) - _MOST_OTHERS} more codes: in audit.json and to_frame()")
    looked_at, given = result.rows[first]
    part = f" of {given:,}, drawn at random" if looked_at < given else ""
    held_out = result.sizes[first].held_out if first in result.sizes else looked_at // 2
    # Groups are not cut, so that what is held out of few of them may be far from a half.
    held = "half" if abs(2 * held_out - looked_at) <= 1 else f"{held_out:,}"
    lines.append(f"{looked_at:,} pairs{part}; {held} of them held out. 95 % intervals.")
    lines += result.notes[:_MOST_NOTES]
    if len(result.notes) > _MOST_NOTES:
        lines.append(f"{len(result.notes) - _MOST_NOTES} more notes: in audit.json and notes")
    return lines


def _summary(findings: Sequence[Finding]) -> str:
    """Return the checks of each status, the worst first, and how many were sound."""
    told = []
    for status in STATUSES[::-1]:
        of_status = [each for each in findings if each.status == status]
        if of_status:
            # Those that are no obstacle to the answer are many, and one line has little room.
            hinders = [each for each in of_status if each.stance != "not against"]
            rest = len(of_status) - len(hinders)
            names = f"{len(of_status)}" if status == "sound" else _names(of_status)
            if status == "not run" and hinders and rest:
                names = f"{_names(hinders)} and {rest} more"
            told.append(f"{status} {names}")
    return "; ".join(told)


def _names(findings: Sequence[Finding]) -> str:
    return ", ".join(each.check for each in findings)
