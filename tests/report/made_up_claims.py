"""Claims judged on effects that no training gave."""

from typing import Any

from infomax.studies.verdicts import Claim, judge

__all__ = ["made_up"]


def made_up(*effects: float, **changes: Any) -> Claim:
    """Return a claim judged on these effects."""
    given = {
        "claim": "c:mnist:nwj",
        "figure": "fig3",
        "dataset": "mnist",
        "sentence": "All is well.",
        "steps": 600,
        "measured_as": "nats",
    }
    return judge(effects=effects, **{**given, **changes})
