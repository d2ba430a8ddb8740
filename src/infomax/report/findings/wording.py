"""How each kind of claim is put into words, for whichever way it was decided."""

from dataclasses import dataclass

__all__ = ["WORDINGS", "Wording"]


@dataclass(frozen=True)
class Wording:
    """Two clauses, without the estimator.

    Attributes:
        holds: what a supported claim says.
        fails: what a contradicted one says.
        unit: of the effect; empty where the effect is not worth reading beside the clause.
        decimals: of the effect.
        asked: whether this is what the study was made to ask.
        names_estimator: whether the clauses say which estimator they are about.
    """

    holds: str
    fails: str
    unit: str = ""
    decimals: int = 2
    asked: bool = False
    names_estimator: bool = False


def _accuracy(holds: str, fails: str, *, asked: bool = False) -> Wording:
    return Wording(holds, fails, unit="in accuracy", decimals=4, asked=asked)


def _nats(holds: str, fails: str, *, decimals: int = 2, asked: bool = False) -> Wording:
    return Wording(holds, fails, unit="nats", decimals=decimals, asked=asked)


def _rises(kind: str, where: str, although: str = "", *, asked: bool = False) -> Wording:
    return _nats(
        f"the {kind} encoder's estimate on {where} rises{although}",
        f"the {kind} encoder's estimate on {where} falls",
        asked=asked,
    )


def _better_than_untrained(kind: str, *, asked: bool = False) -> Wording:
    return _accuracy(
        f"the {kind} encoder's codes come to be classified better than raw pixels and the codes of "
        "the untrained encoder",
        f"the {kind} encoder's codes end worse than the better of raw pixels and the codes of the "
        "untrained encoder",
        asked=asked,
    )


def _flatters(scope: str = "") -> Wording:
    return _nats(
        f"the bound on training batches lies above that on held-out pairs{scope}",
        f"the bound on training batches does not lie above that on held-out pairs{scope}",
    )


def _invertible(kind: str, *, asked: bool = False) -> Wording:
    return Wording(
        f"the {kind} encoder stays invertible",
        f"the {kind} encoder does not stay invertible, as far as its inverse can be computed",
        asked=asked,
    )


_UNCHANGED = ", though the information between its codes cannot change"
_TRAINING, _HELD_OUT = "training batches", "held-out pairs"

WORDINGS: dict[str, Wording] = {
    "train-bound-rises-with-bijective-encoder": _rises(
        "bijective", _TRAINING, _UNCHANGED, asked=True
    ),
    "test-bound-rises-with-bijective-encoder": _rises("bijective", _HELD_OUT),
    "accuracy-rises-with-bijective-encoder": _better_than_untrained("bijective", asked=True),
    "bijective-encoder-stays-invertible": _invertible("bijective"),
    "training-bound-above-held-out-with-bijective-encoder": _flatters(),
    "adversarial-accuracy-below-raw-pixels": _accuracy(
        "the adversarially trained encoder's codes end worse than raw pixels",
        "the adversarially trained encoder's codes end better than raw pixels",
        asked=True,
    ),
    "adversarial-accuracy-falls": _accuracy(
        "training makes the codes worse than they were",
        "training makes the codes better than they were",
    ),
    "adversarial-encoder-stays-invertible": _invertible("adversarially trained", asked=True),
    "train-bound-rises-with-residual-encoder": _rises("residual", _TRAINING),
    "test-bound-rises-with-residual-encoder": _rises("residual", _HELD_OUT),
    "accuracy-rises-with-residual-encoder": _better_than_untrained("residual"),
    "condition-number-grows": _nats(
        "the residual encoder becomes harder to invert: the condition number of its Jacobian grows",
        "the residual encoder becomes easier to invert: the condition number of its Jacobian falls",
        asked=True,
    ),
    "training-bound-above-held-out-with-residual-encoder": _flatters(),
    "tighter-train-bound-with-concat": _nats(
        "the concat critic's bound on training batches is tighter than the simpler critics'",
        "the concat critic's bound on training batches is looser than the better of the simpler "
        "critics'",
    ),
    "tighter-test-bound-with-concat": _nats(
        "the concat critic's bound on held-out pairs is tighter than the simpler critics'",
        "the concat critic's bound on held-out pairs is looser than the better of the simpler "
        "critics'",
    ),
    "lower-accuracy-with-concat": _accuracy(
        "codes from the concat critic are classified worse than those from the simpler critics",
        "codes from the concat critic are not the worst",
    ),
    "training-bound-above-held-out": _flatters(" for every critic"),
    "infonce-is-k-pair-loss": Wording(
        "InfoNCE equals the log of the batch size minus the multi-class k-pair loss, to rounding",
        "InfoNCE differs from the log of the batch size minus the multi-class k-pair loss",
        names_estimator=True,
    ),
    "convnet-above-mlp": _accuracy(
        "the ConvNet's codes are classified better than the MLP's at the same bound",
        "the ConvNet's codes are classified worse than the MLP's at the same bound",
        asked=True,
    ),
    "training-bound-above-held-out-when-matched": _flatters(" for every encoder and target"),
    "architecture-outweighs-estimator-and-target": _accuracy(
        "the encoder's architecture changes accuracy more than the estimator and the target do",
        "the encoder's architecture changes accuracy less than the estimator or the target does",
        asked=True,
    ),
    "iid-estimate-below-information": _nats(
        "the estimate from i.i.d. pairs stays below the true information",
        "the estimate from i.i.d. pairs exceeds the true information",
        decimals=4,
        asked=True,
    ),
    "dependent-estimate-above-information": _nats(
        "the estimate from dependent pairs exceeds the true information, so it is no lower bound",
        "the estimate from dependent pairs stays below the true information",
        decimals=4,
        asked=True,
    ),
}
"""Wordings by what a claim's name begins with; other claims are quoted."""
