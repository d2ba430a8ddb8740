"""Tasks that need nothing of each other, and what carries them out on this machine, by its name."""

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from infomax.errors import UserError, unknown_name

__all__ = [
    "EXECUTORS",
    "Executor",
    "LocalExecutor",
    "ProcessExecutor",
    "Task",
    "check_executor",
    "open_executor",
    "processes_of_this_machine",
    "threads_of_a_task",
]

Outcome = TypeVar("Outcome")


class Task(NamedTuple, Generic[Outcome]):
    """A piece of work that needs nothing of the others.

    It may be begun more than once, because whoever was at it was killed: it keeps what it has done
    where the next one finds it.

    Attributes:
        label: one line that tells it from the others.
        work: does it. To be done on another machine it must be possible to pickle it.
    """

    label: str
    work: Callable[[], Outcome]


class Executor(Protocol):
    """Carries out tasks that need nothing of each other, in whichever order."""

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the index of a task among those given, and its outcome, as they end.

        What a task raises is raised here, and ends it all.
        """


class LocalExecutor:
    """Carries tasks out in this process, in their order.

    A task is begun when the outcome before it was taken.

    Example:
        >>> tasks = [Task("six", lambda: 2 * 3), Task("nine", lambda: 3 * 3)]
        >>> list(LocalExecutor().run(tasks))
        [(0, 6), (1, 9)]
    """

    def __repr__(self) -> str:
        return "LocalExecutor()"

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the index of each task, and its outcome."""
        for index, task in enumerate(tasks):
            yield index, task.work()


def threads_of_a_task() -> int:
    """Return the threads, and so the cores, that each of several tasks at once computes with.

    As many as ``OMP_NUM_THREADS`` says, or one. PyTorch would take every core of the machine for
    each task, and tasks side by side would then wait for each other's threads at every small
    matrix; one core for each of several tasks does more than several cores for one. The number
    also determines the last bits, which must not depend on the machine that a task comes to.
    """
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) else 1


class ProcessExecutor:
    """Carries tasks out in several processes of this machine; they are begun in their order.

    The processes end when this is closed and when the process that made it ends, however it ends.
    Ctrl-C is left to that process. What a task warns of is warned of where this was asked.

    Args:
        processes: how many processes there are.
        threads: how many threads each of them computes with.

    Example:
        >>> from functools import partial
        >>> from operator import mul
        >>> executor = ProcessExecutor(2, threads=1)
        >>> tasks = [Task("six", partial(mul, 2, 3)), Task("nine", partial(mul, 3, 3))]
        >>> sorted(executor.run(tasks))
        [(0, 6), (1, 9)]
        >>> executor.close()
    """

    def __init__(self, processes: int, *, threads: int) -> None:
        self._processes, self._threads = processes, threads
        context = get_context("spawn")
        # Closed here, or by the system when this process ends, and noticed by the others.
        ended, self._alive = context.Pipe(duplex=False)
        self._ended = ended
        self._pool = ProcessPoolExecutor(
            processes, mp_context=context, initializer=_begin, initargs=(ended, threads)
        )

    def __repr__(self) -> str:
        return f"ProcessExecutor({self._processes}, threads={self._threads})"

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Begin the tasks; yield the index of each, and its outcome, as they end.

        Raises:
            UserError: if a process was killed, or what it gave cannot be read here.
        """
        # The processes that are started here inherit that they are not interrupted.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            indices = {
                self._pool.submit(_carry_out, task.work): index for index, task in enumerate(tasks)
            }
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._outcomes(indices, tasks)

    def close(self) -> None:
        """End the processes, and what is still under way in them."""
        self._alive.close()
        self._pool.shutdown(cancel_futures=True)
        self._ended.close()

    def _outcomes(
        self, indices: dict[Future[Any], int], tasks: Sequence[Task[Outcome]]
    ) -> Iterator[tuple[int, Outcome]]:
        # Bound to this object: were it collected, the processes would end.
        for ended in as_completed(indices):
            index = indices[ended]
            try:
                outcome, warned = ended.result()
            except BrokenProcessPool as error:
                why = "was killed, perhaps for want of memory"
                if error.__cause__ is not None:
                    why = f"ended ({str(error.__cause__).strip().splitlines()[-1]})"
                raise UserError(
                    f"one of the processes at work {why}: go on with what is kept by --resume, in "
                    "one process where the environment says LOKY_MAX_CPU_COUNT=1"
                ) from error
            except Exception as error:
                error.add_note(f"in {tasks[index].label}")
                raise
            for message in warned:
                warnings.warn(message, stacklevel=2)
            yield index, outcome


def _begin(ended: Connection, threads: int) -> None:
    """Prepare a process, before anything is imported in it that computes."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    threading.Thread(target=_end_with, args=(ended,), daemon=True).start()


