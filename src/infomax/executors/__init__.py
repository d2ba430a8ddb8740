"""Where independent tasks are carried out: in this process, or on many machines."""

from infomax.executors.choice import EXECUTORS, check_executor, open_executor
from infomax.executors.executor import Executor
from infomax.executors.local_executor import LocalExecutor
from infomax.executors.ray_executor import RayExecutor, threads_of_a_task
from infomax.executors.task import Task

__all__ = [
    "EXECUTORS",
    "Executor",
    "LocalExecutor",
    "RayExecutor",
    "Task",
    "check_executor",
    "open_executor",
    "threads_of_a_task",
]
