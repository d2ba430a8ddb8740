"""Across codes: ranks of bound and accuracy, with intervals that hold, and each verdict."""

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from infomax import audit_codes
from infomax.audit.checks import across
from infomax.audit.checks.across import architecture_share, check_across, rank_correlation
from infomax.audit.finding import Finding
from tests.audit.planted import read, sound

CODES = [read(sound(0, rows=60))]


def findings(bounds: ArrayLike, accuracies: ArrayLike, half: float = 0.01) -> list[Finding]:
    """Return what the check reads of each of the codes, with intervals of one width."""
    found = []
    for index, (bound, accuracy) in enumerate(
        zip(np.asarray(bounds), np.asarray(accuracies), strict=True)
    ):
        own = {
            "bound_nats": bound,
            "bound_interval_nats": [bound - half, bound + half],
            "linear": accuracy,
            "linear_interval": [accuracy - half, accuracy + half],
        }
        name = f"{'ab'[index % 2]}/{index}"
        measured = {"baselines": [own]}
        found.append(
            Finding("baselines", name, "?", "sound", "not against", "", "", measured=measured)
        )
    return found


def drawn(
    seed: int, rho: float, count: int = 20
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, noise = np.random.default_rng(seed).standard_normal((2, count))
    return x, 0.7 + 0.1 * (rho * x + np.sqrt(1 - rho**2) * noise)


@pytest.mark.parametrize(
    ("rho", "status", "stance"), [(0.99, "sound", "not against"), (-0.9, "caution", "against")]
)
@pytest.mark.parametrize("seed", range(20))
def test_codes_that_rise_together_and_codes_that_do_not(
    rho: float, status: str, stance: str, seed: int
) -> None:
    finding = check_across(CODES, findings(*drawn(seed, rho)))
    assert (finding.status, finding.stance, finding.codes) == (status, stance, "mine")
    assert (finding.measured["permutation_p"] < 0.05) is True


def test_few_codes_are_not_run_and_hinder_no_answer() -> None:
    finding = check_across(CODES, findings(np.arange(5), np.arange(5)))
    assert (finding.status, finding.stance) == ("not run", "not against")
    assert "6 encoders" in finding.next_step


def test_codes_that_hardly_differ_are_not_ranked() -> None:
    finding = check_across(CODES, findings(*drawn(0, -0.9), half=0.3))
    assert (finding.status, finding.stance) == ("caution", "not against")
    assert "differ too little in accuracy" in finding.sentence
    same = check_across(CODES, findings([1.0] * 8, np.linspace(0, 1, 8)))
    assert (same.status, same.stance) == ("caution", "not against")


def test_few_ranks_leave_it_open() -> None:
    finding = check_across(CODES, findings([1, 2, 3, 4, 5, 6], [0.1, 0.5, 0.2, 0.7, 0.3, 0.6]))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert "which leaves it open" in finding.sentence


@pytest.mark.parametrize("count", [6, 12, 40])
@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_intervals_hold_spearmans_correlation(count: int, rho: float) -> None:
    truth = 6 / np.pi * np.arcsin(rho / 2)
    ends = [rank_correlation(*drawn(seed, rho, count), "spearman")[1] for seed in range(400)]
    assert np.mean([each.low <= truth <= each.high for each in ends]) > 0.92


def test_correlations_and_p_are_those_of_naive_counts() -> None:
    x, y = drawn(1, 0.5, 6)
    ranks = [np.argsort(np.argsort(each)) for each in (x, y)]
    squares = np.square(ranks[0] - ranks[1]).sum()
    assert rank_correlation(x, y, "spearman")[0] == pytest.approx(1 - 6 * squares / (6 * 35))
    signs = [np.sign((x[i] - x[j]) * (y[i] - y[j])) for i in range(6) for j in range(i)]
    assert rank_correlation(x, y, "kendall")[0] == pytest.approx(np.mean(signs))
    found = abs(np.corrcoef(ranks[0], ranks[1])[0, 1])
    others = [abs(np.corrcoef(ranks[0], np.array(each))[0, 1]) for each in permutations(ranks[1])]
    p = np.mean(np.array(others) >= found - 1e-9)
    measured = check_across(CODES, findings(x, y)).measured
    assert measured["permutation_p"] == pytest.approx(p, abs=0.01)


def test_the_share_of_architectures_is_that_of_the_means() -> None:
    accuracy = np.array([0.9, 0.8, 0.5, 0.4, 0.6])
    found = architecture_share(["a/1", "a/2", "b/1", "b/2", "b/3"], accuracy)
    assert found is not None
    means = np.array([0.85, 0.85, 0.5, 0.5, 0.5])
    assert found["architecture_share"] == pytest.approx(means.var() / accuracy.var())
    assert found["architecture_share_by_chance"] == 0.25
    assert architecture_share(["a", "b", "c/1"], accuracy[:3]) is None
    assert "Architectures explain" in check_across(CODES, findings(*drawn(0, 0.9))).detail


def test_an_audit_of_several_codes_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infomax.audit.codes_audit.CHECKS", ())
    x, y, _ = sound(0, rows=60)
    found = audit_codes({"mine": (x, y), "other": (x, y)})
    assert [(each.check, each.codes) for each in found.findings] == [(across.NAME, "mine")]
