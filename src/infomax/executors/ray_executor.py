"""Tasks side by side on the machines of a Ray cluster."""

import logging
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from infomax import __version__
from infomax.errors import UserError, missing_extra
from infomax.executors.executor import Task, threads_of_a_task

__all__ = ["RayExecutor"]

Outcome = TypeVar("Outcome")

_SECONDS_TO_ANSWER = 10.0
# A task that ends every worker that it is given to, say for want of memory, must end itself.
_KILLED_AT_MOST = 20
_CARRIED_OVER = ("INFOMAX_DATA", "MLFLOW_TRACKING_URI")


class RayExecutor:
    """Carries tasks out on whichever machine of a Ray cluster has cores for them.

    A task whose worker or machine is killed is begun again on another. The machines share the
    folder that this is called from, and have the same version of this package.

    Args:
        address: ``HOST:PORT`` of a cluster that `ray start` made and that this machine is of, or
            ``auto`` for the one that runs on this machine; ``None`` takes what ``RAY_ADDRESS``
            says, or starts Ray on this machine alone until ``close``.
        gpu: give each task a GPU of its own, if the cluster has any.

    Raises:
        UserError: if Ray is not installed, cannot be reached, or has no machine for such a task.
    """

    def __init__(self, address: str | None, *, gpu: bool = False) -> None:
        try:
            import ray  # noqa: PLC0415 - optional
        except ImportError as error:
            raise missing_extra("--executor ray", "ray") from error
        self._ray: Any = ray
        self._threads = threads_of_a_task()
        address = address or os.environ.get("RAY_ADDRESS") or "local"
        self._address = address
        _connect(ray, address, self._threads)
        machines = [each["Resources"] for each in self._ray.nodes() if each["Alive"]]
        self._gpus = int(gpu and any(each.get("GPU", 0) >= 1 for each in machines))
        cores = max(each.get("CPU", 0) for each in machines)
        if cores < self._threads:
            self.close()
            raise UserError(
                f"a task computes with {self._threads} threads, and no machine of Ray at {address} "
                f"has more than {cores:g} cores: set OMP_NUM_THREADS to as many, or fewer"
            )

    def __repr__(self) -> str:
        return f"RayExecutor({self._address!r}, gpu={bool(self._gpus)})"

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the index of a task among those given, and its outcome, as they end.

        Raises:
            UserError: if Ray gave a task up.
        """
        carry_out = self._ray.remote(
            num_cpus=self._threads, num_gpus=self._gpus, max_retries=_KILLED_AT_MOST
        )(_carry_out)
        here = str(Path.cwd())
        indices = {
            carry_out.options(name=task.label).remote(task.work, here, __version__): index
            for index, task in enumerate(tasks)
        }
        while indices:
            ended, _ = self._ray.wait(list(indices))
            for each in ended:
                index = indices.pop(each)
                yield index, self._outcome(each, tasks[index].label)

    def close(self) -> None:
        """Leave the cluster, which ends what is still under way; one of our own is stopped."""
        self._ray.shutdown()

    def _outcome(self, ended: Any, label: str) -> Any:
        exceptions = self._ray.exceptions
        try:
            return self._ray.get(ended)
        except exceptions.RayTaskError as error:
            # As if it had been raised here; where it was raised stands in what it comes from.
            raise error.cause from error
        except exceptions.RayError as error:
            raise UserError(
                f"{label}: Ray gave it up ({_first_line(error)}); what is kept can be gone on with "
                "by --resume"
            ) from error


def _carry_out(work: Callable[[], Outcome], folder: str, version: str) -> Outcome:
    """Do a piece of work in a worker, as if it were done where it was asked for."""
    machine = platform.node()
    if version != __version__:
        raise UserError(
            f"infomax is {__version__} on {machine} and {version} where this was asked for: "
            "install the same on all machines"
        )
    try:
        # Relative paths, to data and to runs, are those of whoever asked.
        os.chdir(folder)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be opened on {machine} ({error.strerror}): call infomax from a "
            "folder that all machines of the cluster share"
        ) from error
    return work()


def _connect(ray: Any, address: str, threads: int) -> None:
    # Our users were not asked whether what they do may be counted.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if address not in {"auto", "local"}:
        _check_that_it_answers(address)
        # What answers and is not Ray, or wants another token, is asked no more than twice.
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "2")
    carried = {name: os.environ[name] for name in _CARRIED_OVER if name in os.environ}
    try:
        with _nothing_on_stderr():
            ray.init(
                address=address,
                include_dashboard=False if address == "local" else None,
                # What workers print stays in Ray's own logs.
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                # Set before a worker imports PyTorch, whatever its machine's Ray was begun with.
                runtime_env={"env_vars": {**carried, "OMP_NUM_THREADS": str(threads)}},
            )
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise UserError(f"Ray at {address} cannot be used: {_reason(error)}") from error
    # Ray has no setting for this: that a worker was killed, it tells in many lines on stdout.
    ray._private.worker._worker_logs_enabled = False


@contextmanager
def _nothing_on_stderr() -> Iterator[None]:
    """Keep what Ray's compiled part says of each attempt to connect from standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _check_that_it_answers(address: str) -> None:
    """Ask for a connection, for which Ray itself waits for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise UserError(
            f"--address is {address!r}: expected HOST:PORT as `ray start` shows it, or auto"
        )
    try:
        socket.create_connection((host, int(port)), timeout=_SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise UserError(
            f"Ray cannot be reached at {address} ({error}): check the address, and that `ray "
            "start` was called there"
        ) from error


def _reason(error: Exception) -> str:
    told, all_told = _first_line(error), f"{error} {error.__cause__}"
    if "Authentication" in all_told:
        return f"{told}: set RAY_AUTH_MODE=token, and give it the token of that cluster"
    if "No node info found" in all_told:
        return "this machine is not of that cluster: call `ray start --address=HOST:PORT` on it too"
    if "not find any running" in all_told:
        return "none runs on this machine: call `ray start` on it, or leave --address out"
    return told


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".: ") if lines else type(error).__name__
