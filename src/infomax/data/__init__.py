"""Real image data sets, by name or by path."""

from infomax.data.catalogue import DATASETS, load_dataset
from infomax.data.dataset import ImageDataset

__all__ = ["DATASETS", "ImageDataset", "load_dataset"]
