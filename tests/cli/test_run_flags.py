"""The values of ``--sweep``, as they were typed, and a file of all settings."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.cli.run_flags import commented_settings, swept_values
from infomax.errors import UserError
from infomax.experiments.config import RunConfig, read_settings


@given(st.lists(st.from_regex(r"[a-zA-Z0-9_./-]{1,9}", fullmatch=True), min_size=1, max_size=4))
def test_plain_values_are_what_stands_between_commas(values: list[str]) -> None:
    expected = [None if each == "none" else each for each in values]
    assert swept_values([f"encoder={','.join(values)}"]) == {"encoder": expected}


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("learning_rate=1e-3, 0.1", "learning_rate", ["1e-3", "0.1"]),
        ("cosine=yes,no", "cosine", ["yes", "no"]),
        ("target=none,2", "target", [None, "2"]),
        ("views=halves,own.views:make", "views", ["halves", "own.views:make"]),
        ("x=[a,b],[c]", "x", [["a", "b"], ["c"]]),
        ("data='a,b.npy',c.npy", "data", ["a,b.npy", "c.npy"]),
        ("encoder_options.layer_sizes=[64,32],[8]", "encoder_options.layer_sizes", [[64, 32], [8]]),
        (
            "view_options.cut=left-right,top-bottom",
            "view_options.cut",
            ["left-right", "top-bottom"],
        ),
        ("view_options.share=0.5,1", "view_options.share", [0.5, 1]),
    ],
)
def test_lists_quotes_and_options_are_read(text: str, key: str, values: list[Any]) -> None:
    assert swept_values([text]) == {key: values}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["batch_size"], "--sweep is 'batch_size': expected KEY=V1,V2"),
        (["=64"], "--sweep is '=64': expected KEY=V1,V2"),
        (["batch_size="], "--sweep batch_size is '': expected values"),
        (["batch_size=64,"], "--sweep batch_size is '64,': expected values"),
        (["batch_size=,64"], "--sweep batch_size is ',64': expected values"),
        (["batch_size=64,,128"], "--sweep batch_size is '64,,128': expected values"),
        (["batch_size=''"], "--sweep batch_size is .* expected values"),
        (["image_size=[8,8"], r"--sweep image_size is '\[8,8': expected values"),
        (["image_size=[8,8],]"], r"--sweep image_size is .* expected values"),
        (["seed=0", "seed=1"], "--sweep seed is given twice"),
    ],
)
def test_what_is_no_key_with_values_is_named(texts: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words) as mistake:
        swept_values(texts)
    assert "\n" not in str(mistake.value)


def test_a_commented_file_explains_every_key_and_holds_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(commented_settings(data="mnist"))
    assert RunConfig.checked(read_settings(path)) == RunConfig.checked({"data": "mnist"})
    text = path.read_text()
    for key, field in RunConfig.model_fields.items():
        assert f"\n{key}:" in text or f"\n# {key}:" in text
        assert field.description is not None
        assert " ".join(field.description.split()[:3]) in text
