"""A pass over the pairs of dialogues by infomax's `bag`, with InfoNCE-S of cosines times 20.

A line of JSON in, one out. Each turn is cut into tokens once, however many contexts it stands in.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

from infomax.bounds import find_bound
from infomax.critics import CosineCritic
from infomax.data import Dialogues, ItemDataset
from infomax.data.tokens import Tokenizer, TokenPairSource
from infomax.encoders import BagEncoder
from infomax.experiments.pair_datasets import ItemPairDataset
from infomax.processes import Processes
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    Trainer,
    generator_for,
)
from infomax.views import ContextResponse

LENGTH = 128


def main() -> None:
    """Answer until there is nothing more to answer."""
    torch.set_num_threads(1)
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        held = json.loads(Path(asked["path"]).read_text())
        tokenizer = Tokenizer(held["tokenizer"])
        begun = time.process_time()
        turns = tuple(map(tuple, held["dialogues"]))
        pairs = Dialogues("dialogues", turns).pairs(repeats=True)
        source = TokenPairSource(pairs, tokenizer, LENGTH)
        data = ItemPairDataset(ItemDataset(source), ContextResponse(LENGTH), torch.device("cpu"))
        generator = torch.Generator().manual_seed(0)
        encoder = BagEncoder((LENGTH,), generator)
        size = encoder.code_size
        critic = CosineCritic(size, size, generator, temperature=0.05)
        batches = data.batches(
            np.arange(len(data)),
            asked["batch"],
            order=generator_for(0, "batches"),
            views=generator_for(0, "views"),
            processes=Processes(),
        )
        training = PairTraining(
            [PairModel(encoder, encoder, critic)],
            batches,
            Objective(find_bound("infonce-symmetric")),
            optimizer=OptimizerConfig(1e-3),
        )
        steps = len(data) // asked["batch"]
        Trainer(steps, []).fit(training)
        took = time.process_time() - begun
        bound = float(training.training_curve()[-10:].mean())
        print(
            json.dumps({"seconds": took, "bound": bound, "pairs": steps * asked["batch"]}),
            flush=True,
        )


main()
