"""Studies: each figure of the paper as data, and its claims as tests on the records.

``infomax.studies.reproduce`` runs them and ``infomax.studies.claims`` judges them; both are
imported by whoever wants them, since names of studies wait for neither PyTorch nor pandas.
"""

from infomax.studies.catalogue import STUDIES, find_study, register_study
from infomax.studies.reproduction import Reproduction
from infomax.studies.request import Request
from infomax.studies.study import (
    AdversarialStudy,
    Configuration,
    PairStudy,
    Run,
    SampleStudy,
    Study,
)
from infomax.studies.study_entry import PRESETS, Cost, StudyEntry

__all__ = [
    "PRESETS",
    "STUDIES",
    "AdversarialStudy",
    "Configuration",
    "Cost",
    "PairStudy",
    "Reproduction",
    "Request",
    "Run",
    "SampleStudy",
    "Study",
    "StudyEntry",
    "find_study",
    "register_study",
]
