"""How often checks of an audit find faults that were planted: what a benchmark has counted."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from infomax.report.page import Table
from infomax.report.text import plural

__all__ = ["SelfTests", "read_self_tests"]


class SelfTests(NamedTuple):
    """What is told of the self-tests.

    Attributes:
        command: that counts them again.
        codes: what was drawn.
        sound: what was said of sound codes, in a sentence; empty where none were asked.
        table: a row for each planted fault, and one for each check of sound codes.
    """

    command: str
    codes: str
    sound: str
    table: Table


def read_self_tests(kept: Mapping[str, Any] | None = None) -> SelfTests | None:
    """Return the self-tests that the package holds; none where there are none.

    Args:
        kept: what ``benchmarks/audit_self_tests.py`` has kept; by default that of the package.

    Example:
        >>> row = {"found": 19, "of": 20, "rate_at_least": 0.751, "date": "2026-11-26"}
        >>> kept = {"command": "count", "codes": "600 pairs", "planted": {"a leak": row}}
        >>> read_self_tests(kept).table.rows
        (('a leak', 'found in 19 of 20, a rate of at least 0.75', '2026-11-26'),)
    """
    if kept is None:
        held = files("infomax.audit") / "self_tests.json"
        if not held.is_file():
            return None
        kept = json.loads(held.read_text(encoding="utf-8"))
    rows = [
        (
            name,
            f"found in {row['found']} of {row['of']}, a rate of at least "
            f"{row['rate_at_least']:z.2f}",
            str(row["date"]),
        )
        for name, row in kept.get("planted", {}).items()
    ]
    of_sound = kept.get("sound", {})
    for check, row in of_sound.items():
        counts = ", ".join(
            f"{status} in {row[status]}" for status in ("broken", "caution", "not run")
        )
        rows.append((f"sound codes, {check}", f"{counts} of {row['of']}", str(row["date"])))
    if not rows:
        return None
    sound = ""
    if of_sound:
        broken = sum(row["broken"] for row in of_sound.values())
        spoken = {seed for row in of_sound.values() for seed in row["seeds"]}
        most = max(row["of"] for row in of_sound.values())
        sound = (
            f"Of sound codes caution or worse was said in {len(spoken)} of {most} draws by "
            f"{len(of_sound)} {plural('check', len(of_sound))} together, and broken "
            f"{f'{broken} ' + plural('time', broken) if broken else 'never'}."
        )
    table = Table(
        "Faults that were planted, and what was said", ("Codes", "Said", "Counted"), tuple(rows)
    )
    return SelfTests(kept["command"], kept["codes"], sound, table)
