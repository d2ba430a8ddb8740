"""Losses and miners of PyTorch Metric Learning by name, an optional package."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from infomax.errors import UserError, missing_extra, reason_of, unknown_name
from infomax.losses.labelled_codes import codes_with_labels
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms

__all__ = ["PML", "PmlLoss", "pml_loss"]

PML = "pml:"
"""What names of its losses and miners begin with."""

# Options of the wrong type are found out by the first batch, as are classes of unequal size.
_REFUSALS = (AssertionError, NotImplementedError, TypeError, ValueError)


class PmlLoss(Loss):
    """A loss of PyTorch Metric Learning, of the codes of both views and their labels.

    It does not tell a joint term from a marginal term, nor is it known to be near a bound.

    Args:
        name: with its prefix, e.g. ``pml:TripletMarginLoss``.
        loss: codes ``(M, d)``, labels ``(M,)`` and the miner's choice -> loss.
        miner: codes and labels -> indices of pairs or triplets; ``None`` takes all.
    """

    nearest_bound = ""
    tells_terms = False
    needs = ("labels",)

    def __init__(self, name: str, loss: nn.Module, miner: nn.Module | None = None) -> None:
        self.name, self._loss, self._miner = name, loss, miner

    def __repr__(self) -> str:
        return f"PmlLoss({self.name!r}, miner={type(self._miner).__name__})"

    def terms(self, _inputs: LossInputs, /) -> LossTerms:
        """Refuse: the package's losses are one number.

        Raises:
            UserError: always.
        """
        raise UserError(
            f"the loss {self.name} does not tell its joint term from its marginal term: ask one of "
            "infomax.losses.LOSSES for them"
        )

    def __call__(self, inputs: LossInputs, /) -> Tensor:
        """Return the loss: ``(...)``, models side by side one after the other.

        Raises:
            UserError: if there are no labels, or the package refuses the batch or the options.
        """
        codes, labels = codes_with_labels(self, inputs)
        of_models = codes.reshape(-1, *codes.shape[-2:])
        return torch.stack([self._of_one(each, labels) for each in of_models]).reshape(
            codes.shape[:-2]
        )

    def _of_one(self, codes: Tensor, labels: Tensor) -> Tensor:
        try:
            chosen = None if self._miner is None else self._miner(codes, labels)
            loss: Tensor = self._loss(codes, labels, chosen)
        except _REFUSALS as error:
            mined = "" if self._miner is None else f" with {type(self._miner).__name__}"
            raise UserError(
                f"the loss {self.name}{mined} cannot be computed of {len(codes)} codes and "
                f"labels: {reason_of(error)}: change its options, or choose another"
            ) from error
        return loss


def pml_loss(
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    miner: str | None = None,
    miner_options: Mapping[str, Any] | None = None,
) -> PmlLoss:
    """Make a loss of PyTorch Metric Learning, with a miner if one is named.

    Args:
        name: e.g. ``pml:TripletMarginLoss``.
        options: what it is made with, e.g. ``{"margin": 0.1}``.
        miner: e.g. ``pml:MultiSimilarityMiner``.
        miner_options: what the miner is made with.

    Raises:
        UserError: if the package is not installed, has no such loss or miner, it cannot be made
            with the options, or it has weights or a memory of its own, which training does not
            hold.
    """
    loss = _made("loss", "losses", name, options or {})
    if any(each.requires_grad for each in loss.parameters()):
        raise UserError(
            f"the loss {name} has weights of its own, such as proxies, which training does not "
            "hold yet: choose one of codes and labels alone, such as pml:TripletMarginLoss"
        )
    if _keeps_state(loss):
        raise UserError(
            f"the loss {name} keeps what it has seen, which checkpoints do not hold: choose one of "
            "codes and labels alone, such as pml:TripletMarginLoss"
        )
    if miner is None:
        return PmlLoss(name, loss)
    return PmlLoss(name, loss, _made("miner", "miners", miner, miner_options or {}))


def _keeps_state(loss: nn.Module) -> bool:
    """Tell whether a loss has tensors without gradient beside its options."""
    # Options such as a margin or an angle are single numbers, even where they are tensors.
    return any(
        isinstance(value, Tensor) and value.numel() > 1
        for part in loss.modules()
        for value in vars(part).values()
    )


def _made(kind: str, module: str, name: str, options: Mapping[str, Any]) -> nn.Module:
    if not name.startswith(PML):
        raise UserError(
            f"{kind} {name!r} is none of PyTorch Metric Learning: give it as {PML}NAME, such as "
            "pml:MultiSimilarityMiner"
        )
    try:
        there = import_module(f"pytorch_metric_learning.{module}")
    except ImportError as error:
        raise missing_extra(f"the {kind} {name}", "metric-learning") from error
    choices = [
        each
        for each in vars(there)
        if each.endswith(kind.capitalize()) and not each.startswith("Base")
    ]
    bare = name.removeprefix(PML)
    if bare not in choices:
        raise unknown_name(f"{kind} of PyTorch Metric Learning", bare, choices)
    try:
        made: nn.Module = getattr(there, bare)(**options)
    except Exception as error:
        # Whatever the package raises: an option that is missing or out of range, an assertion.
        with_options = f" with {dict(options)}" if options else ""
        raise UserError(
            f"{kind} {name} cannot be made{with_options}: {reason_of(error)}"
        ) from error
    return made
