"""The monitor as a callback of Hugging Face's Trainer."""

from typing import Any

from torch import Tensor, nn

from infomax.errors import missing_extra
from infomax.monitor.chosen_codes import Chosen, chosen_codes
from infomax.monitor.contrastive_monitor import ContrastiveMonitor

try:
    from transformers import TrainerCallback
except ImportError:
    TrainerCallback = None

__all__ = ["TransformersMonitor"]

_Base: Any = object if TrainerCallback is None else TrainerCallback


class TransformersMonitor(_Base):  # type: ignore[misc]
    """Measures codes that the model returns, e.g. the two embeddings of CLIP.

    They are taken by a hook of the model while it is trained; those of an evaluation, while the
    model is in evaluation mode, are held out. The trainer's own reports are reached by
    ``logger=lambda metrics, step: trainer.log(dict(metrics))``; without a logger metrics stand in
    ``trainer.state.log_history``. On several devices the first measures its own part of the batch.

    Args:
        codes: names of the codes of x and of y in what the model returns, or a function of it.
        settings: those of `ContrastiveMonitor`.

    Attributes:
        monitor: what measures; its readings are kept.

    Raises:
        UserError: if transformers is not installed, or as `ContrastiveMonitor` raises.
    """

    def __init__(self, codes: Chosen = ("image_embeds", "text_embeds"), **settings: Any) -> None:
        if TrainerCallback is None:
            raise missing_extra("TransformersMonitor", "transformers")
        self._codes = codes
        self.monitor = ContrastiveMonitor(logger=settings.pop("logger", self._note), **settings)
        self._latest: tuple[Tensor, Tensor, Any] | None = None
        self._hook: Any = None
        self._state: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
        """Begin to look at what the model returns."""
        if state.is_world_process_zero:
            self._hook = given["model"].register_forward_hook(self._look)

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
        """Measure the batch of the update that was made, if it is time to."""
        if self._latest is not None:
            self._state = state
            (z_x, z_y, loss), self._latest = self._latest, None
            self.monitor.update(z_x, z_y, loss=loss, step=state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
        """Leave the model as it was."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def _look(self, model: nn.Module, inputs: Any, outputs: Any) -> None:  # noqa: ARG002
        z_x, z_y = chosen_codes(outputs, self._codes, "the model")
        if not model.training:
            self.monitor.update_held_out(z_x, z_y)
            return
        loss = outputs.get("loss") if isinstance(outputs, dict) else None
        self._latest = z_x.detach(), z_y.detach(), None if loss is None else loss.detach()

    def _note(self, metrics: Any, step: int) -> None:
        self._state.log_history.append({**metrics, "step": step})
