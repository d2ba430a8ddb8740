"""The page of an audit: its answer, a card for each check, and what was done; and its files."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from infomax.errors import UserError
from infomax.report.finding_charts import draw_finding_figure
from infomax.report.page import Card, Entry, Table, write_page
from infomax.report.self_tests import read_self_tests
from infomax.report.tables import environment_table
from infomax.report.text import format_count, format_number
from infomax.whole_file import write_text_whole

if TYPE_CHECKING:
    from infomax.audit.audit_result import AuditResult
    from infomax.audit.finding import Finding, FindingFigure

__all__ = ["AUDIT_FILES", "write_audit_files", "write_audit_report"]

AUDIT_FILES: Final = ("report.html", "audit.json", "figures")
"""What ``write_audit_files`` writes into a folder."""

_KINDS = {"sound": "good", "caution": "warn", "broken": "bad", "not run": "open"}
_ORDER = ("broken", "caution", "sound", "not run")
_VERDICTS = {"No": "bad", "Cannot be told": "open", "Not contradicted": "good"}
_STANCES = {
    "against": "speaks against it",
    "undecided": "leaves it open",
    "not against": "does not speak against it",
}
_SMALL, _DECIMALS = 1e-3, 4
_COMMAND = re.compile(r"\((infomax [^)]+)\)")
_UNITS = {"nats": "nats", "seconds": "s"}


class _Chip(NamedTuple):
    """The status of a check in a word, which leads to its card."""

    kind: str
    name: str
    anchor: str


class _Chips(NamedTuple):
    """Checks of one status, and why they were not run."""

    status: str
    why: str
    chips: list[_Chip]


@dataclass(frozen=True)
class _Figure:
    """A figure that is drawn, with what it is drawn from.

    Attributes:
        card: the drawing.
        file: name of the file that the reader may keep its table as.
        source: of that file, within the page.
    """

    card: Card
    file: str
    source: str


@dataclass(frozen=True)
class _OfCodes:
    """What a check found of one of the codes.

    Attributes:
        codes: their name.
        kind: of the chip of the status.
        finding: of the check.
        step: what to do next, without the command that does it.
        command: that does it; empty where none is named.
        figures: of what was measured.
        tables: of thresholds and of all that was measured, each with its heading.
    """

    codes: str
    kind: str
    finding: "Finding"
    step: str
    command: str
    figures: list["_Figure"]
    tables: list[tuple[str, Table]]


@dataclass(frozen=True)
class _Check:
    """A check, of the codes that the answer is of and of the others.

    Attributes:
        anchor: of its card.
        first: of the codes that were given first, or of the first that it was asked of.
        others: of the other codes.
        deciding: whether the answer rests on it.
        stance: on the claim, in words.
    """

    anchor: str
    first: _OfCodes
    others: list[_OfCodes]
    deciding: bool
    stance: str

    @property
    def run(self) -> bool:
        """Whether any of the codes have something to show of it, if only a part was run."""
        return any(
            each.finding.status != "not run" or each.figures for each in (self.first, *self.others)
        )


def write_audit_report(path: Path, *, result: "AuditResult", source: str = "") -> Path:
    """Write the page of an audit.

    Args:
        path: path of the page, one file that needs no network.
        result: that ``infomax.audit_codes`` returned.
        source: what the codes were read from, such as names of files.

    Returns:
        The path of the page.

    Raises:
        UserError: if the page cannot be written.
    """
    names = list(result.rows)
    every = _checks(result)
    beside = _beside(result, names)
    self_tests = read_self_tests()
    # A check that lacks a part of what it needs may still show what it measured.
    not_run = [check for check in every if not check.run]
    checks = [check for check in every if check.run]
    return write_page(
        path,
        "audit.html.j2",
        contents=[
            Entry("checks", "Checks"),
            *(Entry(check.anchor, check.first.finding.check, within=True) for check in checks),
            *([Entry("codes", "Codes side by side")] if beside else []),
            *([Entry("not-run", "What was not run")] if not_run else []),
            *(Entry(check.anchor, check.first.finding.check, within=True) for check in not_run),
            Entry("method", "Method, for a paper"),
            *([Entry("self-tests", "Self-tests")] if self_tests else []),
            Entry("settings", "Settings"),
        ],
        result=result,
        source=source,
        verdict_kind=_VERDICTS[result.verdict],
        chips=_chips([check for check in every if check.first.codes == names[0]]),
        first=names[0],
        checks=checks,
        together=[_drawn("codes", number, each) for number, each in enumerate(result.figures)],
        beside=beside,
        not_run=not_run,
        self_tests=self_tests,
        settings=_settings(result),
        environment=environment_table(result.environment) if result.environment else None,
    )


def write_audit_files(folder: Path, *, result: "AuditResult", source: str = "") -> Path:
    """Write the page of an audit, all that was measured, and what each figure is drawn from.

    Args:
        folder: gets ``report.html``, ``audit.json`` and ``figures``, a CSV for each figure; made if
            it is not there.
        result: that ``infomax.audit_codes`` returned.
        source: what the codes were read from, such as names of files.

    Returns:
        The path of the page.

    Raises:
        UserError: if a file cannot be written.
    """
    page, measured, figures = (folder / name for name in AUDIT_FILES)
    try:
        figures.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UserError(
            f"{folder}: is not a folder: give one, or one that is to be made"
        ) from error
    result.write_json(measured)
    of_all = [("", each) for each in result.figures]
    of_codes = [(finding.codes, each) for finding in result.findings for each in finding.figures]
    for codes, figure in [*of_all, *of_codes]:
        write_text_whole(figures / _file_name(figure, codes), _csv(figure))
    return write_audit_report(page, result=result, source=source)


def _file_name(figure: "FindingFigure", codes: str) -> str:
    """Return the name of the file of a figure, which leads out of no folder."""
    of_codes = f"{_stem(codes)}-" if codes else ""
    return f"{of_codes}{_stem(figure.name)}.csv"


def _stem(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "codes"


def _checks(result: "AuditResult") -> list[_Check]:
    """Return what each check found, those that the answer rests on first."""
    names = list(result.rows)
    by_check: dict[str, dict[str, Finding]] = {}
    for finding in result.findings:
        by_check.setdefault(finding.check, {})[finding.codes] = finding
    deciding = {finding.check for finding in result.deciding}
    if result.verdict == "Not contradicted":
        deciding = set()
    ordered = sorted(
        by_check, key=lambda name: (names[0] not in by_check[name], name not in deciding)
    )
    checks = []
    for name in ordered:
        anchor = f"check-{_stem(name)}"
        found = [
            _of_codes(by_check[name][codes], f"{anchor}-{number}")
            for number, codes in enumerate(names)
            if codes in by_check[name]
        ]
        stance = _STANCES[found[0].finding.stance]
        checks.append(_Check(anchor, found[0], found[1:], name in deciding, stance))
    return checks


def _of_codes(finding: "Finding", name: str) -> _OfCodes:
    command = _COMMAND.search(finding.next_step)
    step = _COMMAND.sub("", finding.next_step).strip()
    return _OfCodes(
        finding.codes,
        _KINDS[finding.status],
        finding,
        f"{step[:1].upper()}{step[1:]}" + ("" if not step or step.endswith(".") else "."),
        "" if command is None else command[1],
        [_drawn(name, number, each, finding.codes) for number, each in enumerate(finding.figures)],
        list(_tables(finding)),
    )


def _drawn(name: str, number: int, figure: "FindingFigure", codes: str = "") -> _Figure:
    drawing, left_out = draw_finding_figure(figure, f"{name}-{number}")
    table = base64.b64encode(_csv(figure).encode()).decode("ascii")
    return _Figure(
        Card(figure.title, drawing, left_out),
        _file_name(figure, codes),
        f"data:text/csv;base64,{table}",
    )


def _csv(figure: "FindingFigure") -> str:
    text: str = figure.table.to_csv(index=False, lineterminator="\n")
    return text


def _chips(checks: Sequence[_Check]) -> list[_Chips]:
    """Return the chips of each status that there is, the worst first; with why checks were not run.

    Those that were not run for one reason stand together.
    """
    groups: dict[tuple[str, str], list[_Chip]] = {}
    for status in _ORDER:
        for check in checks:
            finding = check.first.finding
            if finding.status == status:
                why = finding.short if status == "not run" else ""
                chip = _Chip(check.first.kind, finding.check, check.anchor)
                groups.setdefault((status, why), []).append(chip)
    return [_Chips(status, why, chips) for (status, why), chips in groups.items()]


def _beside(result: "AuditResult", names: Sequence[str]) -> Table | None:
    """Return a row for each check and a column for each of the codes, where there are several."""
    if len(names) < 2:
        return None
    checks = list(dict.fromkeys(finding.check for finding in result.findings))
    told = {
        (finding.check, finding.codes): f"{finding.status}: {finding.short}"
        for finding in result.findings
    }
    rows = [
        (check, *(told.get((check, codes), "not asked") for codes in names)) for check in checks
    ]
    return Table("What each check found of each of the codes", ("Check", *names), tuple(rows))


def _settings(result: "AuditResult") -> Table:
    rows = [("seed", str(result.random_state)), ("splits", format_count(result.seeds))]
    for name, (looked_at, given) in result.rows.items():
        part = f" of {format_count(given)}, drawn at random" if looked_at < given else ""
        size = result.sizes.get(name)
        more = ""
        if size is not None:
            more = f"; {format_count(size.held_out)} held out; {size.told()}"
            if size.groups:
                more += f"; {format_count(size.groups)} groups"
        rows.append((f"pairs of {name}", f"{format_count(looked_at)}{part}{more}"))
    return Table("What was audited", ("What", "Value"), tuple(rows))


def _tables(finding: "Finding") -> Iterator[tuple[str, Table]]:
    """Yield thresholds, then all that was measured: single values, then a table for each list."""
    # Whoever hears the page tells its tables apart by what they are of.
    of = f"{finding.check}, {finding.codes}"
    if finding.thresholds:
        rows = tuple((_words(name), _cell(value)) for name, value in finding.thresholds.items())
        heading = "Thresholds of the verdict"
        yield heading, Table(f"{heading}: {of}", ("Threshold", "Value"), rows)
    lists = {name: each for name, each in finding.measured.items() if _is_table(each)}
    single = [
        row
        for name, value in finding.measured.items()
        if name not in lists
        for row in _single(name, value)
    ]
    if single:
        yield "Measured", Table(f"Measured: {of}", ("Measured", "Value"), tuple(single))
    for name, each in lists.items():
        header = list(dict.fromkeys(key for row in each for key in row))
        cells = tuple(tuple(_cell(row.get(key)) for key in header) for row in each)
        heading = f"Measured: {_words(name)}"
        names = tuple(_words(key) for key in header)
        yield heading, Table(f"{heading}: {of}", names, cells)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _single(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _single(f"{name}: {key}", each)
    else:
        yield _words(name), _cell(value)


def _words(name: str) -> str:
    """Return the name of a measurement as words, its unit in brackets.

    Example:
        >>> _words("bound_nats"), _words("copied_pairs")
        ('bound (nats)', 'copied pairs')
    """
    *words, last = name.split("_")
    if words and last in _UNITS:
        return f"{' '.join(words)} ({_UNITS[last]})"
    return " ".join([*words, last])


def _cell(value: Any) -> str:
    """Return a measured value as it stands in a table.

    Example:
        >>> _cell(0.123456), _cell([0.1, 0.25]), _cell(1234), _cell([]), _cell("so")
        ('0.1235', '[0.1000, 0.2500]', '1,234', 'none', 'so')
    """
    if value is None or isinstance(value, bool):
        return {None: "not known", True: "yes", False: "no"}[value]
    if isinstance(value, int):
        return format_count(value)
    if isinstance(value, float):
        small = value != 0 and abs(value) < _SMALL
        return format_number(value, None if small else _DECIMALS)
    if isinstance(value, list | tuple):
        if not value:
            return "none"
        told = ", ".join(_cell(each) for each in value)
        return f"[{told}]" if all(isinstance(each, float) for each in value) else told
    return value if isinstance(value, str) else json.dumps(value, default=str)
