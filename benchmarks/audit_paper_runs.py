"""What an audit says of the encoders of the paper's studies, on images that they never saw.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.audit_paper_runs bijective adversarial``. Each
study's quick preset is trained for one seed, by the same code as ``infomax reproduce``, a few steps
at a larger learning rate; both encoders' codes of the test images are audited. The encoder that is
trained against a classifier reads view x alone, and view y is audited as it is. The study of
dependent samples has no encoder, and is no input of an audit.
"""

import argparse
import time
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from infomax.audit.audit_result import AuditResult
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders, encode_pairs
from infomax.audit.checks import CHECKS
from infomax.encoders import IdentityEncoder
from infomax.experiments.pair_datasets import TensorPairDataset
from infomax.studies import STUDIES
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import TrainingJob
from infomax.studies.run_job import JobContext
from infomax.training import BlindedClassifier, PairModel, Trainer, generator_for

CPU = torch.device("cpu")


class Setting(NamedTuple):
    """How far a study's encoder is trained: updates and learning rate."""

    steps: int
    learning_rate: float


SETTINGS = {
    "bijective": Setting(300, 1e-3),
    "adversarial": Setting(200, 1e-4),
    "conditioning": Setting(300, 1e-3),
    "critics": Setting(300, 1e-3),
    "matched-bound": Setting(150, 1e-3),
}


def audited(
    name: str, setting: Setting, dataset: str, images: ImagePairs | None = None
) -> AuditedCodes:
    """Train the first encoder of a study, and return the codes of test images by it."""
    changed = {**setting._asdict(), "seeds": (0,), "datasets": (dataset,)}
    study = STUDIES[name].at("quick").model_copy(update=changed)
    images = images or ImagePairs.open(dataset, CPU)
    configuration = next(study.configurations())
    job = TrainingJob(study, configuration, (0,))
    experiment = JobContext(CPU, {study.image_views(dataset): images}).experiment(job)
    experiment.begin()
    Trainer(setting.steps).fit(experiment.training)
    (model,) = experiment.training.modules
    x, y = _encoders(model, images)
    pairs = TensorPairDataset(images.test, dataset)
    return encode_pairs(
        f"{name} ({configuration.encoder})",
        AuditedEncoders(x, y, pairs),
        np.arange(len(pairs)),
        seed=0,
        labels=images.test_labels,
    )


def _encoders(model: nn.Module, images: ImagePairs) -> tuple[nn.Module, nn.Module]:
    if isinstance(model, PairModel):
        return model.x_encoder, model.y_encoder
    assert isinstance(model, BlindedClassifier)
    return model.encoder, IdentityEncoder(images.view_shape, generator_for(0, "y-encoder"))


def main() -> None:
    """Print the answer for each study, and what its checks say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("studies", nargs="*", help=f"of {', '.join(SETTINGS)}; all without")
    parser.add_argument("--checks", help="names of checks, with commas; all without")
    parser.add_argument("--dataset", default="mnist-14")
    parser.add_argument("--steps", type=int, help="updates of the encoder, of all studies named")
    parser.add_argument("--learning-rate", type=float, help="of the encoder, of all studies named")
    given = parser.parse_args()
    asked = None if given.checks is None else given.checks.split(",")
    images = ImagePairs.open(given.dataset, CPU)
    for name in given.studies or SETTINGS:
        setting = SETTINGS[name]
        if given.steps is not None:
            setting = setting._replace(steps=given.steps)
        if given.learning_rate is not None:
            setting = setting._replace(learning_rate=given.learning_rate)
        codes = audited(name, setting, given.dataset, images)
        findings = []
        for check in CHECKS:
            if asked is not None and check.name not in asked:
                continue
            began = time.process_time()
            findings.append(check(codes))
            seconds = time.process_time() - began
            print(f"  {check.name} ({seconds:.0f} s): {findings[-1].sentence}", flush=True)
        result = AuditResult(findings, {codes.name: (len(codes), codes.given_rows)}, 0)
        print(
            f"{setting.steps} updates at {setting.learning_rate:g}. {result.answer()}", flush=True
        )


if __name__ == "__main__":
    main()
