"""Estimates by bmi 0.1.3, in an environment of its own: a line of JSON in, a line of JSON out."""

import contextlib
import json
import sys
import time

import numpy as np
from bmi import estimators

ESTIMATORS = {
    "infonce": estimators.InfoNCEEstimator,
    "nwj": estimators.NWJEstimator,
    "donsker-varadhan": estimators.DonskerVaradhanEstimator,
    "mine": estimators.MINEEstimator,
    "ksg": lambda: estimators.KSGEnsembleFirstEstimator(neighborhoods=(10,)),
    "cca": estimators.CCAMutualInformationEstimator,
    "histogram": estimators.HistogramEstimator,
    "kde": estimators.KDEMutualInformationEstimator,
}


def main() -> None:
    """Answer until there is nothing more to answer."""
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pairs = np.load(asked["pairs"])
        answer: dict[str, float | str] = {}
        began = time.perf_counter()
        try:
            # What the package itself prints must not stand among the answers.
            with contextlib.redirect_stdout(sys.stderr):
                answer["value"] = float(
                    ESTIMATORS[asked["estimator"]]().estimate(pairs["x"], pairs["y"])
                )
        except (ValueError, MemoryError) as error:
            answer["error"] = str(error)
        answer["seconds"] = time.perf_counter() - began
        print(json.dumps(answer), flush=True)


main()
