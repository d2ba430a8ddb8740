"""Ray for real, on this machine: places, mistakes, and workers that are killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from operator import pow as power
from pathlib import Path

import pytest

from infomax.errors import UserError, unknown_name
from infomax.executors import RayExecutor, Task

ray = pytest.importorskip("ray")
# Workers do not have the tests on their path.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start a cluster of two cores on this machine, as users do elsewhere."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port = opened.getsockname()[1]
    start = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block"]
    flags = ["--port", str(port), "--num-cpus", "2", "--include-dashboard", "false"]
    with subprocess.Popen(
        [*start, *flags, "--disable-usage-stats"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as head:
        try:
            yield f"127.0.0.1:{port}"
        finally:
            head.terminate()
            head.wait(timeout=60)


@pytest.fixture(scope="module")
def executor(address: str) -> Iterator[RayExecutor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("INFOMAX_DATA", "some/folder")
        deadline = time.monotonic() + 60
        while True:
            try:
                opened = RayExecutor(address)
            except UserError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                break
        yield opened
        opened.close()
    assert not ray.is_initialized()


def slow_if_first(place: int, wait: float) -> int:
    time.sleep(wait)
    return place


def where_it_runs() -> tuple[str, int, str | None]:
    import torch  # noqa: PLC0415 - in the worker, with what it was started with

    return str(Path.cwd()), torch.get_num_threads(), os.environ.get("INFOMAX_DATA")


def killed_once(marks: Path) -> str:
    mark = marks / str(os.getpid())
    mark.touch()
    if len(list(marks.iterdir())) == 1:
        time.sleep(120)
    return mark.name


def always_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def mistaken() -> None:
    raise unknown_name("critic", "cosin", ["cosine"])


def missing() -> None:
    raise FileNotFoundError(2, "No such file or directory", "data.npy")


def test_outcomes_have_the_places_of_their_tasks(executor: RayExecutor) -> None:
    tasks = [Task(f"{number} squared", partial(power, number, 2)) for number in range(20)]
    assert sorted(executor.run(tasks)) == [(number, number**2) for number in range(20)]
    assert list(executor.run([])) == []


def test_outcomes_come_as_tasks_end(executor: RayExecutor) -> None:
    list(executor.run([Task("warm", partial(slow_if_first, 0, 1.0)) for _ in range(2)]))
    # While one worker sleeps, the other does the rest.
    waits = [6.0, 0.0, 0.0]
    tasks = [Task("", partial(slow_if_first, place, wait)) for place, wait in enumerate(waits)]
    places = [place for place, _ in executor.run(tasks)]
    assert places == [1, 2, 0]


def test_a_task_runs_in_the_folder_and_with_the_threads_of_whoever_asks(
    executor: RayExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ((_, (folder, threads, data)),) = executor.run([Task("", where_it_runs)])
    assert Path(folder) == tmp_path
    assert threads == 1
    assert data == "some/folder"


@pytest.mark.parametrize(
    ("work", "kind", "words"),
    [
        (mistaken, UserError, "unknown critic 'cosin': did you mean 'cosine'"),
        (missing, FileNotFoundError, "data.npy"),
        (partial(power, 0, -1), ZeroDivisionError, "power|zero"),
    ],
)
def test_what_a_task_raises_is_raised_as_it_was(
    executor: RayExecutor, work: Callable[[], object], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as raised:
        list(executor.run([Task("it", work)]))
    assert type(raised.value) is kind


def test_a_task_whose_worker_is_killed_is_done_by_another(
    executor: RayExecutor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    victims: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + 60
        while not (marks := list(tmp_path.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.05)
        victims.extend(int(mark.name) for mark in marks)
        os.kill(victims[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    ((place, by),) = executor.run([Task("killed once", partial(killed_once, tmp_path))])
    killer.join()
    assert place == 0
    assert int(by) not in victims
    assert sorted(mark.name for mark in tmp_path.iterdir()) == sorted([str(victims[0]), by])
    # Ray would tell of it in lines of its own.
    said = capfd.readouterr()
    assert said.out == said.err == ""


def test_a_task_that_kills_every_worker_is_given_up(
    executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infomax.executors.ray_executor._KILLED_AT_MOST", 1)
    with pytest.raises(UserError, match=r"deadly: Ray gave it up \(.*\); .* --resume") as raised:
        list(executor.run([Task("deadly", always_killed)]))
    assert "\n" not in str(raised.value)


def test_another_version_on_another_machine_is_refused(
    executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infomax.executors.ray_executor.__version__", "0.0.1")
    with pytest.raises(UserError, match=r"and 0\.0\.1 where this was asked for: install the same"):
        list(executor.run([Task("it", partial(power, 2, 3))]))


def test_a_folder_that_a_machine_does_not_have_is_named(
    executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Path("/nowhere/at/all")
    monkeypatch.setattr("infomax.executors.ray_executor.Path.cwd", staticmethod(lambda: nowhere))
    with pytest.raises(UserError, match=r"/nowhere/at/all cannot be opened on .*all machines"):
        list(executor.run([Task("it", partial(power, 2, 3))]))


SQUARES = """
import sys
from functools import partial
from operator import pow
from infomax.errors import UserError
from infomax.executors import Task, open_executor
try:
    with open_executor("ray", sys.argv[1], gpu=False) as executor:
        print(sorted(executor.run([Task("", partial(pow, each, 2)) for each in range(3)])))
except UserError as error:
    print(error)
"""


def test_a_cluster_is_left_running_and_refuses_who_does_not_fit(
    executor: RayExecutor, address: str
) -> None:
    def squares(threads: int, **changes: str) -> str:
        told = subprocess.run(
            [sys.executable, "-c", SQUARES, address],
            env={**os.environ, "OMP_NUM_THREADS": str(threads), **changes},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        assert told.stderr == ""
        assert told.stdout.count("\n") == 1
        return told.stdout

    assert squares(1) == squares(2) == "[(0, 0), (1, 1), (2, 4)]\n"
    assert "computes with 3 threads, and no machine" in squares(3)
    assert "set RAY_AUTH_MODE=token" in squares(1, RAY_AUTH_TOKEN=uuid.uuid4().hex)
