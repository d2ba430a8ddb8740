"""How often the checks of an audit find a fault that is planted, and call sound codes faulty.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.audit_self_tests``. Each row is a fault that
``tests/audit/planted.py`` makes, drawn anew for each seed, and the check that has to find it.
"""

import argparse
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.checks import CHECKS
from infomax.audit.checks.baselines import check_baselines
from infomax.audit.checks.contents import check_contents
from infomax.audit.checks.critic_swap import check_critic_swap
from infomax.audit.checks.false_negatives import check_false_negatives
from infomax.audit.checks.geometry import check_geometry
from infomax.audit.checks.leaks import check_leaks
from infomax.audit.checks.probes import check_probes
from infomax.audit.checks.recoding import check_recoding
from infomax.audit.checks.saturation import check_saturation
from infomax.audit.checks.shortcuts import check_shortcuts
from infomax.audit.finding import Finding
from tests.audit.planted import (
    Codes,
    better_than_raw,
    classes_alone,
    frozen_features,
    no_better_than_pca,
    on_a_line,
    read,
    repeated_items,
    sound,
    squared,
    told_by_a_product,
    turned,
)
from tests.audit.planted_inputs import drifting, nuisance_held, shared_brightness


def capped(seed: int) -> Codes:
    """Codes that share far more than a batch can show."""
    x, _, labels = on_a_line(seed)
    return x, x + 1e-3 * np.random.default_rng(100 + seed).standard_normal(x.shape), labels


def collapsed(seed: int) -> Codes:
    """Codes of which y has collapsed to a point."""
    x, y, labels = sound(seed)
    return x, 1e-5 * y + 1.0, labels


def leaked(seed: int) -> Codes:
    """Codes of which three pairs in ten come twice."""
    parts = sound(seed)
    copied = slice(0, int(0.3 * len(parts[0])))
    x, y, labels = (np.concatenate([part, part[copied]]) for part in parts)
    return x, y, labels


Draw: TypeAlias = Callable[[int], Codes | AuditedCodes]

PLANTED: tuple[tuple[str, Draw, Callable[[AuditedCodes], Finding]], ...] = (
    ("a plane that couplings bend", on_a_line, check_recoding),
    ("a bound at its ceiling", capped, check_saturation),
    ("a collapsed side", collapsed, check_geometry),
    ("a leaked split", leaked, check_leaks),
    ("items that come several times", repeated_items, check_false_negatives),
    ("codes that hold the class alone", classes_alone, check_false_negatives),
    ("classes that no line tells", told_by_a_product, check_probes),
    ("a head that stops early", frozen_features, check_probes),
    ("codes that PCA of raw views equals at a lower bound", no_better_than_pca, check_baselines),
    ("codes better than raw views of their size", better_than_raw, check_baselines),
    ("a side that no cosine reads", turned, check_critic_swap),
    ("squares, which networks alone read", squared, check_critic_swap),
    ("a nuisance held more than labels", nuisance_held, check_contents),
    ("views that share brightness alone", shared_brightness, check_shortcuts),
    ("a drift along the file", drifting, check_shortcuts),
)


def _read(planted: Codes | AuditedCodes) -> AuditedCodes:
    return planted if isinstance(planted, AuditedCodes) else read(planted)


def main() -> None:
    """Print a row for each planted fault, and what all checks say of sound codes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    seeds = range(parser.parse_args().seeds)
    print("| codes | found, or said of them |\n|---|---|")
    for name, draw, check in PLANTED:
        found = sum(check(_read(draw(seed))).status in {"caution", "broken"} for seed in seeds)
        print(f"| {name} | found in {found} of {len(seeds)} |", flush=True)
    said = [{check(read(sound(seed))).status for check in CHECKS} for seed in seeds]
    broken = sum("broken" in each for each in said)
    caution = sum("caution" in each for each in said)
    print(f"| sound | broken in {broken}, caution in {caution} of {len(seeds)} |")


if __name__ == "__main__":
    main()
