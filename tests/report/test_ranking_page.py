"""The page of a ranking: bars, numbers and data of the columns, and why others are not there."""

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infomax.estimation import EstimationWarning, rank_columns
from infomax.information import ranking_answer
from infomax.report import write_ranking_report
from tests.report.test_run_page import text_of


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
