"""Executors by name, and how many processes this machine has room for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from infomax.errors import UserError, unknown_name
from infomax.executors.executor import Executor, LocalExecutor, threads_of_a_task
from infomax.executors.process_executor import ProcessExecutor
from infomax.executors.ray_executor import RayExecutor

__all__ = ["EXECUTORS", "check_executor", "open_executor", "processes_of_this_machine"]

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
        >>> from infomax.executors import Task
        >>> with open_executor("local", None, gpu=False) as executor:
        ...     list(executor.run([Task("six", lambda: 2 * 3)]))
        [(0, 6)]
    """
    check_executor(name, address)
    if name == "local" and processes == 1:
        yield LocalExecutor()
        return
    executor: ProcessExecutor | RayExecutor
    if name == "local":
        executor = ProcessExecutor(processes, threads=threads_of_a_task())
    else:
        executor = RayExecutor(address, gpu=gpu)
    try:
        yield executor
    finally:
        executor.close()
