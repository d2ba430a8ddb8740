"""Encoders: modules that map a view to its code.

A view is ``(N, height x width x channels)``, flattened row by row; a code is ``(N, code_size)``.
"""

from collections.abc import Callable
from typing import TypeAlias

import torch

from infomax.encoders.convnet import ConvNetEncoder
from infomax.encoders.encoder import Encoder, ViewShape
from infomax.encoders.flow import Flow
from infomax.encoders.identity import IdentityEncoder
from infomax.encoders.mlp import MLPEncoder
from infomax.encoders.realnvp import AdditiveRealNVPEncoder, AffineRealNVPEncoder, RealNVPEncoder
from infomax.encoders.residual_mlp import ResidualMLPEncoder

__all__ = [
    "ENCODERS",
    "AdditiveRealNVPEncoder",
    "AffineRealNVPEncoder",
    "ConvNetEncoder",
    "Encoder",
    "EncoderMaker",
    "Flow",
    "IdentityEncoder",
    "MLPEncoder",
    "RealNVPEncoder",
    "ResidualMLPEncoder",
    "ViewShape",
]

EncoderMaker: TypeAlias = Callable[[ViewShape, torch.Generator], Encoder]
"""Height, width and channels of the view and the generator of the weights -> encoder."""

ENCODERS: dict[str, EncoderMaker] = {
    "mlp": MLPEncoder,
    "convnet": ConvNetEncoder,
    "realnvp-additive": AdditiveRealNVPEncoder,
    "realnvp-affine": AffineRealNVPEncoder,
    "residual-mlp": ResidualMLPEncoder,
    "identity": IdentityEncoder,
}
"""The encoders by name."""
