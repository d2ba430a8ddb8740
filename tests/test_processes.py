"""Processes that share a batch: whose rows are whose, and what they tell each other."""

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.processes import Processes

SCRIPT = Path(__file__).with_name("collectives_on_ranks.py")


@given(rows=st.integers(1, 200), number=st.integers(1, 12))
def test_every_row_is_one_process_s_and_shares_differ_by_one_at_most(
    rows: int, number: int
) -> None:
    if rows < number:
        with pytest.raises(UserError, match="cannot be shared"):
            Processes(0, number).own_rows(rows)
        return
    shares = [range(rows)[Processes(rank, number).own_rows(rows)] for rank in range(number)]
    assert [row for share in shares for row in share] == list(range(rows))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_alone_nothing_is_sent_and_nothing_changes() -> None:
    alone = Processes()
    values = torch.tensor([1.0, 2.0])
    assert alone.sum(values) is values
    assert alone.total(values) is values
    assert alone.log_sum_exp(values) is values
    assert alone.gather_rows(values, [2]) is values
    assert alone.counts(3) == [3]
    assert alone.all_gather("a") == ["a"]
    assert alone.broadcast("a") == "a"
    with pytest.raises(UserError, match=r"^no such file$"), alone.first_goes_first():
        raise UserError("no such file")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("ranks")
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=3"]
    finished = subprocess.run(
        [sys.executable, *launcher, str(SCRIPT), str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return [torch.load(folder / f"{rank}.pt") for rank in range(3)]


def test_rows_are_gathered_in_order_and_hand_back_the_sum_of_all_gradients(
    told: list[dict[str, Any]],
) -> None:
    expected = torch.tensor(
        [[0, 1], [2, 3], [10, 11], [20, 21], [22, 23], [24, 25]], dtype=torch.float64
    )
    # Row i was multiplied by i and by 1, 2 and 3 on the three processes.
    gradients = 6 * torch.arange(1, 7, dtype=torch.float64)[:, None].expand(6, 2)
    for of_process, own in zip(told, gradients.split([2, 1, 3]), strict=True):
        assert of_process["numbers"] == [2, 1, 3]
        assert torch.equal(of_process["gathered"], expected)
        assert torch.equal(of_process["gradient of rows"], own)


def test_sums_of_exponentials_are_those_of_all_and_hand_back_each_ones_share(
    told: list[dict[str, Any]],
) -> None:
    total = math.log(sum(math.exp(rank) for rank in range(3)))
    for rank, of_process in enumerate(told):
        value, of_far_apart = of_process["log_sum_exp"].tolist()
        assert value == pytest.approx(total, rel=1e-14)
        assert of_far_apart == 0.0
        share, of_far = of_process["gradient of given"].tolist()
        assert share == pytest.approx(math.exp(rank - total), rel=1e-12)
        assert of_far == (1.0 if rank == 0 else 0.0)


def test_a_total_hands_back_the_sum_of_what_all_did_with_it(told: list[dict[str, Any]]) -> None:
    for of_process in told:
        assert of_process["total"].tolist() == [0.0 + 1.0 + 2.0]
        assert of_process["gradient of summand"].tolist() == [1.0 + 2.0 + 3.0]


def test_what_is_told_is_the_same_on_all(told: list[dict[str, Any]]) -> None:
    for of_process in told:
        of_floats, of_doubles = of_process["summed in place"]
        assert of_floats.tolist() == [3.0, 3.0]
        assert of_doubles.tolist() == [3.0]
        assert of_doubles.dtype == torch.float64
        assert of_process["from the first"] == "of 0"
        assert of_process["of all"] == [0, 1, 2]
        assert of_process["clock"] == told[0]["clock"]


def test_a_mistake_on_any_ends_all_and_is_told_once(told: list[dict[str, Any]]) -> None:
    assert told[0]["mistakes"] == ["no such file", "process 2: no such file"]
    for of_process in told[1:]:
        assert of_process["mistakes"] == ["told by the first"] * 2
