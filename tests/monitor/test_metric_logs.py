"""Metrics reach each kind of logger in its own way."""

import logging
from pathlib import Path
from typing import Any

import pytest

from infomax.errors import UserError
from infomax.monitor import metric_log

METRICS = {"infomax/bound": 1.25, "infomax/ceiling": 4.85}


class Recorder:
    """Keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def note(self, *given: Any, **named: Any) -> None:
        self.calls.append((*given, *named.items()))


class ScalarWriter(Recorder):
    add_scalar = Recorder.note


class FrameworkLogger(Recorder):
    log_metrics = Recorder.note


class RunOfService(Recorder):
    log = Recorder.note


def test_each_kind_is_called_as_it_wants() -> None:
    writer, framework, run = ScalarWriter(), FrameworkLogger(), RunOfService()
    for each in (writer, framework, run, None):
        metric_log(each)(METRICS, 100)
    assert writer.calls == [("infomax/bound", 1.25, 100), ("infomax/ceiling", 4.85, 100)]
    assert framework.calls == [(METRICS, ("step", 100))]
    assert run.calls == [({**METRICS, "infomax/step": 100},)]


def test_a_logger_of_python_gets_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        metric_log(logging.getLogger("training"))(METRICS, 100)
    assert caplog.messages == ["step 100: infomax/bound 1.25, infomax/ceiling 4.85"]


def test_tensorboard_itself_takes_them(tmp_path: Path) -> None:
    tensorboard = pytest.importorskip("torch.utils.tensorboard")
    with tensorboard.SummaryWriter(str(tmp_path)) as writer:
        metric_log(writer)(METRICS, 100)
    assert next(tmp_path.iterdir()).stat().st_size > 100


def test_anything_else_is_refused() -> None:
    with pytest.raises(UserError, match="logger is of type list: give what has add_scalar"):
        metric_log([])
