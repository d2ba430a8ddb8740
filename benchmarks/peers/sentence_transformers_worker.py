"""A pass over pairs of texts by sentence-transformers 6.2.0, in an environment of its own.

A line of JSON in, one out. StaticEmbedding, the mean of the embeddings of a text's tokens, is
trained from scratch by MultipleNegativesSymmetricRankingLoss, which is InfoNCE-S of cosines times
20, with the package's own trainer.
"""

import json
import math
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.losses import MultipleNegativesSymmetricRankingLoss
from sentence_transformers.models import StaticEmbedding
from tokenizers import Tokenizer

LENGTH, SIZE, LAST = 128, 128, 10


def main() -> None:
    """Answer until there is nothing more to answer."""
    torch.set_num_threads(1)
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        held: dict[str, Any] = json.loads(Path(asked["path"]).read_text())
        tokenizer = Tokenizer.from_str(held["tokenizer"])
        tokenizer.enable_truncation(LENGTH, direction="left")
        begun = time.process_time()
        contexts = [" ".join(d[:place]) for d in held["dialogues"] for place in range(1, len(d))]
        responses = [turn for d in held["dialogues"] for turn in d[1:]]
        torch.manual_seed(0)
        model = SentenceTransformer(
            modules=[StaticEmbedding(tokenizer, embedding_dim=SIZE)], device="cpu"
        )
        with tempfile.TemporaryDirectory() as folder:
            trainer = SentenceTransformerTrainer(
                model=model,
                args=SentenceTransformerTrainingArguments(
                    output_dir=folder,
                    num_train_epochs=1,
                    per_device_train_batch_size=asked["batch"],
                    learning_rate=1e-3,
                    dataloader_drop_last=True,
                    save_strategy="no",
                    logging_steps=LAST,
                    report_to=[],
                    disable_tqdm=True,
                    use_cpu=True,
                ),
                train_dataset=Dataset.from_dict({"anchor": contexts, "positive": responses}),
                loss=MultipleNegativesSymmetricRankingLoss(model),
            )
            with redirect_stdout(sys.stderr):  # It prints its losses.
                trainer.train()
        took = time.process_time() - begun
        losses = [each["loss"] for each in trainer.state.log_history if "loss" in each]
        answer = {
            "seconds": took,
            "bound": math.log(asked["batch"]) - float(losses[-1]),
            "pairs": trainer.state.global_step * asked["batch"],
        }
        print(json.dumps(answer), flush=True)


main()
