"""Benchmarks: each beside its yardstick, and the table that they write."""

import shlex
from datetime import datetime
from pathlib import Path

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.table import Row, with_rows
from benchmarks.turns import Compare
from infomax.studies.image_pairs import ImagePairs
from infomax.training import describe_environment

# Scripts for environments that hold other packages.
collect_ignore = ["peers"]

_ROWS = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the table be written elsewhere."""
    parser.addoption(
        "--table", type=Path, metavar="FILE", help="written to; docs/benchmarks.md by default"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no rows."""
    config.stash[_ROWS] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was measured, also where a benchmark failed or the run was interrupted."""
    rows = session.config.stash[_ROWS]
    if not rows:
        return
    path = _path(session.config)
    before = path.read_text() if path.exists() else ""
    path.write_text(with_rows(before, _heading(session.config), rows))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which targets were missed."""
    rows = config.stash[_ROWS]
    if not rows:
        return
    terminalreporter.section(f"{len(rows)} rows in {_path(config)}")
    for row in rows:
        if row.outcome == "missed":
            terminalreporter.write(f"missed: {row}")


def _path(config: pytest.Config) -> Path:
    given: Path | None = config.getoption("table")
    return given or config.rootpath / "docs" / "benchmarks.md"


def _heading(config: pytest.Config) -> str:
    command = f"pytest {shlex.join(config.invocation_params.args)}"
    about = describe_environment(torch.device("cpu"), command)
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    libraries = ("infomax", "python", "torch", "numpy", "scipy", "scikit-learn")
    versions = ", ".join(f"{name} {about[name]}" for name in libraries)
    return (
        f"## {datetime.now().astimezone():%Y-%m-%d %H:%M}, {about['device']}{gpu}, "
        f"cores: {about['cores']}, threads: {about['threads']}\n\n"
        f"`{command}`: {versions}, {about['machine']}."
    )


@pytest.fixture
def compare(benchmark: BenchmarkFixture) -> Compare:
    """Time two contestants in turn."""
    return Compare(benchmark)


@pytest.fixture
def table(pytestconfig: pytest.Config) -> list[Row]:
    """Rows of this run: what is appended stands in the table, so append what was found right."""
    return pytestconfig.stash[_ROWS]


@pytest.fixture(scope="session")
def images() -> ImagePairs:
    """Halves of MNIST, on the CPU."""
    return ImagePairs.open("mnist", torch.device("cpu"))