def _end_with(ended: Connection) -> None:
    """End this process, whatever it is at, when the one that began it has ended or closed."""
    try:
        ended.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _carry_out(work: Callable[[], Outcome]) -> tuple[Outcome, list[Warning]]:
    with warnings.catch_warnings(record=True) as caught:
        outcome = work()
    return outcome, [each.message for each in caught if isinstance(each.message, Warning)]


EXECUTORS = {
    "local": "on this machine",
    "ray": "side by side by Ray, on the cores of this machine or of a cluster",
}


def check_executor(name: str, address: str | None) -> None:
    """Check that there is such an executor, and that an address is of use to it.

    Raises:
        UserError: if not.

    Example:
        >>> check_executor("slurm", None)
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown executor 'slurm': choose one of local, ray
    """
    if name not in EXECUTORS:
        raise unknown_name("executor", name, EXECUTORS)
    if address is not None and name != "ray":
        raise UserError(
            f"--address {address} is that of a Ray cluster: give --executor ray with it"
        )


# Each holds PyTorch and the data, about a gigabyte.
_MOST_PROCESSES = 8


def processes_of_this_machine() -> int:
    """Return how many tasks this machine has the cores for at once.

    The cores are those that this process may use, as joblib finds them: a container's share, or
    no more than ``LOKY_MAX_CPU_COUNT`` says. Each task takes ``threads_of_a_task()`` of them.

    Raises:
        UserError: if that variable is no number of cores.
    """
    # Imported here: `infomax --help` does not wait for it.
    from joblib import cpu_count  # noqa: PLC0415

    try:
        cores: int = cpu_count()
    except ValueError as error:
        said = os.environ.get("LOKY_MAX_CPU_COUNT")
        raise UserError(
            f"the environment's LOKY_MAX_CPU_COUNT is {said!r}: give a whole number of at least 1"
        ) from error
    return min(max(cores // threads_of_a_task(), 1), _MOST_PROCESSES)


@contextmanager
def open_executor(
    name: str, address: str | None, *, gpu: bool, processes: int = 1
) -> Iterator[Executor]:
    """Open the executor of that name for as long as it is needed.

    Args:
        name: one of ``EXECUTORS``.
        address: the address of a Ray cluster, if one is to be used.
        gpu: whether tasks would compute on a GPU.
        processes: how many processes of this machine do tasks side by side if the executor is
            local; with one, this process does them.

    Raises:
        UserError: if there is no such executor, or it cannot be used here.

    Example:
        >>> with open_executor("local", None, gpu=False) as executor:
        ...     list(executor.run([Task("six", lambda: 2 * 3)]))
        [(0, 6)]
    """
    check_executor(name, address)
    if name == "local" and processes == 1:
        yield LocalExecutor()
        return
    # Imported here: tasks of that module are tasks of this one.
    from infomax.executors.ray_executor import RayExecutor  # noqa: PLC0415

    executor: ProcessExecutor | RayExecutor
    if name == "local":
        executor = ProcessExecutor(processes, threads=threads_of_a_task())
    else:
        executor = RayExecutor(address, gpu=gpu)
    try:
        yield executor
    finally:
        executor.close()
