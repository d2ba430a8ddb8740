"""What one call of ``infomax reproduce`` asks for, and what is run for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from infomax.errors import UserError, advice
from infomax.studies.catalogue import STUDIES, StudyEntry, find_study
from infomax.studies.study import AnyStudy, PairStudy, SampleStudy, Settings
from infomax.whole_file import read_json_whole, write_json_whole

__all__ = [
    "Reproduction",
    "Request",
]


class Reproduction(Settings):
    """Studies, and the device they run on."""

    preset: str
    device: str
    studies: Annotated[tuple[AnyStudy, ...], Field(min_length=1)]

    def write(self, path: Path) -> None:
        """Write these settings as JSON; the file is whole or is not there."""
        write_json_whole(path, self.model_dump(mode="json"))

    @classmethod
    def read(cls, path: Path) -> "Reproduction":
        """Read settings that ``write`` wrote.

        Raises:
            UserError: if the file is missing, is not what was written, or does not hold such
                settings.
        """
        try:
            return cls.model_validate(read_json_whole(path))
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise UserError(f"{path}: {where}: {first['msg']}") from error
        except ValueError as error:
            raise UserError(
                f"{path} is damaged ({error}): remove it, and give --resume with all that the "
                "reproduction was begun with"
            ) from error

    def with_seeds(self, count: int, names: Sequence[str] = ()) -> "Reproduction":
        """Return the same with more seeds, so that what is done of it stays done.

        Args:
            count: how many seeds each study is to have, from 0.
            names: names of the studies that get them; all if none is named.

        Raises:
            UserError: if a study has more already, or is not one of these.

        Example:
            >>> from infomax.studies.catalogue import STUDIES
            >>> study = STUDIES["critics"].full.model_copy(update={"seeds": (0, 1)})
            >>> begun = Reproduction(preset="quick", device="cpu", studies=(study,))
            >>> begun.with_seeds(3).studies[0].seeds
            (0, 1, 2)
        """
        ours = [study.name for study in self.studies]
        for name in names:
            if name not in ours:
                raise UserError(f"{name} is none of the studies begun here: {', '.join(ours)}")
        studies = []
        for study in self.studies:
            if names and study.name not in names:
                studies.append(study)
                continue
            if count < len(study.seeds):
                raise UserError(
                    f"{study.name} was begun with {len(study.seeds)} seeds, which cannot become "
                    f"{count}: give as many or more"
                )
            seeds = tuple(dict.fromkeys((*study.seeds, *range(count))))
            studies.append(study.model_copy(update={"seeds": seeds}))
        return self.model_copy(update={"studies": tuple(studies)})

    def differences(self, other: "Reproduction") -> list[str]:
        """Return a phrase for each setting in which this differs from another.

        Example:
            >>> from infomax.studies.catalogue import STUDIES
            >>> study = STUDIES["critics"].full
            >>> longer = study.model_copy(update={"steps": 30_000})
            >>> one, two = (
            ...     Reproduction(preset="full", device="cpu", studies=(each,))
            ...     for each in (study, longer)
            ... )
            >>> one.differences(two)
            ['steps of critics (21000, not 30000)']
        """
        found = [
            f"{name} ({getattr(self, name)}, not {getattr(other, name)})"
            for name in ("preset", "device")
            if getattr(self, name) != getattr(other, name)
        ]
        ours, theirs = ({study.name: study for study in each.studies} for each in (self, other))
        if list(ours) != list(theirs):
            found.append(f"studies ({', '.join(ours)}, not {', '.join(theirs)})")
        for name in [name for name in ours if name in theirs]:
            one, two = ours[name].model_dump(), theirs[name].model_dump()
            found += [
                f"{field} of {name} ({one.get(field)}, not {two.get(field)})"
                for field in dict.fromkeys((*one, *two))
                if one.get(field) != two.get(field)
            ]
        return found


_EVALUATIONS = 10
# An evaluation costs more than an update.
_CLOSEST_EVALUATIONS = 20


@dataclass(frozen=True)
class Request:
    """Studies, and in what they are to differ from a preset.

    Attributes:
        names: studies or figures, e.g. ``("critics", "fig4c")``; empty takes those of the paper.
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
        of_paper = [name for name, entry in STUDIES.items() if entry.in_paper]
        entries = [find_study(name) for name in dict.fromkeys(self.names or of_paper)]
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
            return begun.with_seeds(self.seeds, [find_study(each).full.name for each in self.names])
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
            changes["evaluate_every"] = min(tenth, entry.full.evaluate_every)
        if self.seeds is not None:
            changes["seeds"] = tuple(range(self.seeds))
        if self.dataset is not None and not isinstance(study, SampleStudy):
            changes["datasets"] = (self.dataset,)
        if self.bounds and any(study.bounds):
            changes["bounds"] = tuple(dict.fromkeys(self.bounds))
        if self.noise is not None and isinstance(study, PairStudy) and study.noise_deviation:
            changes["noise"] = self.noise
        return study.model_copy(update=changes)
