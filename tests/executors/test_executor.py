"""Tasks in this process: in order, one begun when the one before was taken."""

from functools import partial
from operator import pow as power
from operator import truediv

import pytest

from infomax.executors import LocalExecutor, Task


def test_tasks_are_done_in_their_order_with_their_indices() -> None:
    tasks = [Task(f"{number} squared", partial(power, number, 2)) for number in range(5)]
    assert list(LocalExecutor().run(tasks)) == [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16)]


def test_none_is_begun_before_the_outcome_of_the_last_is_taken() -> None:
    begun: list[int] = []
    tasks = [Task("", partial(begun.append, number)) for number in range(3)]
    outcomes = LocalExecutor().run(tasks)
    assert begun == []
    next(outcomes)
    assert begun == [0]
    next(outcomes)
    assert begun == [0, 1]


def test_what_a_task_raises_ends_it_all() -> None:
    begun: list[int] = []
    tasks = [Task("first", partial(truediv, 1, 0)), Task("second", partial(begun.append, 2))]
    with pytest.raises(ZeroDivisionError):
        list(LocalExecutor().run(tasks))
    assert begun == []
