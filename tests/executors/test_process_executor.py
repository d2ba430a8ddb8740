"""Tasks in processes of this machine: what comes back, and that nothing of them stays."""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from operator import pow as power
from operator import truediv
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.executors import ProcessExecutor, Task


@pytest.fixture(scope="module")
def executor() -> Iterator[ProcessExecutor]:
    opened = ProcessExecutor(2, threads=3)
    yield opened
    opened.close()


def outcomes(executor: ProcessExecutor, *works: Callable[[], object]) -> list[object]:
    """Return what works give, in their order."""
    tasks = [Task(f"task {place}", work) for place, work in enumerate(works)]
    return [outcome for _, outcome in sorted(executor.run(tasks), key=lambda each: each[0])]


def test_outcomes_come_with_the_places_of_their_tasks(executor: ProcessExecutor) -> None:
    assert outcomes(executor, *(partial(power, number, 2) for number in range(9))) == [
        number**2 for number in range(9)
    ]


def test_tasks_are_done_by_two_other_processes(executor: ProcessExecutor) -> None:
    # Until both have taken one.
    seen: set[object] = set()
    while len(seen) < 2:
        seen |= set(outcomes(executor, *(os.getpid for _ in range(20))))
    assert os.getpid() not in seen
    assert len(seen) == 2


def test_they_compute_with_as_many_threads_as_are_asked_for(executor: ProcessExecutor) -> None:
    assert outcomes(executor, partial(os.getenv, "OMP_NUM_THREADS")) == ["3"]


def test_an_interruption_is_left_to_the_process_that_began_them(executor: ProcessExecutor) -> None:
    (blocked,) = outcomes(executor, partial(signal.pthread_sigmask, signal.SIG_BLOCK, ()))
    assert blocked == {signal.SIGINT}
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_what_a_task_raises_is_raised_with_its_label(executor: ProcessExecutor) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        outcomes(executor, partial(truediv, 1, 0))
    assert raised.value.__notes__ == ["in task 0"]


def test_what_a_task_warns_of_is_warned_of_here(executor: ProcessExecutor) -> None:
    with pytest.warns(UserWarning, match="^rows repeat$"):
        assert outcomes(executor, partial(warnings.warn, "rows repeat", UserWarning)) == [None]


def test_a_process_that_is_killed_is_a_line_that_says_how_to_go_on() -> None:
    executor = ProcessExecutor(2, threads=1)
    with pytest.raises(UserError, match=r"was killed.*--resume") as killed:
        outcomes(executor, partial(time.sleep, 60), partial(signal.raise_signal, signal.SIGKILL))
    assert "\n" not in str(killed.value)
    executor.close()


def test_closed_in_the_midst_of_a_task_it_ends_at_once() -> None:
    executor = ProcessExecutor(1, threads=1)
    tasks: list[Task[object]] = [Task("pid", os.getpid), Task("long", partial(time.sleep, 600))]
    _, pid = next(executor.run(tasks))
    executor.close()
    assert not Path(f"/proc/{pid}").exists()


# One whose processes are at something that takes long, and which is killed itself.
KILLED = """
import os, signal, time
from functools import partial
from infomax.executors import ProcessExecutor, Task
if __name__ == "__main__":
    tasks = [Task("pid", os.getpid), Task("long", partial(time.sleep, 600))]
    for _, pid in ProcessExecutor(1, threads=1).run(tasks):
        print(pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_they_end_with_the_process_that_began_them_though_it_is_killed() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    process = Path(f"/proc/{int(ended.stdout)}")
    deadline = time.monotonic() + 30
    while process.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not process.exists()
