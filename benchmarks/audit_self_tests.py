"""How often the checks of an audit find a fault that is planted, and call sound codes faulty.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.audit_self_tests``. Each row is a fault that
``tests/audit/planted.py`` makes, drawn anew for each seed, and the check that has to find it; sound
codes are asked by each check in turn. What was counted is kept in
``src/infomax/audit/self_tests.json``, row by row, which the page of an audit shows. ``--only``
takes rows by a part of their name.
"""

import argparse
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

import infomax
from infomax.audit.audited_codes import AuditedCodes, read_codes
from infomax.audit.bijections import MOST_INVERSE_ERROR, RECODINGS, inverse_error
from infomax.audit.checks import CHECKS
from infomax.audit.checks.baselines import check_baselines
from infomax.audit.checks.contents import check_contents
from infomax.audit.checks.critic_swap import check_critic_swap
from infomax.audit.checks.false_negatives import check_false_negatives
from infomax.audit.checks.geometry import check_geometry
from infomax.audit.checks.leaks import check_leaks
from infomax.audit.checks.memory import check_memory
from infomax.audit.checks.probes import check_probes
from infomax.audit.checks.recoding import check_recoding
from infomax.audit.checks.saturation import check_saturation
from infomax.audit.checks.shortcuts import check_shortcuts
from infomax.audit.finding import Finding
from infomax.whole_file import write_text_whole
from tests.audit.planted import (
    Codes,
    better_than_raw,
    classes_alone,
    frozen_features,
    in_order_of_time,
    learnt_by_heart,
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

RECORD = Path(infomax.__file__).parent / "audit" / "self_tests.json"


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


def known_gaussian(seed: int) -> bool:
    """Tell whether no bound of jointly Gaussian codes is surely above their information."""
    finding = check_memory(read(on_a_line(seed)))
    truth = 8 / 2 * np.log(2)
    return bool(0.5 * truth < finding.measured["held_out_nats"] < truth)


def known_bijection(seed: int) -> bool:
    """Tell whether all bijections bring codes back, and a map that loses some does not."""
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((600, 8)))
    maps = [each.make(8, seed) for each in RECODINGS]
    flat = type(maps[0])(lambda codes: codes.abs(), lambda codes: codes)
    errors = [inverse_error(each, x) for each in maps]
    return max(errors) < MOST_INVERSE_ERROR < inverse_error(flat, x)


def _by_heart(seed: int) -> bool:
    (x, y, _), trained_on = learnt_by_heart(seed)
    codes = read_codes("mine", x, y, None, seed=0, trained_on=trained_on)
    return check_memory(codes).status == "caution"


def _caught(
    draw: Callable[[int], Codes | AuditedCodes], check: Callable[[AuditedCodes], Finding]
) -> Callable[[int], bool]:
    def found(seed: int) -> bool:
        planted = draw(seed)
        codes = planted if isinstance(planted, AuditedCodes) else read(planted)
        return check(codes).status in {"caution", "broken"}

    return found


PLANTED: dict[str, Callable[[int], bool]] = {
    "a plane that couplings bend": _caught(on_a_line, check_recoding),
    "a bound at its ceiling": _caught(capped, check_saturation),
    "a collapsed side": _caught(collapsed, check_geometry),
    "a leaked split": _caught(leaked, check_leaks),
    "rows in order of time": _caught(in_order_of_time, check_leaks),
    "an encoder that learnt by heart": _by_heart,
    "items that come several times": _caught(repeated_items, check_false_negatives),
    "codes that hold the class alone": _caught(classes_alone, check_false_negatives),
    "classes that no line tells": _caught(told_by_a_product, check_probes),
    "a head that stops early": _caught(frozen_features, check_probes),
    "codes that PCA of raw views equals at a lower bound": _caught(
        no_better_than_pca, check_baselines
    ),
    "codes better than raw views of their size": _caught(better_than_raw, check_baselines),
    "a side that no cosine reads": _caught(turned, check_critic_swap),
    "squares, which networks alone read": _caught(squared, check_critic_swap),
    "a nuisance held more than labels": _caught(nuisance_held, check_contents),
    "views that share brightness alone": _caught(shared_brightness, check_shortcuts),
    "a drift along the file": _caught(drifting, check_shortcuts),
    "a known Gaussian: the held-out bound below the truth": known_gaussian,
    "known bijections: all come back, and a map that loses does not": known_bijection,
}


def main() -> None:
    """Count each row, print it and keep it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--only", default="", help="part of the names of rows")
    given = parser.parse_args()
    seeds = range(given.seeds)
    print("| codes | found, or said of them |\n|---|---|")
    for name, found in PLANTED.items():
        if given.only in name:
            count = sum(found(seed) for seed in seeds)
            _keep("planted", name, {"found": count, "of": len(seeds)})
            print(f"| {name} | found in {count} of {len(seeds)} |", flush=True)
    for check in CHECKS:
        if given.only in f"sound: {check.name}":
            said = [check(read(sound(seed))).status for seed in seeds]
            counts = {status: said.count(status) for status in ("broken", "caution", "not run")}
            # One draw that several checks speak of is one draw.
            spoken = [seed for seed in seeds if said[seed] in {"broken", "caution"}]
            _keep("sound", check.name, {**counts, "seeds": spoken, "of": len(seeds)})
            told = ", ".join(f"{status} in {count}" for status, count in counts.items())
            print(f"| sound: {check.name} | {told} of {len(seeds)} |", flush=True)


def _keep(kind: str, name: str, row: dict[str, Any]) -> None:
    kept = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    low = stats.binomtest(row.get("found", 0), row["of"]).proportion_ci().low
    row = {
        **row,
        **({"rate_at_least": round(float(low), 3)} if kind == "planted" else {}),
        "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
        "torch": torch.__version__,
    }
    kept.setdefault("command", "OMP_NUM_THREADS=1 python -m benchmarks.audit_self_tests")
    kept.setdefault("codes", "600 pairs with 8 columns, unless told otherwise")
    kept.setdefault(kind, {})[name] = row
    write_text_whole(RECORD, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
