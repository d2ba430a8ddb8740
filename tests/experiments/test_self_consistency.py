"""Ratios of readings that behave as information does, or do not."""

import pytest
import torch

from infomax.experiments import self_consistency as tests_of_three
from infomax.experiments.pixel_information import PairDraw, PixelReading
from infomax.experiments.self_consistency import (
    CONSISTENCY_COLUMNS,
    ConsistencyRow,
    self_consistency,
)


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Read, in the place of a bound, how many values of an image y holds and x does not repeat."""
    seen: list[tuple[int, int]] = []

    def read(draw: PairDraw, *, pairs: int, bound: str, seed: int) -> PixelReading:
        x, y = draw("train", 4, torch.Generator().manual_seed(seed))
        assert x.shape[0] == y.shape[0] == 4
        seen.append((x.shape[1], y.shape[1]))
        value = {196: 1.0, 392: 2.0, 588: 2.5, 784: 3.0, 700: 2.0}[y.shape[1]]
        return PixelReading(value, value - 0.1, value + 0.1, "lower bound", 1.0, ())

    monkeypatch.setattr(tests_of_three, "read_pixels", read)
    return seen


def test_ratios_are_those_of_the_readings(sizes: list[tuple[int, int]]) -> None:
    rows = list(self_consistency(samples=256))
    assert sizes == [(784, 784), (784, 196), (784, 392), (784, 588), (1568, 700), (1568, 784)]
    ratios = [row.ratio for row in rows]
    assert ratios == pytest.approx([1 / 3, 2 / 3, 2.5 / 3, 1.0, 1.5])
    assert [row.holds for row in rows] == [True, True, True, True, False]
    assert rows[3].high - rows[3].low == pytest.approx(2 * (2 * 0.05**2) ** 0.5)
    assert len(rows[0].cells()) == len(CONSISTENCY_COLUMNS)


@pytest.mark.parametrize(
    ("low", "high", "holds"), [(0.9, 1.1, True), (1.01, 1.1, False), (0.4, 0.49, False)]
)
def test_holds_where_the_interval_reaches_what_is_expected(
    low: float, high: float, holds: bool
) -> None:
    row = ConsistencyRow("baseline", 0, (low + high) / 2, low, high, (0.5, 1.0), 1.0)
    assert row.holds is holds
    assert row.expected_told == "0.50 to 1"


def test_y_is_the_upper_part_of_x() -> None:
    from infomax.data import DATASETS  # noqa: PLC0415

    draw = tests_of_three._parts(DATASETS["mnist"](), rows=14, again=11)
    x, y = draw("test", 5, torch.Generator().manual_seed(0))
    torch.testing.assert_close(x[:, :784], x[:, 784:])
    torch.testing.assert_close(y[:, : 14 * 28], x[:, : 14 * 28])
    torch.testing.assert_close(y[:, 14 * 28 :], x[:, : 11 * 28])
