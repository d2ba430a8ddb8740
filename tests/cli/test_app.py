"""What holds for every command: what it waits for, and how it ends."""

import itertools
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from typer.main import get_command

from infomax.cli.app import EXAMPLES, STARTING_POINTS, app
from infomax.cli.run_flags import given_settings
from infomax.data.tables import TABLE_FORMATS
from infomax.experiments.config import RunConfig
from tests.cli.conftest import Run
from tests.cli.parsing import commands_below, parsed

HEAVY = {"matplotlib", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "torch"}
LOADED = """
import sys
from infomax.cli import main
try:
    main()
finally:
    print("loaded:", *sys.modules)
"""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("", 0),
        ("--version", 0),
        ("--help", 0),
        ("tarin", 2),
        ("train --setps 3", 2),
        ("reproduce bijektive", 2),
        ("list critic", 2),
        ("list studies", 0),
        *((f"{command} --help", 0) for command in ("train", "estimate", "benchmark mi", "list")),
    ],
)
def test_help_and_mistyped_names_wait_for_no_heavy_module(line: str, status: int) -> None:
    called = subprocess.run(
        [sys.executable, "-c", LOADED, *line.split()], capture_output=True, text=True, check=False
    )
    loaded = called.stdout.rpartition("loaded:")[2].split()
    assert called.returncode == status, called.stderr
    assert "infomax.cli.app" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_nothing_named_shows_four_lines_to_start_from(infomax: Run) -> None:
    status, said, _ = infomax()
    assert status == 0
    shown = [line.strip() for line in said.splitlines() if line.startswith("  infomax ")]
    assert shown == list(STARTING_POINTS.values())
    assert len(shown) == 4


@pytest.mark.parametrize("line", [*STARTING_POINTS.values(), *itertools.chain(*EXAMPLES.values())])
def test_lines_that_are_shown_can_be_pasted(line: str) -> None:
    (given,) = parsed(line)
    keys = RunConfig.model_fields.keys()
    if given.get("data") and keys <= given.keys():
        RunConfig.checked(given_settings({key: given[key] for key in keys if given[key]}))
    assert not parsed(f"{line} --no-such-flag")


@pytest.mark.parametrize("command", EXAMPLES)
def test_the_help_of_every_command_shows_its_examples_unbroken(command: str, infomax: Run) -> None:
    _, said, _ = infomax(*command.split(), "--help")
    assert set(EXAMPLES[command]) <= {line.strip() for line in said.splitlines()}


def test_every_command_has_examples() -> None:
    assert commands_below(get_command(app)).keys() == EXAMPLES.keys()


def test_the_help_of_train_is_grouped_as_the_settings_are(infomax: Run) -> None:
    _, said, _ = infomax("train", "--help")
    panels = re.findall(r"^╭─ (.*?) ─+╮$", said, re.MULTILINE)
    groups = list(dict.fromkeys(RunConfig.headings().values()))
    assert panels == ["Arguments", "Options", *groups, "Several runs", "Encoders of graphs"]
    _, _, of_data = said.partition("─ Data ─")
    assert "--labels" in of_data.partition("╰")[0]
    assert "…" not in said


@pytest.mark.parametrize(
    ("command", "groups"),
    [
        (
            "estimate",
            {
                "Columns and rows": "--discrete",
                "Method": "--permutations",
                "What is shown": "--json",
                "How text files are read": "--separator",
            },
        ),
        (
            "reproduce",
            {
                "What is run": "--seeds",
                "Where it is written": "--resume",
                "Several runs": "--executor",
            },
        ),
    ],
)
def test_many_flags_are_grouped_in_the_help(
    command: str, groups: dict[str, str], infomax: Run
) -> None:
    _, said, _ = infomax(command, "--help")
    for heading, flag in groups.items():
        _, found, below = said.partition(f"─ {heading} ─")
        assert found
        assert flag in below.partition("╰")[0]


