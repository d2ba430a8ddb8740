"""Encoders: modules that map a view to its code.

A view is ``(N, height x width x channels)``, flattened row by row; a code is ``(N, code_size)``.
"""

from collections.abc import Callable
from typing import TypeAlias

import torch

from infomax.encoders.convnet import ConvNetEncoder
from infomax.encoders.encoder import Encoder, ViewShape
from infomax.encoders.mlp import MLPEncoder

__all__ = ["ENCODERS", "ConvNetEncoder", "Encoder", "EncoderMaker", "MLPEncoder", "ViewShape"]

EncoderMaker: TypeAlias = Callable[[ViewShape, torch.Generator], Encoder]
"""Height, width and channels of the view and the generator of the weights -> encoder."""

ENCODERS: dict[str, EncoderMaker] = {"mlp": MLPEncoder, "convnet": ConvNetEncoder}
"""The encoders by name."""
