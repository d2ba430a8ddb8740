"""
Can codes keep all information and lose all accuracy?
=====================================================

Take codes that a linear probe reads well, and pass them through a function that has an inverse.
No information is lost, of whatever kind. Does the probe still read them?

The codes are eight principal components of the upper halves of digits.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

digits = load_digits()
codes = PCA(8, whiten=True, random_state=0).fit_transform(digits.data[:, :32])
generator = np.random.default_rng(0)
MIXING = generator.standard_normal((4, 4, 4))


def coupled(codes: np.ndarray, strength: float, direction: int) -> np.ndarray:
    """Shift each half of the codes by a function of the other, four times in turn, or back.

    What shifts a half is computed from the other, which stays: so each step can be undone.
    """
    left, right = codes[:, :4], codes[:, 4:]
    for step in range(4)[::direction]:
        if step % 2:
            left = left + direction * strength * np.sin(3 * right @ MIXING[step])
        else:
            right = right + direction * strength * np.sin(3 * left @ MIXING[step])
    return np.hstack([left, right])


# %%
# Couplings like these are what invertible networks are made of. Going back gives the codes again,
# to rounding, so both hold the same information about everything.

strengths = [0, 0.25, 0.5, 1, 2, 4]
probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
accuracies = []
for strength in strengths:
    recoded = coupled(codes, strength, 1)
    returned = coupled(recoded, strength, -1)
    accuracies.append(cross_val_score(probe, recoded, digits.target, cv=5).mean())
    error = np.abs(returned - codes).max()
    print(f"strength {strength}: accuracy {accuracies[-1]:.3f}, undone to {error:.0e}")

# %%
# What the probe measures is how codes lie, and not what they hold. So a bound that stays as it is
# while accuracy moves, or the other way round, is no riddle, and an argument from information
# alone to accuracy does not hold. ``infomax audit`` does this to codes of your own: :doc:`the
# check of re-coding </audit>`.

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(strengths, accuracies, "o-", label="linear probe")
axes.axhline(0.1, color="0.5", linestyle="--", linewidth=1, label="guessing")
axes.set(xlabel="strength of the couplings", ylabel="accuracy", ylim=(0, 1))
axes.set_title("The same information at every point of the line")
axes.legend()
plt.show()
