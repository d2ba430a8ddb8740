"""The callback in a training of Hugging Face's Trainer, where it is installed."""

import math
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.losses import k_pair_loss
from infomax.monitor import TransformersMonitor

needs_transformers = pytest.mark.skipif(
    find_spec("transformers") is None or find_spec("accelerate") is None,
    reason="without transformers",
)


@pytest.mark.skipif(find_spec("transformers") is not None, reason="with transformers")
def test_without_transformers_its_extra_is_named() -> None:
    with pytest.raises(UserError, match=r"pip install 'infomax\[transformers\]'"):
        TransformersMonitor()


class TwoTowers(nn.Module):
    """Returns embeddings of two modalities by the names that CLIP has for them."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(8, 8)

    def forward(self, image: Tensor, text: Tensor) -> dict[str, Tensor]:
        codes = [nn.functional.normalize(self.encoder(view)) for view in (image, text)]
        loss = k_pair_loss(codes[0] @ codes[1].T / 0.3)
        return {"loss": loss, "image_embeds": codes[0], "text_embeds": codes[1]}


def trained(folder: Path, monitor: TransformersMonitor, **settings: Any) -> Any:
    """Train 32 updates on batches of 32, with an evaluation after each eight."""
    from transformers import Trainer, TrainingArguments  # noqa: PLC0415

    draws = torch.Generator().manual_seed(0)
    common = torch.randn(256, 8, generator=draws)
    views = [common + 0.8 * torch.randn(256, 8, generator=draws) for _ in "xy"]
    rows = [{"image": image, "text": text} for image, text in zip(*views, strict=True)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"transformers|accelerate|torch")
        trainer = Trainer(
            model=TwoTowers(),
            args=TrainingArguments(
                output_dir=str(folder),
                per_device_train_batch_size=32,
                per_device_eval_batch_size=32,
                max_steps=32,
                eval_strategy="steps",
                eval_steps=8,
                save_strategy="no",
                report_to=[],
                use_cpu=True,
                disable_tqdm=True,
                remove_unused_columns=False,
                prediction_loss_only=True,
                **settings,
            ),
            train_dataset=rows,
            eval_dataset=rows,
            callbacks=[monitor],
        )
        trainer.train()
    return trainer


@needs_transformers
def test_batches_of_a_training_are_measured_and_noted(tmp_path: Path) -> None:
    monitor = TransformersMonitor(every=4, temperature=0.3)
    trainer = trained(tmp_path, monitor)
    readings = monitor.monitor.readings
    assert [each.step for each in readings] == list(range(1, 33, 4))
    assert readings[-1].loss_nats == pytest.approx(readings[-1].bound, abs=0.2)
    assert math.isfinite(readings[2].held_out)
    noted = [each for each in trainer.state.log_history if "infomax/bound" in each]
    assert [each["step"] for each in noted] == [each.step for each in readings]
    # The model is left as it was.
    assert not trainer.model._forward_hooks


@needs_transformers
def test_the_reports_of_the_trainer_are_reached_by_a_function(tmp_path: Path) -> None:
    seen: list[Any] = []
    monitor = TransformersMonitor(every=16, logger=lambda _, step: seen.append(step))
    trained(tmp_path, monitor)
    assert seen == [1, 17]


@needs_transformers
def test_an_output_without_the_codes_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"in what the model returns .*image_embeds"):
        trained(tmp_path, TransformersMonitor(("z_x", "z_y")))
