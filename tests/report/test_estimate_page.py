"""The pages of an estimate and of a ranking: the data as they are, and the same numbers."""

import math
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infomax.estimation import Interval, MIResult, estimate_mi, rank_columns
from infomax.information import ranking_answer
from infomax.report import write_estimate_report, write_ranking_report
from infomax.warnings import EstimationWarning
from tests.report.test_run_page import text_of

PERMUTATIONS = 19


def estimated(x: pd.DataFrame, y: pd.DataFrame, method: str = "auto") -> MIResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        return estimate_mi(x, y, method, permutations=PERMUTATIONS)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Height and mass that go together, and a group that both depend on."""
    generator = np.random.default_rng(0)
    group = generator.integers(0, 3, 300)
    height = group + generator.standard_normal(300)
    return pd.DataFrame(
        {
            "height": height,
            "mass <kg>": np.exp(height / 2) + 0.1 * generator.standard_normal(300),
            "group": group,
            "sex": np.array(["f", "m"])[(group > 0).astype(int)],
        }
    )


def test_measurements_are_drawn_as_values_and_ranks(table: pd.DataFrame, tmp_path: Path) -> None:
    x, y = table[["height"]], table[["mass <kg>"]]
    result = estimated(x, y)
    page = write_estimate_report(
        tmp_path / "page.html", result=result, x=x, y=y, source="people.csv"
    )
    said = text_of(page)
    assert result.answer().replace("<", "&lt;").replace(">", "&gt;") in said
    assert "people.csv" in said
    assert "height and mass &lt;kg&gt;: values" in said
    assert "height and mass &lt;kg&gt;: ranks" in said
    assert f"{PERMUTATIONS} times, so that nothing was shared; none reached" in said
    correlation = math.sqrt(1 - math.exp(-2 * result.value))
    assert f"whose correlation is {correlation:.2f}, or -{correlation:.2f}" in said
    assert result.reason.replace("<", "&lt;").replace(">", "&gt;") in said
    whole = page.read_text(encoding="utf-8")
    ranks = whole.partition('aria-label="height and mass &lt;kg&gt;: ranks"')[2].partition("</svg>")
    # Each row is a point.
    assert ranks[0].count("<use") >= len(x)
    for entry in re.findall(r'href="#([\w-]+)"', whole):
        assert f'id="{entry}"' in whole


def test_levels_are_drawn_as_levels_and_their_share_is_told(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    x, y = table[["height"]], table[["group"]]
    result = estimated(x, y)
    page = write_estimate_report(tmp_path / "a.html", result=result, x=x, y=y, unit="bits")
    said = text_of(page)
    assert "height and group: values by level" in said
    share = f"{100 * result.share_of_y:.0f}"
    assert f"Knowing height takes away about {share} % of the uncertainty about group" in said
    assert "bits with group" in said
    assert "taken as discrete" in said  # a warning of the result

    levels = table[["sex"]].astype("category")
    result = estimated(levels, y)
    page = write_estimate_report(tmp_path / "b.html", result=result, x=levels, y=y)
    assert "sex and group: levels" in text_of(page)
    # Men are of two groups, women of one: 100 per cent of them.
    drawn = page.read_text(encoding="utf-8").partition('aria-label="sex and group: levels"')[2]
    shares = re.findall(r"<text[^>]*>(\d+)</text>", drawn.partition("</svg>")[0])
    assert "100" in shares


def test_training_is_drawn_and_a_lower_bound_is_said_to_be_one(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    x, y = table[["height"]], table[["mass <kg>"]]
    history = pd.DataFrame(
        {"refit": [0, 0, 1, 1], "step": [0, 10] * 2, "train": 1.0, "validation": [0.5, 0.7] * 2}
    )
    result = MIResult(
        *(0.7, Interval(0.6, 0.8), 0.05, "infonce", "lower bound", "because", 300, 0.95),
        *(np.zeros(19), 1.0, history),
        x_columns=("height",),
        y_columns=("mass <kg>",),
    )
    page = write_estimate_report(tmp_path / "page.html", result=result, x=x, y=y)
    said = text_of(page)
    assert "height shares at least 0.700 nats" in said
    assert "A lower bound" in said
    assert "Mean of 2 networks" in said
    assert "<title>validation: 0.700 after 10 updates</title>" in page.read_text(encoding="utf-8")


def test_what_is_infinite_has_a_page(table: pd.DataFrame, tmp_path: Path) -> None:
    x, y = table[["height"]], (table[["height"]] ** 3).rename(columns={"height": "cube"})
    result = estimated(x, y)
    assert result.value == math.inf
    said = text_of(write_estimate_report(tmp_path / "page.html", result=result, x=x, y=y))
    assert "height shares inf nats with cube" in said
    assert "Information that is shared" not in said


def test_of_many_columns_those_are_drawn_that_go_together(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    x = pd.DataFrame(
        generator.standard_normal((1_500, 8)), columns=[f"x{each}" for each in range(8)]
    )
    y = pd.DataFrame({"y": x["x5"] + 0.5 * x["x7"] + 0.1 * generator.standard_normal(1_500)})
    result = MIResult(
        *(0.7, Interval(0.6, 0.8), math.nan, "ksg-1", "neither", "because", 1_500, 0.95),
        *(np.zeros(0), 1.0, pd.DataFrame()),
        x_columns=tuple(x.columns),
        y_columns=("y",),
    )
    page = write_estimate_report(tmp_path / "page.html", result=result, x=x, y=y)
    said = text_of(page)
    headings = re.findall(r"(x\d) and y: values", said)
    assert headings[:2] == ["x5", "x7"]
    assert len(headings) == 4
    assert "4 of 8 pairs of columns are drawn" in said
    assert "of 1,500 rows 1,000 are drawn, at random" in said
    assert "Dependence was not tested." in said


@pytest.mark.parametrize("interval", [(0.8, 0.9), (0.1, 0.2)])
def test_numbers_of_any_kind_are_drawn(
    interval: tuple[float, float], table: pd.DataFrame, tmp_path: Path
) -> None:
    """An interval beside the value, permuted values that differ by rounding, odd names."""
    x, y = table[["height"]].set_axis(["a\x01$b_{$"], axis=1), table[["group"]]
    result = MIResult(
        *(0.7, Interval(*interval), 0.05, "ksg-1", "neither", "because", 300, 0.95),
        *(0.1 + np.array([0.0, 2e-17, 1e-17] * 9), 1.0, pd.DataFrame()),
        x_columns=tuple(x.columns),
        y_columns=("group",),
    )
    page = write_estimate_report(tmp_path / "page.html", result=result, x=x, y=y)
    whole = page.read_text(encoding="utf-8")
    assert "a\N{REPLACEMENT CHARACTER}$b_{$ and group: values by level" in whole
    assert "\x01" not in whole
    assert "Information that is shared" in whole
    assert "Any dependence at all?" in whole


def test_columns_are_ranked_with_their_bars_numbers_and_data(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 200)
    x = pd.DataFrame(
        {
            "near": target + 0.3 * generator.standard_normal(200),
            "far": generator.standard_normal(200),
            "text <b>": ["some words"] * 200,
        }
    )
    y = pd.DataFrame({"target": target})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        ranking = rank_columns(x, y, permutations=39)
    page = write_ranking_report(
        tmp_path / "page.html",
        ranking=ranking,
        x=x,
        y=y,
        source="data.csv",
        warnings=["rows may be dependent"],
    )
    said = text_of(page)
    assert "What shares most with target" in said
    assert ranking_answer(ranking, ["target"]) in said
    near = ranking.loc["near"]
    told = f"{near['value_nats']:.3f} [{near['low_nats']:.3f}, {near['high_nats']:.3f}]"
    assert f"near {told}" in said
    assert f"{100 * near['share_of_y']:.0f} %" in said
    assert "text &lt;b&gt;: column text &lt;b&gt; holds text" in said
    assert "near and target: values by level" in said
    assert "rows may be dependent" in said
    whole = page.read_text(encoding="utf-8")
    assert f"<title>near: {near['value_nats']:.3f} nats" in whole
    for entry in re.findall(r'href="#([\w-]+)"', whole):
        assert f'id="{entry}"' in whole


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (30, "no dependence is shown. Column"),
        (31, " 1 more column is in the table."),
        (32, " 2 more columns are in the table."),
    ],
)
def test_bars_have_their_intervals_where_they_are(columns: int, said: str, tmp_path: Path) -> None:
    x = pd.DataFrame({f"x{each}": [0, 1, 0] for each in range(columns)})
    ranking = pd.DataFrame(
        {
            "value_nats": 0.5,
            # Of some the value lies below the interval, of some above.
            "low_nats": [0.6, 0.3] + [0.4] * (columns - 2),
            "high_nats": [0.7, 0.4] + [0.6] * (columns - 2),
            "p_value": 0.01,
            "corrected_p_value": 0.01,
            "share_of_y": np.nan,
            "kind": "neither",
            "method": "ksg-1",
            "refused": "",
        },
        index=pd.Index(x.columns, name="column"),
    )
    y = pd.DataFrame({"y": [0, 1, 0]})
    page = write_ranking_report(tmp_path / "page.html", ranking=ranking, x=x, y=y)
    text = text_of(page)
    assert said in text
    assert "<title>x0: 0.500 nats [0.600, 0.700]</title>" in page.read_text(encoding="utf-8")
