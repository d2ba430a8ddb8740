"""What the README shows is run, block by block, and what it says is printed is."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from infomax.cli import main
from tests.cli.parsing import parsed

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = "\n".join(re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL))
PAGES = [
    README,
    *(
        (ROOT / "docs" / name).read_text(encoding="utf-8")
        for name in ("all_pairs.md", "audit.md", "large_runs.md", "reading_a_loss.md")
    ),
]
LINES = [
    part.strip()
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    for line in block.splitlines()
    for part in re.split(r"; | # ", line)
    if "infomax " in part and "pip install" not in part
]
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


OF_DIGITS = next(number for number, block in enumerate(BLOCKS) if "InfoMax(" in block)


def run(number: int) -> None:
    exec(compile(BLOCKS[number], f"README.md, block {number}", "exec"), {})  # noqa: S102


@pytest.mark.parametrize("number", [each for each in range(len(BLOCKS)) if each != OF_DIGITS])
def test_the_python_that_is_shown_runs(number: int) -> None:
    run(number)


@pytest.mark.filterwarnings("ignore::infomax.warnings.PartingWarning")
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


# Of differences of accuracies in per cent the sign may turn, too.
NUMBER = re.compile(r"[-+]\d+\.\d+(?= %|, |\])|\d+\.\d+")


def numbers(text: str) -> list[float]:
    """Return the numbers of a text, those in per cent as shares."""
    found = NUMBER.findall(text)
    return [float(each) / (100 if each.startswith(("+", "-")) else 1) for each in found]


def test_the_commands_print_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for shown in SHOWN.removeprefix("$ ").split("\n$ "):
        line, _, told = shown.partition("\n")
        program, *arguments = shlex.split(line)
        if program == "python":
            exec(arguments[1], {})  # noqa: S102
        else:
            monkeypatch.setattr(sys, "argv", [program, *arguments])
            with pytest.raises(SystemExit) as stopped:
                main()
            assert not stopped.value.code
        printed = "\n".join(each.rstrip() for each in capsys.readouterr().out.splitlines())
        assert NUMBER.sub("#", printed).strip() == NUMBER.sub("#", told).strip()
        # On another processor training ends a little elsewhere.
        assert numbers(printed) == pytest.approx(numbers(told), abs=0.02)


@pytest.mark.slow
def test_the_audit_that_is_shown_answers_as_it_is_said_to(tmp_path: Path) -> None:
    section = README.partition("## Is information what makes your codes good?")[2]
    [script] = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], flags=re.DOTALL)
    answer = " ".join(re.findall(r"^> (.*)$", section, flags=re.MULTILINE))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    told = subprocess.run(
        ["bash", "-ec", script],  # noqa: S607 - whatever shell a reader has
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "COLUMNS": "80"},
        text=True,
    )
    printed = " ".join(told.stdout.split())[: len(answer)]
    assert NUMBER.sub("#", printed) == NUMBER.sub("#", answer)
    assert numbers(printed) == pytest.approx(numbers(answer), abs=0.02)
    assert len(told.stdout.splitlines()) <= 20
    for name in ("report.html", "audit.json", "figures/codes-log-k-curve.csv"):
        assert (tmp_path / "audit" / name).stat().st_size


@pytest.mark.parametrize("line", LINES)
def test_the_lines_that_are_shown_can_be_typed(line: str) -> None:
    assert len(parsed(re.sub("^torchrun .* -m ", "", line))) == 1


def test_links_lead_somewhere() -> None:
    # The site makes a page of each example, and checks links to all pages once it is built.
    made = {ROOT / "docs/gallery/index.rst": ROOT / "examples/gallery/GALLERY_HEADER.rst"}
    made |= {
        ROOT / f"docs/gallery/{example.stem}.rst": example
        for example in (ROOT / "examples/gallery").glob("*.py")
    }
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            path = page.parent / target
            assert made.get(path, path).exists(), f"{page.name} links to {target}"
