"""
Which comes first?
==================

When an economy grows, fewer are out of work. Does growth tell of the unemployment of later
quarters, or unemployment of later growth? Two hundred quarters of the
United States, 1959 to 2009, from statsmodels.
"""

import matplotlib.pyplot as plt
import numpy as np
import statsmodels.api as sm

from infomax.estimation import information_by_lag, lag_answer

quarters = sm.datasets.macrodata.load_pandas().data
growth = np.diff(np.log(quarters["realgdp"]))
unemployment = np.diff(quarters["unemp"])

# %%
# Levels drift, and what drifts resembles anything else that does; so both are taken as changes
# from quarter to quarter. ``order="rows"`` says that rows are in time: the tests then shift
# series against each other instead of shuffling them, and intervals come from blocks.

LAGS = range(7)
ahead = information_by_lag(growth, unemployment, LAGS, order="rows", random_state=0)
behind = information_by_lag(unemployment, growth, LAGS, order="rows", random_state=0)
print(lag_answer(ahead, ["growth"], ["unemployment"]))
print(lag_answer(behind, ["unemployment"], ["growth"]))
ahead[["value_nats", "low_nats", "high_nats", "corrected_p_value"]].round(3)

# %%
# They share most within a quarter. Growth also tells of unemployment a quarter later, at a
# p-value that is corrected for all seven lags; the other way round that is not shown. That is a
# statement about these series and not about causes: what drives both would look the same.

figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
for table, label, shift in ((ahead, "growth first", -0.08), (behind, "unemployment first", 0.08)):
    spread = [table.value_nats - table.low_nats, table.high_nats - table.value_nats]
    shown = table.corrected_p_value < 0.05
    lines = axes.errorbar(table.index + shift, table.value_nats, yerr=spread, fmt="none", capsize=3)
    color = lines[2][0].get_color()[0]
    axes.scatter(table.index + shift, table.value_nats, facecolor="none", edgecolor=color)
    axes.scatter((table.index + shift)[shown], table.value_nats[shown], color=color, label=label)
axes.set(xlabel="quarters between the first and the second", ylabel="nats shared")
axes.set_title("Filled where dependence is shown, corrected for seven lags")
axes.legend()
plt.show()
