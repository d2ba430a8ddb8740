"""Names as a reader knows them, beside those that records and settings use."""

import math
import re
from typing import Any

__all__ = ["dataset_name", "figure_name", "level_name", "level_phrase"]

_SHOWN: dict[str, dict[str, str]] = {
    "bound": {"infonce": "InfoNCE", "nwj": "NWJ"},
    "critic": {"inner-product": "inner product", "deep-concat": "deep concat"},
    "encoder": {
        "mlp": "MLP",
        "convnet": "ConvNet",
        "residual-mlp": "residual MLP",
        "realnvp-additive": "additive RealNVP",
        "realnvp-affine": "affine RealNVP",
        "raw-pixels": "raw pixels",
    },
    "dataset": {
        "mnist": "MNIST",
        "mnist-14": "MNIST, 14 x 14",
        "cifar10": "CIFAR-10",
        "cifar10-jpeg": "CIFAR-10 as JPEG",
        "fashion-mnist": "Fashion-MNIST",
        "gaussian-iid": "i.i.d. pairs",
        "gaussian-dependent": "dependent pairs",
    },
}


def level_name(factor: str, level: Any) -> str:
    """Return the short name of a level of a factor; an unknown level is called as it is recorded.

    Example:
        >>> level_name("target", 2.0), level_name("target", math.nan), level_name("encoder", "mlp")
        ('2 nats', 'maximised', 'MLP')
    """
    if factor == "target":
        return "maximised" if math.isnan(level) else f"{level:g} nats"
    return _SHOWN.get(factor, {}).get(str(level), str(level))


def level_phrase(factor: str, level: Any) -> str:
    """Return a level in words that need no heading.

    Example:
        >>> level_phrase("target", 2.0), level_phrase("critic", "concat")
        ('held at 2 nats', 'concat critic')
    """
    name = level_name(factor, level)
    if factor == "target":
        return name if math.isnan(level) else f"held at {name}"
    return f"{name} {factor}" if factor in {"encoder", "critic"} and name else name


def dataset_name(dataset: str) -> str:
    """Return the name of a data set.

    Example:
        >>> dataset_name("cifar10"), dataset_name("my-images")
        ('CIFAR-10', 'my-images')
    """
    return level_name("dataset", dataset)


def figure_name(figure: str) -> str:
    """Return the number of a figure as the paper gives it.

    Example:
        >>> figure_name("fig3"), figure_name("fig4ab"), figure_name("something")
        ('Figure 3', 'Figure 4a, 4b', 'something')
    """
    parts = re.fullmatch(r"fig(\d+)([a-z]*)", figure)
    if parts is None:
        return figure
    number, letters = parts.groups()
    return "Figure " + ", ".join(number + letter for letter in letters or [""])
