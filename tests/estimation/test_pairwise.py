"""What holds of many estimates together: their false discoveries, refusals and warnings."""

import numpy as np
import pandas as pd
import pytest

from infomax.errors import UserError, advising_flags
from infomax.estimation import MIResult
from infomax.estimation.pairwise import (
    correct_p_values,
    estimate_pairs,
    warn_once_of_each_kind,
    warning_of_few_permutations,
)
from infomax.warnings import CapWarning, DiscreteColumnWarning, EstimationWarning, GapWarning


def stepped_up(p_values: list[float]) -> list[float]:
    """Benjamini and Hochberg's procedure as it is written: from the largest downwards."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    corrected, least = [0.0] * len(p_values), 1.0
    for passed, place in enumerate(order):
        rank = len(p_values) - passed
        least = min(least, p_values[place] * len(p_values) / rank)
        corrected[place] = least
    return corrected


def test_false_discoveries_are_controlled_as_a_loop_does() -> None:
    generator = np.random.default_rng(0)
    # Permutations give ties, and some pairs are not tested.
    p_values = np.full(40, np.nan, dtype=np.float64)
    p_values[:20], p_values[20:] = generator.random(20) ** 2, generator.integers(1, 40, 20) / 40
    p_values[[3, 30]] = np.nan
    found = correct_p_values(p_values)
    tested = ~np.isnan(p_values)
    assert found[tested] == pytest.approx(stepped_up(p_values[tested].tolist()), abs=1e-14)
    assert np.isnan(found[[3, 30]]).all()
    assert np.isnan(correct_p_values(np.full(3, np.nan, dtype=np.float64))).all()


def test_too_few_permutations_for_so_many_columns_are_said() -> None:
    names = [f"c{place}" for place in range(30)]
    p_values = pd.Series([0.005] + [0.5] * 29, index=names)
    corrected = pd.Series(correct_p_values(np.asarray(p_values, dtype=np.float64)), index=names)
    told = warning_of_few_permutations(p_values, corrected, 199)
    assert "column c0: p = 0.005 is the least" in str(told)
    assert "600 permutations or more (permutations=600)" in str(told)
    with advising_flags():
        told = warning_of_few_permutations(p_values, corrected, 199)
    assert "(--permutations 600)" in str(told)
    enough = p_values.replace(0.005, 1 / 601)
    corrected = pd.Series(correct_p_values(np.asarray(enough, dtype=np.float64)), index=names)
    assert corrected["c0"] <= 0.05
    assert warning_of_few_permutations(enough, corrected, 600) is None
    assert warning_of_few_permutations(p_values, corrected, 0) is None


def table(name: str, values: object) -> pd.DataFrame:
    return pd.DataFrame({name: values})


def test_a_pair_that_is_refused_is_told_of_in_its_place() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 60))
    pairs = [(table("a", x), table("b", y)), (table("a", x), table("c", ["text"] * 60))]
    settings = {"method": "ksg-1", "permutations": 0}
    result, refused = estimate_pairs(pairs, settings)
    assert isinstance(result, MIResult)
    assert isinstance(refused, UserError)
    assert "column c holds text" in str(refused)
    with pytest.raises(UserError, match="column c holds text"):
        estimate_pairs(pairs[1:], settings)


def test_of_all_that_are_refused_the_commonest_reason_is_told() -> None:
    x = np.random.default_rng(0).normal(size=60)
    pairs = [(table("a", ["text"] * 60), table("b", x)), *[(table("a", x), table("b", x + 1))] * 2]
    with pytest.raises(UserError, match="unknown method 'ksg'"):
        estimate_pairs(pairs, {"method": "ksg"})


def test_one_warning_of_a_kind_names_the_columns() -> None:
    of_y, of_a, of_b = "column y has 3 levels", "more pairs would help", "other words"
    found: dict[str, list[EstimationWarning]] = {
        "a": [DiscreteColumnWarning(of_y), GapWarning(of_a), CapWarning("column a is capped")],
        "b": [DiscreteColumnWarning(of_y), GapWarning(of_b)],
        "c": [DiscreteColumnWarning(of_y)],
    }
    with pytest.warns(EstimationWarning) as told:
        warn_once_of_each_kind(found, stacklevel=1)
    assert {(each.category, str(each.message)) for each in told} == {
        (DiscreteColumnWarning, of_y),
        (GapWarning, f"columns a, b: the first: {of_a}"),
        (CapWarning, "column a is capped"),
    }
    assert {each.filename for each in told} == {__file__}
    with pytest.warns(GapWarning, match="^column b: other words$"):
        warn_once_of_each_kind({"a": [], "b": [GapWarning(of_b)]}, stacklevel=1)
