"""What one call of ``infomax reproduce`` runs."""

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

    def differences(self, other: "Reproduction") -> list[str]:
        """Return a phrase for each setting in which this differs from another.

        Example:
            >>> from infomax.studies.catalogue import STUDIES
            >>> study = STUDIES["critics"]
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
