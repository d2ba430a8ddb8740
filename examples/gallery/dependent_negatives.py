"""
What if the negatives of a batch are not independent?
=====================================================

Batches are often made of what lies together: one patient, one recording, one day. The bounds take
the pairs of a batch to be independent. What do they read if these are
not?

This is figure 4c of Tschannen et al. (2020). Single pairs have the same distribution in both
cases, with 0.0204 nats of information. In one, the pairs of a batch share a draw:
the level of the day, say.
"""

import matplotlib.pyplot as plt
import torch

from infomax.bounds import infonce, nwj
from infomax.distributions import DISTRIBUTIONS

PAIRS, STEPS = 128, 800


def features(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return what a quadratic critic sees of all pairs: ``(N, N, 6)``."""
    x, y = torch.broadcast_tensors(x, y.mT)
    return torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y], dim=-1)


# %%
# For normal variables the log density ratio is a quadratic function, so a quadratic critic can be
# exact. It is trained by each bound on fresh batches, and read on others.

BOUNDS = {"InfoNCE": infonce, "NWJ": nwj}
SAMPLING = {"independent pairs": "gaussian-iid", "pairs that share a draw": "gaussian-dependent"}
readings: dict[tuple[str, str], torch.Tensor] = {}
for sampling, name in SAMPLING.items():
    distribution = DISTRIBUTIONS[name]
    for label, bound in BOUNDS.items():
        generator = torch.Generator().manual_seed(0)
        weights = torch.zeros(6, requires_grad=True)
        optimizer = torch.optim.Adam([weights], lr=0.02)
        for _ in range(STEPS):
            loss = -bound(features(*distribution.sample(PAIRS, generator)) @ weights)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            fresh = [distribution.sample(PAIRS, generator) for _ in range(1000)]
            values = torch.stack([bound(features(*pairs) @ weights) for pairs in fresh])
        readings[sampling, label] = values
        error = values.std() / len(values) ** 0.5
        print(f"{sampling}, {label}: {values.mean():.4f} +- {error:.4f} nats on fresh batches")
truth = DISTRIBUTIONS["gaussian-iid"].mutual_information
print(f"the truth of both: {truth:.4f} nats")

# %%
# With pairs that share a draw both "lower bounds" read several times the information that is
# there, on average over fresh batches. In the proofs the negatives are draws of the product of
# the marginals; here they are not. What is read then is how well partners are told from others
# *of their own batch*. ``infomax train --groups`` and ``estimate_mi(order=...)`` take what is
# known of such dependences.

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
names = [f"{label}\n{sampling}" for sampling, label in readings]
axes.bar(names, [values.mean() for values in readings.values()], color=["C0", "C0", "C3", "C3"])
axes.axhline(truth, color="0.3", linestyle="--", linewidth=1, label="the truth of all four")
axes.tick_params(axis="x", labelsize=8)
axes.set(ylabel="nats", title="Nothing is left of a bound where pairs of a batch share a draw")
axes.legend()
plt.show()
