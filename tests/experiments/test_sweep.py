"""A sweep: every combination once, each an ordinary run with a name of its own."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.experiments.settings import RunSettings
from infomax.experiments.sweep import Sweep, shown

DIGITS: dict[str, Any] = {"data": "digits", "views": "halves"}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "batch_size": st.integers(2, 10_000),
    "learning_rate": st.floats(1e-8, 1e3),
    "seed": st.integers(0, 99),
    "cosine": st.booleans(),
    "projection": st.none() | st.integers(1, 64),
    "encoder": st.text(min_size=1, max_size=8),
    "critic_options.temperature": st.floats(0.01, 10),
}
GRIDS = st.sets(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.lists(VALUES[key], min_size=1, max_size=3, unique_by=shown) for key in keys}
    )
)


@given(GRIDS)
def test_every_combination_is_there_once_with_the_last_key_changing_fastest(
    swept: dict[str, list[Any]],
) -> None:
    sweep = Sweep.checked(DIGITS, swept)
    combinations = [tuple(run.swept.values()) for run in sweep.runs]
    assert combinations == list(product(*swept.values()))
    names = [run.name for run in sweep.runs]
    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)
    for run in sweep.runs:
        expected = {**DIGITS, **run.swept}
        if "critic_options.temperature" in expected:
            temperature = expected.pop("critic_options.temperature")
            expected["critic_options"] = {"temperature": temperature}
        assert run.settings == RunSettings.checked(expected)


@given(GRIDS)
def test_values_that_were_read_are_read_again_to_the_same(swept: dict[str, list[Any]]) -> None:
    sweep = Sweep.checked(DIGITS, swept)
    assert Sweep.checked(sweep.settings, sweep.swept) == sweep


def test_text_is_read_as_what_the_setting_is() -> None:
    sweep = Sweep.checked(DIGITS, {"learning_rate": ["1e-3", "0.1"], "cosine": ["yes", "no"]})
    assert sweep.swept == {"learning_rate": [0.001, 0.1], "cosine": [True, False]}
    assert sweep.runs[0].name == "learning_rate=0.001,cosine=true"


def test_an_option_joins_those_that_are_given() -> None:
    given = {**DIGITS, "encoder_options": {"layer_sizes": [8], "code_size": 4}}
    sweep = Sweep.checked(given, {"encoder_options.code_size": [2, 3]})
    options = [run.settings.encoder_options for run in sweep.runs]
    assert options == [{"layer_sizes": [8], "code_size": size} for size in (2, 3)]


def test_data_may_be_swept_and_their_paths_make_no_folders() -> None:
    sweep = Sweep.checked({}, {"data": ["a/x.npy", "b/x.npy", "b%2Fx.npy"]})
    assert [run.name for run in sweep.runs] == [
        *("data=a%2Fx.npy", "data=b%2Fx.npy", "data=b%252Fx.npy")
    ]
    assert all(Path(run.name).name == run.name for run in sweep.runs)


@pytest.mark.parametrize(
    ("swept", "words"),
    [
        ({"batchsize": [64]}, "unknown setting 'batchsize': did you mean 'batch_size'"),
        ({"batch_size": [64, "many"]}, "setting batch_size is 'many'"),
        ({"batch_size": [64, 1]}, "setting batch_size is 1"),
        ({"seed": ["1", 1]}, "--sweep seed has 1 twice"),
        ({"learning_rate": ["1e-3", "0.001"]}, "--sweep learning_rate has 0.001 twice"),
        ({"seed.first": [1]}, "--sweep seed.first: only view_options, .* have options"),
        ({"critic_options.": [1]}, "only .* have options"),
        ({"seed": [0, 1], "patience": [1, None], "validation": [0.0]}, "patience waits"),
    ],
)
def test_a_mistake_is_named_in_one_line(swept: dict[str, list[Any]], words: str) -> None:
    with pytest.raises(UserError, match=words) as mistake:
        Sweep.checked(DIGITS, swept)
    assert "\n" not in str(mistake.value)


def test_options_that_are_none_are_refused_as_such() -> None:
    with pytest.raises(UserError, match="setting critic_options is 3"):
        Sweep.checked({**DIGITS, "critic_options": 3}, {"critic_options.temperature": [0.1]})


def test_differences_name_what_differs() -> None:
    sweep = Sweep.checked(DIGITS, {"seed": [0, 1]})
    assert sweep.differences(sweep) == []
    other = Sweep.checked(DIGITS, {"seed": [0, 2], "batch_size": [64]})
    assert sweep.differences(other) == [
        "--sweep seed (0, 1, not 0, 2)",
        "--sweep batch_size (absent, not 64)",
    ]
    longer = Sweep.checked({**DIGITS, "steps": 7, "time_limit": 1}, {"seed": [0, 1]})
    assert longer.differences(sweep) == ["steps: 7, not 5000"]
