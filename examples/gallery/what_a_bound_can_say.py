"""
What can a bound say, and what can it not?
==========================================

One sample whose information is known is read by five methods. Some promise that on average they
are not above the truth, and others promise nothing. What is each number worth?

The sample is 1,000 pairs of normal variables, five columns to a side, that share 1.5 nats.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from infomax import estimate_mi

TRUTH, COLUMNS = 1.5, 5
correlation = np.sqrt(1 - np.exp(-2 * TRUTH / COLUMNS))
x, noise = np.random.default_rng(0).standard_normal((2, 1000, COLUMNS))
y = correlation * x + np.sqrt(1 - correlation**2) * noise

# %%
# Each bound trains a critic on some of the pairs and is read once, from others that no training
# has seen. Its interval has no upper end where it says "at least". Warnings are kept beside each
# number.

METHODS = ["auto", "infonce-symmetric", "nwj", "donsker-varadhan", "club"]
rows = []
for method in METHODS:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = estimate_mi(x, y, method=method, random_state=0)
    low, high = result.interval
    said = ", ".join(type(each).__name__ for each in result.warnings) or "nothing"
    rows.append([result.kind, result.value, low, high, said])
readings = pd.DataFrame(rows, METHODS, ["kind", "nats", "low", "high", "warns of"])
readings.round(3)

# %%
# A lower bound that is below the truth is no error: it says "at least" and is right, and for each
# sample that it reads too much of there are others of which it reads too little. The same reading
# would be an error of an estimate. CLUB is an upper bound where the conditional density is the
# true one; here it is learnt, so it promises nothing, and it is far above the truth, as its own
# formula has it. So a number without its kind says little, and numbers of two kinds are not to be
# compared: that one bound reads less than another does not say that there is less.

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
for place, (_, row) in enumerate(readings.iterrows()):
    high = row.high if np.isfinite(row.high) else readings.nats.max() + 1
    axes.plot([row.low, high], [place, place], linewidth=3, alpha=0.4)
    axes.plot(row.nats, place, "o", color=axes.lines[-1].get_color())
    if not np.isfinite(row.high):
        axes.annotate("", (high, place), (high - 0.2, place), arrowprops={"arrowstyle": "->"})
axes.axvline(TRUTH, color="0.4", linestyle="--", linewidth=1)
axes.text(TRUTH + 0.05, 3.6, "the truth", color="0.4")
axes.set_yticks(range(len(readings)), [f"{name}: {row.kind}" for name, row in readings.iterrows()])
axes.invert_yaxis()
axes.set(xlabel="nats", title="Arrows have no upper end")
plt.show()
