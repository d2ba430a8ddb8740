"""Whatever has happened to a file of a run, each command works or says in a line what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.experiments.run_folder import RunFolder
from infomax.records import read_records
from tests.faults.called import called, copy_of, works_or_says_a_line
from tests.faults.faults import Cut, Fault, Flipped, Other, any_duration, faults

FILES = (
    "settings.yaml",
    "run.json",
    "records.parquet",
    "split.npz",
    "log.txt",
    "checkpoints/best.safetensors",
    "checkpoints/step-000000004.safetensors",
)
STEPS = 4
# Each as often as it is here; what an export reads, the others read too, and it takes longest.
COMMANDS = ("show", "runs", *("encode", "probe", "train") * 3, "export")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a few updates on a few pairs; return the run's folder, beside its data."""
    folder = tmp_path_factory.mktemp("whole")
    generator = np.random.default_rng(0)
    x = generator.standard_normal((120, 3)).astype(np.float32)
    np.savez(folder / "pairs.npz", x=x, y=x + 0.3, labels=x[:, 0] > 0)
    code, said = called(
        *("train", "--data", folder / "pairs.npz", "--out", folder / "run", "--device", "cpu"),
        *(
            "--steps",
            str(STEPS),
            "--batch-size",
            "8",
            "--evaluate-every",
            "2",
            "--labels",
            "labels",
        ),
    )
    assert code == 0, said
    return folder


@pytest.fixture
def run(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a copy of the run's folder."""
    with copy_of(whole / "run", tmp_path_factory.mktemp("copies")) as copy:
        yield copy


def records_of(run: Path) -> pd.DataFrame:
    """Read what was measured."""
    return read_records(run / "records.parquet")[0]


@pytest.mark.slow
@any_duration(share=0.5)
@given(command=st.sampled_from(COMMANDS), name=st.sampled_from(FILES), fault=faults())
def test_each_command_works_or_says_a_line(
    command: str, name: str, fault: Fault, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = whole / "pairs.npz"
    with copy_of(whole / "run", tmp_path_factory.mktemp("copies")) as run:
        path = run / name
        path.write_bytes(fault(path.read_bytes()))
        more: tuple[str | Path, ...] = {
            "runs": (run.parent,),
            "encode": (run, data, "--out", run / "codes.parquet"),
            "train": ("--resume", "--out", run),
            "export": (run, "--format", "torch"),
        }.get(command, (run,))
        worked = works_or_says_a_line(command, *more)
        if worked and command == "train" and name != "settings.yaml":
            pd.testing.assert_frame_equal(records_of(run), records_of(whole / "run"))


@pytest.mark.parametrize("fault", [Cut(0), Cut(0.5), Other(b"[]")], ids=repr)
def test_damaged_records_are_named_and_rewritten(run: Path, whole: Path, fault: Fault) -> None:
    path = run / "records.parquet"
    path.write_bytes(fault(path.read_bytes()))
    code, said = called("show", run)
    assert code == 2
    assert "records.parquet" in said
    code, said = called("train", "--out", run, "--resume")
    assert code == 0, said
    pd.testing.assert_frame_equal(records_of(run), records_of(whole / "run"))


@pytest.mark.parametrize("fault", [Cut(0.7), Flipped(((0.9, 3),))], ids=repr)
def test_resuming_without_the_last_checkpoint_ends_at_the_same(
    run: Path, whole: Path, fault: Fault
) -> None:
    path = run / f"checkpoints/step-{STEPS:09d}.safetensors"
    path.write_bytes(fault(path.read_bytes()))
    code, said = called("train", "--out", run, "--resume")
    assert code == 0, said
    assert path.name in said or "checkpoint" in said
    pd.testing.assert_frame_equal(records_of(run), records_of(whole / "run"))


def test_settings_that_were_cut_at_the_end_of_a_line_are_no_others(run: Path) -> None:
    path = run / "settings.yaml"
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    assert RunFolder(run).config().steps == STEPS
    for number in range(len(lines)):
        path.write_bytes(b"".join(lines[:number]))
        with pytest.raises(UserError, match=r"settings\.yaml is damaged"):
            RunFolder(run).config()
    path.write_bytes(content[:-2])
    code, said = called("show", run)
    assert code == 2
    assert "settings.yaml is damaged" in said
