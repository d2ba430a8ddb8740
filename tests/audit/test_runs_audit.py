"""Runs as what is audited: which codes of which pairs, and what is said where it cannot be done."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from infomax.audit import audit_runs
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.check import Check
from infomax.audit.checks import geometry
from infomax.audit.runs_audit import read_run
from infomax.data import open_data
from infomax.errors import UserError
from infomax.experiments.config import RunConfig
from infomax.experiments.run import RunRequest, run_experiment
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.trained_run import TrainedRun
from infomax.folder_lock import locked_folder
from infomax.training import NoProgress
from infomax.warnings import UnfinishedRunWarning

pytestmark = pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")

QUICK: dict[str, Any] = {
    "data": "digits",
    "views": "halves",
    "steps": 4,
    "evaluate_every": 2,
    "batch_size": 16,
    "device": "cpu",
    "validation": 0.1,
    "jacobian_images": 0,
    "encoder_options": {"layer_sizes": [16, 8]},
}

Trained = Callable[..., Path]


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    """Train a few updates on what settings name; return the folder of the run."""

    def run(name: str = "run", **given: Any) -> Path:
        settings = RunConfig.checked({**QUICK, **given})
        folder = RunFolder(tmp_path / name)
        run_experiment(
            RunRequest(settings, folder, resume=False), command="", progress=NoProgress()
        )
        return folder.path

    return run


def read(path: Path, tmp_path: Path, **given: Any) -> list[AuditedCodes]:
    return read_run(path, cache=tmp_path / "cache", **given)


def test_codes_are_of_held_out_pairs_by_both_encoders(trained: Trained, tmp_path: Path) -> None:
    path = trained()
    (codes,) = read(path, tmp_path)
    digits = open_data("digits", cache=tmp_path / "cache")
    held_out = np.load(path / "split.npz")["validation"]
    images = digits.x.read(held_out).astype(np.float32) / 16
    assert digits.labels is not None
    assert codes.places is not None
    assert sorted(codes.places) == list(range(len(held_out)))
    assert codes.raw is not None
    assert codes.labels is not None
    model = TrainedRun(path).model
    # Each row by hand: its label, both of its views, and their codes.
    top, low = torch.from_numpy(images).split(4, dim=1)
    for row in (0, 50, len(codes) - 1):
        at = int((top == codes.raw[0][row]).flatten(1).all(dim=1).nonzero()[0])
        assert codes.labels[row] == digits.labels[held_out][at]
        assert torch.equal(codes.raw[1][row], low[at])
        with torch.no_grad():
            for encoder, view, code in (
                (model.x_encoder, codes.raw[0], codes.x),
                (model.y_encoder, codes.raw[1], codes.y),
            ):
                assert torch.allclose(encoder(view[row : row + 1])[0].double(), code[row])
    assert codes.encoders is not None
    assert set(codes.encoders.others).isdisjoint(held_out)
    assert codes.trained_on is not None
    assert not codes.trained_on.any()


def test_checkpoints_that_were_kept_are_codes_of_their_own(
    trained: Trained, tmp_path: Path
) -> None:
    path = trained(keep_every=1)
    found = read(path, tmp_path, weights="last")
    assert [each.name for each in found] == [f"{path}{at}" for at in ("", "@0", "@2")]
    assert found[0].raw is not None
    assert found[0].untrained is not None
    with torch.no_grad():
        second = TrainedRun(path, 2).model.x_encoder(found[0].raw[0]).double()
    assert torch.allclose(second, found[2].x)
    # Those of step 0 are untrained, whatever the run has become.
    assert torch.allclose(found[0].untrained[0], found[1].x)
    assert torch.allclose(found[0].untrained[1], found[1].y)
    assert not torch.allclose(found[0].x, found[2].x)
    with pytest.raises(UserError, match="no checkpoint of step 9: there are 0, 2, 4"):
        TrainedRun(path, 9)


def test_runs_are_audited_and_the_answer_is_of_the_first(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What checks say of codes is no matter of where these come from.
    quick = Check(geometry.NAME, geometry.QUESTION, geometry.check_geometry)
    monkeypatch.setattr("infomax.audit.codes_audit.CHECKS", (quick,))
    paths = [trained(name, seed=seed) for seed, name in enumerate(("a", "b"))]
    found = audit_runs([*paths, tmp_path])
    assert list(found.rows) == [str(each) for each in paths]
    assert f"what makes {paths[0]} good?" in found.answer()
    assert any("Left out" in each and "is not the folder of a run" in each for each in found.notes)
    assert audit_runs(str(paths[1])).findings[0].codes == str(paths[1])


def test_a_run_that_has_not_ended_is_audited_as_of_what_it_kept(
    trained: Trained, tmp_path: Path
) -> None:
    path = trained()
    with (
        locked_folder(path),
        pytest.warns(UnfinishedRunWarning, match="is still training: it is audited as of step 4"),
    ):
        read(path, tmp_path)
    folder = RunFolder(path)
    notes = folder.notes()
    del notes["ending"]
    folder.write_notes(folder.config(), notes)
    with pytest.warns(UnfinishedRunWarning, match="was stopped before its end"):
        read(path, tmp_path)


def test_what_cannot_be_audited_is_told_in_a_line(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at least one"):
        audit_runs([])
    with pytest.raises(UserError, match="held out no pairs"):
        read(trained("all", validation=0), tmp_path)
    with pytest.raises(UserError, match=r"views of shapes .* give data of the same shapes"):
        read(tmp_path / "all", tmp_path, data="mnist-14")
    pairs = tmp_path / "pairs.npz"
    x, y = np.random.default_rng(0).standard_normal((2, 200, 3), dtype=np.float32)
    np.savez(pairs, x=x, y=y)
    of_file: dict[str, Any] = {"data": str(pairs), "x": ("x",), "y": ("y",), "views": None}
    of_file["validation"] = 0.3
    path = trained("file", **of_file)
    (codes,) = read(path, tmp_path)
    assert codes.labels is None
    np.savez(pairs, x=x + 1, y=y)
    with pytest.raises(UserError, match="no longer holds what"):
        read(path, tmp_path)
    (of_others,) = read(path, tmp_path, data=str(pairs))
    assert (len(of_others), of_others.trained_on) == (200, None)


def test_weights_of_another_encoder_are_refused(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = (
        "from infomax.encoders import MLPEncoder\n"
        "def make(shape, generator): return MLPEncoder(shape, generator, layer_sizes=({}, 8))\n"
    )
    (tmp_path / "changing_encoder.py").write_text(lines.format(16))
    path = trained(encoder="changing_encoder:make", encoder_options={})
    exec(lines.format(12), sys.modules["changing_encoder"].__dict__)  # noqa: S102
    with pytest.raises(UserError, match="the weights do not fit the model: parameters"):
        read(path, tmp_path)
