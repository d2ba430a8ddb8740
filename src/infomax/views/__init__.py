"""Views: one item made into two.

Items are float tensors ``(N, *item_shape)``, channels last; images are in [0, 1]. What is random is
drawn from a generator handed down.
"""

from infomax.views.additive_noise import AdditiveNoise
from infomax.views.augmentation import Augmentation
from infomax.views.callable_views import CallableViews
from infomax.views.catalogue import VIEWS, make_views
from infomax.views.channels import Channels
from infomax.views.feature_groups import FeatureGroups
from infomax.views.halves import top_and_bottom
from infomax.views.item_halves import Halves
from infomax.views.masking import Masking
from infomax.views.view_maker import ViewMaker

__all__ = [
    "VIEWS",
    "AdditiveNoise",
    "Augmentation",
    "CallableViews",
    "Channels",
    "FeatureGroups",
    "Halves",
    "Masking",
    "ViewMaker",
    "make_views",
    "top_and_bottom",
]
