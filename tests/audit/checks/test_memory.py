"""Memory: what critic and encoder know by heart is told from what they know of new pairs."""

import dataclasses

import numpy as np
import pytest

from infomax.audit.audited_codes import read_codes
from infomax.audit.checks import memory
from infomax.audit.checks.memory import check_memory
from infomax.evaluation import BatchMean
from tests.audit.planted import learnt_by_heart, on_a_line, read, sound


@pytest.mark.parametrize("seed", range(3))
def test_what_an_encoder_learnt_by_heart_is_found(seed: int) -> None:
    (x, y, _), trained_on = learnt_by_heart(seed)
    finding = check_memory(read_codes("mine", x, y, None, seed=seed, trained_on=trained_on))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "the difference is memory" in finding.sentence
    assert finding.measured["trained_on_nats"] > 1
    assert finding.interval is not None
    assert finding.interval.low > 1
    # New pairs share nothing, and no lower bound reads more than that on average.
    assert finding.measured["new_nats"] < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_what_holds_on_new_pairs_is_no_memory(seed: int) -> None:
    codes = read(on_a_line(seed))
    assert codes.places is not None
    finding = check_memory(dataclasses.replace(codes, trained_on=codes.places < 300))
    assert (finding.status, finding.stance) == ("sound", "not against")
    assert finding.interval is not None
    assert finding.interval.low < 0.3
    assert "pairs that it was trained on were compared" in finding.detail


@pytest.mark.parametrize("draw", [sound, on_a_line])
def test_the_critic_is_compared_where_nobody_knows_of_the_encoder(draw) -> None:  # type: ignore[no-untyped-def]
    finding = check_memory(read(draw(0)))
    assert finding.status == "sound"
    assert finding.measured["fitted_nats"] > finding.measured["held_out_nats"] > 0.5
    assert "nobody said" in finding.detail


def test_a_critic_of_many_columns_that_share_nothing_knows_them_by_heart() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 400, 100))
    finding = check_memory(read_codes("mine", x, y, None, seed=0))
    assert finding.measured["held_out_nats"] < 0.05
    read, kept = BatchMean(3.0, 2.9, 3.1), BatchMean(0.1, 0.0, 0.2)
    assert memory._verdict(read, kept, None, {})[:2] == ("caution", "undecided")
    assert memory._verdict(read, BatchMean(1.0, 0.9, 1.1), None, {})[0] == "sound"


def test_a_gap_that_is_no_fault_is_not_called_none() -> None:
    both = BatchMean(3.0, 2.9, 3.1), BatchMean(2.4, 2.3, 2.5)
    status, _, sentence, _ = memory._verdict(*both, both, {})
    assert status == "sound"
    assert sentence.endswith("2.40: that more than 0.75 nats of it are memory is not shown.")


def test_pairs_that_are_all_known_to_the_encoder_decide_nothing() -> None:
    codes = read(sound(0))
    known = dataclasses.replace(codes, trained_on=np.ones(len(codes), dtype=bool))
    finding = check_memory(known)
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "trained on all of the held-out pairs" in finding.sentence
    # 600 pairs, of which half are held out: ten of those are new, too few to be compared.
    most = np.ones(len(codes), dtype=bool)
    most[codes.held_out[:10]] = False
    finding = check_memory(dataclasses.replace(codes, trained_on=most))
    assert (finding.status, finding.stance) == ("caution", "undecided")
    assert "trained on all but 10 of the held-out pairs" in finding.sentence
    unknown = dataclasses.replace(codes, trained_on=np.zeros(len(codes), dtype=bool))
    assert check_memory(unknown).status == "sound"


def test_few_pairs_are_told_and_not_read() -> None:
    finding = check_memory(read(sound(0, rows=60)))
    assert finding.status == "not run"
    assert "128 pairs" in finding.next_step


def test_where_nothing_is_read_there_is_nothing_to_know_by_heart() -> None:
    x = np.random.default_rng(0).standard_normal((400, 4))
    found = check_memory(read_codes("mine", x, 0 * x, None, seed=0))
    assert (found.status, found.stance) == ("not run", "undecided")
    assert found.sentence.startswith("Nothing to ask: the bound reads")
