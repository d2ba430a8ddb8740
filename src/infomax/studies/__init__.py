"""Studies: each figure of the paper as data, and its claims as tests on the records.

``infomax.studies.reproduce`` runs them and ``infomax.studies.claims`` judges them; both are
imported by whoever wants them, since names of studies wait for neither PyTorch nor pandas.
"""

from infomax.studies.better_estimate import ANCHOR_STUDIES
from infomax.studies.catalogue import PRESETS, STUDIES, Cost, StudyEntry, find_study, register_study
from infomax.studies.negatives import NEGATIVES_STUDIES
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.reproduction import Reproduction, Request
from infomax.studies.self_supervision import SELF_SUPERVISION_STUDIES
from infomax.studies.study import (
    AdversarialStudy,
    Configuration,
    LossStudy,
    PairStudy,
    Recipe,
    Run,
    SampleStudy,
    Study,
)

__all__ = [
    "PRESETS",
    "STUDIES",
    "AdversarialStudy",
    "Configuration",
    "Cost",
    "LossStudy",
    "PairStudy",
    "Recipe",
    "Reproduction",
    "Request",
    "Run",
    "SampleStudy",
    "Study",
    "StudyEntry",
    "find_study",
    "register_study",
]

for _entry in (*PAPER_STUDIES, *NEGATIVES_STUDIES, *SELF_SUPERVISION_STUDIES, *ANCHOR_STUDIES):
    register_study(_entry)
