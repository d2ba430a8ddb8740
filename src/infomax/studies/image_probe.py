"""Both probes on the image data of a study."""

from collections.abc import Callable, Hashable

from torch import Tensor, nn

from infomax.evaluation import encode, fit_probe, notebook_probe_accuracy
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.measurement import Measurement

__all__ = ["ImageProbe"]


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

    def codes(self, encoder: nn.Module, images: ImagePairs, seed: int) -> list[Measurement]:
        """Probe the codes of an encoder of X."""
        train_codes, test_codes = encode(encoder, images.train.x), encode(encoder, images.test.x)
        return self._fit(train_codes, test_codes, images, seed)

    @staticmethod
    def _fit(
        train_codes: Tensor, test_codes: Tensor, images: ImagePairs, seed: int
    ) -> list[Measurement]:
        probe = fit_probe(train_codes, images.train_labels, seed=seed)
        notebook = notebook_probe_accuracy(
            train_codes, images.train_labels, test_codes, images.test_labels, seed=seed
        )
        on_train = probe.accuracy(train_codes, images.train_labels)
        on_test = probe.accuracy(test_codes, images.test_labels)
        return [
            Measurement("train", "probe_accuracy", on_train),
            Measurement("test", "probe_accuracy", on_test),
            Measurement("test", "probe_accuracy_notebook", notebook),
            Measurement("train", "probe_penalty", probe.penalty),
        ]
