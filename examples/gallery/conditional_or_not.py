"""
Does it still tell, once something else is known?
=================================================

Blood tests of 442 patients are related to how their diabetes went on. Many of these are related
to each other. What does each tell beyond one of them?
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

from infomax import estimate_mi

patients = load_diabetes(as_frame=True).frame
names = {
    "s1": "total cholesterol",
    "s3": "HDL",
    "s4": "cholesterol / HDL",
    "s6": "blood sugar",
    "bp": "blood pressure",
    "bmi": "body-mass index",
}

# %%
# Each is estimated by itself, and given ``s5``, which is about the log of triglycerides.

rows = {}
for column, name in names.items():
    with warnings.catch_warnings():
        # That cholesterol over HDL repeats its values is known, and looked into by the method.
        warnings.simplefilter("ignore")
        alone = estimate_mi(patients[column], patients["target"], random_state=0)
        beyond = estimate_mi(
            patients[column], patients["target"], given=patients["s5"], random_state=0
        )
    rows[name] = [alone.value, *alone.interval, beyond.value, *beyond.interval, beyond.p_value]
table = pd.DataFrame(rows, ["alone", "low", "high", "given s5", "low ", "high ", "p given s5"]).T
table.round(3)

# %%
# Body-mass index and blood pressure go on telling; cholesterol over HDL and blood sugar tell
# little that triglycerides have not told. Conditioning may also add: two fair coins share
# nothing, and share everything once it is known whether they fell alike.

coins = np.random.default_rng(0).integers(0, 2, (2, 2000)).astype(bool)
alike = coins[0] == coins[1]
alone = estimate_mi(coins[0], coins[1])
beyond = estimate_mi(coins[0], coins[1], given=alike)
print(f"{alone.value:.3f} nats alone, {beyond.value:.3f} once it is known whether they are alike")

# %%
# So information given something may be less or more than information, and neither bounds the other.

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
places = np.arange(len(table))
for shift, value, low, high in (
    (-0.12, "alone", "low", "high"),
    (0.12, "given s5", "low ", "high "),
):
    spread = [table[value] - table[low], table[high] - table[value]]
    axes.errorbar(table[value], places + shift, xerr=spread, fmt="o", capsize=3, label=value)
axes.set_yticks(places, table.index)
axes.invert_yaxis()
axes.set(xlabel="nats shared with the progression of diabetes", xlim=(-0.005, None))
axes.set_title("What each tells, and what it tells beyond triglycerides")
axes.legend()
plt.show()
