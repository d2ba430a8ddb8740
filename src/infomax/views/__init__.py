"""Views: one item made into two.

Items are float tensors ``(N, *item_shape)``, channels last; images are in [0, 1]. What is random is
drawn from a generator handed down.
"""

from infomax.views.augmentation import Augmentation
from infomax.views.catalogue import VIEWS, CallableViews, make_views
from infomax.views.context_response import ContextResponse
from infomax.views.corruptions import AdditiveNoise, Masking
from infomax.views.item_parts import Channels, FeatureGroups, Halves
from infomax.views.view_maker import LocalViewMaker, ViewMaker

__all__ = [
    "VIEWS",
    "AdditiveNoise",
    "Augmentation",
    "CallableViews",
    "Channels",
    "ContextResponse",
    "FeatureGroups",
    "Halves",
    "LocalViewMaker",
    "Masking",
    "ViewMaker",
    "make_views",
]
