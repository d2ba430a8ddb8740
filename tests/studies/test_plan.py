"""The plan: every piece once, raw pixels before what is compared with them."""

import torch

from infomax.studies.catalogue import STUDIES
from infomax.studies.jobs import Job, jobs_of
from infomax.studies.plan import RawPixels, in_order_of_work, names_of, plan_of
from infomax.studies.reproduction import Reproduction

CPU = torch.device("cpu")
LABELS = {"mnist": "mnist", "photos/of-cats": "of-cats-jpeg"}


def of_two_data_sets() -> Reproduction:
    changes = {"datasets": tuple(LABELS), "seeds": (0, 1)}
    studies = [STUDIES[name].model_copy(update=changes) for name in ("critics", "bijective")]
    return Reproduction(preset="paper", device="cpu", studies=(*studies, STUDIES["non-iid"]))


def test_the_jobs_of_a_plan_are_those_of_the_reproduction_in_their_order() -> None:
    reproduction = of_two_data_sets()
    plan = plan_of(reproduction, CPU, LABELS)
    jobs = [piece for piece in plan if isinstance(piece, Job)]
    assert jobs == list(jobs_of(reproduction, CPU))


def test_raw_pixels_stand_once_before_the_first_job_on_them() -> None:
    plan = plan_of(of_two_data_sets(), CPU, LABELS)
    raw = [piece for piece in plan if isinstance(piece, RawPixels)]
    assert [each.label for each in raw] == [
        "critics on mnist: raw pixels",
        "critics on of-cats-jpeg: raw pixels",
        "bijective on mnist: raw pixels",
        "bijective on of-cats-jpeg: raw pixels",
    ]
    for each in raw:
        first = next(
            piece
            for piece in plan
            if isinstance(piece, Job)
            and piece.study == each.study
            and piece.configuration.dataset == each.dataset
        )
        assert plan.index(each) == plan.index(first) - 1


def test_every_run_has_one_name() -> None:
    reproduction = of_two_data_sets()
    names = names_of(plan_of(reproduction, CPU, LABELS))
    runs = [run.label for study in reproduction.studies for run in study.runs()]
    assert len(set(names)) == len(names)
    assert set(names) >= set(runs)
    assert len(names) == len(runs) + 4


def test_the_work_is_done_study_by_study_the_cheapest_first() -> None:
    studies = tuple(STUDIES[name] for name in ("bijective", "critics", "conditioning"))
    plan = plan_of(Reproduction(preset="paper", device="cpu", studies=studies), CPU, LABELS)
    work = in_order_of_work(plan)
    names = [piece.study.name for piece in work]
    assert list(dict.fromkeys(names)) == ["conditioning", "critics", "bijective"]
    assert names == sorted(names, key=["conditioning", "critics", "bijective"].index)
    for name in dict.fromkeys(names):
        of_study = [piece for piece in plan if piece.study.name == name]
        assert [piece for piece in work if piece.study.name == name] == of_study
