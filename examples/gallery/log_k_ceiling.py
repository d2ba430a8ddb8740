"""
Is my bound at its ceiling?
===========================

An image of a digit and the same image with noise share a great deal of information. InfoNCE of K
pairs cannot say so: it reads at most log K, whatever the data. Here its
ceiling is seen, on the MNIST images that come with infomax.
"""

import math

import matplotlib.pyplot as plt
import torch

from infomax.bounds import infonce
from infomax.data import load_dataset

mnist = load_dataset("mnist")
images = torch.tensor(mnist.train_images[:4096] / mnist.brightest).flatten(1).float()
generator = torch.Generator().manual_seed(0)

# %%
# A view is the image plus normal noise. The best critic is known then: the log density of the
# noise, minus the squared distance over twice its variance. Any function of the anchor may be
# added to it, and InfoNCE does not change; so nothing needs to be trained, and nothing is lost by
# training.

SIZES = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
NOISES = [0.5, 2.0, 4.0]
readings = {}
for noise in NOISES:
    noisy = images + noise * torch.randn(images.shape, generator=generator)
    scores = -torch.cdist(noisy, images).square() / (2 * noise**2)
    readings[noise] = [
        torch.stack([infonce(scores[i : i + k, i : i + k]) for i in range(0, 4096, k)])
        .mean()
        .item()
        for k in SIZES
    ]
for noise, values in readings.items():
    print(f"noise {noise}: " + "  ".join(f"{value:.2f}" for value in values))
print("log K:     " + "  ".join(f"{math.log(k):.2f}" for k in SIZES))

# %%
# With little noise the reading is log K to the second decimal, at every K: it says how large the
# batch was, and of the data that they share at least that. Only where a reading stops rising with
# K does it say something of its own. ``estimate_mi`` warns (``CapWarning``) where a reading is
# near log K, and a run near its ceiling warns, too.

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
axes.semilogx(SIZES, [math.log(k) for k in SIZES], "--", color="0.4", base=2, label="log K")
for noise, values in readings.items():
    axes.semilogx(SIZES, values, "o-", base=2, label=f"noise {noise:g}")
axes.set(xlabel="K, pairs in a batch", ylabel="InfoNCE, nats")
axes.set_title("A reading on the dashed line is about the batch, not about the data")
axes.legend()
plt.show()
