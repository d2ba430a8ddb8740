"""What the README shows is run, block by block."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


OF_DIGITS = next(number for number, block in enumerate(BLOCKS) if "InfoMax(" in block)


def run(number: int) -> None:
    exec(compile(BLOCKS[number], f"README.md, block {number}", "exec"), {})  # noqa: S102


@pytest.mark.parametrize("number", [each for each in range(len(BLOCKS)) if each != OF_DIGITS])
def test_the_python_that_is_shown_runs(number: int) -> None:
    run(number)


@pytest.mark.filterwarnings("ignore::infomax.runs.cautions.PartingWarning")
def test_codes_of_digits_beat_pixels_as_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run(OF_DIGITS)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "KNeighborsClassifier",
        "LogisticRegression",
    ]
    for line in lines:
        pixels, codes = (float(value) for value in re.findall(r"0\.\d+", line))
        assert codes > pixels
