"""Columns ranked by what they share with y: each as it is by itself, and none is lost."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_wine

from infomax.errors import UserError
from infomax.estimation import estimate_mi, rank_columns
from infomax.training import RandomState
from infomax.warnings import (
    ConstantColumnWarning,
    DependentRowsWarning,
    DiscreteColumnWarning,
    EstimationWarning,
    FewPermutationsWarning,
)

SOME = ["alcohol", "ash", "magnesium", "flavanoids", "proline"]
SETTINGS: dict[str, Any] = {"permutations": 19, "confidence": 0.9, "random_state": 3}


@pytest.fixture(scope="module")
def wine() -> pd.DataFrame:
    frame: pd.DataFrame = load_wine(as_frame=True).frame
    return frame.sample(frac=1, random_state=0)


def in_silence(*arguments: Any, **settings: Any) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)
        return rank_columns(*arguments, **settings)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
@pytest.mark.parametrize("target", ["target", "hue"])
def test_each_column_is_estimated_as_by_itself(wine: pd.DataFrame, target: str) -> None:
    ranking = rank_columns(wine[SOME], wine[target], **SETTINGS)
    assert sorted(ranking.index) == sorted(SOME)
    assert ranking["value_nats"].is_monotonic_decreasing
    assert (ranking["refused"] == "").all()
    for name, row in ranking.iterrows():
        single = estimate_mi(wine[[name]], wine[target], **SETTINGS)
        assert (row["value_nats"], row["low_nats"], row["high_nats"]) == (
            single.value,
            *single.interval,
        )
        assert row["p_value"] == single.p_value
        for said in ("method", "kind", "reason", "pairs", "rows_left_out"):
            assert row[said] == getattr(single, said)
    expected = stats.false_discovery_control(ranking["p_value"])
    np.testing.assert_array_equal(ranking["corrected_p_value"], expected)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_the_share_is_of_the_entropy_of_levels(wine: pd.DataFrame) -> None:
    ranking = rank_columns(wine[SOME], wine["target"], permutations=0)
    shares = wine["target"].value_counts(normalize=True)
    entropy = stats.entropy(shares)
    assert ranking["entropy_of_y_nats"].to_numpy() == pytest.approx(entropy, abs=0.01)
    expected = ranking["value_nats"] / ranking["entropy_of_y_nats"]
    np.testing.assert_array_equal(ranking["share_of_y"], expected)
    copies = rank_columns(wine[["target"]].rename(columns={"target": "copy"}), wine["target"])
    assert copies["share_of_y"]["copy"] == pytest.approx(1)
    by_plug_in = rank_columns(
        wine[["target"]].rename(columns={"target": "copy"}), wine["target"], method="plug-in"
    )
    assert by_plug_in["entropy_of_y_nats"]["copy"] == pytest.approx(entropy, abs=1e-12)
    assert rank_columns(wine[["ash"]], wine["hue"])["share_of_y"].isna().all()


def test_what_cannot_be_estimated_from_is_last_with_the_reason(wine: pd.DataFrame) -> None:
    holes = wine["ash"].where(np.arange(len(wine)) > 2)
    table = wine[["hue"]].assign(cask="oak", ash=holes, alcohol=wine["alcohol"])
    ranking = in_silence(table, wine["target"], permutations=0)
    assert list(ranking.index[2:]) == ["cask", "ash"]
    assert set(ranking.index[:2]) == {"hue", "alcohol"}
    assert "column cask holds text" in ranking["refused"]["cask"]
    assert "column ash has 3 missing value(s)" in ranking["refused"]["ash"]
    assert ranking["value_nats"][2:].isna().all()
    assert (ranking["pairs"][2:] == 0).all()
    dropped = in_silence(table, wine["target"], permutations=0, missing="drop")
    assert dropped["rows_left_out"].to_dict() == {"ash": 3, "hue": 0, "alcohol": 0, "cask": 0}
    assert list(dropped.index)[-1] == "cask"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"y": ["oak"] * 178}, "column y0 holds text"),
        ({"missing": "fill"}, "unknown choice of missing"),
        ({"method": "ksg"}, "unknown method 'ksg'"),
        ({"discrete": ["hoe"]}, "unknown discrete column 'hoe': did you mean 'hue'"),
        ({"neighbours": 0}, "neighbours is 0"),
        ({"y": np.arange(177.0)}, "x has 178 rows and y has 177"),
        ({"y": pd.Series(np.arange(178.0))}, "different labels"),
    ],
)
def test_what_is_wrong_with_all_is_said_once(
    wine: pd.DataFrame, changes: dict[str, Any], told: str
) -> None:
    given = {"y": wine["target"], **changes}
    with pytest.raises(UserError, match=told):
        in_silence(wine[["hue", "ash"]], **given)


def test_warnings_are_one_of_a_kind_and_name_columns() -> None:
    generator = np.random.default_rng(0)
    steps = generator.normal(size=(2, 200)).cumsum(axis=1)
    table = pd.DataFrame({"first": steps[0], "second": steps[1], "third": 1.0})
    table["fourth"] = generator.integers(0, 4, 200)
    with pytest.warns(EstimationWarning) as told:
        rank_columns(table, steps.sum(axis=0), permutations=0)
    by_kind = {each.category: str(each.message) for each in told}
    assert len(by_kind) == len(told)
    assert by_kind[DependentRowsWarning].startswith("columns first, second: the first: rows")
    assert by_kind[ConstantColumnWarning].startswith("column third of x has one value")
    assert by_kind[DiscreteColumnWarning].startswith("column fourth has 4 levels")
    assert {each.filename for each in told} == {__file__}


def test_permutations_that_are_too_few_are_said() -> None:
    generator = np.random.default_rng(0)
    y = generator.normal(size=100)
    noise = pd.DataFrame(generator.normal(size=(100, 8)), columns=list("abcdefgh"))
    with pytest.warns(FewPermutationsWarning, match="column z: p = 0.05 is the least"):
        rank_columns(noise.assign(z=y + 0.1 * noise["a"]), y, method="ksg-1", permutations=19)


def test_it_is_told_how_far_it_is_and_jobs_change_nothing(wine: pd.DataFrame) -> None:
    class Watch:
        def __init__(self) -> None:
            self.told: list[Any] = []

        def start(self, doing: str, steps: int) -> None:
            self.told.append((doing, steps))

        def advance(self, step: int) -> None:
            self.told.append(step)

    watch = Watch()
    one = in_silence(wine[["hue", "ash"]], wine["proline"], permutations=9, progress=watch)
    assert watch.told == [("estimating 2 pairs of columns", 2), 1, 2]
    two = in_silence(wine[["hue", "ash"]], wine["proline"], permutations=9, n_jobs=2)
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(3)])
def test_a_fresh_seed_is_that_of_all_columns_and_told(
    wine: pd.DataFrame, random_state: RandomState
) -> None:
    chosen = {**SETTINGS, "method": "ksg-1", "random_state": random_state}
    ranking = in_silence(wine[["ash", "alcohol"]], wine["hue"], **chosen)
    chosen["random_state"] = ranking.attrs["random_state"]
    pd.testing.assert_frame_equal(
        in_silence(wine[["ash", "alcohol"]], wine["hue"], **chosen), ranking
    )
    for name in ("ash", "alcohol"):
        alone = estimate_mi(wine[name], wine["hue"], **chosen)
        assert alone.p_value == ranking.loc[name, "p_value"]
