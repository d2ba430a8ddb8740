"""``infomax train`` with parts of a model and trainer by name: resumed to the bit, or refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import load_file

from infomax.records import read_records
from tests.cli.conftest import Run

QUICK = ("--batch-size", "16", "--evaluate-every", "10", "--jacobian-images", "0")
PARTS = {
    "lars": ("--optimizer", "lars", "--optimizer-options", "trust_coefficient=0.02"),
    "nesterov": ("--optimizer", "sgd", "--optimizer-options", "nesterov=true"),
    "temperature": (
        *("--critic", "cosine", "--critic-options", "learn_temperature=true"),
        *("--critic-options", "temperature=0.5", "--bound", "infonce-symmetric"),
    ),
    "temperature of a loss": ("--loss", "nt-xent", "--loss-options", "learn_temperature=true"),
    "batch norm": (
        *("--projection", 8, "--head-options", "hidden_sizes=16,16"),
        *("--head-options", "batch_norm=true"),
    ),
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = np.random.default_rng(0)
    x = drawn.standard_normal((200, 4))
    path = tmp_path_factory.mktemp("pairs") / "pairs.npz"
    np.savez(path, x=x, y=x + 0.3 * drawn.standard_normal((200, 4)))
    return path


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_is_trained_and_resumed_to_the_bit(
    part: str, pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    train = ("train", "--data", pairs, "--x", "x", "--y", "y", *QUICK, *PARTS[part])
    for out, steps in (("whole", 20), ("begun", 10)):
        assert infomax(*train, "--steps", steps, "--out", tmp_path / out)[0] == 0
    assert infomax("train", "--resume", "--steps", 20, "--out", tmp_path / "begun")[0] == 0
    name = "checkpoints/step-000000020.safetensors"
    whole, resumed = (load_file(tmp_path / out / name) for out in ("whole", "begun"))
    assert whole.keys() == resumed.keys()
    for key, value in whole.items():
        assert value.equal(resumed[key]), key
    records = [read_records(tmp_path / out / "records.parquet")[0] for out in ("whole", "begun")]
    pd.testing.assert_frame_equal(records[0], records[1])
    learned = records[0].query("metric == 'temperature'")["value"]
    assert learned.nunique() == (3 if "temperature" in part else 0)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--optimizer", "lamb"), "unknown optimizer 'lamb'"),
        (("--optimizer-options", "momentum=0.9"), "optimizer adam takes no options: leave out"),
        (("--head-options", "batch_norm=true"), "there is none: give projection"),
    ],
)
def test_what_does_not_fit_is_one_line(
    flags: tuple[str, ...], said: str, pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    train = ("train", "--data", pairs, "--x", "x", "--y", "y", *QUICK, "--out", tmp_path / "out")
    code, _, told = infomax(*train, *flags)
    assert (code, told.count("\n")) == (2, 1), told
    assert said in told
    assert not (tmp_path / "out").exists()
