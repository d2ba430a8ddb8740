"""Examples run, and say what they are there to say."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_an_encoder_of_ones_own_trains_from_python() -> None:
    run = [sys.executable, str(EXAMPLES / "own_encoder.py")]
    shown = subprocess.run(run, check=True, capture_output=True, text=True, timeout=200).stdout
    first, *_, last = [line.split() for line in shown.splitlines() if line[:1].isdigit()]
    assert (first[0], last[0]) == ("0", "300")
    assert float(last[1]) > float(first[1]) + 1  # On pairs that were kept for validation.


def test_an_encoder_of_ones_own_trains_from_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES)
    flags = ["--data", "digits", "--views", "halves", "--steps", "20", "--device", "cpu"]
    own = ["--encoder", "own_encoder:gated", "--encoder-options", "units=16"]
    run = [sys.executable, "-m", "infomax", "train", *flags, *own, "--out", str(tmp_path / "run")]
    subprocess.run(run, check=True, capture_output=True, timeout=200)
    assert (tmp_path / "run" / "checkpoints" / "best.safetensors").is_file()
