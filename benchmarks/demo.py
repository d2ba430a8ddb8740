"""When `make demo` shows what, how long it takes, and how much it decides.

Run it with ``python benchmarks/demo.py`` on a machine that does nothing else. It runs the command
of `make demo` in a folder of its own and looks at the page, five times a second.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch


def main() -> None:
    """Print a line for each time that the page is drawn, then seconds and verdicts."""
    print(f"torch {torch.__version__}, {os.cpu_count()} cores, {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        command = [
            sys.executable,
            "-m",
            "infomax",
            "reproduce",
            "--preset",
            "quick",
            "--out",
            str(out),
        ]
        began = time.monotonic()
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            drawings = -1
            while process.poll() is None:
                time.sleep(0.2)
                drawings = _told(out / "report.html", drawings, time.monotonic() - began)
        seconds = time.monotonic() - began
        _told(out / "report.html", drawings, seconds)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        claims = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    decided = sum(claim["verdict"] != "inconclusive" for claim in claims)
    print(f"{seconds:.0f} s in all, {used.ru_utime + used.ru_stime:.0f} s of CPU (240 s asked for)")
    print(f"{decided} of {len(claims)} claims decided (27 asked for)")


def _told(page: Path, drawings: int, seconds: float) -> int:
    """Tell of a page with more drawings than before; return how many it has."""
    if not page.is_file():
        return drawings
    found = page.read_text(encoding="utf-8").count("<svg ")
    if found > drawings:
        print(f"after {seconds:5.1f} s a page with {found} drawings")
    return max(found, drawings)


if __name__ == "__main__":
    main()
