"""Where metrics go: TensorBoard, Lightning, MLflow, Weights & Biases, logging, or a function."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from infomax.errors import UserError

__all__ = ["MetricLog", "metric_log"]

MetricLog: TypeAlias = Callable[[Mapping[str, float], int], object]
"""Metrics by name, and the step that they are of -> anything."""


def metric_log(logger: Any) -> MetricLog:
    """Return a function that hands metrics to a logger, whatever kind it is of.

    Args:
        logger: a ``logging.Logger``; or what has ``add_scalar`` (TensorBoard's ``SummaryWriter``),
            ``log_metrics`` (Lightning's loggers, the module ``mlflow``) or ``log`` (a run of
            Weights & Biases, which gets the step as one more metric, as it counts steps itself); or
            a function of metrics and step; or ``None``.

    Raises:
        UserError: if it is nothing of the kind.

    Example:
        >>> metric_log(lambda metrics, step: print(step, metrics))({"bound": 1.5}, 100)
        100 {'bound': 1.5}
    """
    if logger is None:
        return lambda metrics, step: None  # noqa: ARG005
    if isinstance(logger, logging.Logger):
        return lambda metrics, step: logger.info("step %d: %s", step, _in_one_line(metrics))
    if hasattr(logger, "add_scalar"):

        def add_scalars(metrics: Mapping[str, float], step: int) -> None:
            for name, value in metrics.items():
                logger.add_scalar(name, value, step)

        return add_scalars
    if hasattr(logger, "log_metrics"):
        return lambda metrics, step: logger.log_metrics(dict(metrics), step=step)
    if hasattr(logger, "log"):
        return lambda metrics, step: logger.log({**metrics, "infomax/step": step})
    if callable(logger):
        return cast(MetricLog, logger)
    raise UserError(
        f"logger is of type {type(logger).__name__}: give what has add_scalar, log_metrics or log, "
        "a logging.Logger, or a function of metrics and step"
    )


def _in_one_line(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
