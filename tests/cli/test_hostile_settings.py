"""What settings, options and parts must not be: one line that names it, and nothing written."""

import json
from pathlib import Path

import pytest

from infomax.experiments.config import RunConfig
from infomax.experiments.run_folder import settings_text
from tests.cli.conftest import Run

TRAIN = ("train", "--data", "digits", "--views", "halves", "--batch-size", "32", "--steps", "2")
OPTIONS = (*TRAIN, "--encoder-options")
PARTS = """
import torch
from torch import nn
class OneArgument(nn.Module):
    def __init__(self, *sizes): super().__init__()
    def forward(self, x): return x
class OneScore(OneArgument):
    def forward(self, x, y): return (x * y).sum()
def views(items): return items, items
def of_shape_alone(view_shape): return nn.Linear(view_shape[0], 8)
def no_module(view_shape, generator): return view_shape
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hostile_parts.py").write_text(PARTS)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ((*TRAIN, "--seed", "-1"), "setting seed is -1: input should be greater"),
        ((*TRAIN, "--seed", str(2**64)), f"setting seed is {2**64}: input should be less"),
        ((*TRAIN, "--seed", str(2**32)), "less than or equal to 4294967295"),
        (("views", "digits", "--views", "halves", "--seed", "-1"), "setting seed is -1"),
        ((*OPTIONS, "layer_sizes=2024-01-31"), "layer_sizes is '2024-01-31'"),
        ((*OPTIONS, "layer_sizes=2024-13-45"), "layer_sizes is '2024-13-45'"),
        ((*OPTIONS, "layer_sizes=" + "9" * 5000), "which cannot be read"),
        ((*OPTIONS, "layer_sizes=" + "[" * 3000), "nested too deeply"),
        ((*OPTIONS, "layer_sizes=[]"), "layer_sizes is empty"),
        ((*OPTIONS, "layer_sizes=[0]"), "32 inputs and 0 outputs"),
        ((*OPTIONS, "layer_sizes=8", "--encoder-options", "layer_sizes=4"), "given twice"),
        ((*TRAIN, "--sweep", "seed=" + "[" * 3000), "--sweep seed is"),
        ((*TRAIN, "--sweep", "encoder_options.layer_sizes=" + "9" * 5000), "--sweep encoder_opt"),
        ((*TRAIN, "--projection", "1" + "0" * 14), "memory has no room"),
        ((*TRAIN, "--projection", "1" + "0" * 30), "memory has no room"),
        ((*TRAIN, "--device", "meta"), "device 'meta' holds no numbers"),
        ((*TRAIN, "--critic", "hostile_parts:OneArgument"), "takes 2 positional arguments but 3"),
        ((*TRAIN, "--critic", "hostile_parts:OneScore"), "gives scores of shape ()"),
        (
            (*TRAIN, "--encoder", "hostile_parts:of_shape_alone"),
            "takes 1 positional argument but 2",
        ),
        ((*TRAIN, "--encoder", "hostile_parts:no_module"), "hostile_parts:no_module gives a tuple"),
        ((*TRAIN[:4], "hostile_parts:views"), "takes 1 positional argument but 2"),
        (("train", "--data", "digits", "--view-options", "cut=left-right"), "give views"),
        (("views", "digits", "--view-options", "cut=left-right"), "give views"),
    ],
)
def test_it_is_refused_in_one_line_before_anything_is_written(
    line: tuple[str, ...], said: str, infomax: Run, folder: Path
) -> None:
    out = () if line[0] == "views" else ("--out", "out")
    status, _, error = infomax(*line, *out)
    assert status == 2
    assert said in error
    assert error.count("\n") == 1
    assert len(error) < 500
    assert [path.name for path in folder.iterdir() if path.suffix != ".py"] in ([], ["__pycache__"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data: digits\nsteps: 2\nsteps: 3\n", "steps is given twice, again in line 3"),
        ("data: digits\nview_options: {cut: a, cut: b}\n", "cut is given twice"),
        ("data: " + "[" * 3000, "nested too deeply"),
        ("data: digits\nseed: " + "9" * 5000, "Exceeds the limit"),
        (f"data: {list(range(5000))}", "setting data is [0, 1, 2"),
        ("data: 2024-13-45", "unknown data '2024-13-45'"),
        ('data: "\\udcff.csv"', "not UTF-8"),
    ],
)
def test_a_settings_file_says_each_thing_once_and_readably(
    text: str, said: str, infomax: Run, folder: Path
) -> None:
    (folder / "settings.yaml").write_text(text)
    status, _, error = infomax("train", "settings.yaml", "--out", "out")
    assert status == 2
    assert said in error
    assert error.count("\n") == 1
    assert len(error) < 500
    assert not (folder / "out").exists()


def test_options_are_taken_as_their_description_shows_them(infomax: Run, folder: Path) -> None:
    taken = (*TRAIN, "--encoder-options", "{layer_sizes: [8, 4]}", "--out", "out")
    status, _, error = infomax(*taken)
    assert status == 0, error
    shown = " ".join(infomax("show", "out")[1].split())
    assert "layer_sizes: [8, 4]" in shown.replace("'", "")


@pytest.mark.parametrize("notes", ["[]", "7", '"text"'])
def test_a_run_whose_notes_are_no_notes_is_told_of(notes: str, infomax: Run, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "run.json").write_text(notes)
    settings = RunConfig.checked({"data": "digits", "views": "halves"})
    (folder / "out" / "settings.yaml").write_text(settings_text(settings))
    status, _, error = infomax("show", "out")
    assert status == 2
    assert "run.json is damaged" in error


def test_settings_that_were_cut_short_are_told_of_by_their_folder(
    infomax: Run, folder: Path
) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "run.json").write_text(json.dumps({}))
    (folder / "out" / "settings.yaml").write_text("")
    status, _, error = infomax("show", "out")
    assert status == 2
    assert "out" in error
    assert "settings.yaml is damaged" in error


@pytest.mark.parametrize("line", [("show", "x.npy"), ("runs", "x.npy"), ("probe", "x.npy")])
def test_a_file_is_not_said_to_be_missing(
    line: tuple[str, ...], infomax: Run, folder: Path
) -> None:
    (folder / "x.npy").write_bytes(b"")
    status, _, error = infomax(*line)
    assert status == 2
    assert "x.npy is a file" in error


@pytest.mark.parametrize("rate", ["1e308", "1e20"])
def test_a_learning_rate_that_overflows_is_a_failure_of_the_run(
    rate: str, infomax: Run, folder: Path
) -> None:
    status, _, error = infomax(*TRAIN, "--learning-rate", rate, "--out", "out")
    assert status == 1
    assert error.splitlines()[-1].startswith("infomax: failed: the loss at step 1 is nan")
