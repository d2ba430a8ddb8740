"""The checks of an audit: each asks one question of codes, and answers by one finding."""

from collections.abc import Callable, Sequence
from typing import Final

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.check import Check
from infomax.audit.checks import (
    across,
    baselines,
    bijective_encoder,
    contents,
    critic_swap,
    false_negatives,
    geometry,
    jacobian,
    leaks,
    matched_bound,
    memory,
    probes,
    recoding,
    saturation,
    shortcuts,
)
from infomax.audit.finding import Finding

__all__ = ["ACROSS_CODES", "CHECKS"]

CHECKS: Final[tuple[Check, ...]] = (
    Check(recoding.NAME, recoding.QUESTION, recoding.check_recoding, cost=1.5),
    Check(probes.NAME, probes.QUESTION, probes.check_probes, cost=0.7),
    Check(baselines.NAME, baselines.QUESTION, baselines.check_baselines, cost=1.2),
    Check(
        bijective_encoder.NAME,
        bijective_encoder.QUESTION,
        bijective_encoder.check_bijective_encoder,
        of_encoders=True,
    ),
    Check(saturation.NAME, saturation.QUESTION, saturation.check_saturation, cost=7.0),
    Check(geometry.NAME, geometry.QUESTION, geometry.check_geometry, cost=0.3),
    Check(leaks.NAME, leaks.QUESTION, leaks.check_leaks, cost=0.1),
    Check(memory.NAME, memory.QUESTION, memory.check_memory, cost=0.1),
    Check(
        false_negatives.NAME,
        false_negatives.QUESTION,
        false_negatives.check_false_negatives,
        cost=0.2,
    ),
    Check(critic_swap.NAME, critic_swap.QUESTION, critic_swap.check_critic_swap, cost=2.6),
    Check(contents.NAME, contents.QUESTION, contents.check_contents, cost=0.2),
    Check(shortcuts.NAME, shortcuts.QUESTION, shortcuts.check_shortcuts, cost=0.4),
    Check(jacobian.NAME, jacobian.QUESTION, jacobian.check_jacobian, of_encoders=True),
    Check(
        matched_bound.NAME,
        matched_bound.QUESTION,
        matched_bound.check_matched_bound,
        cost=24.0,
        of_encoders=True,
    ),
)
"""In the order in which they run and are told, those that decide most first; adding one is one file
and one line here."""

AcrossCodes = Callable[[Sequence[AuditedCodes], Sequence[Finding]], Finding]

ACROSS_CODES: Final[tuple[AcrossCodes, ...]] = (across.check_across,)
"""Checks of several codes together, which come last and are made of all findings before them."""
