"""Executors by name."""

from collections.abc import Iterator
from contextlib import contextmanager

from infomax.errors import UserError, unknown_name
from infomax.executors.executor import Executor
from infomax.executors.local_executor import LocalExecutor
from infomax.executors.ray_executor import RayExecutor

__all__ = ["EXECUTORS", "check_executor", "open_executor"]

EXECUTORS = {
    "local": "one after the other, in this process",
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


@contextmanager
def open_executor(name: str, address: str | None, *, gpu: bool) -> Iterator[Executor]:
    """Open the executor of that name for as long as it is needed.

    Args:
        name: one of ``EXECUTORS``.
        address: of a Ray cluster, if it is to be used.
        gpu: whether tasks would compute on a GPU.

    Raises:
        UserError: if there is no such executor, or it cannot be used here.

    Example:
        >>> from infomax.executors.task import Task
        >>> with open_executor("local", None, gpu=False) as executor:
        ...     list(executor.run([Task("six", lambda: 2 * 3)]))
        [(0, 6)]
    """
    check_executor(name, address)
    if name == "local":
        yield LocalExecutor()
        return
    executor = RayExecutor(address, gpu=gpu)
    try:
        yield executor
    finally:
        executor.close()
