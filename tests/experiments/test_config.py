"""Settings: one line for each mistake, and the same settings read back."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.experiments.config import RunConfig, read_settings
from infomax.experiments.run_folder import settings_text


@pytest.mark.parametrize(
    ("given_keys", "said"),
    [
        ({}, r"^setting data is missing: Name of a shipped data set"),
        ({"data": "a.npy", "stpes": 3}, r"^unknown setting 'stpes': did you mean 'steps'\?$"),
        (
            {"data": "a.npy", "zzz": 3},
            r"^unknown setting 'zzz': `infomax init` writes all of them$",
        ),
        (
            {"data": "a.npy", "steps": "many"},
            r"^setting steps is 'many': input should be a valid int",
        ),
        ({"data": "a.npy", "steps": 0}, r"^setting steps is 0: input should be greater than"),
        ({"data": "a.npy", "learning_rate": float("nan")}, r"^setting learning_rate is nan: "),
        ({"data": "a.npy", "validation": 1.0}, r"^setting validation is 1.0: .* less than 1"),
        ({"data": "a.npy", "patience": 3, "validation": 0}, "patience waits"),
        (
            {"data": "a.npy", "view_options": {"cut": {"a": 1}}},
            r"^setting view_options\['cut'\] is",
        ),
        ({"data": "a.npy", "x": 3}, r"^setting x is 3: input should be a valid tuple"),
        ({"data": ["a"]}, r"^setting data is \['a'\]: input should be a valid string"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(given_keys: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        RunConfig.checked(given_keys)
    assert "\n" not in str(raised.value)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 500),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(0, 5), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(sorted(RunConfig.model_fields)), st.text(max_size=4)),
        values,
        max_size=6,
    )
)
def test_whatever_is_given_there_are_settings_or_one_line(given_keys: dict[str, Any]) -> None:
    try:
        settings = RunConfig.checked(given_keys)
    except UserError as mistake:
        said = str(mistake)
    else:
        said = "settings"
        assert RunConfig.checked(yaml.safe_load(settings_text(settings))) == settings
    assert said.strip()
    assert "\n" not in said


def test_settings_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    settings = RunConfig.checked(
        {
            "data": "some: file.csv",
            "x": ["a", "b, c"],
            "views": "halves",
            "view_options": {"cut": "left-right", "channels": [0, 1]},
            "learning_rate": 3e-4,
            "image_size": [32, 24],
            "target": 2.0,
            "time_limit": 1.5,
        }
    )
    path = tmp_path / "settings.yaml"
    path.write_text(settings_text(settings))
    assert RunConfig.checked(read_settings(path)) == settings


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"data: [", "is not a settings file that can be read"),
        (b"\xff\xfe\x00", "is not a settings file that can be read"),
        (b"- a\n- b\n", "expected lines of key: value"),
        (b"!!python/object/apply:os.system ['true']", "is not a settings file that can be read"),
    ],
)
def test_a_file_of_something_else_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "settings.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as raised:
        read_settings(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"settings\.yaml is not there: `infomax init` writes"):
        read_settings(tmp_path / "settings.yaml")
    with pytest.raises(UserError, match="is a folder"):
        read_settings(tmp_path)


def test_differences_name_key_and_both_values() -> None:
    one = RunConfig.checked({"data": "mnist", "steps": 3})
    other = RunConfig.checked({"data": "mnist", "critic": "concat", "steps": 5})
    assert one.differences(other) == ["critic: bilinear, not concat", "steps: 3, not 5"]
    assert one.differences(one) == []
