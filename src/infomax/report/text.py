"""Numbers and names as readers see them: never rounded into something else, never hidden."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = [
    "Names",
    "allowed_in_xml",
    "dataset_name",
    "figure_name",
    "format_count",
    "format_interval",
    "format_mean_and_spread",
    "format_number",
    "format_power_of_ten",
    "format_signed",
    "plural",
    "shortened",
]

_MINUS = "\N{MINUS SIGN}"
_TIMES = " \N{MULTIPLICATION SIGN} "
_INFINITY = "\N{INFINITY}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TOO_LONG = 1e5
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def allowed_in_xml(text: str) -> str:
    """Return a text with U+FFFD for each character that XML 1.0 forbids, even escaped.

    Example:
        >>> allowed_in_xml("a" + chr(1))
        'a�'
    """
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def format_number(value: float, decimals: int | None) -> str:
    """Return a number in decimals, or in powers of ten where it would be too long.

    Args:
        value: the number.
        decimals: behind the point; ``None`` for a power of ten whatever the size.

    Example:
        >>> format_number(4.8523, 2), format_number(0.0001, 2), format_number(math.nan, 2)
        ('4.85', '0.00', 'not a number')
        >>> format_number(3.2e-6, None).endswith("10⁻⁶")
        True
    """
    if math.isnan(value):
        return "not a number"
    sign = _MINUS if value < 0 else ""
    if math.isinf(value):
        return sign + _INFINITY
    if decimals is None and value == 0:
        return "0"
    if decimals is None or abs(value) >= _TOO_LONG:
        mantissa, exponent = f"{abs(value):.1e}".split("e")
        return f"{sign}{mantissa}{_TIMES}{_power(int(exponent))}"
    shown = f"{abs(value):.{decimals}f}"
    # A value that rounds to nothing has no sign to show.
    return shown if float(shown) == 0 else sign + shown


def format_signed(value: float, decimals: int | None) -> str:
    """Return a number with its sign, also where that is a plus.

    Example:
        >>> format_signed(0.25, 2), format_signed(0.0, 2)
        ('+0.25', '0.00')
    """
    shown = format_number(value, decimals)
    return shown if math.isnan(value) or value <= 0 else f"+{shown}"


def format_power_of_ten(value: float) -> str:
    """Return the power of ten that is nearest to a positive number.

    Example:
        >>> format_power_of_ten(1e-6)
        '10⁻⁶'
    """
    return _power(round(math.log10(value)))


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def format_count(value: float) -> str:
    """Return a count with separated thousands.

    Example:
        >>> format_count(21_000)
        '21,000'
    """
    return f"{value:z,.0f}"


def format_interval(low: float, high: float, decimals: int | None) -> str:
    """Return the two ends of an interval.

    Example:
        >>> format_interval(0.5, 1.25, 2)
        '[0.50, 1.25]'
    """
    return f"[{format_number(low, decimals)}, {format_number(high, decimals)}]"


def format_mean_and_spread(values: Sequence[float], decimals: int | None) -> str:
    """Return mean and standard deviation over seeds; values that are not finite are counted.

    The mean of values of which one is infinite would say nothing of the others, so both are said.
    Two values have no spread worth the name: both are said.

    Example:
        >>> format_mean_and_spread([1.0, 2.0, 3.0], 2)
        '2.00 ± 1.00'
        >>> format_mean_and_spread([1.0, 2.0, math.nan], 1)
        'not a number in 1 of 3 seeds, else 1.0 and 2.0'
        >>> format_mean_and_spread([0.93, 0.93, 0.93001], 4)
        '0.9300 ± <0.0001'
    """
    finite = [value for value in values if math.isfinite(value)]
    usual = _of_finite(finite, decimals)
    if len(finite) == len(values):
        return usual or "not measured"
    kinds = {format_number(value, decimals) for value in values if not math.isfinite(value)}
    kind = kinds.pop() if len(kinds) == 1 else "not finite"
    strange = f"{kind} in {len(values) - len(finite)} of {len(values)} seeds"
    return f"{strange}, else {usual}" if usual else strange


def _of_finite(values: Sequence[float], decimals: int | None) -> str:
    if not values:
        return ""
    # Heavy-tailed bounds can be so far below zero that their squares overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        mean = format_number(float(np.mean(values)), decimals)
        if len(values) == 2:
            return " and ".join(dict.fromkeys(format_number(value, decimals) for value in values))
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        if spread == 0:
            return mean
        shown = format_number(spread, decimals)
        if decimals is not None and float(f"{spread:.{decimals}f}") == 0:
            shown = f"<{10.0**-decimals:.{decimals}f}"
        return f"{mean} ± {shown}"


def shortened(text: str, most: int = 28) -> str:
    """Return a text cut to what a drawing has room for.

    Example:
        >>> shortened("short"), shortened("a name that goes on", 8)
        ('short', 'a name …')
    """
    text = allowed_in_xml(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plural(noun: str, count: int) -> str:
    """Return a noun in the singular or the plural, as its count wants it.

    Example:
        >>> plural("seed", 1), plural("seed", 2)
        ('seed', 'seeds')
    """
    return noun if count == 1 else f"{noun}s"


_KNOWN: dict[str, dict[str, str]] = {
    "encoder": {
        "mlp": "MLP",
        "convnet": "ConvNet",
        "residual-mlp": "residual MLP",
        "realnvp-additive": "additive RealNVP",
        "realnvp-affine": "affine RealNVP",
        "raw-pixels": "raw pixels",
    },
    "loss": {
        "nt-xent": "NT-Xent (SimCLR)",
        "moco": "MoCo",
        "byol": "BYOL",
        "simsiam": "SimSiam",
        "barlow-twins": "Barlow Twins",
        "vicreg": "VICReg",
        "dino": "DINO",
        "sdmi": "SDMI",
        "jmi": "JMI",
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


@dataclass(frozen=True)
class Names:
    """Names that people have for what the records name.

    Attributes:
        labels: labels by factor and level, as the file of the records holds them, such as
            ``{"bound": {"infonce": "InfoNCE"}}``.

    Example:
        >>> names = Names({"bound": {"infonce": "InfoNCE"}})
        >>> names.short("bound", "infonce"), names.short("target", math.nan)
        ('InfoNCE', 'maximised')
        >>> names.phrase("target", 2.0), names.phrase("critic", "deep-concat")
        ('held at 2 nats', 'deep concat critic')
    """

    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def short(self, factor: str, level: Any) -> str:
        """Return the name of a level of a factor; an unknown level is called as it is recorded."""
        if factor == "target":
            return "maximised" if math.isnan(level) else f"{level:g} nats"
        if factor == "critic":
            return str(level).replace("-", " ")
        known = {**_KNOWN.get(factor, {}), **self.labels.get(factor, {})}
        return known.get(str(level), str(level))

    def phrase(self, factor: str, level: Any) -> str:
        """Return a level in words that need no heading."""
        name = self.short(factor, level)
        if factor == "target":
            return name if math.isnan(level) else f"held at {name}"
        named = factor in {"encoder", "critic", "negatives"} and name
        return f"{name} {factor}" if named else name


def dataset_name(dataset: str) -> str:
    """Return the name of a data set.

    Example:
        >>> dataset_name("cifar10"), dataset_name("my-images")
        ('CIFAR-10', 'my-images')
    """
    return _KNOWN["dataset"].get(dataset, dataset)


def figure_name(figure: str) -> str:
    """Return the number of a figure as the paper gives it.

    Example:
        >>> figure_name("fig3"), figure_name("fig4ab"), figure_name("something")
        ('Figure 3', 'Figure 4a, 4b', 'something')
    """
    parts = re.fullmatch(r"fig(\d+)([a-z]*)", figure)
    if parts is None:
        return figure
    digits, letters = parts.groups()
    return "Figure " + ", ".join(digits + letter for letter in letters or [""])
