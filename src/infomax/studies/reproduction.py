"""What one call of ``infomax reproduce`` runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from infomax.errors import UserError
from infomax.studies.study import AnyStudy, Settings
from infomax.whole_file import read_json_whole, write_json_whole

__all__ = ["Reproduction"]


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
            >>> study = STUDIES["critics"].paper.model_copy(update={"seeds": (0, 1)})
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
            >>> study = STUDIES["critics"].paper
            >>> longer = study.model_copy(update={"steps": 30_000})
            >>> one, two = (
            ...     Reproduction(preset="paper", device="cpu", studies=(each,))
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
