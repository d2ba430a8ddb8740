"""What is shown of a run, and listed of runs: curves, numbers of the weights that are used."""

import itertools
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.written_runs import write_run


def test_what_is_shown_was_measured_of_the_weights_that_are_used(
    infomax: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "run", [0.1, 2.0, 0.5], accuracies=[0.1, 0.9, 0.2], ceiling=4.852)
    _, said, _ = infomax("show", tmp_path / "run")
    assert " ".join(said.split()).startswith(
        f"{tmp_path / 'run'}: infonce reads 2.000 nats on pairs that it was not trained on; "
        "weights of step 10 of 20, the best"
    )
    assert "weights of step 10 " in said
    assert re.search(r"bound, nats +2\.000 +3\.000 +higher", said)
    assert re.search(r"its ceiling +4\.852", said)
    assert re.search(r"linear probe +0\.900 +higher", said)


def test_a_run_opens_with_its_curves(infomax: Run, tmp_path: Path) -> None:
    write_run(
        tmp_path / "run",
        [0.013, 0.7, 1.31, 1.27, 1.33],
        accuracies=[0.5, 0.6, 0.7, 0.8, 0.9],
        every=50,
        ceiling=4.852,
    )
    _, said, _ = infomax("show", tmp_path / "run")
    lines = said.splitlines()
    axes = [place for place, line in enumerate(lines) if re.match(r"^ +\| 0 ", line)]
    numbers = next(place for place, line in enumerate(lines) if "better is" in line)
    assert len(axes) == 2
    assert max(axes) < numbers
    assert lines[axes[0]].replace("|", "").split() == ["0", "40", "80", "120", "160", "200"]
    # Labels begin below their ticks.
    ticks = [place for place, sign in enumerate(lines[axes[0] - 1]) if sign == "|"][1:]
    assert lines[axes[0]].index("40") == ticks[1]
    assert "o held out  . training  - ceiling 4.852" in said
    heights = list(map(float, re.findall(r"^ +(\S+) \|", said, re.MULTILINE)[:11]))
    steps = {round(above - below, 9) for above, below in itertools.pairwise(heights)}
    assert len(steps) == 1
    assert heights[-1] == 0
    assert heights[0] > 4.852


def test_warnings_are_wrapped_at_words_and_nothing_is_wider_than_the_terminal(
    infomax: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "the bound on validation pairs is as high as it can be with such batches " * 3
    write_run(
        tmp_path / "run",
        [0.1 * each for each in range(20)],
        accuracies=[0.05 * each for each in range(20)],
        every=1_050,
        ceiling=4.852,
        warnings={"NearCeilingWarning": told.strip()},
    )
    monkeypatch.chdir(tmp_path)
    for width, beside in ((80, False), (120, True)):
        monkeypatch.setenv("COLUMNS", str(width))
        _, said, _ = infomax("show", "run")
        assert max(map(len, said.splitlines())) <= width
        assert told.strip() in " ".join(said.split())
        assert "…" not in said
        assert any("Bound" in line and "accuracy" in line for line in said.splitlines()) is beside


def test_under_a_target_nearer_is_better(infomax: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run", [0.1, 2.9, 4.0], target=3.0, ceiling=4.852)
    _, said, _ = infomax("show", tmp_path / "run")
    assert re.search(r"bound, nats +2\.900 +3\.900 +nearer to 3$", said, re.MULTILINE)
    assert "- target 3" in said


def test_a_run_that_has_measured_nothing_says_so(infomax: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run", [])
    status, said, _ = infomax("show", tmp_path / "run")
    assert status == 0
    assert "nothing was measured yet" in " ".join(said.split())


def test_runs_are_ranked_within_data_by_the_weights_that_are_used(
    infomax: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "overfitted", [0.1, 2.0, 0.5], accuracies=[0.1, 0.9, 0.2])
    write_run(tmp_path / "steady", [0.1, 1.0, 1.5])
    write_run(tmp_path / "others", [0.1, 9.0], data="mnist")
    write_run(tmp_path / "held", [0.1, 3.1, 5.0], data="cifar10", target=3.0)
    write_run(tmp_path / "far", [0.1, 4.0], data="cifar10", target=3.0)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("[]")
    status, said, _ = infomax("runs", tmp_path)
    assert status == 0
    names = [line.split()[0] for line in said.splitlines() if line.split()]
    order = [name for name in names if (tmp_path / name).is_dir()]
    assert order == ["held", "far", "overfitted", "steady", "others", "damaged"]
    # In a line of its own: a column of a table would cut it.
    (line,) = [each for each in said.splitlines() if each.startswith("damaged")]
    assert "cannot be read" in line
    assert "settings.yaml" in line
    assert re.search(r"overfitted .* 20 +2\.000 +0\.9000", said)
    assert re.search(r"held .* 3\.100", said)
