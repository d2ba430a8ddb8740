"""Across codes: do those of which the bound reads more have the better probe?"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.checks import baselines
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.information import Interval

__all__ = ["architecture_share", "check_across", "rank_correlation"]

NAME = "across codes"
QUESTION = "Do codes of which the bound reads more have the better probe?"
_FEWEST_CODES = 6
_CLAIMED = 0.5
_LEAST_RELIABILITY = 0.5
_NORMAL = 1.96
_COLUMNS = ["label", "at", "at_low", "at_high", "value", "low", "high"]


def check_across(codes: Sequence[AuditedCodes], findings: Sequence[Finding]) -> Finding:
    r"""Correlate the ranks of codes by their bound with those by their linear probe.

    Bound and accuracy are those of held-out pairs that ``check_baselines`` measured. Spearman's and
    Kendall's correlations have intervals by Fisher's transformation, with errors

    .. math:: \sqrt{\frac{1 + \rho^2 / 2}{n - 3}}, \qquad \sqrt{\frac{0.437}{n - 4}}

    and a p value by permuting accuracies. An interval of Spearman's that lies below 0.5 contradicts
    the claim: the bound explains less than a quarter of how codes rank. Ranks mean nothing where
    codes differ less than their measurements: where the mean squared error of either, of pairs, is
    more than half of its variance over codes.

    Of codes with names such as ``convnet/3``, the share of the variance of accuracies that lies
    between architectures (:math:`\eta^2`) stands beside it, with what chance gives,
    (k - 1) / (n - 1).

    Source: Bonett and Wright (2000); Fieller, Hartley and Pearson (1957).

    Args:
        codes: all that are audited.
        findings: of them, so far.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> found = check_across([read_codes("mine", np.eye(40), np.eye(40), None, seed=0)], [])
        >>> found.status, found.stance
        ('not run', 'not against')
    """
    table = _measured_codes(findings)
    count = len(table)
    if count < _FEWEST_CODES:
        why = f"codes with a bound and an accuracy: {count}, and ranks of fewer than 6 say nothing"
        # It compares codes with each other, so that the answer for the first stands without.
        return Finding.not_run(
            NAME,
            codes[0].name,
            QUESTION,
            why,
            "give labels and the codes of 6 encoders or checkpoints and more, of the same pairs",
            stance="not against",
        )
    bound, accuracy = table["at"].to_numpy(), table["value"].to_numpy()
    reliabilities = {
        "bound": _reliability(bound, table["at_high"] - table["at_low"]),
        "accuracy": _reliability(accuracy, table["high"] - table["low"]),
    }
    spearman, interval = rank_correlation(bound, accuracy, "spearman")
    kendall, kendall_interval = rank_correlation(bound, accuracy, "kendall")
    by_architecture = architecture_share(list(table["label"]), accuracy)
    told = f"{spearman:+z.2f} [{interval.low:+z.2f}, {interval.high:+z.2f}] over {count} codes"
    status, stance, sentence, next_step = _verdict(told, interval, reliabilities)
    measured: dict[str, Any] = {
        "codes": table.to_dict("records"),
        "spearman": spearman,
        "spearman_interval": list(interval),
        "kendall": kendall,
        "kendall_interval": list(kendall_interval),
        "permutation_p": _permutation_p(bound, accuracy),
        "reliability_of_bound": reliabilities["bound"],
        "reliability_of_accuracy": reliabilities["accuracy"],
        **({} if by_architecture is None else by_architecture),
    }
    share = (
        "Names such as convnet/3 would tell what share architectures explain."
        if by_architecture is None
        else f"Architectures explain {100 * by_architecture['architecture_share']:z.0f} % of the "
        f"variance of accuracies, of which chance alone gives "
        f"{100 * by_architecture['architecture_share_by_chance']:z.0f} %."
    )
    return Finding(
        NAME,
        codes[0].name,
        QUESTION,
        status,
        stance,
        f"Spearman {told}",
        sentence,
        next_step,
        f"Kendall's correlation is {kendall:+z.2f} [{kendall_interval.low:+z.2f}, "
        f"{kendall_interval.high:+z.2f}]. {share}",
        interval,
        "Spearman's correlation of bound and accuracy over codes",
        measured,
        {"claimed": _CLAIMED, "least_reliability": _LEAST_RELIABILITY, "fewest": _FEWEST_CODES},
        [
            FindingFigure(
                "across-codes",
                "Bound against accuracy of all codes",
                "points",
                table[["label", "at", "value", "low", "high"]],
                "accuracy of the linear probe on held-out pairs",
                "InfoNCE of held-out pairs, in nats",
            )
        ],
        f"Of {count} codes, held-out InfoNCE and accuracy of the linear probe were correlated by "
        "ranks; intervals are by Fisher's transformation (Bonett and Wright, 2000; Fieller et al., "
        "1957).",
    )


def _verdict(
    told: str, interval: Interval, reliabilities: dict[str, float]
) -> tuple[Status, Stance, str, str]:
    alike = [name for name, each in reliabilities.items() if each < _LEAST_RELIABILITY]
    if alike:
        return (
            "caution",
            "not against",
            f"Codes differ too little in {' and '.join(alike)} to be ranked: ranks correlate by "
            f"{told}, and are mostly what pairs were drawn.",
            "bring more pairs, or encoders that differ more",
        )
    if interval.high < _CLAIMED:
        return (
            "caution",
            "against",
            f"Ranks of codes by bound and by accuracy correlate by {told}: the bound explains less "
            "than a quarter of how good codes are.",
            "choose encoders by probes, and not by the bound",
        )
    if interval.low > 0:
        return (
            "sound",
            "not against",
            f"Codes of which the bound reads more are more accurate: ranks correlate by {told}.",
            "",
        )
    return (
        # That few codes leave it open is no fault of theirs.
        "sound",
        "not against",
        f"Ranks of codes by bound and by accuracy correlate by {told}, which leaves it open.",
        "bring more encoders",
    )


def rank_correlation(
    x: NDArray[np.float64], y: NDArray[np.float64], kind: str
) -> tuple[float, Interval]:
    """Return Spearman's or Kendall's rank correlation, with its 95 % interval.

    A perfect one, of which Fisher's transformation is infinite, has the interval of the next lower
    value that as many ranks can have.

    Args:
        x: ``(n,)``, of at least 5.
        y: ``(n,)``.
        kind: ``spearman`` or ``kendall``.

    Example:
        >>> value, interval = rank_correlation(np.arange(8.0), np.arange(8.0) ** 2, "spearman")
        >>> value, round(interval.low, 2), round(interval.high, 2)
        (1.0, 0.82, 1.0)
    """
    count = len(x)
    if min(np.ptp(x), np.ptp(y)) == 0:
        return 0.0, Interval(-1.0, 1.0)
    if kind == "spearman":
        value = float(stats.spearmanr(x, y).statistic)
        most = 1 - 12 / (count**3 - count)
        inner = max(-most, min(most, value))
        error = math.sqrt((1 + inner**2 / 2) / (count - 3))
    else:
        value = float(stats.kendalltau(x, y).statistic)
        most = 1 - 4 / (count * (count - 1))
        inner = max(-most, min(most, value))
        error = math.sqrt(0.437 / (count - 4))
    low, high = (math.tanh(math.atanh(inner) + side * _NORMAL * error) for side in (-1, 1))
    return value, Interval(min(low, value), max(high, value))


def architecture_share(
    names: Sequence[str], accuracy: NDArray[np.float64]
) -> dict[str, float] | None:
    """Return the share of variance between architectures, which stand before the last slash.

    Args:
        names: of codes, such as ``convnet/3``.
        accuracy: ``(n,)``.

    Returns:
        The share, and what chance gives; none where names tell no two architectures, or no two
        codes of one.

    Example:
        >>> architecture_share(["a/1", "a/2", "b/1", "b/2"], np.array([1.0, 1.0, 0.0, 0.0]))
        {'architecture_share': 1.0, 'architecture_share_by_chance': 0.3333333333333333}
    """
    architectures = np.array([name.rpartition("/")[0] for name in names])
    present = np.unique(architectures)
    total = float(np.square(accuracy - accuracy.mean()).sum())
    if "" in present or not 1 < len(present) < len(names) or total == 0:
        return None
    groups = [accuracy[architectures == each] for each in present]
    between = sum(len(each) * float(each.mean() - accuracy.mean()) ** 2 for each in groups)
    return {
        "architecture_share": between / total,
        "architecture_share_by_chance": (len(present) - 1) / (len(names) - 1),
    }


def _measured_codes(findings: Sequence[Finding]) -> pd.DataFrame:
    rows = []
    for each in findings:
        if each.check == baselines.NAME and "baselines" in each.measured:
            own = each.measured["baselines"][0]
            accuracy = (own["linear"], *own["linear_interval"])
            rows.append((each.codes, own["bound_nats"], *own["bound_interval_nats"], *accuracy))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _reliability(values: NDArray[np.float64], widths: "pd.Series[float]") -> float:
    """Return the share of the variance of codes that is no error of their measurements."""
    variance = float(values.var(ddof=1))
    error = float(np.square(widths.to_numpy() / (2 * _NORMAL)).mean())
    return max(0.0, 1 - error / variance) if variance > 0 else 0.0


def _permutation_p(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    if min(np.ptp(x), np.ptp(y)) == 0:
        return 1.0
    ranks = stats.rankdata(y)
    test = stats.permutation_test(
        (stats.rankdata(x),),
        lambda permuted: float(np.corrcoef(permuted, ranks)[0, 1]),
        permutation_type="pairings",
        vectorized=False,
        n_resamples=999,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)
