"""How long idle threads of the command spin, as PyTorch's OpenMP finds it when it loads."""

import os
import subprocess
import sys

import pytest

# What is set after PyTorch has loaded would be of no effect.
LOOK = """
import sys, os
import infomax
assert "torch" not in sys.modules
import infomax.cli
print(os.environ.get("GOMP_SPINCOUNT"))
"""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, "2000"),
        ({"GOMP_SPINCOUNT": "5"}, "5"),
        ({"OMP_WAIT_POLICY": "passive"}, "None"),
    ],
)
def test_they_spin_briefly_unless_the_user_says_how_they_wait(
    given: dict[str, str], found: str
) -> None:
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}
    }
    looked = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={**plain, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert looked.stdout.split() == [found]
