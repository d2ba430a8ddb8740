"""Tasks side by side, in processes of this machine."""

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from infomax.errors import UserError
from infomax.executors.executor import Task

__all__ = ["ProcessExecutor"]

Outcome = TypeVar("Outcome")


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
