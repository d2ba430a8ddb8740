"""What was asked for before, against what is asked for now."""

import pytest

from infomax.errors import UserError
from infomax.studies.catalogue import STUDIES
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy

BEGUN = Reproduction(
    preset="quick", device="cpu", studies=(STUDIES["critics"].full, STUDIES["non-iid"].full)
)


def with_study(study: AnyStudy) -> Reproduction:
    return BEGUN.model_copy(update={"studies": (study, STUDIES["non-iid"].full)})


def test_the_same_settings_do_not_differ() -> None:
    again = Reproduction.model_validate_json(BEGUN.model_dump_json())
    assert again.differences(BEGUN) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"steps": 10}, "steps of critics (10, not 21000)"),
        ({"seeds": (0, 1)}, "seeds of critics ((0, 1), not"),
        ({"datasets": ("digits",)}, "datasets of critics (('digits',), not ('mnist',))"),
    ],
)
def test_each_difference_is_named(changes: dict[str, object], told: str) -> None:
    asked = with_study(STUDIES["critics"].full.model_copy(update=changes))
    differences = asked.differences(BEGUN)
    assert len(differences) == 1
    assert told in differences[0]


def test_other_studies_and_devices_are_named() -> None:
    fewer = BEGUN.model_copy(update={"studies": (STUDIES["critics"].full,), "device": "cuda"})
    assert fewer.differences(BEGUN) == [
        "device (cuda, not cpu)",
        "studies (critics, not critics, non-iid)",
    ]


def test_seeds_are_added_to_the_studies_that_are_named() -> None:
    few = BEGUN.model_copy(
        update={"studies": tuple(e.model_copy(update={"seeds": (0, 5)}) for e in BEGUN.studies)}
    )
    assert [study.seeds for study in few.with_seeds(3).studies] == [(0, 5, 1, 2)] * 2
    named = few.with_seeds(2, ["non-iid"])
    assert [study.seeds for study in named.studies] == [(0, 5), (0, 5, 1)]
    with pytest.raises(UserError, match="critics was begun with 20 seeds, which cannot become 3"):
        BEGUN.with_seeds(3)
    with pytest.raises(UserError, match="bijective is none of the studies begun here: critics, no"):
        BEGUN.with_seeds(30, ["bijective"])
