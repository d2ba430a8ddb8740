"""Probes: do several probes find the same in codes, and where they do not, why?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.other_probes import by_few_labels, by_head, by_hidden_layer
from infomax.audit.probe_runs import ProbeRuns, median_run
from infomax.audit.probed_rows import HOW_TO_PROBE, ProbedRows, probed_rows
from infomax.errors import UserError
from infomax.evaluation import (
    accuracy_difference,
    fit_notebook_probe,
    fit_probe,
    neighbours_labels,
)
from infomax.information import Interval

__all__ = ["check_probes"]

NAME = "probes"
QUESTION = "Do several probes find the same in codes, and where they do not, why?"
_MATERIAL = 0.05
_MATERIAL_SHARE = 0.25
_SEEDS = 5
_UPDATES = 100
_MANY_UPDATES = 3_000
_LINEAR, _NEAREST = "the linear probe", "20 nearest neighbours"
_HIDDEN, _FEW = "a hidden layer of 64 units", "the linear probe of 1 % of the labels"
_NOTEBOOK = "the notebook's probe"
_HEAD = f"a linear head of {_UPDATES} updates"
_SCALED_HEAD, _LONG_HEAD = f"{_HEAD} on standardised columns", f"one of {_MANY_UPDATES:,}"
_METHOD = (
    "Of codes of x, {held_out} held-out pairs were named by probes that were fitted on {fitted}: "
    "L2-penalised multinomial logistic regression at its minimum, the 20 nearest neighbours by "
    "cosine (Wu et al., 2018), a network with a hidden layer of 64 units, logistic regression on "
    "{few} labels, the companion notebook's probe (Tschannen et al., 2020) and a linear head of "
    "100 updates of gradient descent; of up to 5 runs of each, the one of median "
    "accuracy was compared with the first probe on the same pairs by Newcombe's interval (1998, "
    "method 10)."
)


def check_probes(codes: AuditedCodes) -> Finding:
    r"""Fit several probes on codes of x, and ask where they disagree whether it is scale or form.

    The linear probe at its minimum (``fit_probe``) is that by which the others are measured: 20
    nearest neighbours by cosine, a hidden layer of 64 units, the linear probe of 1 % of the labels,
    the companion notebook's, and a head of 100 updates of gradient descent on codes as they are,
    which is how protocols of self-supervision train it. What is drawn is drawn 5 times; the run of
    median accuracy counts, and how far the best lies from the worst stands beside it.

    Probes disagree where the interval of a difference of accuracies, of the same held-out pairs,
    lies beyond 0.05 and a quarter of what the linear probe is above the majority's share.

    - Form: neighbours or the hidden layer are right more often. Neither adds information to codes,
      since both are functions of them (data processing: :math:`I(f(z); c) \le I(z; c)`), so the
      linear accuracy is not what codes know of the labels: that contradicts the claim.
    - Scale: a probe that stops early is right less often, or its best run is right more often than
      its worst by more than 0.05. If it is not on standardised columns, scale is why.

    Source: Cover and Thomas (2006), theorem 2.8.1; Wu, Xiong, Yu and Lin (2018) for neighbours;
    Tschannen et al. (2020) for the notebook's probe.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((800, 4))
        >>> found = check_probes(read_codes("mine", x, x, (x[:, 0] * x[:, 1] > 0) * 1, seed=0))
        >>> found.stance, found.measured["why"]
        ('against', 'form')
    """
    try:
        rows = probed_rows(codes)
    except UserError as error:
        return Finding.not_run(NAME, codes.name, QUESTION, str(error), HOW_TO_PROBE)
    found, few = _probes(codes, rows)
    linear = found[_LINEAR]
    best = max((found[_NEAREST], found[_HIDDEN]), key=lambda each: each.less_linear.low)
    stopped = min((found[_HEAD], found[_NOTEBOOK]), key=lambda each: each.less_linear.high)
    material = max(_MATERIAL, _MATERIAL_SHARE * (linear.accuracy.value - rows.majority_share))
    by_form, unconverged = best.less_linear.low > material, _stops_early(stopped)
    if unconverged and _stops_early(found[_SCALED_HEAD]):
        runs = _heads(codes, rows, _MANY_UPDATES, standardised=True)
        found[_LONG_HEAD] = ProbeRuns.of(_LONG_HEAD, runs, linear.predicted, rows)
    of_stopped = _told_of_stopped(stopped, found, unconverged=unconverged)
    gained = any(
        accuracy_difference(each.predicted, rows.commonest, rows.labels).low > 0
        for each in (linear, best)
    )
    status: Status = "caution"
    stance: Stance = "not against"
    sentence, detail, rests_on = _agreement(linear, best), of_stopped, best
    next_step = ""
    if by_form:
        stance = "against"
        sentence = (
            f"Of the same codes the linear probe is right on {linear.accuracy.value:z.3f} of "
            f"held-out pairs and {best.name} on {best.accuracy.value:z.3f}: what they hold of the "
            "labels is there, and not in linear form."
        )
        next_step = "say by which probe codes are good, and compare encoders by several"
    elif not gained:
        stance = "undecided"
        sentence = (
            "No probe is shown to be right more often than the majority's share, "
            f"{rows.majority_share:z.3f}; {_LINEAR} is on {linear.accuracy.value:z.3f}."
        )
        next_step = "ask whether labels belong to these rows, and bring more of them"
    elif unconverged:
        sentence, detail, rests_on = of_stopped, sentence, stopped
        next_step = (
            "report the probe at its minimum (infomax.evaluation.fit_probe), or standardise "
            "columns and train the head until its runs agree"
        )
    else:
        status = "sound"
    why = ["form"] * by_form + ["scale" if _LONG_HEAD not in found else "few updates"] * unconverged
    measured: dict[str, Any] = {
        "why": " and ".join(why),
        "majority_share": rows.majority_share,
        "fitted": len(rows.fitted),
        "held_out": len(rows.labels),
        "labels_of_1_percent": few,
        "classes_of_one_pair": rows.classes_of_one_pair,
        "held_out_of_unseen_classes": rows.unseen,
        "probes": [each.as_dict() for each in found.values()],
    }
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"linear {linear.accuracy.value:z.2f}, neighbours {found[_NEAREST].accuracy.value:z.2f}, "
        f"hidden layer {found[_HIDDEN].accuracy.value:z.2f}, majority {rows.majority_share:z.2f}",
        sentence,
        next_step,
        f"{detail}{rows.singletons_told()}",
        Interval(rests_on.less_linear.low, rests_on.less_linear.high),
        f"accuracy of {rests_on.name} less that of {_LINEAR}",
        measured,
        {"material": _MATERIAL, "material_share": _MATERIAL_SHARE, "material_here": material},
        (_forest(found, rows),),
        _METHOD.format(fitted=len(rows.fitted), held_out=len(rows.labels), few=few),
    )


def _stops_early(probe: ProbeRuns) -> bool:
    return probe.less_linear.high < -_MATERIAL or probe.spread.low > _MATERIAL


def _agreement(linear: ProbeRuns, best: ProbeRuns) -> str:
    return (
        f"The linear probe is right on {linear.accuracy.value:z.3f} of held-out pairs, and neither "
        f"neighbours nor a hidden layer find much more: {best.name} {best.accuracy.value:z.3f}."
    )


def _told_of_stopped(
    stopped: ProbeRuns, found: Mapping[str, ProbeRuns], *, unconverged: bool
) -> str:
    """Say what probes read that stop early, and why it is less where it is."""
    told = (
        f"{stopped.name[0].upper()}{stopped.name[1:]} is right on {stopped.of_runs[0]:z.3f} to "
        f"{stopped.of_runs[-1]:z.3f} over {_SEEDS} runs, and {_LINEAR} at its minimum on "
        f"{found[_LINEAR].accuracy.value:z.3f}"
    )
    if not unconverged:
        return f"{told}."
    scaled, long = found[_SCALED_HEAD], found.get(_LONG_HEAD)
    on_scaled = f"{scaled.of_runs[0]:z.3f} to {scaled.of_runs[-1]:z.3f}"
    because = (
        f"what it lacks is scale, as on standardised columns {_UPDATES} updates read {on_scaled}"
        if long is None
        else f"on standardised columns {_UPDATES} updates read {on_scaled}, and {_MANY_UPDATES:,} "
        f"{long.of_runs[0]:z.3f} to {long.of_runs[-1]:z.3f}"
    )
    return f"{told}: it was not trained to convergence, and {because}."


def _probes(codes: AuditedCodes, rows: ProbedRows) -> tuple[dict[str, ProbeRuns], int]:
    """Return all probes by name, the linear one first, and the number of few labels."""
    train, labels, others = codes.x[rows.fitted], rows.fitted_labels, codes.x[rows.held_out]
    seeds = range(codes.seed, codes.seed + _SEEDS)
    linear = [fit_probe(train, labels, seed=seed).predict(others).numpy() for seed in seeds]
    few = [by_few_labels(train, labels, others, seed=seed) for seed in seeds]
    runs = {
        _LINEAR: linear,
        _NEAREST: [neighbours_labels(train, labels, others)],
        _HIDDEN: [by_hidden_layer(train, labels, others, seed=seed) for seed in seeds[:3]],
        _FEW: [predicted for _, predicted in few],
        _NOTEBOOK: [
            fit_notebook_probe(train, labels, seed=seed).predict(others.numpy()) for seed in seeds
        ],
        _HEAD: _heads(codes, rows, _UPDATES, standardised=False),
        _SCALED_HEAD: _heads(codes, rows, _UPDATES, standardised=True),
    }
    middle = median_run(linear, rows)
    return {name: ProbeRuns.of(name, each, middle, rows) for name, each in runs.items()}, few[0][0]


def _heads(
    codes: AuditedCodes, rows: ProbedRows, updates: int, *, standardised: bool
) -> list[NDArray[np.int64]]:
    return [
        by_head(
            codes.x[rows.fitted],
            rows.fitted_labels,
            codes.x[rows.held_out],
            updates=updates,
            standardised=standardised,
            seed=codes.seed + run,
        )
        for run in range(_SEEDS)
    ]


def _forest(found: Mapping[str, ProbeRuns], rows: ProbedRows) -> FindingFigure:
    marks = []
    for name, probe in found.items():
        of = probe.accuracy
        marks.append((name, "accuracy", of.value, of.low, of.high))
        marks.append((name, "balanced accuracy", of.balanced, of.balanced_low, of.balanced_high))
    return FindingFigure(
        "probes",
        "What probes of different kinds find in the same codes",
        "dots",
        pd.DataFrame(marks, columns=["label", "series", "value", "low", "high"]),
        "accuracy on held-out pairs",
        marks={"majority's share": rows.majority_share},
    )
