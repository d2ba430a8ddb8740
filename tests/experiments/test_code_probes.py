"""Probes hold out the rows that the encoder was not trained on, wherever the data lie."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from infomax.data import ItemDataset, open_data
from infomax.experiments.code_probes import probe_codes, stages_of_probes
from infomax.experiments.config import RunConfig
from infomax.experiments.run import RunRequest, run_experiment
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.trained_run import TrainedRun
from infomax.training import NoProgress

pytestmark = pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")


def test_data_are_split_as_in_training_whatever_their_path_and_others_anew(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    labels = pd.DataFrame({"label": generator.integers(0, 2, 120).astype(str)})
    labels.to_csv(tmp_path / "labels.csv", index=False)
    x = generator.standard_normal((120, 4)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    given = {
        **{"data": str(tmp_path / "x.npy"), "views": "noise", "view_options": {"deviation": 0.1}},
        **{"steps": 2, "batch_size": 8},
        **{"validation": 0.4, "device": "cpu", "labels": str(tmp_path / "labels.csv")},
    }
    folder = RunFolder(tmp_path / "run")
    settings = RunConfig.checked(given)
    run_experiment(RunRequest(settings, folder, resume=False), command="", progress=NoProgress())
    held_out = np.load(folder.path / "split.npz")["validation"]

    def opened(path: Path | str) -> ItemDataset:
        return open_data(path, labels=str(tmp_path / "labels.csv"), cache=tmp_path / "cache")

    def probed(items: ItemDataset) -> list[int]:
        return list(map(int, probe_codes(TrainedRun(folder.path), items).split.validation))

    assert probed(opened(os.path.relpath(tmp_path / "x.npy"))) == held_out.tolist()
    (tmp_path / "x.npy").rename(tmp_path / "moved.npy")
    assert probed(opened(tmp_path / "moved.npy")) == held_out.tolist()
    pd.DataFrame(x).to_parquet(tmp_path / "as_table.parquet")
    assert probed(opened(tmp_path / "as_table.parquet")) == held_out.tolist()
    # Under the old name, as many other rows.
    np.save(tmp_path / "x.npy", x[::-1])
    assert len(probed(opened(tmp_path / "x.npy"))) == 24
    stages: dict[str, int] = {}

    class Watch(NoProgress):
        def start(self, doing: str, steps: int) -> None:
            stages[doing] = steps

    run = TrainedRun(folder.path)
    probe_codes(run, opened(tmp_path / "moved.npy"), progress=Watch())
    told = stages_of_probes(run, 120)
    assert list(stages.items()) == [(name, stage.steps) for name, stage in told.items()]
    for name, as_trained in (("moved.npy", True), ("x.npy", False)):
        found = probe_codes(TrainedRun(folder.path), opened(tmp_path / name))
        assert found.as_trained == as_trained
