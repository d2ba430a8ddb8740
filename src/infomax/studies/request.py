"""What one call of ``infomax reproduce`` asks for, and what is run for it."""

from dataclasses import dataclass
from pathlib import Path

from infomax.errors import UserError, advice
from infomax.studies.catalogue import STUDIES, find_study
from infomax.studies.reproduction import Reproduction
from infomax.studies.study import AnyStudy, PairStudy, SampleStudy
from infomax.studies.study_entry import StudyEntry

__all__ = ["Request"]

_EVALUATIONS = 10
# An evaluation costs more than an update.
_CLOSEST_EVALUATIONS = 20


@dataclass(frozen=True)
class Request:
    """Studies, and in what they are to differ from a preset.

    Attributes:
        names: studies or figures, e.g. ``("critics", "fig4c")``; empty takes all.
        preset: scale of the studies; ``None`` takes ``quick``.
        device: where to run, e.g. ``cuda:0``; ``None`` takes ``auto``.
        steps: updates of each run, with about ten evaluations on the way.
        seeds: how many seeds, from 0.
        dataset: name or path of the data set of all image studies.
        bounds: names of the bounds to train by; empty takes those of each study.
        noise: the noise of both views in studies that have noise, ``shared`` or ``own``.

    Example:
        >>> asked = Request(names=("fig3",), steps=100, bounds=("nwj",))
        >>> (critics,) = asked.reproduction().studies
        >>> critics.name, critics.steps, critics.evaluate_every, critics.bounds
        ('critics', 100, 20, ('nwj',))
    """

    names: tuple[str, ...] = ()
    preset: str | None = None
    device: str | None = None
    steps: int | None = None
    seeds: int | None = None
    dataset: str | None = None
    bounds: tuple[str, ...] = ()
    noise: str | None = None

    def reproduction(self) -> Reproduction:
        """Return what is run where nothing was begun before.

        Raises:
            UserError: if a study, preset or kind of noise is unknown, or a number too small.
        """
        for name in ("steps", "seeds"):
            count = getattr(self, name)
            if count is not None and count < 1:
                raise UserError(
                    f"{advice(name, f'--{name}')} is {count}: give a whole number of at least 1"
                )
        if self.noise not in {None, "shared", "own"}:
            raise UserError(
                f"{advice('noise', '--noise')} is {self.noise!r}: choose one of shared, own"
            )
        entries = [find_study(name) for name in dict.fromkeys(self.names or STUDIES)]
        return Reproduction(
            preset=self.preset or "quick",
            device=self.device or "auto",
            studies=tuple(self._scaled(entry) for entry in entries),
        )

    def resumed(self, begun: Reproduction | None, folder: Path) -> Reproduction:
        """Return what a folder was begun with, which must be what is asked for, if anything is.

        A folder that was never begun is begun: whoever was interrupted gives the same line again.
        Where nothing is asked for but seeds, of all studies or of those named, they are added.

        Args:
            begun: what the folder was begun with; ``None`` if it never was.
            folder: the folder, for messages.

        Raises:
            UserError: if it was begun with other settings, or nothing is asked for and it never
                was begun.
        """
        scale = (self.preset, self.device, self.steps, self.dataset, self.noise)
        scaled = bool(self.bounds) or any(each is not None for each in scale)
        asked = scaled or bool(self.names) or self.seeds is not None
        if begun is None:
            if not asked:
                raise UserError(
                    f"{folder} holds no run to go on with: check --out, or name what to run"
                )
            return self.reproduction()
        if self.seeds is not None and not scaled:
            return begun.with_seeds(
                self.seeds, [find_study(each).paper.name for each in self.names]
            )
        differences = self.reproduction().differences(begun) if asked else []
        if differences:
            raise UserError(
                f"{folder} was begun with other settings than those given: "
                f"{'; '.join(differences)}: give the same, or --resume --out alone, or another "
                "--out"
            )
        return begun

    def _scaled(self, entry: StudyEntry) -> AnyStudy:
        study = entry.at(self.preset or "quick")
        changes: dict[str, object] = {}
        if self.steps is not None:
            changes["steps"] = self.steps
            # About ten points of each curve, and no fewer than the paper draws.
            tenth = max(-(-self.steps // _EVALUATIONS), _CLOSEST_EVALUATIONS)
            changes["evaluate_every"] = min(tenth, entry.paper.evaluate_every)
        if self.seeds is not None:
            changes["seeds"] = tuple(range(self.seeds))
        if self.dataset is not None and not isinstance(study, SampleStudy):
            changes["datasets"] = (self.dataset,)
        if self.bounds and any(study.bounds):
            changes["bounds"] = tuple(dict.fromkeys(self.bounds))
        if self.noise is not None and isinstance(study, PairStudy) and study.noise_deviation:
            changes["noise"] = self.noise
        return study.model_copy(update=changes)
