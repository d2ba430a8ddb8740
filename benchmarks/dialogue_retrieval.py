"""Ask runs for the response of a context among 100, on DailyDialog's test split without leaks.

``python benchmarks/dialogue_retrieval.py FOLDER [RUN ...]`` prints a row for TF-IDF and for each
run: recall at 1 and mean reciprocal rank with their intervals, and InfoNCE-S on batches of 128.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor

from infomax.bounds import find_bound
from infomax.data import Dialogues, DialogueSource, Indices, read_dailydialog
from infomax.evaluation import LotRetrieval, encode, means_over_batches, retrieve_in_lots
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.experiments.text_pairs import tokenized
from infomax.experiments.trained_run import TrainedRun

BATCH = 128


def row(name: str, found: LotRetrieval, bound: str = "") -> str:
    """Return one row of the table."""
    return f"| {name} | {found.recall_at_1.in_words()} | {found.mrr.in_words()} | {bound} |"


def of_words(train: Dialogues, pairs: DialogueSource) -> str:
    """Return the row of TF-IDF, learnt of the training split, by the cosine with the context."""
    words = TfidfVectorizer(sublinear_tf=True).fit([t for turns in train.turns for t in turns])
    texts = pairs.texts()
    contexts = words.transform([" ".join(context) for context, _ in texts])
    responses = words.transform([response for _, response in texts])

    def cosines(x: Tensor, y: Tensor) -> Tensor:
        rows, columns = (each[:, 0].long().numpy() for each in (x, y))
        return torch.from_numpy((contexts[rows] @ responses[columns].T).toarray())

    numbers = torch.arange(len(pairs))[:, None].double()
    return row("TF-IDF cosine", retrieve_in_lots(numbers, numbers, cosines, groups=groups(pairs)))


def groups(pairs: DialogueSource) -> Indices:
    """Return the dialogue of each pair."""
    of_pairs: Indices = pairs.places[:, 0]
    return of_pairs


@torch.no_grad()
def of_run(path: Path, pairs: DialogueSource) -> str:
    """Return the row of one run."""
    run = TrainedRun(path)
    if run.tokenizer is None:
        raise SystemExit(f"{path} was not trained on dialogues")
    model, everything = run.model, np.arange(len(pairs))
    views = ItemPairDataset(
        tokenized(pairs.items(), run.views, run.tokenizer), run.views, torch.device("cpu")
    )
    x = torch.cat([encode(model.x_encoder, some) for some in views.clean_views(everything, 500)])
    y = torch.cat(
        [encode(model.y_encoder, some) for some in views.clean_views(everything, 500, "y")]
    )
    x, y = model.x_head(x), model.y_head(y)
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(pairs)))
    batches = [(x[some], y[some]) for some in order.split(BATCH) if len(some) == BATCH]
    bound = means_over_batches(
        model.critic, batches, {"bound": find_bound("infonce-symmetric").estimate}
    )["bound"]
    said = f"at least {bound.mean:.3f} nats [{bound.low:.3f}, {bound.high:.3f}]"
    found = retrieve_in_lots(x, y, model.critic, groups=groups(pairs))
    return row(f"{path.name}, step {run.step}", found, said)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Folder of DailyDialog's train.zip and test.zip.")
    parser.add_argument("runs", type=Path, nargs="*", help="Folders of runs.")
    asked = parser.parse_args(arguments)
    train, test = (read_dailydialog(asked.folder, split) for split in ("train", "test"))
    pairs = test.pairs(without=[train])
    print(pairs)
    print("| | recall at 1 of 100 | mean reciprocal rank | InfoNCE-S, held out |")
    print("|---|---|---|---|")
    print(of_words(train, pairs))
    for path in asked.runs:
        print(of_run(path, pairs))


if __name__ == "__main__":
    main()
