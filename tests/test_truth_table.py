"""What an estimate says beside the truth, and what many say together."""

from dataclasses import replace

import pytest

from infomax.truth_table import COLUMNS, TruthRow, summarise

ROW = TruthRow("task", 100, "auto", 0, 1.0, 0.0, 1.05, 0.9, 1.2, False, 0.5, "ksg-1")
LOWER = replace(ROW, at_least=True)
REFUSED = replace(ROW, estimate=float("nan"), low=float("nan"), refusal="too few pairs")


@pytest.mark.parametrize(
    ("row", "is_true"),
    [
        (ROW, True),
        (replace(ROW, low=1.0), True),
        (replace(ROW, low=1.01), False),
        (replace(ROW, high=0.99), False),
        (replace(LOWER, estimate=0.2, low=0.1, high=0.3), True),
        (replace(LOWER, low=1.01), False),
        (replace(ROW, low=1.01, truth_error=0.006), True),
        (replace(ROW, high=0.99, truth_error=0.006), True),
        (replace(ROW, high=0.99, truth_error=0.004), False),
        (REFUSED, True),
    ],
)
def test_a_statement_is_true_where_the_truth_is_in_it(row: TruthRow, is_true: bool) -> None:
    assert row.is_true is is_true


@pytest.mark.parametrize(
    ("row", "silent"),
    [
        (ROW, False),
        (replace(ROW, estimate=0.8, low=0.7, high=0.9), True),
        (replace(ROW, estimate=0.8, low=0.7, high=0.9, warnings=("FewRowsWarning",)), False),
        (replace(ROW, estimate=0.95, low=0.93, high=0.97), False),
        (replace(ROW, estimate=0.8, low=0.5, high=1.1), False),
        (replace(LOWER, estimate=1.3, low=1.05, high=1.5), False),
        (replace(LOWER, estimate=1.3, low=1.15, high=1.5), True),
        (REFUSED, False),
    ],
)
def test_a_miss_is_silent_where_it_is_false_and_far_and_without_a_warning(
    row: TruthRow, silent: bool
) -> None:
    assert row.is_silent_miss is silent


def test_cells_stand_in_their_columns() -> None:
    cells = dict(zip(COLUMNS, LOWER.cells(), strict=True))
    assert cells["says"] == "at least"
    assert (cells["low"], cells["high"]) == (0.9, "")
    refused = dict(zip(COLUMNS, REFUSED.cells(), strict=True))
    assert (refused["estimate"], refused["took"]) == ("", "too few pairs")


def test_a_summary_counts_what_was_said() -> None:
    far = replace(ROW, estimate=0.8, low=0.7, high=0.9)
    summary = summarise([ROW, far, LOWER, REFUSED])
    assert (summary.estimates, summary.refusals) == (3, 1)
    assert summary.mean_absolute_error == pytest.approx((0.05 + 0.2 + 0.05) / 3)
    assert (summary.true, summary.two_sided, summary.covered) == (2, 2, 1)
    assert summary.silent_misses == 1
    assert "1 refused" in summary.lines()[0]


def test_nothing_but_refusals_has_no_error() -> None:
    lines = summarise([REFUSED]).lines()
    assert lines[0].startswith("mean absolute error: nan nats over 0 estimates")
    assert "there is none" in lines[2]
