"""Logs of losses: columns, lines of JSON, plain numbers, and what is wrong with them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from infomax.audit import read_loss_log
from infomax.errors import UserError


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_column_lines_of_json_and_plain_numbers_are_read_alike(tmp_path: Path) -> None:
    rows = [(0, 4.8), (50, 3.2), (100, 2.5)]
    files = [
        written(tmp_path, "a.csv", "step,loss\n" + "".join(f"{a},{b}\n" for a, b in rows)),
        written(
            tmp_path, "a.jsonl", "".join(json.dumps({"step": a, "loss": b}) + "\n" for a, b in rows)
        ),
        written(tmp_path, "a.txt", "# losses\n" + "".join(f"{b}\n" for _, b in rows)),
    ]
    np.save(tmp_path / "a.npy", np.array([b for _, b in rows]))
    for path in (*files, tmp_path / "a.npy"):
        assert read_loss_log(path).values.tolist() == [4.8, 3.2, 2.5]


def test_rows_without_a_loss_are_counted_and_losses_that_failed_are_kept(tmp_path: Path) -> None:
    rows = '{"loss": 4.0}\n{"eval_accuracy": 0.5}\n{"loss": 3.0}\n'
    log = read_loss_log(written(tmp_path, "a.jsonl", rows))
    assert (log.values.tolist(), log.without, log.column) == ([4.0, 3.0], 1, "loss")
    for name, text in (
        ("a.txt", "4.0\nnan\ninf\n"),
        ("b.jsonl", '{"loss": 4.0}\n{"loss": NaN}\n{"loss": Infinity}\n{"other": 1}\n'),
    ):
        failed = read_loss_log(written(tmp_path, name, text))
        assert [math.isfinite(each) for each in failed.values] == [True, False, False]
        assert failed.without == (name != "a.txt")


def test_losses_of_a_framework_stand_between_other_rows(tmp_path: Path) -> None:
    text = "epoch,step,train/loss,val_loss\n0,1,4.8,\n0,2,4.1,\n0,,,4.5\n1,3,3.2,\n"
    log = read_loss_log(written(tmp_path, "metrics.csv", text))
    assert (log.values.tolist(), log.without) == ([4.8, 4.1, 3.2], 1)
    # Readers of tables take NaN for an empty cell, and infinity for a number.
    failed = read_loss_log(written(tmp_path, "failed.csv", "step,loss\n1,4.0\n2,NaN\n3,inf\n"))
    assert (failed.values.tolist(), failed.without) == ([4.0, math.inf], 1)


@pytest.mark.parametrize(
    ("name", "text", "column", "told"),
    [
        ("a.csv", "step,nce\n1,2\n", None, "say which of them holds the losses"),
        ("a.csv", "step,loss\n1,2\n", "lost", "unknown column 'lost': did you mean 'loss'?"),
        ("a.csv", "step,loss\n1,2\n2,high\n", None, "column 'loss' holds 'high'"),
        ("a.csv", "step,loss\n1,\n2,\n", None, "holds no loss that is a number"),
        ("a.jsonl", "{loss\n", None, "cannot be read as lines of JSON"),
        ("a.txt", "loss: 4.8\n", None, "expected a number on each line"),
        ("a.txt", "1 4.8\n2 4.7\n", None, "has 2 numbers on a line, expected one"),
        ("a.txt", "4.8\n", "loss", "leave --column out"),
        ("a.txt", "", None, "is empty"),
        ("a.rst", "4.8\n", None, "is no log of losses by its ending, expected one of .csv"),
        ("a.jsonl", "[1, 2]\n", None, 'such as {"step": 1, "loss": 4.8}'),
        ("a.jsonl", '{"loss": true}\n', None, "column 'loss' holds 'True' in row 1"),
    ],
)
@pytest.mark.filterwarnings("ignore::infomax.warnings.TableWarning")
def test_a_log_that_cannot_be_read_is_one_line(
    tmp_path: Path, name: str, text: str, column: str | None, told: str
) -> None:
    with pytest.raises(UserError) as raised:
        read_loss_log(written(tmp_path, name, text), column)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    for name in ("a.txt", "a.jsonl", "a.csv"):
        with pytest.raises(UserError, match="is not there"):
            read_loss_log(tmp_path / name)
