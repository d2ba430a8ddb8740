"""
Which columns of a table carry it?
==================================

Of 178 wines thirteen things were measured; three growers made them. What tells the growers apart,
how sure is that, and what do the columns tell that others have
told already?
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_wine
from sklearn.utils import shuffle

from infomax import InformationSelection, rank_columns

wine = load_wine(as_frame=True)

# %%
# The table lists the wines grower by grower, which is how it was written and not how wines come;
# so rows are shuffled first, or a warning would say that rows resemble their neighbours. Which
# columns are discrete is said by name, so that none is guessed at.

columns, grower = shuffle(wine.data, wine.target.map("grower {}".format), random_state=0)
ranking = rank_columns(columns, grower, discrete=["target"])
ranking[["value_nats", "low_nats", "high_nats", "corrected_p_value", "share_of_y"]].round(3)

# %%
# The grower holds 1.09 nats. Columns are related to each other, so their shares do not add up.
# ``InformationSelection`` takes one after the other, each for what it and a column that is there
# already tell together, on average over those. 178 rows are few for two columns at once, of which
# a warning says that more rows would read more.

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    selection = InformationSelection(n_features=4, discrete=[]).fit(columns, grower)
for name, score in zip(selection.get_feature_names_out(), selection.scores_, strict=True):
    print(f"{name}: {score:.3f}")
print("warnings:", {type(each.message).__name__ for each in said})

# %%
# The picture: what each tells by itself, with its interval. Intervals are for each by itself;
# p-values are corrected for thirteen of them.

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
spread = [ranking.value_nats - ranking.low_nats, ranking.high_nats - ranking.value_nats]
axes.errorbar(ranking.value_nats, ranking.index, xerr=spread, fmt="o", capsize=3)
axes.axvline(ranking.entropy_of_y_nats.iloc[0], color="0.5", linestyle="--", linewidth=1)
axes.invert_yaxis()
axes.set(xlabel="nats shared with the grower (dashed: all that there is)", xlim=(0, None))
axes.set_title("Flavanoids tell most; ash tells next to nothing")
plt.show()
