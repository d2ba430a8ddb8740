"""`infomax train` of runs that there are: longer, where their data went, and from their weights."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infomax.records import read_records
from tests.cli.conftest import Run

QUICK = ("--batch-size", "16", "--evaluate-every", "10", "--device", "cpu")


@pytest.fixture
def run(infomax: Run, tmp_path: Path) -> Path:
    """Return the folder of a run of 20 updates, beside its data, ``pairs.npz``."""
    generator = np.random.default_rng(0)
    shared = generator.standard_normal((200, 4)).astype(np.float32)
    noise = 0.3 * generator.standard_normal((2, 200, 4)).astype(np.float32)
    np.savez(tmp_path / "pairs.npz", x=shared + noise[0], y=shared + noise[1])
    code, _, said = infomax(*of_pairs(tmp_path), "--steps", 20, "--out", tmp_path / "run")
    assert code == 0, said
    return tmp_path / "run"


def of_pairs(folder: Path) -> tuple[str | Path, ...]:
    return ("train", "--data", folder / "pairs.npz", *QUICK)


def bounds_of(out: Path) -> "pd.Series[float]":
    records = read_records(out / "records.parquet")[0]
    return records.query("split == 'test' and metric == 'bound'").set_index("step")["value"]


def test_more_steps_than_a_run_was_begun_with_are_made(
    run: Path, infomax: Run, tmp_path: Path
) -> None:
    code, _, said = infomax("train", "--resume", "--out", run, "--steps", 40)
    assert code == 0, said
    assert infomax(*of_pairs(tmp_path), "--steps", 40, "--out", tmp_path / "whole")[0] == 0
    assert bounds_of(run).index.tolist() == [0, 10, 20, 30, 40]
    pd.testing.assert_series_equal(bounds_of(run), bounds_of(tmp_path / "whole"))


def test_a_run_whose_data_were_moved_goes_on_where_they_are(
    run: Path, infomax: Run, tmp_path: Path
) -> None:
    moved = (tmp_path / "pairs.npz").rename(tmp_path / "moved.npz")
    more = ("train", "--resume", "--out", run, "--steps", 30)
    code, _, said = infomax(*more)
    assert code == 2
    assert "pairs.npz, which " in said
    assert "is not there: if it was moved, say where it is now (--data)" in said
    assert said.count("\n") == 1
    code, _, said = infomax(*more, "--data", moved)
    assert code == 0, said
    assert bounds_of(run).index.max() == 30
    with np.load(moved) as pairs:
        np.savez(tmp_path / "other.npz", x=pairs["x"][::-1], y=pairs["y"])
    code, _, said = infomax(*more[:-1], 40, "--data", tmp_path / "other.npz")
    assert code == 2
    assert "not the data that" in said
    assert bounds_of(run).index.max() == 30


def test_a_run_begins_with_the_best_weights_of_another(
    run: Path, infomax: Run, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    flags = ("--steps", 10, "--start-from", run, "--out", second)
    code, _, said = infomax(*of_pairs(tmp_path), *flags)
    assert code == 0, said
    # The same rows validate, in the same batches.
    assert bounds_of(second)[0] == pytest.approx(bounds_of(run).max(), abs=1e-6)
