"""Encoders: modules that map a view to its code.

Views are ``(N, *view_shape)``, or ``(N, d)`` with their d values flattened row by row; codes are
``(N, code_size)``.
"""

from collections.abc import Callable
from typing import TypeAlias

from infomax.encoders.convnets import ConvNetEncoder, SeriesConvNetEncoder
from infomax.encoders.encoder import Encoder, Flow, IdentityEncoder, ViewShape, check_codes
from infomax.encoders.mlp import MLPEncoder, ResidualMLPEncoder
from infomax.encoders.predictor import Predictor
from infomax.encoders.projection_head import ProjectionHead
from infomax.encoders.realnvp import AdditiveRealNVPEncoder, AffineRealNVPEncoder, RealNVPEncoder
from infomax.encoders.resnet import ResNetEncoder

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
    "Predictor",
    "ProjectionHead",
    "RealNVPEncoder",
    "ResNetEncoder",
    "ResidualMLPEncoder",
    "SeriesConvNetEncoder",
    "ViewShape",
    "check_codes",
]

EncoderMaker: TypeAlias = Callable[..., Encoder]
"""Shape of a view, generator of the weights, and options of its own -> encoder."""

ENCODERS: dict[str, EncoderMaker] = {
    "mlp": MLPEncoder,
    "convnet": ConvNetEncoder,
    "resnet": ResNetEncoder,
    "series-convnet": SeriesConvNetEncoder,
    "realnvp-additive": AdditiveRealNVPEncoder,
    "realnvp-affine": AffineRealNVPEncoder,
    "residual-mlp": ResidualMLPEncoder,
    "identity": IdentityEncoder,
}
"""The encoders by name."""
