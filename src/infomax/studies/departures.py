"""Every way in which a run departs from the paper."""

from infomax.studies.study import Study

__all__ = ["departures", "show_setting", "standing_departures"]

_COMPARED = {
    "seeds": "seeds",
    "steps": "updates of each run",
    "evaluate_every": "updates between evaluations",
    "encoders": "encoders",
    "critics": "critics",
    "estimators": "estimators",
    "targets": "targets of the bound in nats",
    "batch_size": "pairs in a batch",
    "learning_rate": "learning rate",
}


def departures(study: Study, paper: Study) -> list[str]:
    """Return a sentence for each setting in which a study differs from the paper's.

    Example:
        >>> from infomax.studies.catalogue import STUDIES
        >>> paper = STUDIES["critics"]
        >>> departures(paper.model_copy(update={"steps": 600}), paper)
        ['updates of each run: here 600; in the paper 21,000']
    """
    found = []
    for field, meaning in _COMPARED.items():
        ours, theirs = getattr(study, field), getattr(paper, field)
        if field == "seeds":
            ours, theirs = len(ours), len(theirs)
        if ours != theirs:
            found.append(
                f"{meaning}: here {show_setting(ours)}; in the paper {show_setting(theirs)}"
            )
    if study.dataset.rstrip("/") not in {"mnist", "cifar10"}:
        found.append(f"data set: here {study.dataset}; in the paper MNIST and CIFAR-10")
    return found


def standing_departures() -> list[str]:
    """Return the departures that every run has, whatever its settings.

    Sources: the paper's companion notebook, and the settings of this package.
    """
    return [
        "The paper's bound curves are training curves: its notebook evaluates the bound on fresh "
        "training batches. The metric bound with split train is that value; split test, the value "
        "on pairs never trained on, is ours.",
        "The probe judged here (probe_accuracy) is logistic regression solved to convergence, with "
        "scaling that near-constant columns cannot fool and a penalty chosen on a validation split "
        "of the training set. The notebook's probe (min-max scaling, C = 10, SAGA stopped at "
        "tolerance 0.1) stands beside it as probe_accuracy_notebook.",
        "Raw pixels and the untrained encoder (step 0) are probed by the same protocol.",
        "A batch never straddles two passes over the data: the rows left over at the end of a pass "
        "are skipped in that pass and drawn anew in the next.",
        "A run whose loss is not finite is recorded as failed; the notebook prints and goes on.",
        "The bounds are computed by PyTorch with Adam's usual betas (0.9, 0.999); random numbers "
        "differ from TensorFlow's, so runs agree in distribution, not in bits.",
    ]


def show_setting(value: object) -> str:
    """Return the value of a setting as people read it.

    Example:
        >>> show_setting((2.0, None)), show_setting(21_000)
        ('2, maximised', '21,000')
    """
    if isinstance(value, tuple):
        return ", ".join(show_setting(item) for item in value)
    if value is None:
        return "maximised"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
