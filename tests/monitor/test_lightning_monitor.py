"""The callback in a training of Lightning, where it is installed."""

import logging
import math
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.losses import k_pair_loss
from infomax.monitor import LightningMonitor

needs_lightning = pytest.mark.skipif(find_spec("lightning") is None, reason="without lightning")


@pytest.mark.skipif(find_spec("lightning") is not None, reason="with lightning")
def test_without_lightning_its_extra_is_named() -> None:
    with pytest.raises(UserError, match=r"pip install 'infomax\[lightning\]'"):
        LightningMonitor()


def batches() -> Any:
    draws = torch.Generator().manual_seed(0)
    common = torch.randn(256, 8, generator=draws)
    x, y = (common + 0.8 * torch.randn(256, 8, generator=draws) for _ in "xy")
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=32)


def trained(folder: Path, monitor: LightningMonitor, *, returned: bool = True) -> Any:
    """Train four passes of eight batches, with validation after each."""
    import lightning.pytorch as pl  # noqa: PLC0415
    from lightning.pytorch.loggers import CSVLogger  # noqa: PLC0415

    class Model(pl.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Linear(8, 8)

        def training_step(self, batch: list[Tensor], _: int) -> dict[str, Tensor]:
            z_x, z_y = (self.encoder(view) for view in batch)
            unit_x, unit_y = (nn.functional.normalize(codes) for codes in (z_x, z_y))
            loss = k_pair_loss(unit_x @ unit_y.T / 0.3)
            return {"loss": loss, "z_x": z_x, "z_y": z_y} if returned else {"loss": loss}

        validation_step = training_step

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    trainer = pl.Trainer(
        max_epochs=4,
        accelerator="cpu",
        callbacks=[monitor],
        logger=CSVLogger(str(folder)),
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        log_every_n_steps=1,
    )
    with warnings.catch_warnings():
        # Of Lightning: few workers, and no checkpoints.
        warnings.filterwarnings("ignore", module=r"lightning|torch")
        trainer.fit(Model(), batches(), batches())
    return trainer


@needs_lightning
def test_batches_of_a_training_are_measured_and_logged(tmp_path: Path) -> None:
    monitor = LightningMonitor(every=4, temperature=0.3)
    trainer = trained(tmp_path, monitor)
    readings = monitor.monitor.readings
    assert [each.step for each in readings] == list(range(1, 33, 4))
    assert all(each.ceiling <= math.log(32) for each in readings)
    # The loss is that of the same scores, by rows alone.
    assert readings[-1].loss_nats == pytest.approx(readings[-1].bound, abs=0.2)
    assert math.isfinite(readings[2].held_out)
    written = Path(trainer.logger.log_dir) / "metrics.csv"
    assert "infomax/effective_rank_x" in written.read_text().splitlines()[0]


@needs_lightning
def test_a_step_that_returns_no_codes_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="in what training_step returns"):
        trained(tmp_path, LightningMonitor(), returned=False)


def test_lightning_is_not_imported_by_a_loop_of_ones_own() -> None:
    code = (
        "import sys, infomax.monitor\nprint({'lightning.pytorch', 'transformers'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
