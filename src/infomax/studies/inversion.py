"""The proof in the records that an encoder can still be inverted."""

import torch
from torch import Tensor

from infomax.encoders import Flow
from infomax.evaluation import reconstruction_error
from infomax.studies.measurement import Measurement

__all__ = ["invertibility"]

_MOST_VIEWS = 500


def invertibility(flow: Flow, views: Tensor) -> list[Measurement]:
    """Measure the largest error of reconstructing test views from their codes.

    In the precision of training, and in twice that: an error that vanishes with the rounding is no
    loss of information.

    Args:
        flow: the encoder.
        views: ``(N, d)``; the first 500 are reconstructed.
    """
    chosen = views[:_MOST_VIEWS]
    return [
        Measurement("test", "reconstruction_error", reconstruction_error(flow, chosen)),
        Measurement(
            "test",
            "reconstruction_error_float64",
            reconstruction_error(flow, chosen, dtype=torch.float64),
        ),
    ]
