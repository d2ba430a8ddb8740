"""Small tables, each of the shape of some that users have, and what is made of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

CASES = Path(__file__).parents[3] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the tables are not there")


@pytest.mark.parametrize(
    ("line", "value", "pairs", "said"),
    [
        (("zip.csv", "--x", "zip", "--y", "y", "--discrete", "zip"), 0.487, 120, ""),
        (("ids.csv", "--x", "id", "--y", "y", "--discrete", "id"), 0.487, 120, ""),
        (
            ("spikes_x.csv", "spikes_y.csv"),
            *(0.433, 200),
            "spikes_x.csv: its first line (33) is taken for measurements",
        ),
        (
            ("de.csv", "--x", "x", "--y", "y", "--separator", ";", "--decimal", ","),
            *(0.276, 120, ""),
        ),
        (("u16.csv", "--x", "x", "--y", "y"), 0.276, 120, ""),
        (("u16.csv", "--x", "x", "--y", "y", "--encoding", "utf-16"), 0.276, 120, ""),
    ],
    ids=["levels", "long numbers", "no header", "of Germany", "UTF-16", "UTF-16 that is named"],
)
def test_what_can_be_read_is_read_whole(
    line: tuple[str, ...], value: float, pairs: int, said: str, infomax: Run
) -> None:
    found, error = estimated(infomax, *line)
    assert found["value_nats"] == pytest.approx(value, abs=0.001)
    assert found["pairs"] == pairs
    assert said in error


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("de.csv", "--x", "x", "--y", "y"), "read it by --separator ';' --decimal ','"),
        (("q.csv", "--x", "x", "--y", "y"), "column x holds text or objects, such as '?' in row 3"),
        (("date.csv", "--x", "t", "--y", "y"), "column t holds dates or times: turn it into numbe"),
    ],
)
def test_what_cannot_be_used_is_named_in_a_line(
    line: tuple[str, ...], said: str, infomax: Run
) -> None:
    code, _, error = infomax("estimate", CASES / line[0], *line[1:])
    assert code == 2
    assert said in error
    assert error.count("\n") == 1
    if line[0] == "date.csv":
        assert "discrete" not in error


@pytest.mark.parametrize("asked", ["q0", "q2", "q4", "q6", "q0,q2,q4,q6"])
@pytest.mark.parametrize("other", ["q1", "q3", "q1,q3"])
def test_independent_answers_share_nothing_and_no_less(
    asked: str, other: str, infomax: Run
) -> None:
    found, _ = estimated(infomax, "survey.csv", "--x", asked, "--y", other)
    assert found["value_nats"] >= 0
    assert found["interval_nats"][0] == 0
    if found["kind"] == "between":
        # Critics that find nothing leave open all that the side that holds less could share.
        assert found["value_nats"] < 0.1
        assert 0.25 < found["interval_nats"][1] < 5
    else:
        assert 0 < found["interval_nats"][1] < 0.25
    assert found["p_value"] > 0.01


def estimated(infomax: Run, *line: str) -> tuple[dict[str, Any], str]:
    files = [each for each in line if each.endswith(".csv")]
    paths = [CASES / name for name in files]
    code, shown, error = infomax("estimate", *paths, *line[len(files) :], "--json")
    assert code == 0, error
    found: dict[str, Any] = json.loads(shown)
    return found, " ".join(each["message"] for each in found["warnings"])
