"""Executors by name, and what cannot be one."""

import os
import socket
import sys

import pytest

from infomax.errors import UserError
from infomax.executors import (
    LocalExecutor,
    check_executor,
    open_executor,
    processes_of_this_machine,
    threads_of_a_task,
)


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
