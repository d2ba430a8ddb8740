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
``nwj``                     lower bound     for every critic; high variance
``tuba``                    lower bound     for every critic and baseline of x; high variance
``interpolated_tuba``       lower bound     for every critic and baseline of x; at most
                                            1 + log (N - 1) - log alpha
``flo``                     lower bound     for every critic and normaliser of the pair
``JensenShannon``           lower bound     for every critic; read by NWJ
``donsker_varadhan``        neither         a lower bound as N grows; biased upwards in a batch
``Mine``                    neither         read by Donsker-Varadhan
``Smile``                   neither         what is clipped is missing from the partition
``barber_agakov``           lower bound     for every q, given the exact entropy of y
``difference_of_entropies`` neither         two errors of opposite sign
``leave_one_out``           upper bound     for the true conditional density; otherwise neither
``club``                    upper bound     for the true conditional density; otherwise neither
=========================== =============== ========================================================

``infonce`` in its three forms, ``nwj``, ``donsker_varadhan`` and ``Mine`` can be computed in tiles
and on several processes, ``JensenShannon`` and ``Smile`` on several processes, all others from a
tensor alone: ``Bound.computed_from``.
"""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from infomax.bounds.barber_agakov import barber_agakov
from infomax.bounds.bound import Bound, ComputedFrom, Kind, PlainBound
from infomax.bounds.ceiling import ceiling
from infomax.bounds.club import club
from infomax.bounds.difference_of_entropies import difference_of_entropies
from infomax.bounds.donsker_varadhan import donsker_varadhan
from infomax.bounds.flo import flo
from infomax.bounds.infonce import infonce, infonce_columns, infonce_symmetric
from infomax.bounds.interpolated_tuba import interpolated_tuba
from infomax.bounds.jensen_shannon import JensenShannon
from infomax.bounds.leave_one_out import leave_one_out
from infomax.bounds.mine import Mine
from infomax.bounds.nwj import nwj
from infomax.bounds.smile import Smile
from infomax.bounds.tuba import tuba
from infomax.score_matrix import Scores

__all__ = [
    "BOUNDS",
    "Bound",
    "ComputedFrom",
    "JensenShannon",
    "Kind",
    "Mine",
    "PlainBound",
    "Smile",
    "barber_agakov",
    "ceiling",
    "club",
    "difference_of_entropies",
    "donsker_varadhan",
    "flo",
    "infonce",
    "infonce_columns",
    "infonce_symmetric",
    "interpolated_tuba",
    "leave_one_out",
    "nwj",
    "tuba",
]


def _in_tiles(
    name: str, kind: Kind, read: Callable[[Scores], Tensor], *, capped: bool = False
) -> Callable[[], Bound]:
    return partial(PlainBound, name, kind, read, computed_from="tiles", capped=capped)


BOUNDS: dict[str, Callable[[], Bound]] = {
    "infonce": _in_tiles("infonce", "lower bound", infonce, capped=True),
    "nwj": _in_tiles("nwj", "lower bound", nwj),
    "infonce-columns": _in_tiles("infonce-columns", "lower bound", infonce_columns, capped=True),
    "infonce-symmetric": _in_tiles(
        "infonce-symmetric", "lower bound", infonce_symmetric, capped=True
    ),
    "donsker-varadhan": _in_tiles("donsker-varadhan", "neither", donsker_varadhan),
    "mine": Mine,
    "jensen-shannon": JensenShannon,
    "smile": Smile,
}
"""The bounds that need nothing but scores, by name; each call makes one with a state of its own."""
