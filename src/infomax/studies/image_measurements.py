"""What is measured of the encoders of images: probes, retrieval, information, and their inverse."""

import warnings
from collections.abc import Callable, Hashable

import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from infomax.encoders import Flow
from infomax.estimation import estimate_mi
from infomax.evaluation import (
    encode,
    fit_probe,
    notebook_probe_accuracy,
    reconstruction_error,
    retrieve_classes,
    retrieve_pairs_by_critic,
)
from infomax.records import Measurement
from infomax.studies.image_pairs import ImagePairs
from infomax.training import PairModel, Pairs
from infomax.warnings import EstimationWarning

__all__ = ["ImageProbe", "measure_information", "measure_inverse", "measure_retrieval"]

_MOST_VIEWS = 500
_MOST_RETRIEVED = 2_000
_MOST_ESTIMATED = 4_000
_COMPONENTS = 8


class ImageProbe:
    """Probes codes of the view X, and remembers what need not be measured twice."""

    def __init__(self) -> None:
        self._remembered: dict[Hashable, list[Measurement]] = {}

    def once(self, name: Hashable, measure: Callable[[], list[Measurement]]) -> list[Measurement]:
        """Return what is measured under a name, measured when it is first asked for."""
        if name not in self._remembered:
            self._remembered[name] = measure()
        return self._remembered[name]

    def raw_pixels(self, images: ImagePairs, seed: int) -> list[Measurement]:
        """Probe the view X itself."""
        return self._fit(images.train.x.cpu(), images.test.x.cpu(), images, seed)

    def codes(
        self, encoder: nn.Module, images: ImagePairs, seed: int, *, notebook: bool = True
    ) -> list[Measurement]:
        """Probe the codes of an encoder of X, by the notebook's probe too if asked for."""
        train_codes, test_codes = encode(encoder, images.train.x), encode(encoder, images.test.x)
        return self._fit(train_codes, test_codes, images, seed, notebook=notebook)

    @staticmethod
    def _fit(
        train_codes: Tensor,
        test_codes: Tensor,
        images: ImagePairs,
        seed: int,
        *,
        notebook: bool = True,
    ) -> list[Measurement]:
        probe = fit_probe(train_codes, images.train_labels, seed=seed)
        on_train = probe.accuracy(train_codes, images.train_labels)
        on_test = probe.accuracy(test_codes, images.test_labels)
        measured = [
            Measurement("train", "probe_accuracy", on_train),
            Measurement("test", "probe_accuracy", on_test),
        ]
        if notebook:
            by_notebook = notebook_probe_accuracy(
                train_codes, images.train_labels, test_codes, images.test_labels, seed=seed
            )
            measured.append(Measurement("test", "probe_accuracy_notebook", by_notebook))
        return [*measured, Measurement("train", "probe_penalty", probe.penalty)]


def measure_inverse(flow: Flow, views: Tensor) -> list[Measurement]:
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


def measure_retrieval(model: PairModel, images: ImagePairs) -> list[Measurement]:
    """Measure how high partners stand by the critic, and classes by the cosine.

    Args:
        model: encoders and critic.
        images: the first 2,000 test pairs are both queries and candidates.
    """
    pairs, labels = images.test, images.test_labels[:_MOST_RETRIEVED]
    x, y = (
        encode(encoder, views[:_MOST_RETRIEVED])
        for encoder, views in ((model.x_encoder, pairs.x), (model.y_encoder, pairs.y))
    )
    if not (x.isfinite().all() and y.isfinite().all()):
        return []
    partners = retrieve_pairs_by_critic(model, x, y)
    return [
        Measurement("test", "retrieval_candidates", partners.x_to_y.candidates),
        *partners.x_to_y.measured("partner_{}_x_to_y", "recall_at_1", "mrr"),
        *partners.y_to_x.measured("partner_{}_y_to_x", "recall_at_1", "mrr"),
        *retrieve_classes(x, labels).measured("class_{}", "recall_at_1", "map_at_r"),
    ]


def measure_information(model: PairModel, held_out: Pairs, seed: int) -> list[Measurement]:
    """Estimate what codes of held-out pairs share, by a critic that is fitted to them anew.

    It sees eight principal components of either side, and is read on pairs that it was not fitted
    to, so that but for chance it is no more than the codes share.

    Args:
        model: encoders.
        held_out: pairs that were not trained on; the first 4,000 are taken.
        seed: of everything that is drawn.
    """
    sides = ((model.x_encoder, held_out.x), (model.y_encoder, held_out.y))
    codes = [encode(encoder, views[:_MOST_ESTIMATED]) for encoder, views in sides]
    if not all(each.isfinite().all() for each in codes):
        return []
    x, y = (
        PCA(min(_COMPONENTS, each.shape[1]), random_state=seed).fit_transform(each.numpy())
        for each in codes
    )
    # Evaluations make no gradients; this one trains.
    with torch.enable_grad(), warnings.catch_warnings():
        # Of each of many runs they would be read by nobody; intervals are kept.
        warnings.simplefilter("ignore", EstimationWarning)
        found = estimate_mi(x, y, "infonce", permutations=0, random_state=seed)
    return [
        Measurement("test", "information_critic", found.value),
        Measurement("test", "information_critic_low", found.interval.low),
        Measurement("test", "information_critic_high", found.interval.high),
    ]
