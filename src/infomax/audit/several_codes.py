"""What several codes show together: the bound of each against the accuracy of its probe."""

from collections.abc import Sequence

import pandas as pd

from infomax.audit.finding import Finding, FindingFigure

__all__ = ["bound_against_accuracy"]


def bound_against_accuracy(findings: Sequence[Finding]) -> FindingFigure | None:
    """Return a point for each of the codes: how much its bound reads, how often its probe is right.

    Both are of the same held-out pairs, and of a finding that measured both; none where fewer than
    two codes have such a finding. Were information what makes codes good, points would rise.

    Args:
        findings: of all codes.

    Example:
        >>> measured = {"bound_nats": 1.0, "accuracy": 0.5, "accuracy_interval": [0.4, 0.6]}
        >>> findings = [
        ...     Finding("re-coding", name, "?", "sound", "not against", "", "", measured=measured)
        ...     for name in ("mine", "raw")
        ... ]
        >>> bound_against_accuracy(findings).table["label"].tolist()
        ['mine', 'raw']
        >>> bound_against_accuracy(findings[:1]) is None
        True
    """
    rows = {}
    sizes = set()
    for each in findings:
        measured = each.measured
        if each.codes in rows or not {"bound_nats", "accuracy_interval"} <= measured.keys():
            continue
        low, high = measured["accuracy_interval"]
        sizes.add(measured.get("bound_at"))
        rows[each.codes] = {
            "label": each.codes,
            "at": measured["bound_nats"],
            "value": measured["accuracy"],
            "low": low,
            "high": high,
        }
    if len(rows) < 2:
        return None
    size = sizes.pop()
    at = f" at K = {size:,}" if size is not None and not sizes else ""
    return FindingFigure(
        "bound-against-accuracy",
        "Do codes of which the bound reads more have the better probe?",
        "points",
        pd.DataFrame(list(rows.values())),
        value_label="accuracy of the linear probe on held-out pairs",
        at_label=f"InfoNCE of held-out pairs{at}, in nats",
    )
