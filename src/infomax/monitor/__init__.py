"""A monitor for any training loop: the bound beside its ceiling, and what is wrong with a batch."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from infomax.monitor.batch_reading import BatchReading, read_batch
from infomax.monitor.contrastive_monitor import ContrastiveMonitor
from infomax.monitor.metric_logs import MetricLog, metric_log

if TYPE_CHECKING:
    from infomax.monitor.lightning_monitor import LightningMonitor
    from infomax.monitor.transformers_monitor import TransformersMonitor

__all__ = [
    "BatchReading",
    "ContrastiveMonitor",
    "LightningMonitor",
    "MetricLog",
    "TransformersMonitor",
    "metric_log",
    "read_batch",
]

_OF_FRAMEWORKS = {
    "LightningMonitor": "lightning_monitor",
    "TransformersMonitor": "transformers_monitor",
}


def __getattr__(name: str) -> Any:
    # On demand: whoever has a loop of their own does not wait for the frameworks of others.
    if name in _OF_FRAMEWORKS:
        return getattr(import_module(f"infomax.monitor.{_OF_FRAMEWORKS[name]}"), name)
    raise AttributeError(f"module 'infomax.monitor' has no attribute {name!r}")
