"""Bijective encoder: where codes hold all that views do, has training moved the probe?"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.bijections import MOST_INVERSE_ERROR
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.errors import UserError, reason_of
from infomax.evaluation import (
    AccuracyDifference,
    accuracy_difference,
    accuracy_of,
    check_probed_labels,
    encode,
    fit_probe,
)
from infomax.information import Interval
from infomax.training import evaluation_mode

__all__ = ["check_bijective_encoder"]

NAME: Final = "bijective encoder"
QUESTION: Final = "Where the encoder keeps all information by construction, has accuracy stayed?"
_LEAST_MOVED = 0.02
_MOST_ROWS = 4_000


def check_bijective_encoder(codes: AuditedCodes) -> Finding:
    r"""Compare the probe of codes with that of views, where the encoder of x has an inverse.

    A bijection g leaves :math:`I(g(x); y) = I(x; y)` and what is told of labels as they are,
    whatever it was trained for. Where the probe's accuracy differs between views and codes, or
    between codes of the untrained encoder and of this one, that is no matter of information.

    Whether the encoder is a bijection is tried: its method ``inverse`` is to bring all held-out
    views back from codes in single precision, to within 1e-3 of their standard deviation. Accuracy
    has moved where the interval of its difference, of the same held-out pairs, lies beyond 0.02 on
    either side.

    Source: Tschannen et al. (2020), section 3.1, figure 1.

    Args:
        codes: that are audited; of an encoder without inverse the question does not arise.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((50, 4))
        >>> finding = check_bijective_encoder(read_codes("mine", x, x, None, seed=0))
        >>> finding.status, finding.stance
        ('not run', 'not against')
    """
    encoder = None if codes.encoders is None else codes.encoders.x
    inverse = getattr(encoder, "inverse", None)
    if codes.raw is None or encoder is None or not callable(inverse):
        return _not_run(codes, "no encoder with an inverse is known")
    views = codes.raw[0].flatten(1)
    error = _inverse_error(encoder, inverse, codes.raw[0][codes.held_out])
    if isinstance(error, str):
        return _not_run(codes, f"the inverse of the encoder fails ({error})")
    if error > MOST_INVERSE_ERROR:
        return _not_run(codes, f"its inverse misses views by {error:.1e} of their deviation")
    if codes.labels is None:
        return _not_run(codes, codes.why_no_labels, "give labels (--labels) to ask it")
    fitted, held_out = codes.fitted[: _MOST_ROWS // 2], codes.held_out[: _MOST_ROWS // 2]
    try:
        check_probed_labels(codes.labels[fitted])
    except UserError as problem:
        return _not_run(codes, str(problem), "give labels that probes can learn")
    labels, truth = codes.labels, codes.labels[held_out]

    def predicted(values: Tensor) -> NDArray[np.int64]:
        probe = fit_probe(values[fitted], labels[fitted], seed=codes.seed)
        found: NDArray[np.int64] = probe.predict(values[held_out]).numpy()
        return found

    of_codes = predicted(codes.x)
    before = {"the views": predicted(views.double())}
    if codes.untrained is not None:
        before["the untrained codes"] = predicted(codes.untrained[0])
    differences = {
        name: accuracy_difference(of_codes, each, truth) for name, each in before.items()
    }
    accuracy = accuracy_of(of_codes, truth)
    measured: dict[str, Any] = {
        "inverse_error": error,
        "accuracy": accuracy.value,
        "accuracy_interval": [accuracy.low, accuracy.high],
        "held_out": len(truth),
    }
    rows = [{"label": "codes", "value": accuracy.value, "low": accuracy.low, "high": accuracy.high}]
    for name, each in before.items():
        of_it = accuracy_of(each, truth)
        key = name.removeprefix("the ").replace(" ", "_")
        measured |= {
            f"accuracy_of_{key}": of_it.value,
            f"codes_less_{key}_interval": [differences[name].low, differences[name].high],
        }
        rows.append(
            {
                "label": name.removeprefix("the "),
                "value": of_it.value,
                "low": of_it.low,
                "high": of_it.high,
            }
        )
    most = max(differences, key=lambda name: _surely_moved(differences[name]))
    from_value = accuracy_of(before[most], truth).value
    status, stance, sentence, next_step = _verdict(
        most, from_value, accuracy.value, error, moved=_surely_moved(differences[most]) > 0
    )
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"accuracy {from_value:.2f} ({most.removeprefix('the ')}) -> {accuracy.value:.2f}, "
        "all information kept",
        sentence,
        next_step,
        interval=Interval(differences[most].low, differences[most].high),
        interval_of=f"accuracy of codes less that of {most}",
        measured=measured,
        thresholds={"least_moved": _LEAST_MOVED, "most_inverse_error": MOST_INVERSE_ERROR},
        figures=[
            FindingFigure(
                "bijective-encoder",
                "The linear probe of codes and of what they hold all information of",
                "dots",
                pd.DataFrame(rows),
                value_label="accuracy on held-out pairs",
            )
        ],
        method="The encoder of x was inverted from its codes in single precision, which missed "
        f"held-out views by at most {error:.1e} of their standard deviation; linear probes of "
        f"views and codes were fitted on {len(fitted):,} pairs and compared on {len(truth):,} "
        "others, pair by pair.",
    )


def _verdict(
    most: str, before: float, after: float, error: float, *, moved: bool
) -> tuple[Status, Stance, str, str]:
    kept = (
        "The encoder of x is a bijection (its inverse misses views by at most "
        f"{error:.0e} of their deviation), so its codes hold all information that views do"
    )
    if moved:
        return (
            "caution",
            "against",
            f"{kept}; accuracy moved from {before:.3f} ({most}) to {after:.3f} all the same, at "
            "equal information: it is geometry.",
            "ask what else training changes: how codes lie, and how hard they are to invert",
        )
    return (
        "sound",
        "not against",
        f"{kept}, and accuracy is not shown to have moved: {before:.3f} ({most}), {after:.3f}.",
        "",
    )


def _surely_moved(difference: AccuracyDifference) -> float:
    """Return by how much more than is let pass accuracy has moved; none where it is below 0."""
    return max(difference.low, -difference.high) - _LEAST_MOVED


def _inverse_error(
    encoder: nn.Module, inverse: Callable[[Tensor], Any], views: Tensor
) -> float | str:
    """Return how far views are missed, in standard deviations, or why there is nothing to miss."""
    with evaluation_mode(encoder), torch.no_grad():
        try:
            found = inverse(encode(encoder, views)).flatten(1)
            farthest = float((found - views.flatten(1)).abs().max())
        # Whatever the user's own lines raise.
        except Exception as error:  # noqa: BLE001
            return reason_of(error)
    spread = float(views.std())
    return farthest / spread if spread > 0 else farthest


def _not_run(
    codes: AuditedCodes,
    why: str,
    next_step: str = "give the encoder a method `inverse` if it is a bijection",
) -> Finding:
    # Most encoders are no bijections: that is no obstacle to the answer.
    return Finding(
        NAME, codes.name, QUESTION, "not run", "not against", why, f"Not run: {why}.", next_step
    )
