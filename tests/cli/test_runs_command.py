"""What is listed of runs: by data set, ranked as their weights are used."""

import re
from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.written_runs import write_run


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
