"""What is measured of the encoders of images: both probes, and whether they can be inverted."""

from collections.abc import Callable, Hashable

import torch
from torch import Tensor, nn

from infomax.encoders import Flow
from infomax.evaluation import (
    encode,
    fit_probe,
    notebook_probe_accuracy,
    reconstruction_error,
)
from infomax.records import Measurement
from infomax.studies.image_pairs import ImagePairs

__all__ = ["ImageProbe", "measure_inverse"]

_MOST_VIEWS = 500


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
