"""Estimates by torch-mist 0.2.17, in an environment of its own: a line of JSON in, one out."""

import contextlib
import json
import sys
import time

import numpy as np
import torch
from torch_mist import estimate_mi


def main() -> None:
    """Answer until there is nothing more to answer."""
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pairs = np.load(asked["pairs"])
        data = {side: pairs[side].astype(np.float32) for side in ("x", "y")}
        torch.manual_seed(0)
        began = time.perf_counter()
        # What the package itself prints must not stand among the answers.
        with contextlib.redirect_stdout(sys.stderr):
            # As its README has it: the value is that of all pairs, those of the training included.
            value, _ = estimate_mi(data=data, estimator=asked["estimator"], verbose=False)
        answer = {"value": float(value), "seconds": time.perf_counter() - began}
        print(json.dumps(answer), flush=True)


main()
