"""The audit of frozen codes of two views, whatever made them."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from infomax.audit.audit_plan import AuditPlan, run_checks
from infomax.audit.audit_result import AuditResult
from infomax.audit.audited_codes import AuditedCodes, read_codes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.checks import ACROSS_CODES, CHECKS
from infomax.audit.method_paragraph import CodesSize
from infomax.audit.pair_columns import read_groups, read_labels, read_nuisances, read_trained_on
from infomax.errors import UserError, shortened, unknown_name
from infomax.experiments.pair_datasets import as_pair_dataset
from infomax.training import (
    RandomState,
    StagedProgress,
    checked_seed,
    describe_environment,
)

__all__ = ["audit_codes", "audit_read"]


def audit_codes(
    codes: Any,
    *,
    labels: Any = None,
    raw: Any = None,
    groups: Any = None,
    nuisances: Any = None,
    trained_on: Any = None,
    random_state: RandomState = 0,
    seeds: int = 1,
    budget: float = math.inf,
    folder: Path | str | None = None,
    progress: StagedProgress | None = None,
) -> AuditResult:
    """Ask of frozen codes whether mutual information is what makes them good.

    Each check of ``infomax.audit.checks`` asks a question of each pair of codes, on a random half
    of the pairs that nothing was fitted on. Of more than 16,384 pairs as many are drawn. The answer
    is that of the codes that are given first; it is never an unqualified yes.

    Args:
        codes: a dictionary with the codes of both views by name: ``(N, dx)`` and ``(N, dy)``,
            arrays, tensors or tables of numbers, row i of both of the same pair; or the modules
            that encode what ``raw`` holds, one for both views or one for each.
        labels: class of each pair, ``(N,)``; without, checks that need it are not run, and say so.
        raw: what encoders saw, ``(x, y)``, ``(N, ...)`` each, row i of what was encoded into row i;
            or a dictionary of such pairs by name of the codes.
        groups: of which item or source each pair is, ``(N,)``; no group is both fitted and held
            out.
        nuisances: what codes should rather not hold: a dictionary or a table with a column,
            ``(N,)``, for each; text and few whole numbers are classes, other numbers measurements.
        trained_on: whether the encoder was trained on each pair, ``(N,)``, so that what it knows
            by heart can be told from what it knows of new pairs.
        random_state: seed of everything that is drawn.
        seeds: over how many splits of the pairs each check is repeated; see ``merged`` of
            ``infomax.audit.audit_plan`` for how they become one finding.
        budget: seconds after which no check begins; those that decide most come first, and those
            that do not fit are told.
        folder: where findings are kept as soon as they are made; the same audit goes on with them.
        progress: is told what is being done, by ``start(doing, steps)``, and how far it is, by
            ``advance(step)``.

    Returns:
        The findings, with ``answer()``, ``to_frame()``, ``write_json(path)``; printed, the answer
        and a line for each check.

    Raises:
        UserError: if the codes that are given first cannot be read as they are, or what is told of
            pairs; the message says what to mend. Other codes are left out, and ``notes`` say why.

    Example:
        >>> import numpy as np
        >>> generator = np.random.default_rng(0)
        >>> labels = generator.integers(0, 2, 400)
        >>> x = generator.standard_normal((400, 6)) + 6 * labels[:, None]
        >>> y = x + generator.standard_normal((400, 6))
        >>> result = audit_codes({"mine": (x, y)}, labels=labels)
        >>> result.verdict
        'Not contradicted'
    """
    if not isinstance(codes, Mapping) or not codes:
        raise UserError(
            f"codes are {shortened(codes)}: give a dictionary such as {{'mine': (z_x, z_y)}}"
        )
    seed = checked_seed(random_state)
    told_of_pairs = {
        "labels": None if labels is None else read_labels(labels),
        "groups": None if groups is None else read_groups(groups),
        "nuisances": None if nuisances is None else read_nuisances(nuisances),
        "trained_on": None if trained_on is None else read_trained_on(trained_on),
    }
    if isinstance(raw, Mapping):
        for name in raw:
            if name not in codes:
                raise unknown_name("codes of raw", name, codes)
    read: list[AuditedCodes] = []
    notes: list[str] = []
    for name, pair in codes.items():
        raw_pair = raw.get(name) if isinstance(raw, Mapping) else raw
        try:
            each = _read(name, pair, told_of_pairs, raw_pair, seed)
        except UserError as error:
            if not read:
                raise
            notes.append(f"Left out: {error}.")
            continue
        read.append(each)
        notes += [note if len(codes) == 1 else f"{name}: {note}" for note in each.notes]
    plan = AuditPlan(seeds, budget, None if folder is None else Path(folder))
    return audit_read(read, notes, seed, progress, plan)


def audit_read(
    read: Sequence[AuditedCodes],
    notes: Sequence[str],
    seed: int,
    progress: StagedProgress | None = None,
    plan: AuditPlan | None = None,
) -> AuditResult:
    """Run all checks on codes that were read, whatever they were read from.

    Args:
        read: codes, of which the answer is that of the first.
        notes: on what was read.
        seed: that everything was drawn from.
        progress: as of ``audit_codes``.
        plan: seeds, budget, and where findings are kept.
    """
    plan = AuditPlan() if plan is None else plan
    findings = run_checks(CHECKS, read, plan, progress)
    if len(read) > 1:
        findings += [check(read, findings) for check in ACROSS_CODES]
    return AuditResult(
        findings,
        {each.name: (len(each), each.given_rows) for each in read},
        seed,
        notes,
        sizes={each.name: _size(each) for each in read},
        environment=describe_environment(torch.device("cpu"), "infomax audit"),
        seeds=plan.seeds,
    )


def _read(
    name: str, pair: Any, told_of_pairs: Mapping[str, Any], raw: Any, seed: int
) -> AuditedCodes:
    if isinstance(pair, nn.Module):
        pair = (pair, pair)
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise UserError(f"codes {name!r} are {shortened(pair)}: give the two sides, (z_x, z_y)")
    if isinstance(pair[0], nn.Module) and isinstance(pair[1], nn.Module):
        return _encoded(name, (pair[0], pair[1]), told_of_pairs, raw, seed)
    return read_codes(name, pair[0], pair[1], seed=seed, raw=raw, **told_of_pairs)


def _encoded(
    name: str,
    modules: tuple[nn.Module, nn.Module],
    told_of_pairs: Mapping[str, Any],
    raw: Any,
    seed: int,
) -> AuditedCodes:
    if not isinstance(raw, tuple | list) or len(raw) != 2:
        raise UserError(
            f"codes {name!r} are to be made by modules: give what these encode as raw=(x, y)"
        )
    pairs = as_pair_dataset((raw[0], raw[1]), torch.device("cpu"))
    encoders = AuditedEncoders(*modules, pairs)
    return encode_pairs(name, encoders, np.arange(len(pairs)), seed=seed, **told_of_pairs)


def _size(codes: AuditedCodes) -> CodesSize:
    classes, groups = (
        0 if of is None else len(np.unique(of)) for of in (codes.labels, codes.groups)
    )
    columns = (codes.x.shape[1], codes.y.shape[1])
    return CodesSize(columns, len(codes.fitted), len(codes.held_out), classes, groups)
