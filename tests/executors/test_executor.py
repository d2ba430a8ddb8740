"""Tasks in this process and in others of this machine; executors by name."""

import os
import signal
import socket
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
from infomax.executors import (
    LocalExecutor,
    ProcessExecutor,
    Task,
    check_executor,
    open_executor,
    processes_of_this_machine,
    threads_of_a_task,
)


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


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
    return port


def test_local_is_this_process() -> None:
    with open_executor("local", None, gpu=True) as executor:
        assert isinstance(executor, LocalExecutor)


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(UserError, match=r"unknown executor 'Rya': .*choose one of local, ray"):
        check_executor("Rya", None)


def test_an_address_is_of_ray_alone() -> None:
    with pytest.raises(UserError, match=r"--address auto is .* give --executor ray"):
        check_executor("local", "auto")
    check_executor("ray", "auto")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(UserError, match=r"--executor ray needs .* pip install 'infomax\[ray\]'"),
        open_executor("ray", None, gpu=False),
    ):
        pass


@pytest.mark.parametrize("address", ["head", "head:", ":6379", "head:port", "ray://head"])
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    pytest.importorskip("ray")
    with (
        pytest.raises(UserError, match=f"--address is '{address}': expected HOST:PORT"),
        open_executor("ray", address, gpu=False),
    ):
        pass


def test_where_nobody_listens_ray_cannot_be_reached() -> None:
    pytest.importorskip("ray")
    address = f"127.0.0.1:{free_port()}"
    with (
        pytest.raises(UserError, match=f"Ray cannot be reached at {address} .*refused") as refused,
        open_executor("ray", address, gpu=False),
    ):
        pass
    assert "\n" not in str(refused.value)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionError("Could not find any running Ray instance."), "none runs on this machine"),
        (
            caused(
                ConnectionError("Failed to connect to Ray cluster at head:6379"),
                RuntimeError("No node info found matching attributes: ''"),
            ),
            "this machine is not of that cluster: call `ray start --address=HOST:PORT`",
        ),
        (
            caused(
                ConnectionError("Failed to connect to Ray cluster at head:6379"),
                RuntimeError("ray.exceptions.AuthenticationError: InvalidAuthToken"),
            ),
            "Failed to connect .*: set RAY_AUTH_MODE=token",
        ),
        (
            RuntimeError("Version mismatch: The cluster was started with:\n Ray: 2.40.0"),
            "cannot be used: Version mismatch: The cluster was started with$",
        ),
    ],
)
def test_what_ray_says_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    words: str,
) -> None:
    ray = pytest.importorskip("ray")

    def refuse(**_: object) -> None:
        # As its compiled part does, past Python.
        os.write(2, b"gcs_client.cc:210: Failed to get cluster ID\n")
        raise error

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(UserError, match=words) as refused, open_executor("ray", "auto", gpu=False):
        pass
    assert "\n" not in str(refused.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("said", "threads"), [(None, 1), ("", 1), ("1", 1), ("3", 3), ("0", 1), ("2,1", 1)]
)
def test_a_task_computes_with_one_thread_or_as_many_as_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, said: str | None, threads: int
) -> None:
    if said is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads_of_a_task() == threads


@pytest.mark.parametrize("said", ["two", ""])
def test_a_number_of_cores_that_is_none_is_refused(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", said)
    with pytest.raises(UserError, match=f"LOKY_MAX_CPU_COUNT is '{said}': give a whole number"):
        processes_of_this_machine()
