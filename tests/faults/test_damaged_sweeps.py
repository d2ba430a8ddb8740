"""Whatever has happened to a file of a sweep, it goes on to the same records or says a line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.records import read_records
from tests.faults.called import called, copy_of, works_or_says_a_line
from tests.faults.faults import Fault, any_duration, faults

FILES = (
    *("sweep.json", "sweep.json", "records.parquet"),
    *("seed=0/run.json", "seed=0/settings.yaml", "seed=0/records.parquet", "seed=0/split.npz"),
    "seed=0/checkpoints/step-000000002.safetensors",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep over two seeds of a short run."""
    folder = tmp_path_factory.mktemp("whole")
    x = np.random.default_rng(0).standard_normal((60, 3)).astype(np.float32)
    np.savez(folder / "pairs.npz", x=x, y=x + 0.3)
    code, said = called(
        *("train", "--data", folder / "pairs.npz", "--out", folder / "sweep", "--device", "cpu"),
        *("--steps", "2", "--batch-size", "8", "--sweep", "seed=0,1"),
    )
    assert code == 0, said
    return folder / "sweep"


@any_duration(share=0.2)
@given(
    command=st.sampled_from(["train", "train", "runs"]), name=st.sampled_from(FILES), fault=faults()
)
def test_a_sweep_goes_on_to_the_same_records_or_says_a_line(
    command: str, name: str, fault: Fault, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with copy_of(whole, tmp_path_factory.mktemp("copies")) as sweep:
        path = sweep / name
        path.write_bytes(fault(path.read_bytes()))
        more = (sweep,) if command == "runs" else ("--resume", "--out", sweep)
        if works_or_says_a_line(command, *more) and command == "train":
            found, expected = (read_records(each / "records.parquet") for each in (sweep, whole))
            assert found[0].equals(expected[0])
            assert found[1] == expected[1]
