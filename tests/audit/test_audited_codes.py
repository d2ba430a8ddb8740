"""Codes that are audited: what is kept of their inputs, how they are split, what is noted."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from infomax import UserError
from infomax.audit.audited_codes import read_codes
from infomax.audit.pair_columns import read_labels
from tests.audit.planted import sound

X, Y, LABELS = sound(0, rows=80)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("most", [2, 30])
def test_no_group_is_both_fitted_and_held_out(seed: int, most: int) -> None:
    generator = np.random.default_rng(seed)
    groups = np.repeat(np.arange(80), generator.integers(1, most + 1, 80))[:80]
    codes = read_codes("mine", X, Y, None, seed=seed, groups=groups)
    assert codes.groups is not None
    assert codes.places is not None
    assert codes.groups.tolist() == groups[codes.places].tolist()
    assert not set(codes.groups[codes.fitted]) & set(codes.groups[codes.held_out])
    assert sorted([*codes.fitted, *codes.held_out]) == list(range(80))
    assert min(len(codes.fitted), len(codes.held_out)) >= 20


def test_groups_that_cannot_be_split_are_refused() -> None:
    groups = np.r_[np.zeros(75, int), np.arange(1, 6)]
    with pytest.raises(UserError, match="no split of them has 20 pairs on both sides"):
        read_codes("mine", X, Y, None, seed=0, groups=groups)


@pytest.mark.parametrize("kind", ["float16", "float32", "uint8", "tensor", "table", "bfloat16"])
def test_rows_are_those_that_were_given(kind: str) -> None:
    whole = np.random.default_rng(0).integers(0, 200, (80, 3))
    given: Any = pd.DataFrame(whole)
    if kind in {"tensor", "bfloat16"}:
        given = torch.tensor(whole, dtype=torch.float32 if kind == "tensor" else torch.bfloat16)
    elif kind != "table":
        given = whole.astype(kind)
    codes = read_codes("mine", given, given, None, seed=0)
    assert codes.places is not None
    assert codes.x.dtype == torch.float64
    assert codes.x.tolist() == whole[codes.places].tolist()


@pytest.mark.parametrize("of", [np.asarray, torch.from_numpy])
def test_images_and_nuisances_follow_their_pairs(of: Any) -> None:
    images = np.arange(80 * 2 * 3).reshape(80, 2, 3)
    codes = read_codes(
        "mine", X, Y, None, seed=0, raw=(of(images), X), nuisances={"age": np.arange(80.0)}
    )
    assert codes.places is not None
    assert codes.raw is not None
    assert codes.raw[0].dtype == torch.float32
    assert codes.raw[0].tolist() == images[codes.places].tolist()
    assert codes.nuisances["age"].tolist() == codes.places.tolist()


def test_what_tells_nothing_is_noted_and_not_in_the_way() -> None:
    flat = np.where(np.arange(8) < 3, 1.0, X)
    codes = read_codes(
        "mine", flat, Y, read_labels(np.zeros(80)), seed=0, nuisances={"site": np.zeros(80)}
    )
    assert codes.labels is None
    assert codes.why_no_labels.startswith("all labels are the same")
    assert not codes.nuisances
    assert [each.split(":")[0] for each in codes.notes] == [
        "3 of 8 columns of x are constant",
        "All labels are the same",
        "The nuisance 'site' is constant",
    ]
    singles = np.r_[np.zeros(78, int), 1, 2]
    alone = read_codes("mine", X, Y, singles, seed=0, groups=np.arange(80))
    assert alone.labels is not None
    assert "2 of 3 classes have one pair each" in alone.notes[0]
    assert "a group of its own" in alone.notes[1]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"raw": (X, Y[:-1])}, "80 rows and y of raw has 79"),
        ({"raw": X}, "give the two sides"),
        ({"raw": (X, np.where(Y > 2, np.nan, Y))}, "raw of codes 'mine': .* NaN or infinite"),
        ({"raw": (X, Y.astype(str))}, "give numbers"),
        ({"groups": np.arange(79)}, "80 rows and there are 79 groups"),
        ({"nuisances": {"age": np.arange(9)}}, "there are 9 values of the nuisance 'age'"),
    ],
)
def test_inputs_that_do_not_match_take_a_line(told: dict[str, Any], line: str) -> None:
    with pytest.raises(UserError, match=line) as raised:
        read_codes("mine", X, Y, None, seed=0, **told)
    assert "\n" not in str(raised.value)
