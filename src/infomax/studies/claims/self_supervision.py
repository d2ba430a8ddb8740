"""Claims S1, S3 to S5, S7 and S8: is self-supervision the maximisation of information?"""

from collections.abc import Sequence

import pandas as pd
from scipy import stats

from infomax.studies.claims.evidence import Comparison, Evidence, Quantity, compare
from infomax.studies.claims.shared import NO_RAW_PIXELS
from infomax.studies.self_supervision import NAMED_METHODS, PROTOTYPES
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["self_supervision_claims"]

_ESTIMATES = {
    "information_copula": "a Gaussian copula",
    "information_neighbours": "nearest neighbours",
    "information_critic": "a critic of its own",
    "cos_dv": "cos-DV itself",
}
_WITHIN = 0.01
_ALIKE = 0.5
_ROUNDING = 1e-9
_AGREEMENT = "dv_agreement_at_"
_ACCURACY = Quantity("test", "probe_accuracy")


def self_supervision_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about losses as information, on the runs of every method that is there."""
    return [
        *_grows(evidence),
        *_ranks_accuracy(evidence),
        *_within_a_point(evidence),
        *_beats_untrained(evidence),
        *_predictor_supplies(evidence),
        *_second_order(evidence),
        *_identity_holds(evidence),
    ]


def _there(evidence: Evidence, names: Sequence[str]) -> list[str]:
    present = evidence.levels("loss")
    return [name for name in names if name in present]


def _grows(evidence: Evidence) -> list[Claim]:
    """S1: information rises along the training of both prototypes, whoever estimates it."""
    prototypes = _there(evidence, PROTOTYPES)
    claims = []
    for metric, by in _ESTIMATES.items() if prototypes else ():
        comparison = compare(evidence, loss=prototypes)
        rows = comparison.runs[
            (comparison.runs["metric"] == metric) & (comparison.runs["split"] == "test")
        ]
        if rows.empty:
            continue
        taus = rows.groupby(["seed", "loss"])[["step", "value"]].apply(_rank_correlation)
        # The prototype that rises least speaks for its seed.
        least = taus.groupby(level="seed").agg(lambda of_seed: of_seed.min(skipna=False))
        claims.append(
            comparison.judge(
                Statement(
                    f"{metric.replace('_', '-')}-grows",
                    sentence=(
                        "Along the training of SDMI and of JMI the information that codes of two "
                        f"views share grows, by {by}."
                    ),
                    measured_as=(
                        "Kendall's rank correlation of step and estimate on held-out pairs, over "
                        "all evaluations, the smaller of the two prototypes"
                    ),
                    words=None
                    if metric == "cos_dv"
                    else Words(
                        holds="information grows along training",
                        fails="information falls along training",
                        question="does information grow along training?",
                    ),
                    in_paper=False,
                ),
                least,
            )
        )
    return claims


def _ranks_accuracy(evidence: Evidence) -> list[Claim]:
    """S8: the method whose codes share most is not the one that a probe classifies best."""
    methods = _there(evidence, (*NAMED_METHODS, *PROTOTYPES))
    claims = []
    for metric, by in _ESTIMATES.items() if len(methods) > 2 else ():
        comparison = compare(evidence, loss=methods)
        shared, accuracy = comparison.measure(Quantity("test", metric), _ACCURACY)
        if shared.empty:
            continue
        tau = pd.Series(
            {
                seed: stats.kendalltau(shared.loc[seed], accuracy.loc[seed]).statistic
                for seed in shared.index
            },
            dtype=float,
        )
        claims.append(
            comparison.judge(
                Statement(
                    f"{metric.replace('_', '-')}-ranks-accuracy",
                    sentence=(
                        "Methods whose codes share more information at the end, by "
                        f"{by}, have codes that a linear probe classifies better."
                    ),
                    measured_as=(
                        "Kendall's rank correlation, over methods, of final information of "
                        "held-out pairs and test accuracy"
                    ),
                    words=None
                    if metric == "cos_dv"
                    else Words(
                        holds="more of it goes with better codes",
                        fails="more of it goes with worse codes",
                        question="does more of it go with better codes?",
                    ),
                    in_paper=False,
                ),
                tau,
            )
        )
    return claims


def _within_a_point(evidence: Evidence) -> list[Claim]:
    """S7: each prototype is within one point of the best named method of its seed."""
    named = _there(evidence, NAMED_METHODS)
    claims = []
    for prototype in _there(evidence, PROTOTYPES) if named else ():
        comparison = compare(evidence, loss=[*named, prototype])
        (accuracy,) = comparison.measure(_ACCURACY)
        best = accuracy[named].max(axis=1, skipna=False)
        claims.append(
            comparison.judge(
                Statement(
                    f"{prototype}-within-a-point",
                    sentence=(
                        f"At an equal number of updates the prototype {prototype.upper()} is "
                        f"within one point of accuracy of the best of {len(named)} named methods."
                    ),
                    measured_as=(
                        "0.01 minus (test accuracy of the best named method of the seed minus that "
                        "of the prototype)"
                    ),
                    in_paper=False,
                ),
                _WITHIN - (best - accuracy[prototype]),
            )
        )
    return claims


def _beats_untrained(evidence: Evidence) -> list[Claim]:
    """Each method's codes are better than raw pixels and the untrained encoder, or it is said."""
    pixels = evidence.raw_pixels("probe_accuracy")
    claims = []
    for loss in evidence.levels("loss"):
        comparison = compare(evidence, loss=[loss])
        start, end = comparison.measure(Quantity("test", "probe_accuracy", "start"), _ACCURACY)
        gain = end - (start if pixels is None else start.clip(lower=pixels))
        claims.append(
            comparison.judge(
                Statement(
                    f"{loss}-beats-untrained",
                    sentence=(
                        f"Codes that {loss} trained are classified better by a linear probe than "
                        "raw pixels and the codes of the untrained encoder."
                    ),
                    measured_as=(
                        "test accuracy, after training minus the better of raw pixels and the "
                        "untrained encoder"
                    ),
                    in_paper=False,
                ),
                gain[loss] if loss in gain else pd.Series(dtype=float),
                unfair_because=NO_RAW_PIXELS if pixels is None else "",
            )
        )
    return claims


