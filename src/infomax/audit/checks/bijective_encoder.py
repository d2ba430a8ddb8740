"""Bijective encoder: where codes hold all that views do, has training moved the probe?"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.bijections import MOST_INVERSE_ERROR
from infomax.audit.encoder_inverse import TriedInverse, try_inverse
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.probed_rows import HOW_TO_PROBE, probed_rows
from infomax.errors import UserError
from infomax.evaluation import (
    Accuracy,
    AccuracyDifference,
    accuracy_difference,
    accuracy_of,
    encode,
    fit_notebook_probe,
    fit_probe,
)
from infomax.information import Interval

__all__ = ["check_bijective_encoder"]

NAME: Final = "bijective encoder"
QUESTION: Final = "Where the encoder keeps all information by construction, has accuracy stayed?"
_LINEAR, _NOTEBOOK = "the linear probe", "the notebook's probe"
_LEAST_MOVED = 0.02


def check_bijective_encoder(codes: AuditedCodes) -> Finding:
    r"""Compare the probe of codes with that of views, where the encoder of x has an inverse.

    A bijection g leaves :math:`I(g(x); y) = I(x; y)` and what is told of labels as they are,
    whatever it was trained for. Where the probe's accuracy differs between views and codes, or
    between codes of the untrained encoder and of this one, that is no matter of information.

    Whether the encoder is a bijection is tried: its method ``inverse`` is to bring all held-out
    views back from codes to within 1e-3 of their standard deviation, in single precision, or else
    in double. There the codes that are probed are those of a copy of the encoder in double, of
    which it is true. Two probes ask: the linear one at its minimum, which scale does not hinder,
    and that of the paper's notebook, by which the paper has it. Accuracy has moved where the
    interval of a difference, of the same held-out pairs, lies beyond 0.02 on either side.

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
    tried = try_inverse(codes, "x")
    if codes.raw is None or tried.encoder is None or not tried.verified:
        return _not_run(codes, tried.why_not)
    try:
        probed = probed_rows(codes)
    except UserError as problem:
        return _not_run(codes, str(problem), HOW_TO_PROBE)
    fitted, held_out = probed.fitted, probed.held_out
    rows = np.concatenate([fitted, held_out])
    views = codes.raw[0][rows].double()
    of_codes = codes.x[rows]
    if tried.precision == "double":
        of_codes = encode(tried.encoder, views)
    before = {"the views": views.flatten(1)}
    if codes.untrained is not None:
        before["the untrained codes"] = codes.untrained[0][rows]
    split = _Split(probed.fitted_labels, probed.labels, codes.seed)
    moves = [
        move for probe in (_LINEAR, _NOTEBOOK) for move in _moves(probe, of_codes, before, split)
    ]
    most = max(moves, key=lambda move: move.surely)
    status, stance, sentence, next_step = _verdict(most, moves, tried)
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"accuracy {most.before.value:z.2f} ({most.of.removeprefix('the ')}) -> "
        f"{most.after.value:z.2f}, all information kept",
        sentence,
        next_step,
        interval=Interval(most.difference.low, most.difference.high),
        interval_of=f"accuracy of codes less that of {most.of}, by {most.probe}",
        measured={
            "inverse_error": tried.error,
            "precision_of_inverse": tried.precision,
            "held_out": len(held_out),
            **_measured(moves),
        },
        thresholds={"least_moved": _LEAST_MOVED, "most_inverse_error": MOST_INVERSE_ERROR},
        figures=[_figure(moves)],
        method=f"The encoder of x was inverted from its codes in {tried.precision} precision, "
        f"which missed held-out views by at most {tried.error:.1e} of their standard deviation; "
        f"linear probes of views and codes, at their minimum and as in the notebook of Tschannen "
        f"et al. (2020), were fitted on {len(fitted):,} pairs and compared on {len(held_out):,} "
        "others, pair by pair.",
    )


