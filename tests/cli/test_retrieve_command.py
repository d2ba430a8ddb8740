"""``infomax retrieve`` of a run: what it held out, by critic, cosine and class."""

import json
from pathlib import Path

import numpy as np
import pytest

from infomax.records import read_records
from tests.cli.conftest import Run

TRAIN = ("--batch-size", 16, "--steps", 20, "--evaluate-every", 20, "--jacobian-images", 0)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = np.random.default_rng(0)
    classes = np.arange(300) % 3
    x = drawn.standard_normal((300, 4)) + 3 * drawn.standard_normal((3, 4))[classes]
    path = tmp_path_factory.mktemp("pairs") / "pairs.npz"
    np.savez(path, x=x, y=x + 0.1 * drawn.standard_normal((300, 4)), classes=classes)
    return path


@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_partners_and_classes_are_looked_for_among_held_out_codes(
    pairs: Path, infomax: Run, tmp_path: Path
) -> None:
    named = ("--data", pairs, "--x", "x", "--y", "y", "--labels", "classes")
    out = tmp_path / "run"
    assert infomax("train", *named, *TRAIN, "--out", out)[0] == 0
    code, shown, said = infomax("retrieve", out, "--json")
    assert code == 0, said
    told = json.loads(shown)
    assert told["held_out_of_training"]
    found = told["retrieval"]
    assert len(found) == 5
    by_critic = found["partner by critic, x to y"]
    records = read_records(out / "records.parquet")[0]
    last = records.query(f"step == {told['step']} and split == 'test'").set_index("metric")["value"]
    assert by_critic["candidates"] == by_critic["queries"] == last["retrieval_candidates"]
    assert by_critic["chance"] == 1 / by_critic["candidates"]
    # Of views that are given the same codes are measured in training.
    for name, metric in (
        ("partner by critic, x to y", "partner_{}_x_to_y"),
        ("partner by critic, y to x", "partner_{}_y_to_x"),
        ("class by cosine, among x", "class_{}"),
    ):
        for of in ("recall_at_1", "recall_at_5", "mrr"):
            assert found[name][of]["value"] == pytest.approx(last[metric.format(of)], abs=1e-9)
    code, shown, _ = infomax("retrieve", out)
    assert code == 0
    assert "MAP@R" in shown
    assert "pairs that the run held out of its training" in " ".join(shown.split())


@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_of_other_data_all_are_looked_among(pairs: Path, infomax: Run, tmp_path: Path) -> None:
    out, other = tmp_path / "run", tmp_path / "other.npz"
    assert infomax("train", "--data", pairs, "--x", "x", "--y", "y", *TRAIN, "--out", out)[0] == 0
    with np.load(pairs) as arrays:
        np.savez(other, x=arrays["x"][:40] + 1, y=arrays["y"][:40])
    told = json.loads(infomax("retrieve", out, other, "--json")[1])
    assert not told["held_out_of_training"]
    assert {each["queries"] for each in told["retrieval"].values()} == {40}
    assert "class by cosine, among x" not in told["retrieval"]
    np.savez(other, x=np.ones((40, 3)), y=np.ones((40, 4)))
    code, _, said = infomax("retrieve", out, other)
    assert (code, said.count("\n")) == (2, 1)
    assert "gives views of shapes (3,) and (4,)" in said
