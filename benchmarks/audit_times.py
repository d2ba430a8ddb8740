"""What an audit of frozen codes takes: seconds, CPU seconds and memory, each in its own process.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.audit_times``. Codes are Gaussian in pairs of
correlation 0.7 with ten classes that lie apart, in float32 files, read by ``infomax audit``.
``--only`` names one of them, and flags behind ``--`` go to the command.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIZES = {"2,000 x 128": (2_000, 128), "50,000 x 512": (50_000, 512)}
_MIB = 1_024


def write_codes(folder: Path, rows: int, size: int) -> list[str]:
    """Write codes of both sides and labels, and return what the command is given."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, rows)
    means = 6 * generator.standard_normal((10, size), dtype=np.float32) / size**0.5
    x = generator.standard_normal((rows, size), dtype=np.float32)
    y = 0.7 * x + 0.71 * generator.standard_normal((rows, size), dtype=np.float32)
    for name, values in (("x", x + means[labels]), ("y", y + means[labels]), ("l", labels)):
        np.save(folder / f"{name}.npy", values)
    return [str(folder / f"{name}.npy") for name in "xyl"]


def main() -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=SIZES)
    parser.add_argument("flags", nargs="*", help="for infomax audit, behind --")
    given = parser.parse_args()
    print("| codes | seconds | CPU seconds | peak memory |\n|---|---|---|---|")
    for name, (rows, size) in SIZES.items():
        if given.only not in {None, name}:
            continue
        with tempfile.TemporaryDirectory() as folder:
            x, y, labels = write_codes(Path(folder), rows, size)
            command = [sys.executable, "-m", "infomax", "audit", x, y, "--labels", labels]
            # Memory is the most of all children so far, so that the small codes come first.
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run([*command, *given.flags], check=True, stdout=sys.stderr)
            used, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
            cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
            print(f"| {name} | {seconds:.0f} | {cpu:.0f} | {used.ru_maxrss / _MIB:,.0f} MiB |")


if __name__ == "__main__":
    main()
