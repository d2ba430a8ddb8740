"""The monitor as a callback of Lightning."""

from typing import Any

from infomax.errors import missing_extra
from infomax.monitor.chosen_codes import Chosen, chosen_codes
from infomax.monitor.contrastive_monitor import ContrastiveMonitor
from infomax.monitor.metric_logs import metric_log

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    Callback = None

__all__ = ["LightningMonitor"]

_Base: Any = object if Callback is None else Callback


class LightningMonitor(_Base):  # type: ignore[misc]
    """Measures codes that ``training_step`` returns, and logs them to the trainer's loggers.

    ``training_step`` returns a dictionary with the loss and both codes; where ``validation_step``
    returns both too, the next reading has the bound on held-out pairs. On several devices the first
    measures its own part of the batch.

    Args:
        codes: names of the codes of x and of y in what a step returns, or a function of it.
        settings: those of `ContrastiveMonitor`.

    Attributes:
        monitor: what measures; its readings are kept.

    Raises:
        UserError: if Lightning is not installed, or as `ContrastiveMonitor` raises.
    """

    def __init__(self, codes: Chosen = ("z_x", "z_y"), **settings: Any) -> None:
        if Callback is None:
            raise missing_extra("LightningMonitor", "lightning")
        super().__init__()
        self._codes = codes
        self.monitor = ContrastiveMonitor(logger=settings.pop("logger", self._log), **settings)
        self._trainer: Any = None

    def on_train_batch_end(
        self,
        trainer: Any,
        pl_module: Any,  # noqa: ARG002
        outputs: Any,
        batch: Any,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Measure the batch, if it is time to."""
        if not trainer.is_global_zero or trainer.sanity_checking:
            return
        self._trainer = trainer
        z_x, z_y = chosen_codes(outputs, self._codes, "training_step")
        loss = outputs.get("loss") if isinstance(outputs, dict) else None
        self.monitor.update(z_x, z_y, loss=loss, step=trainer.global_step)

    def on_validation_batch_end(  # noqa: PLR0917 - as Lightning calls it
        self,
        trainer: Any,
        pl_module: Any,  # noqa: ARG002
        outputs: Any,
        batch: Any,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
        dataloader_idx: int = 0,  # noqa: ARG002
    ) -> None:
        """Take the codes of a batch that is not trained on, where the step returns them."""
        if trainer.is_global_zero and not trainer.sanity_checking and isinstance(outputs, dict):
            z_x, z_y = chosen_codes(outputs, self._codes, "validation_step")
            self.monitor.update_held_out(z_x, z_y)

    def _log(self, metrics: Any, step: int) -> None:
        for logger in self._trainer.loggers:
            metric_log(logger)(metrics, step)
