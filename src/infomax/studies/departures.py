"""Every way in which a run departs from the paper."""

from collections.abc import Mapping

from infomax.studies.study import Study

__all__ = ["departures", "show_setting", "standing_departures"]

_MEANINGS = {
    "seeds": "seeds",
    "steps": "updates of each run",
    "evaluate_every": "updates between evaluations",
    "encoder_options": "options of the encoder",
    "targets": "targets of the bound in nats",
    "batch_size": "pairs in a batch",
    "noise_deviation": "standard deviation of the noise on the views",
    "noise": "noise of the two views of a pair",
    "also_measured": "measured besides bounds or losses, and probes",
    "warm_up_steps": "updates of the classifier before the first of the encoder",
    "classifier_steps": "updates of the classifier before each of the encoder",
    "classifier_learning_rate": "learning rate of the classifier",
    # Data sets may hold fewer.
    "probed_images": "most training images that the probes are fitted on",
    "held_out_pairs": "held-out pairs that information is estimated on",
    "read_pairs": "most held-out pairs that the Donsker-Varadhan value is read on at once",
    "smoothing_steps": "standard deviation of the smoothing of the curve, in updates",
    "held_out_batches": "fresh batches in each evaluation",
}

# What a study is called does not change what it does; data sets are compared by themselves.
_NOT_SETTINGS = {"name", "figure", "title", "question", "kind", "datasets"}


def departures(study: Study, full: Study, *, where: str = "in the paper") -> list[str]:
    """Return a sentence for each setting in which a study differs from that at full scale.

    Args:
        study: as it was run.
        full: the same at full scale, which is the paper's where the study is one of the paper's.
        where: what sentences call the full scale.

    Example:
        >>> from infomax.studies.catalogue import STUDIES
        >>> full = STUDIES["critics"].full
        >>> departures(full.model_copy(update={"steps": 600}), full)
        ['updates of each run: here 600; in the paper 21,000']
    """
    found = []
    ours, theirs = study.model_dump(), full.model_dump()
    for setting in dict.fromkeys((*theirs, *ours)):
        one, two = ours.get(setting), theirs.get(setting)
        if setting in _NOT_SETTINGS or one == two:
            continue
        if setting == "seeds":
            one, two = len(study.seeds), len(full.seeds)
            if one == two:
                continue
        meaning = _MEANINGS.get(setting, setting.replace("_", " "))
        found.append(f"{meaning}: here {show_setting(one)}; {where} {show_setting(two)}")
    return found + _other_datasets(study, full, where)


def _other_datasets(study: Study, full: Study, where: str) -> list[str]:
    """Return a sentence for data sets on which the paper does not show the study."""
    known = study.paper_datasets
    if not known.keys() >= set(full.datasets):
        known = {each: each for each in full.datasets}
    others = [each for each in study.datasets if each.rstrip("/") not in known]
    if not others:
        return []
    return [f"data set: here {', '.join(others)}; {where} {' and '.join(known.values())}"]


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
        >>> show_setting((2.0, None)), show_setting(21_000), show_setting(()), show_setting(None)
        ('2, maximised', '21,000', 'none', 'all')
        >>> show_setting({"hidden_sizes": (128, 128)})
        'hidden sizes 128, 128'
    """
    if isinstance(value, tuple):
        # A target that is not there is a bound that is maximised.
        shown = ("maximised" if item is None else show_setting(item) for item in value)
        return ", ".join(shown) or "none"
    if isinstance(value, Mapping):
        given = {name: each for name, each in value.items() if each not in (None, "", {})}
        options = (f"{name.replace('_', ' ')} {show_setting(each)}" for name, each in given.items())
        return "; ".join(options) or "none"
    if value is None:
        return "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
