"""Losses of codes: what is trained and is no bound, each as joint term and marginal term.

Losses of self-supervision are functions of the codes of both views of each pair, those of metric
learning of codes and labels. Each is a pure function in a file of its own, which returns
``LossTerms``: values of elements, and their reduction. Beside it stands a ``Loss``, which knows its
options, what it needs beside codes, and the bound that it is nearest to. Functions take codes
``(..., N, d)``, so that models trained side by side have their losses side by side.

========================= ============================== ========================================
loss                      needs beside two codes         in place of the marginal term
========================= ============================== ========================================
``nt_xent``, ``k_pair``   nothing
``jmi``, ``sdmi``         nothing
``barlow_twins``          nothing
``vicreg``                nothing
``moco``                  a queue, a target
``negative_cosine``       a predictor (BYOL: a target)   predictor and stop-gradient
``dino``                  a target                       centring and sharpening
all of metric learning    labels
========================= ============================== ========================================

A loss of one's own is derived from ``Loss`` and put into ``LOSSES``; everything that takes the name
of a loss then takes its name too.
"""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from infomax.errors import UserError, unknown_name
from infomax.losses.barlow_twins import BarlowTwins, barlow_twins
from infomax.losses.circle import Circle, circle
from infomax.losses.contrastive_margin import ContrastiveMargin, contrastive_margin
from infomax.losses.cosine_information import Jmi, Sdmi, jmi, sdmi
from infomax.losses.dino import Dino, dino, moved_centre
from infomax.losses.k_pair import KPair, k_pair_loss
from infomax.losses.lifted_structure import LiftedStructure, lifted_structure
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_parts import LossParts, Need
from infomax.losses.loss_terms import LossTerms, Term
from infomax.losses.moco import MoCo, moco
from infomax.losses.multi_similarity import MultiSimilarity, multi_similarity
from infomax.losses.negative_cosine import Byol, SimSiam, negative_cosine
from infomax.losses.nt_xent import NTXent, nt_xent
from infomax.losses.pml import PML, pml_loss
from infomax.losses.supcon import SupCon, supcon
from infomax.losses.triplet import Triplet, triplet
from infomax.losses.vicreg import VICReg, vicreg
from infomax.makers import checked_options

__all__ = [
    "LOSSES",
    "SCORE_LOSSES",
    "Loss",
    "LossInputs",
    "LossParts",
    "LossTerms",
    "Need",
    "Term",
    "barlow_twins",
    "circle",
    "contrastive_margin",
    "dino",
    "find_loss",
    "jmi",
    "k_pair_loss",
    "lifted_structure",
    "moco",
    "moved_centre",
    "multi_similarity",
    "negative_cosine",
    "nt_xent",
    "pml_loss",
    "sdmi",
    "supcon",
    "triplet",
    "vicreg",
]

LOSSES: dict[str, Callable[..., Loss]] = {
    make.name: make
    for make in (
        KPair,
        NTXent,
        Jmi,
        Sdmi,
        BarlowTwins,
        VICReg,
        MoCo,
        Byol,
        SimSiam,
        Dino,
        SupCon,
        Triplet,
        ContrastiveMargin,
        LiftedStructure,
        MultiSimilarity,
        Circle,
    )
}
"""The losses by name; each call makes one with a state of its own."""

SCORE_LOSSES: dict[str, Callable[[Tensor], Tensor]] = {"k_pair_loss": k_pair_loss}
"""Functions of a score matrix ``(..., N, N)`` that are the loss of a bound, by name."""


def find_loss(
    name: str,
    options: Mapping[str, Any] | None = None,
    losses: Mapping[str, Callable[..., Loss]] = LOSSES,
    *,
    miner: str | None = None,
    miner_options: Mapping[str, Any] | None = None,
) -> Loss:
    """Return a new loss of a name.

    Args:
        name: in ``losses``, e.g. ``nt-xent``, or one of PyTorch Metric Learning, e.g.
            ``pml:TripletMarginLoss``.
        options: its options by name, e.g. ``{"temperature": 0.2}``.
        losses: to choose from; what makes each, by name.
        miner: what chooses pairs or triplets for a loss of PyTorch Metric Learning, e.g.
            ``pml:MultiSimilarityMiner``.
        miner_options: its options by name.

    Raises:
        UserError: if there is none of that name, or it takes no such options or miner.

    Example:
        >>> find_loss("nt-xent", {"temperature": "0.2"})
        NTXent(temperature=0.2, learn_temperature=False)
        >>> find_loss("ntxent")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown loss 'ntxent': did you mean 'nt-xent'? choose one of ...
    """
    if name.startswith(PML):
        return pml_loss(name, options, miner=miner, miner_options=miner_options)
    if name not in losses:
        raise unknown_name("loss", name, losses)
    if miner is not None:
        raise UserError(
            f"the miner {miner} chooses for losses of PyTorch Metric Learning, and {name} takes "
            f"all pairs: leave it out, or choose a loss such as {PML}TripletMarginLoss"
        )
    make = losses[name]
    loss = make(**checked_options(make, options or {}, f"loss {name}"))
    if not isinstance(loss, Loss):
        raise UserError(
            f"the loss {name} is a {type(loss).__name__}: derive it from infomax.losses.Loss"
        )
    return loss
