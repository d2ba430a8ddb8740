"""Where the runs of one seed begin."""

from collections.abc import Mapping
from typing import Any

import torch

from infomax.critics import CRITICS
from infomax.encoders import ENCODERS, ViewShape
from infomax.studies.study import Configuration
from infomax.training import PairModel, generator_for

__all__ = ["untrained_pair_model"]


def untrained_pair_model(
    configuration: Configuration,
    view_shape: ViewShape,
    seed: int,
    device: torch.device,
    encoder_options: Mapping[str, Any],
) -> PairModel:
    """Return two encoders and a critic before their first update.

    Configurations that have an encoder or a critic in common have the same one in each seed.

    Args:
        configuration: names the parts.
        view_shape: height, width and channels of each view.
        seed: draws the weights.
        device: where to put them.
        encoder_options: what the encoders are made with in place of their defaults.
    """
    make_encoder = ENCODERS[configuration.encoder]
    x_encoder, y_encoder = (
        make_encoder(view_shape, generator_for(seed, f"{side}-encoder"), **encoder_options)
        for side in ("x", "y")
    )
    critic = CRITICS[configuration.critic](
        x_encoder.code_size, y_encoder.code_size, generator_for(seed, "critic")
    )
    return PairModel(x_encoder, y_encoder, critic).to(device)
