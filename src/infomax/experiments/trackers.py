"""What was measured, sent to the trackers that others use."""

from pathlib import Path

import pandas as pd

from infomax.errors import missing_extra
from infomax.experiments.kept_training import Observer
from infomax.experiments.looks import Evaluation
from infomax.experiments.settings import RunSettings

__all__ = ["mlflow_observer", "tensorboard_observer"]


def tensorboard_observer(folder: Path) -> Observer:
    """Return an observer that writes events for TensorBoard into a folder.

    Raises:
        UserError: if TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra("writing events for TensorBoard", "tensorboard") from error
    writer = SummaryWriter(str(folder))

    def observe(look: Evaluation, _history: pd.DataFrame) -> None:
        for each in look.measured:
            writer.add_scalar(f"{each.metric}/{each.split}", each.value, look.step)
        writer.flush()

    return observe


def mlflow_observer(settings: RunSettings, name: str) -> Observer:
    """Return an observer that logs to a new run of MLflow, where its environment variables say.

    Args:
        settings: logged as parameters.
        name: of the run.

    Raises:
        UserError: if MLflow is not installed.
    """
    try:
        from mlflow.tracking import MlflowClient  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra("logging to MLflow", "mlflow") from error
    client = MlflowClient()
    experiment = client.get_experiment_by_name("infomax")
    number = experiment.experiment_id if experiment else client.create_experiment("infomax")
    run = client.create_run(number, run_name=name).info.run_id
    for key, value in settings.model_dump(mode="json").items():
        client.log_param(run, key, value)

    def observe(look: Evaluation, _history: pd.DataFrame) -> None:
        for each in look.measured:
            client.log_metric(run, f"{each.split}_{each.metric}", each.value, step=look.step)

    return observe
