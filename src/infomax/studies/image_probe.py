"""Both probes on the image data of a study."""

from torch import Tensor

from infomax.encoders import Encoder
from infomax.evaluation import encode, fit_probe, notebook_probe_accuracy
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.measurement import Measurement
from infomax.studies.study import RunSettings

__all__ = ["ImageProbe"]


class ImageProbe:
    """Probes codes of the view X; it remembers what was measured on untrained encoders.

    Runs of one seed and one architecture start from the same encoder, so their first probe is the
    same computation: it is done once. So is that of the raw pixels, which no run changes.

    Args:
        images: the data set whose codes are probed.
    """

    def __init__(self, images: ImagePairs) -> None:
        self._images = images
        self._untrained: dict[tuple[str, int], list[Measurement]] = {}
        self._raw_pixels: dict[int, list[Measurement]] = {}

    def raw_pixels(self, seed: int) -> list[Measurement]:
        """Probe the view X itself."""
        if seed not in self._raw_pixels:
            train_x, test_x = self._images.train.x.cpu(), self._images.test.x.cpu()
            self._raw_pixels[seed] = self._probe(train_x, test_x, seed)
        return self._raw_pixels[seed]

    def codes(self, encoder: Encoder, settings: RunSettings, step: int) -> list[Measurement]:
        """Probe the codes of an encoder of X after ``step`` updates of a run."""
        start = (settings.encoder, settings.seed)
        if step == 0 and start in self._untrained:
            return self._untrained[start]
        train_codes = encode(encoder, self._images.train.x)
        test_codes = encode(encoder, self._images.test.x)
        measured = self._probe(train_codes, test_codes, settings.seed)
        if step == 0:
            self._untrained[start] = measured
        return measured

    def _probe(self, train_codes: Tensor, test_codes: Tensor, seed: int) -> list[Measurement]:
        train_labels, test_labels = self._images.train_labels, self._images.test_labels
        probe = fit_probe(train_codes, train_labels, seed=seed)
        notebook = notebook_probe_accuracy(
            train_codes, train_labels, test_codes, test_labels, seed=seed
        )
        return [
            Measurement("train", "probe_accuracy", probe.accuracy(train_codes, train_labels)),
            Measurement("test", "probe_accuracy", probe.accuracy(test_codes, test_labels)),
            Measurement("test", "probe_accuracy_notebook", notebook),
            Measurement("train", "probe_penalty", probe.penalty),
        ]
