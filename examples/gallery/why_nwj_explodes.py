"""
Why does NWJ explode?
=====================

NWJ is a lower bound, right on average, and without a ceiling. Read on one batch after another it
is above the truth nearly always, and once in a while far below. Why?

The critic here is the exact one, so nothing of what is seen is the fault of training.
"""

import math

import matplotlib.pyplot as plt
import torch

from infomax.bounds import infonce, nwj

PAIRS, BATCHES, COLUMNS = 128, 2000, 4
generator = torch.Generator().manual_seed(0)


def log_ratios(information: float, count: int) -> torch.Tensor:
    """Return the log density ratio of all pairs of some batches: ``(count, PAIRS, PAIRS)``."""
    squared = 1 - math.exp(-2 * information / COLUMNS)
    x, noise = torch.randn(2, count, PAIRS, COLUMNS, generator=generator)
    y = math.sqrt(squared) * x + math.sqrt(1 - squared) * noise
    lengths = x.square().sum(-1)[..., :, None] + y.square().sum(-1)[..., None, :]
    ratios: torch.Tensor = information + (math.sqrt(squared) * x @ y.mT - squared * lengths / 2) / (
        1 - squared
    )
    return ratios


# %%
# NWJ subtracts a mean of exponentials over negatives. At the best critic its terms are density
# ratios: nearly all are close to 0, and a few are huge. On average the mean is 1. A batch that
# has met none of the huge ones subtracts too little, and reads too much.

readings = {}
for information in (2.0, 7.0, 12.0):
    parts = [log_ratios(information, 200) for _ in range(BATCHES // 200)]
    values = torch.cat([nwj(part + 1) for part in parts])
    contrastive = torch.cat([infonce(part) for part in parts])
    readings[information] = values
    print(
        f"truth {information:g}: NWJ {values.mean():6.2f} on average, {values.median():.2f} in the "
        f"middle, {values.min():9.2f} at worst, above the truth in "
        f"{(values > information).double().mean():.0%} of batches; "
        f"InfoNCE {contrastive.mean():.2f} +- {contrastive.std():.2f}"
    )

# %%
# So the average of few batches is above the truth, though the average of all of them is not:
# :doc:`the theory </theory/bounds>` shows that batches must grow with the square root of the
# exponential of the information at least. InfoNCE reads little above log 128 = 4.85 of anything,
# and always about the same.

figure, panels = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for axes, (information, values) in zip(panels, readings.items(), strict=True):
    shown = values.clamp(information - 6, information + 3)
    axes.hist(shown.numpy(), bins=60)
    axes.axvline(information, color="0.3", linestyle="--", linewidth=1)
    axes.set(xlabel="NWJ on a batch, nats", title=f"truth {information:g} nats", yscale="log")
panels[0].set_ylabel("batches (of 2,000)")
figure.suptitle("What lies below the left end is counted there")
plt.show()
