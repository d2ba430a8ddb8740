"""Bounds on mutual information, in nats, as functions of what scores or densities a batch has.

A score matrix holds ``scores[..., i, j] = f(x_i, y_j)``: rows are x (the anchors), columns are y.
The diagonal is drawn from the joint distribution, the rest from the product of the marginals. Log
densities stand in the same order: ``log_densities[..., i, j] = log q(y_j | x_i)``.

What each value is, in expectation over batches of independent pairs:

=========================== =============== ========================================================
value                       kind            where that holds, and what limits it
=========================== =============== ========================================================
``infonce``                 lower bound     for every critic; at most log N
``infonce_columns``         lower bound     for every critic; at most log N
``infonce_symmetric``       lower bound     for every critic; at most log N
``InfoNCEAnchor``           neither         the mean score of pairs, as good as the critic is
``nwj``                     lower bound     for every critic; high variance
``tuba``                    lower bound     for every critic and baseline of x; high variance
``interpolated_tuba``       lower bound     for every critic and baseline of x; at most
                                            1 + log (N - 1) - log alpha
``flo``                     lower bound     for every critic and normaliser of the pair
``JensenShannon``           lower bound     for every critic; estimated by NWJ
``donsker_varadhan``        neither         a lower bound as N grows; biased upwards in a batch
``Mine``                    neither         estimated by Donsker-Varadhan
``Smile``                   neither         what is clipped is missing from the partition
``barber_agakov``           lower bound     for every q, given the exact entropy of y
``difference_of_entropies`` neither         two errors of opposite sign
``leave_one_out``           upper bound     for the true conditional density; otherwise neither
``club``                    upper bound     for the true conditional density; otherwise neither
=========================== =============== ========================================================

``Bound.computed_from`` tells which can be computed in tiles and on several processes; functions
that are no bound in ``BOUNDS`` or ``DENSITY_BOUNDS`` are computed from a tensor alone.

A bound of one's own is derived from ``Bound`` and put into ``BOUNDS``; everything that takes the
name of a bound then takes its name too.
"""

import re
from collections.abc import Callable, Mapping

from infomax.bounds.baselines import NWJ, flo, interpolated_tuba, nwj, tuba
from infomax.bounds.bound import Bound, ComputedFrom, Kind, PlainBound, check_bound
from infomax.bounds.donsker_varadhan import DONSKER_VARADHAN, Mine, donsker_varadhan
from infomax.bounds.infonce import (
    INFONCE,
    INFONCE_COLUMNS,
    INFONCE_SYMMETRIC,
    infonce,
    infonce_columns,
    infonce_symmetric,
)
from infomax.bounds.infonce_anchor import InfoNCEAnchor
from infomax.bounds.jensen_shannon import JensenShannon, Smile
from infomax.bounds.likelihood import (
    BARBER_AGAKOV,
    CLUB,
    DIFFERENCE_OF_ENTROPIES,
    LEAVE_ONE_OUT,
    LikelihoodBound,
    barber_agakov,
    club,
    difference_of_entropies,
    leave_one_out,
    mean_of_pairs,
)
from infomax.errors import unknown_name
from infomax.makers import checked_options

__all__ = [
    "BOUNDS",
    "DENSITY_BOUNDS",
    "Bound",
    "ComputedFrom",
    "InfoNCEAnchor",
    "JensenShannon",
    "Kind",
    "LikelihoodBound",
    "Mine",
    "PlainBound",
    "Smile",
    "barber_agakov",
    "check_bound",
    "club",
    "difference_of_entropies",
    "donsker_varadhan",
    "find_bound",
    "flo",
    "infonce",
    "infonce_columns",
    "infonce_symmetric",
    "interpolated_tuba",
    "label_of_bound",
    "leave_one_out",
    "mean_of_pairs",
    "nwj",
    "tuba",
]

BOUNDS: dict[str, Callable[[], Bound]] = {
    make().name: make
    for make in (
        INFONCE,
        NWJ,
        INFONCE_COLUMNS,
        INFONCE_SYMMETRIC,
        InfoNCEAnchor,
        DONSKER_VARADHAN,
        Mine,
        JensenShannon,
        Smile,
    )
}
"""The bounds that need nothing but scores, by name; each call makes one with a state of its own."""

DENSITY_BOUNDS: dict[str, Callable[[], LikelihoodBound]] = {
    make().name: make for make in (BARBER_AGAKOV, DIFFERENCE_OF_ENTROPIES, CLUB, LEAVE_ONE_OUT)
}
"""The bounds of a learned density, by name."""


def find_bound(name: str, bounds: Mapping[str, Callable[[], Bound]] = BOUNDS) -> Bound:
    """Return a new bound of a name.

    Args:
        name: in ``bounds``, e.g. ``infonce``, maybe with options: ``infonce-anchor(nu=0.1)``.
        bounds: to choose from; what makes each, by name.

    Raises:
        UserError: if there is none of that name, it takes no such options, or it lacks what a bound
            has.

    Example:
        >>> find_bound("smile"), find_bound("infonce-anchor(nu=0.1)")
        (Smile(clip=5.0), InfoNCEAnchor(nu=0.1))
        >>> find_bound("infonce-anchor(mu=0.1)")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown bound infonce-anchor option 'mu': choose one of nu
    """
    plain, options = _name_and_options(name)
    if plain not in bounds:
        raise unknown_name("bound", name, bounds)
    make = bounds[plain]
    if isinstance(make, type):
        check_bound(make, plain)
    bound = make(**checked_options(make, options, f"bound {plain}")) if options else make()
    check_bound(bound, plain)
    return bound


def label_of_bound(name: str) -> str:
    """Return what people call the bound of a name, with its options if it has any.

    Example:
        >>> label_of_bound("infonce-anchor(nu=0.1)"), label_of_bound("nwj")
        ('InfoNCE with an anchor, nu=0.1', 'NWJ')
    """
    _, options = _name_and_options(name)
    told = "".join(f", {option}={value}" for option, value in options.items())
    return f"{find_bound(name).label or name}{told}"


def _name_and_options(name: str) -> tuple[str, dict[str, str]]:
    found = re.fullmatch(r"([^()]+)\((.*)\)", name)
    if found is None:
        return name, {}
    options = dict(each.partition("=")[::2] for each in found[2].split(","))
    return found[1], {key.strip(): value.strip() for key, value in options.items()}
