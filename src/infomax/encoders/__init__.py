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
from infomax.encoders.text import BagEncoder, TransformerEncoder

__all__ = [
    "ENCODERS",
    "AdditiveRealNVPEncoder",
    "AffineRealNVPEncoder",
    "BagEncoder",
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
    "TransformerEncoder",
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
    "bag": BagEncoder,
    "transformer": TransformerEncoder,
}
"""The encoders by name."""
