"""Where independent tasks are carried out: here, in several processes, or on many machines."""

from infomax.executors.executor import (
    EXECUTORS,
    Executor,
    LocalExecutor,
    ProcessExecutor,
    Task,
    check_executor,
    open_executor,
    processes_of_this_machine,
    threads_of_a_task,
)
from infomax.executors.ray_executor import RayExecutor

__all__ = [
    "EXECUTORS",
    "Executor",
    "LocalExecutor",
    "ProcessExecutor",
    "RayExecutor",
    "Task",
    "check_executor",
    "open_executor",
    "processes_of_this_machine",
    "threads_of_a_task",
]
