"""A pass over contexts and responses beside sentence-transformers, on the same pairs and tokens.

Seconds are of one thread's processor time, from dialogues as texts to trained weights. The peer is
given the pairs as texts, which is what it takes, and ours the dialogues; both read up to 128 tokens
of a text, in batches of 128, and make embeddings of 128 values of a vocabulary learnt before.
"""

import json
import sys
from pathlib import Path
from statistics import median

import pytest

from benchmarks.table import Row, seconds
from benchmarks.worker import PEERS, Worker, environment_of
from infomax.data import read_dialogues
from infomax.data.tokens import Tokenizer

pytestmark = pytest.mark.peers

ALONE = {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
BATCH, DIALOGUES, ROUNDS, AT_MOST = 128, 1_000, 3, 1.0
CORPUS = Path(__file__).parents[2] / "shared" / "datasets" / "dialogue" / "dailydialog"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="DailyDialog is not beside the repository")
@pytest.mark.filterwarnings("ignore::infomax.warnings.DataWarning")
def test_pairs_a_second(pytestconfig: pytest.Config, table: list[Row], tmp_path: Path) -> None:
    dialogues = read_dialogues(CORPUS).turns[:DIALOGUES]
    tokenizer = Tokenizer.learnt(turn for turns in dialogues for turn in turns)
    path = tmp_path / "dialogues.json"
    path.write_text(json.dumps({"tokenizer": tokenizer.to_json(), "dialogues": dialogues}))
    asked = {"path": str(path), "batch": BATCH}
    peer = environment_of("sentence_transformers", pytestconfig.rootpath / ".peers")
    here = {**ALONE, "PYTHONPATH": str(pytestconfig.rootpath)}
    with (
        Worker("dialogue", Path(sys.executable), env=here) as ours,
        Worker("sentence_transformers", peer, env=ALONE) as theirs,
    ):
        rounds = [[each.ask(**asked) for each in (ours, theirs)] for _ in range(1 + ROUNDS)][1:]
    assert len({each["pairs"] for answers in rounds for each in answers}) == 1
    pairs = int(rounds[0][0]["pairs"])
    assert all(answers[0]["bound"] > 0.1 for answers in rounds)
    mine, other = ([answers[at]["seconds"] for answers in rounds] for at in (0, 1))
    table.append(
        Row(
            f"a pass over {pairs:,} pairs of dialogues, bag and InfoNCE-S, from texts",
            f"{seconds(median(mine))}, {pairs / median(mine):,.0f} pairs a second",
            f"{seconds(median(other))}, {pairs / median(other):,.0f}, StaticEmbedding and "
            f"MultipleNegativesSymmetricRankingLoss, {PEERS['sentence_transformers'][0]}",
            median(one / two for one, two in zip(mine, other, strict=True)),
            at_most=AT_MOST,
        )
    )
