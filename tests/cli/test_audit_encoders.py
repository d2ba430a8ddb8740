"""``infomax audit`` of runs and modules: what goes with what, and one answer of each."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from infomax.audit.check import Check
from infomax.audit.checks import geometry
from tests.cli.conftest import Run

MODULE = """
from torch import nn

def make(view_shape, generator):
    return nn.Sequential(nn.Flatten(), nn.Linear(32, 3))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    # What checks say of codes is no matter of where these come from.
    check = Check(geometry.NAME, geometry.QUESTION, geometry.check_geometry)
    monkeypatch.setattr("infomax.audit.codes_audit.CHECKS", (check,))
    (tmp_path / "own_of_audit.py").write_text(MODULE)
    np.save("x.npy", np.zeros((50, 2)))
    return tmp_path


def test_a_run_is_audited_by_its_folder(infomax: Run, folder: Path) -> None:
    settings = ("--data", "digits", "--views", "halves", "--steps", "2", "--batch-size", "16")
    more = ("--jacobian-images", "0", "--validation", "0.1", "--out", "runs/a")
    assert infomax("train", *settings, *more)[0] == 0
    status, out, err = infomax("audit", "runs/a", "runs/none", "--out", "audit")
    assert status == 0, err
    assert out.startswith("Is mutual information what makes runs/a good?")
    assert "Left out: runs/none is not there" in " ".join(out.split())


def test_a_module_is_audited_on_data(infomax: Run, folder: Path) -> None:
    save_file(nn.Sequential(nn.Flatten(), nn.Linear(32, 3)).state_dict(), "w.safetensors")
    given = ("audit", "own_of_audit:make", "--data", "digits", "--views", "halves")
    status, out, err = infomax(*given, "--weights", "w.safetensors", "--json")
    assert status == 0, err
    assert '"own_of_audit:make"' in out
    save_file({"1.weight": torch.zeros(1)}, "other.safetensors")
    status, _, err = infomax(*given, "--weights", "other.safetensors")
    assert status == 2
    assert "the weights do not fit Sequential: 1.weight is (1,)" in " ".join(err.split())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("own_of_audit:make",), "say of what data (--data)"),
        (("own_of_audit:make", "x.npy"), "not several kinds"),
        (("own_of_audit:make", "--raw-x", "x.npy"), "--raw-x goes with files of codes"),
        (("x.npy", "--data", "digits"), "--data goes with runs or modules"),
        ((".", "--views", "halves"), "--views goes with modules"),
        ((".", "--weights", "w.safetensors"), "choose one of best, last"),
        ((".",), "is not the folder of a run"),
    ],
)
def test_what_does_not_go_together_is_told(
    infomax: Run, folder: Path, given: tuple[str, ...], told: str
) -> None:
    status, _, err = infomax("audit", *given)
    assert status == 2
    assert told in " ".join(err.split())
