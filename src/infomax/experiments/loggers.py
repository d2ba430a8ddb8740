"""Callbacks that write what is known of a run: into its folder, and to the loggers of others."""

import logging
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import pandas as pd

from infomax.errors import UserError, missing_extra
from infomax.evaluation import Evaluation, history_of
from infomax.evaluation.bound_warnings import BoundLimits
from infomax.experiments.config import RunConfig
from infomax.experiments.run_folder import RunFolder
from infomax.experiments.train import Trained
from infomax.records import Record, records_table
from infomax.training import Callback, Trainer

if TYPE_CHECKING:
    from infomax.experiments.run import PreparedRun

__all__ = ["MLflowLogger", "RunLogger", "TensorBoardLogger", "notes_of"]


_STUDY = "train"


class RunLogger(Callback):
    """Writes what is known of a run into its folder, as it becomes known: notes, records and a log.

    Args:
        config: settings of the run.
        folder: folder of the run.
        notes: what is known before it begins.
    """

    def __init__(self, config: RunConfig, folder: RunFolder, notes: dict[str, Any]) -> None:
        self._config, self._folder, self._notes = config, folder, notes
        self._loggers: list[Callback] = []
        self._warned: dict[str, str] = {}
        self._log = logging.getLogger(f"infomax.experiments.{folder.path.resolve()}")
        self._log.setLevel(logging.INFO)
        self._log.propagate = False

    def __repr__(self) -> str:
        return f"RunLogger({self._folder!r})"

    def __enter__(self) -> Self:
        # Last of what begins a run: by it the folder is known.
        self._folder.write_notes(self._config, self._notes)
        self._handler = _LogFile(self._folder.log, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self._log.addHandler(self._handler)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._log.removeHandler(self._handler)
        try:
            self._handler.close()
        except OSError:
            # Of a full disk, which has been told of already.
            if error is None:
                raise

    def begin(self, command: str, history: pd.DataFrame, *, resumed: bool) -> None:
        """Note that the run begins, or goes on from what the last checkpoint holds.

        Its records are written from there, whatever became of their file.
        """
        if self._config.tensorboard:
            self._loggers.append(TensorBoardLogger(self._folder.tensorboard))
        if self._config.mlflow:
            self._loggers.append(MLflowLogger(self._config, self._folder.path.name))
        self._log.info("%s: %s", "resumed" if resumed else "begun", command)
        if len(history):
            self._write(history)

    def on_evaluation_end(self, trainer: Trainer, evaluation: Evaluation) -> None:
        """Write all that was measured so far."""
        self._write(history_of(trainer))
        for warning in evaluation.warnings:
            self._warned[type(warning).__name__] = str(warning)
        self._log.info("%s", _in_one_line(evaluation))
        for each in self._loggers:
            each.on_evaluation_end(trainer, evaluation)

    def end(self, trained: Trained) -> None:
        """Note how the run has ended."""
        if trained.compile_seconds is not None:
            self._log.info("compiled in %.1f s", trained.compile_seconds)
        self._log.info("ended after %d updates: %s", trained.steps, trained.ending)
        self._folder.write_notes(
            self._config,
            {
                **self._notes,
                "ending": trained.ending,
                "steps": trained.steps,
                "weights_step": trained.weights_step,
                "validation_bound": trained.validation_bound,
                "warnings": self._warned,
            },
        )

    def _write(self, history: pd.DataFrame) -> None:
        self._folder.write_records(_records(history, self._config, self._notes["data"]))


def notes_of(prepared: "PreparedRun", config: RunConfig) -> dict[str, Any]:
    """Return what is known of a run before it is trained, as JSON can hold it."""
    items, pairs, model = prepared.items, prepared.pairs, prepared.model
    limits = BoundLimits(prepared.objective.bound, config.batch_size, model.critic)
    return {
        "data": items.x.name,
        "rows": len(items),
        "classes": list(items.classes),
        "x_names": list(items.x_names),
        "y_names": list(items.y_names),
        "item_shape": items.x.shape,
        "brightest": items.x.brightest,
        "x_shape": prepared.shapes[0],
        "y_shape": prepared.shapes[1],
        "skipped": dict(items.skipped),
        "train_rows": len(pairs.split.train),
        "validation_rows": len(pairs.split.validation),
        # JSON has no infinity.
        "ceiling": limits.ceiling if math.isfinite(limits.ceiling) else None,
    }


class _LogFile(logging.FileHandler):
    """A log whose failure ends the run, as that of any other file that it writes."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        raise UserError(
            f"{self.baseFilename} cannot be written ({error.strerror}): make room"
        ) from error


def _records(history: pd.DataFrame, config: RunConfig, name: str) -> pd.DataFrame:
    run: dict[str, Any] = {
        "study": _STUDY,
        "dataset": name,
        "encoder": config.encoder,
        "critic": config.critic,
        "bound": config.bound,
        "target": float("nan") if config.target is None else config.target,
        "loss": config.loss or "",
        "negatives": "" if config.negatives == "in-batch" else config.negatives,
        "seed": config.seed,
    }
    table = history.assign(**run)
    return records_table(cast(Iterable[Record], table.to_dict("records")))


def _in_one_line(evaluation: Evaluation) -> str:
    measured = (f"{each.split} {each.metric} {each.value:.6g}" for each in evaluation.measurements)
    warned = "".join(f"; warning: {warning}" for warning in evaluation.warnings)
    return f"step {evaluation.step}: {', '.join(measured)}{warned}"


class TensorBoardLogger(Callback):
    """Writes events for TensorBoard into a folder.

    Args:
        folder: e.g. ``runs/mine/tensorboard``.

    Raises:
        UserError: if TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415
        except ImportError as error:
            raise missing_extra("writing events for TensorBoard", "tensorboard") from error
        self._writer = SummaryWriter(str(folder))
        self._folder = folder

    def __repr__(self) -> str:
        return f"TensorBoardLogger({str(self._folder)!r})"

    def on_evaluation_end(self, trainer: Trainer, evaluation: Evaluation) -> None:  # noqa: ARG002
        """Write what was measured."""
        for each in evaluation.measurements:
            self._writer.add_scalar(f"{each.metric}/{each.split}", each.value, evaluation.step)
        self._writer.flush()


class MLflowLogger(Callback):
    """Logs to a new run of MLflow, where its environment variables say.

    Args:
        config: logged as parameters.
        name: name of the run.

    Raises:
        UserError: if MLflow is not installed.
    """

    def __init__(self, config: RunConfig, name: str) -> None:
        try:
            from mlflow.tracking import MlflowClient  # noqa: PLC0415
        except ImportError as error:
            raise missing_extra("logging to MLflow", "mlflow") from error
        self._client = MlflowClient()
        experiment = self._client.get_experiment_by_name("infomax")
        experiment_id = (
            experiment.experiment_id if experiment else self._client.create_experiment("infomax")
        )
        self._run = self._client.create_run(experiment_id, run_name=name).info.run_id
        for key, value in config.model_dump(mode="json").items():
            self._client.log_param(self._run, key, value)

    def __repr__(self) -> str:
        return f"MLflowLogger(run={self._run!r})"

    def on_evaluation_end(self, trainer: Trainer, evaluation: Evaluation) -> None:  # noqa: ARG002
        """Log what was measured."""
        for each in evaluation.measurements:
            metric = f"{each.split}_{each.metric}"
            self._client.log_metric(self._run, metric, each.value, step=evaluation.step)