class _Split(NamedTuple):
    """The labels of rows, those that are fitted on first."""

    fitted: NDArray[np.int64]
    held_out: NDArray[np.int64]
    seed: int

    def predicted(self, probe: str, values: Tensor) -> NDArray[np.int64]:
        size = len(self.fitted)
        found: NDArray[np.int64]
        if probe == _LINEAR:
            linear = fit_probe(values[:size], self.fitted, seed=self.seed)
            found = linear.predict(values[size:]).numpy()
        else:
            notebook = fit_notebook_probe(values[:size], self.fitted, seed=self.seed)
            found = notebook.predict(values[size:].numpy())
        return found


class _Move(NamedTuple):
    """What a probe is right of before training, of codes, and by how much that differs."""

    probe: str
    of: str
    before: Accuracy
    after: Accuracy
    difference: AccuracyDifference

    @property
    def surely(self) -> float:
        """By how much more than is let pass accuracy has moved; none where it is below 0."""
        return max(self.difference.low, -self.difference.high) - _LEAST_MOVED

    def told(self) -> str:
        return f"from {self.before.value:z.3f} ({self.of}) to {self.after.value:z.3f}"


def _moves(probe: str, codes: Tensor, before: Mapping[str, Tensor], split: _Split) -> list[_Move]:
    truth = split.held_out
    of_codes = split.predicted(probe, codes)
    found = []
    for name, values in before.items():
        of_it = split.predicted(probe, values)
        found.append(
            _Move(
                probe,
                name,
                accuracy_of(of_it, truth),
                accuracy_of(of_codes, truth),
                accuracy_difference(of_codes, of_it, truth),
            )
        )
    return found


def _measured(moves: Sequence[_Move]) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    for move in moves:
        prefix = "" if move.probe == _LINEAR else "notebook_"
        of = move.of.removeprefix("the ").replace(" ", "_")
        measured |= {
            f"{prefix}accuracy": move.after.value,
            f"{prefix}accuracy_interval": [move.after.low, move.after.high],
            f"{prefix}accuracy_of_{of}": move.before.value,
            f"{prefix}codes_less_{of}_interval": [move.difference.low, move.difference.high],
        }
    return measured


def _figure(moves: Sequence[_Move]) -> FindingFigure:
    rows: dict[tuple[str, str], Accuracy] = {}
    for move in moves:
        rows[move.probe, "codes"] = move.after
        rows[move.probe, move.of.removeprefix("the ")] = move.before
    return FindingFigure(
        "bijective-encoder",
        "Probes of codes and of what they hold all information of",
        "dots",
        pd.DataFrame(
            {
                "label": label,
                "series": probe.removeprefix("the "),
                "value": each.value,
                "low": each.low,
                "high": each.high,
            }
            for (probe, label), each in rows.items()
        ),
        value_label="accuracy on held-out pairs",
    )


def _verdict(
    most: _Move, moves: Sequence[_Move], tried: TriedInverse
) -> tuple[Status, Stance, str, str]:
    in_double = ", in double precision" if tried.precision == "double" else ""
    kept = (
        "The encoder of x is a bijection (its inverse misses views by at most "
        f"{tried.error:.0e} of their deviation{in_double}), so its codes hold all information that "
        "views do"
    )
    if most.surely > 0:
        # What the other probe says is told beside it, since the two are hindered differently.
        others = "; ".join(
            f"by {move.probe} {move.told()}"
            for move in moves
            if move.of == most.of and move.probe != most.probe
        )
        return (
            "caution",
            "against",
            f"{kept}; accuracy by {most.probe} moved {most.told()} all the same, at equal "
            f"information: it is geometry ({others}).",
            "ask what else training changes: how codes lie, and how hard they are to invert",
        )
    return (
        "sound",
        "not against",
        f"{kept}, and accuracy is not shown to have moved: {most.told()} by {most.probe}.",
        "",
    )


def _not_run(
    codes: AuditedCodes,
    why: str,
    next_step: str = "give the encoder a method `inverse` if it is a bijection",
) -> Finding:
    # Most encoders are no bijections: that is no obstacle to the answer.
    return Finding.not_run(NAME, codes.name, QUESTION, why, next_step, stance="not against")