def test_the_help_of_estimate_names_every_kind_of_table(infomax: Run) -> None:
    _, said, _ = infomax("estimate", "--help")
    assert all(ending in said for ending in TABLE_FORMATS)


@pytest.mark.parametrize(
    "lines",
    [
        "import sys\nsys.exit(0)",
        "def views(items, generator):\n    exit(0)",
        "import argparse\nargparse.ArgumentParser(usage='').parse_args(['--no-such'])",
    ],
)
def test_lines_of_the_users_that_exit_are_a_mistake(
    lines: str, infomax: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"leaving_{abs(hash(lines))}"
    (tmp_path / f"{name}.py").write_text(lines)
    monkeypatch.chdir(tmp_path)
    status, _, said = infomax("views", "digits", "--views", f"{name}:views")
    assert status == 2
    assert f"{name}" in said.splitlines()[-1]
    assert "line" in said.splitlines()[-1]
    assert not (tmp_path / "views.png").exists()


def test_names_in_brackets_are_shown_as_they_are(
    infomax: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, said, _ = infomax("init", "[red]mine[/x].yaml")
    assert "[red]mine[/x].yaml is written" in said
    for name in ("[red]", "[/x]"):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / "run.json").write_text("{}")
    status, said, _ = infomax("runs", "all")
    assert status == 0
    assert "[red]" in said
    assert "[/x]" in said


def test_a_name_that_is_not_utf_8_is_refused(infomax: Run) -> None:
    status, _, said = infomax("train", "--data", "digits", "--out", "o\udcff")
    assert (status, said.count("\n")) == (2, 1)
    assert "is not UTF-8" in said


def test_signs_that_a_terminal_lacks_are_shown_by_their_numbers() -> None:
    called = subprocess.run(
        [sys.executable, "-m", "infomax", "report", "nowhere-\u03b1"],
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert called.returncode == 2
    assert "nowhere-\\u03b1" in called.stderr


def test_a_warning_is_one_line_without_its_source(
    infomax: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "warning_views.py").write_text(
        "import warnings\n"
        "def views(items, generator):\n"
        "    warnings.warn('of two\\nlines')\n"
        "    return items, items\n"
    )
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        status, _, said = infomax("views", "digits", "--views", "warning_views:views")
    assert status == 0, said
    assert said == "infomax: warning: of two lines\n"


HEADINGS_OF_RUNS = list(dict.fromkeys(RunConfig.headings().values()))


@pytest.mark.parametrize(
    "command",
    ["estimate", "views", "train", "encode", "probe", "export", "reproduce", "benchmark mi"],
)
def test_every_option_stands_under_a_heading(command: str) -> None:
    options = commands_below(get_command(app))[command].params
    headings = {each.name: getattr(each, "rich_help_panel", None) for each in options}
    kinds = {each.name: each.param_type_name for each in options}
    unnamed = [
        name for name, heading in headings.items() if kinds[name] == "option" and not heading
    ]
    assert unnamed == []
    if command == "train":
        assert list(dict.fromkeys(filter(None, headings.values()))) == [
            *HEADINGS_OF_RUNS,
            "Several runs",
            "Encoders of graphs",
        ]


def test_help_shows_the_default_of_every_setting(infomax: Run) -> None:
    options = {each.name: each for each in commands_below(get_command(app))["train"].params}
    _, said, _ = infomax("train", "--help")
    text = " ".join(said.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())
    defaults = {
        key: field.get_default(call_default_factory=True)
        for key, field in RunConfig.model_fields.items()
        if not field.is_required()
    }
    chosen = {
        key: default
        for key, default in defaults.items()
        if default is not False and default not in (None, (), {})
    }
    assert {"bound", "batch_size", "seed", "warm_up_steps"} <= chosen.keys()
    for key, default in chosen.items():
        shown = f"[default: ({default})]"
        assert options[key].show_default == str(default)
        assert shown in text
