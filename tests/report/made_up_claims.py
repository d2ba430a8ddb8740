"""Claims judged on effects that no training gave."""

from dataclasses import fields
from typing import Any

from infomax.studies.verdicts import Claim, Statement, judge

__all__ = ["made_up"]


def made_up(*effects: float, **changes: Any) -> Claim:
    """Return a claim judged on these effects, of a statement and runs with these changes."""
    given = {
        "name": "c",
        "sentence": "All is well.",
        "measured_as": "nats",
        "claim": "c:mnist:nwj",
        "figure": "fig3",
        "dataset": "mnist",
        "steps": 600,
        **changes,
    }
    said = {field.name: given.pop(field.name) for field in fields(Statement) if field.name in given}
    return judge(Statement(**said), effects, **given)
