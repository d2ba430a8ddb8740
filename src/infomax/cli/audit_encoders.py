"""Encoders as what ``infomax audit`` is given: folders of runs, and modules by their path."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infomax.cli.progress_line import ProgressLine
from infomax.cli.run_flags import given_settings
from infomax.errors import UserError, unknown_name

if TYPE_CHECKING:
    from infomax.audit import AuditResult
    from infomax.audit.audit_plan import AuditPlan
    from infomax.experiments.trained_run import Weights

__all__ = ["audit_encoders", "names_encoders"]

_WEIGHTS = ("best", "last")


def names_encoders(given: Sequence[Path]) -> bool:
    """Tell whether runs or modules are given, in the place of files of codes.

    Example:
        >>> names_encoders([Path("my.module:encoder")]), names_encoders([Path("x.npy")])
        (True, False)
    """
    return any(each.is_dir() or _is_module(each) for each in given)


def audit_encoders(
    given: Sequence[Path],
    flags: Mapping[str, Any],
    *,
    refused: Mapping[str, Any],
    random_state: int,
    progress: ProgressLine,
    plan: "AuditPlan",
) -> "AuditResult":
    """Audit runs, or modules on data.

    Args:
        given: folders of runs, or one or two modules as ``package.module:callable``.
        flags: values of ``--data``, ``--y-data``, ``--views``, ``--view-options``, ``--weights``,
            ``--labels`` and ``--groups`` by their parameters.
        refused: values of flags that are for files of codes alone.
        random_state: seed.
        progress: line that shows how far it is.
        plan: seeds, budget, and where findings are kept.

    Raises:
        UserError: if a flag does not go with what is given, or it cannot be audited.
    """
    for name, value in refused.items():
        if value is not None:
            raise UserError(
                f"--{name.replace('_', '-')} goes with files of codes: encoders read views "
                "themselves; leave it out"
            )
    modules = [str(each) for each in given if _is_module(each)]
    if modules and len(modules) < len(given):
        raise UserError("give folders of runs, or modules, or files of codes: not several kinds")
    if modules:
        return _of_modules(modules, flags, random_state, progress, plan)
    return _of_runs(given, flags, random_state, progress, plan)


def _is_module(given: Path) -> bool:
    return ":" in str(given) and not given.exists()


def _of_modules(
    modules: Sequence[str],
    flags: Mapping[str, Any],
    seed: int,
    progress: ProgressLine,
    plan: "AuditPlan",
) -> "AuditResult":
    from infomax.audit.modules_audit import audit_modules  # noqa: PLC0415

    if flags["data"] is None:
        raise UserError(
            f"{modules[0]} encodes views: say of what data (--data) and, where these hold one view "
            "of each item, how two are made (--views)"
        )
    return audit_modules(
        modules,
        data=flags["data"],
        y_data=flags["y_data"],
        views=flags["views"],
        view_options=given_settings({"view_options": flags["view_options"] or ()})["view_options"],
        weights=[Path(each) for each in flags["weights"] or ()],
        labels=flags["labels"],
        groups=flags["groups"],
        random_state=seed,
        progress=progress,
        plan=plan,
    )


def _of_runs(
    given: Sequence[Path],
    flags: Mapping[str, Any],
    seed: int,
    progress: ProgressLine,
    plan: "AuditPlan",
) -> "AuditResult":
    from infomax.audit import audit_runs  # noqa: PLC0415

    for name in ("y_data", "views", "view_options", "groups"):
        if flags[name]:
            raise UserError(
                f"--{name.replace('_', '-')} goes with modules: a run says of itself; leave it out"
            )
    weights = flags["weights"] or ["best"]
    if len(weights) > 1 or weights[0] not in _WEIGHTS:
        raise unknown_name("--weights of a run", ", ".join(weights), _WEIGHTS)
    which: Weights = "best" if weights[0] == "best" else "last"
    return audit_runs(
        given,
        data=flags["data"],
        labels=flags["labels"],
        weights=which,
        random_state=seed,
        progress=progress,
        plan=plan,
    )