def _predictor_supplies(evidence: Evidence) -> list[Claim]:
    """S4: what a predictor adds to the gradient is what the marginal term would have added."""
    claims = []
    for loss in _there(evidence, ("byol", "simsiam")):
        comparison = compare(evidence, loss=[loss])
        rows = comparison.runs[
            (comparison.runs["metric"] == "marginal_agreement") & (comparison.runs["step"] > 0)
        ]
        if rows.empty:
            continue
        # A cosine is asked about the whole of training, not about the last batch alone.
        means = rows.groupby("seed")["value"].agg(lambda of_seed: of_seed.mean(skipna=False))
        claims.append(
            comparison.judge(
                Statement(
                    f"predictor-of-{loss}-supplies-marginal",
                    sentence=(
                        f"What the predictor of {loss} adds to the gradient points along the "
                        "gradient of the marginal term that the loss leaves out."
                    ),
                    measured_as=(
                        "cosine, by the weights of encoder and head, between the gradient with "
                        "predictor less that without, and that of the marginal term, on held-out "
                        "pairs, mean over evaluations after the first update"
                    ),
                    in_paper=False,
                ),
                means,
            )
        )
    return claims


def _second_order(evidence: Evidence) -> list[Claim]:
    """S5: at small factors t a loss of second order has nearly the gradient of the value."""
    claims = []
    for loss in _there(evidence, ("barlow-twins", "vicreg")):
        comparison = compare(evidence, loss=[loss])
        by_factor = _agreements(comparison)
        if by_factor.empty:
            continue
        smallest, largest = by_factor.columns.min(), by_factor.columns.max()
        about = f"of {loss} at its learnt codes"
        claims += [
            comparison.judge(
                Statement(
                    f"{loss}-has-the-gradient-of-dv",
                    sentence=(
                        f"The gradient {about} is near that of the Donsker-Varadhan value at some "
                        "factor t: the angle between them is below 60 degrees."
                    ),
                    measured_as=(
                        "largest cosine over factors t, by codes of held-out pairs, minus one half"
                    ),
                    in_paper=False,
                ),
                by_factor.max(axis=1, skipna=False) - _ALIKE,
            ),
            comparison.judge(
                Statement(
                    f"{loss}-agrees-at-small-factors",
                    sentence=(
                        f"The gradient {about} agrees with that of the Donsker-Varadhan value the "
                        "better the smaller the factor t is, as a second order must."
                    ),
                    measured_as=(
                        f"cosine at t = {smallest:g} minus cosine at t = {largest:g}, by codes of "
                        "held-out pairs"
                    ),
                    in_paper=False,
                ),
                by_factor[smallest] - by_factor[largest],
            ),
        ]
    return claims


def _identity_holds(evidence: Evidence) -> list[Claim]:
    """S3: with one encoder, a stop-gradient changes the length of a gradient and nothing else."""
    claims = []
    for loss in _there(evidence, ["jmi"]):
        comparison = compare(evidence, loss=[loss])
        (errors,) = comparison.measure(Quantity("test", "identity_error", "largest"))
        if errors.empty:
            continue
        claims.append(
            comparison.judge(
                Statement(
                    "stop-gradient-changes-nothing",
                    sentence=(
                        "With one encoder for both views, the gradient of JMI is twice that of "
                        "SDMI with both sides moved at once: a stop-gradient alone changes nothing."
                    ),
                    measured_as=(
                        f"{_ROUNDING:g} minus the largest difference over evaluations, as a share "
                        "of the largest value of the gradient, in float64"
                    ),
                    allowed=_ROUNDING,
                    in_paper=False,
                ),
                _ROUNDING - errors[loss],
            )
        )
    return claims


def _agreements(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each seed and a column for each factor t, after the last update."""
    runs = comparison.runs
    last = runs[(runs["step"] == runs["last_step"]) & runs["metric"].str.startswith(_AGREEMENT)]
    factors = last["metric"].str.removeprefix(_AGREEMENT).astype(float)
    return last.assign(factor=factors).pivot_table(
        index="seed", columns="factor", values="value", dropna=False
    )


def _rank_correlation(curve: pd.DataFrame) -> float:
    return float(stats.kendalltau(curve["step"], curve["value"]).statistic)
