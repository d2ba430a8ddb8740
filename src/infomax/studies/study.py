"""A study is a grid of settings: frozen, typed, printable, and readable back."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infomax.errors import UserError

__all__ = ["Reproduction", "RunSettings", "Study"]

_Names = Annotated[tuple[str, ...], Field(min_length=1)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunSettings(_Settings):
    """Everything that one run is determined by, besides the machine.

    Attributes:
        study: name of the study the run belongs to.
        dataset: name or path of the data set.
        encoder: of both views, with weights of their own.
        critic: from codes to scores.
        estimator: the bound that is trained and reported.
        target: nats to hold the bound at; ``None`` maximises it.
        seed: all randomness of the run comes from it.
        steps: updates.
        batch_size: pairs in a batch.
        learning_rate: of Adam.
        evaluate_every: updates between evaluations; the last update is always followed by one.
    """

    study: str
    dataset: str
    encoder: str
    critic: str
    estimator: str
    target: float | None
    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    evaluate_every: int

    @property
    def evaluation_steps(self) -> tuple[int, ...]:
        """Numbers of updates after which to evaluate, from 0 to ``steps``."""
        return (*range(0, self.steps, self.evaluate_every), self.steps)

    @property
    def label(self) -> str:
        """One line that tells the run from the others of its study."""
        matched = "" if self.target is None else f" at {self.target:g} nats"
        return (
            f"{self.study}: {self.encoder} encoder, {self.critic} critic, "
            f"{self.estimator}{matched}, seed {self.seed}"
        )


class Study(_Settings):
    """A figure of the paper as a grid of runs.

    Attributes:
        name: short name of the study.
        figure: name of the paper's figure.
        title: one line for people.
        question: what the study is to answer.
        dataset: name or path of the data set.
        encoders: names of encoders to cross.
        critics: names of critics to cross.
        estimators: names of bounds to cross.
        targets: nats to hold the bound at, to cross; ``None`` maximises it.
        seeds: seeds to cross.
        steps: updates of each run.
        batch_size: pairs in a batch.
        learning_rate: of Adam.
        evaluate_every: updates between evaluations.
    """

    name: str
    figure: str
    title: str
    question: str
    dataset: str = "mnist"
    encoders: _Names
    critics: _Names
    estimators: _Names
    targets: Annotated[tuple[float | None, ...], Field(min_length=1)] = (None,)
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = tuple(range(20))
    steps: Annotated[int, Field(ge=1)] = 21_000
    batch_size: Annotated[int, Field(ge=2)] = 128
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    evaluate_every: Annotated[int, Field(ge=1)] = 1_000

    def runs(self) -> Iterator[RunSettings]:
        """Yield every run of the grid; the runs of one seed follow each other.

        So a study that is interrupted holds whole seeds, which can be compared.
        """
        grid = product(self.seeds, self.encoders, self.critics, self.estimators, self.targets)
        for seed, encoder, critic, estimator, target in grid:
            yield RunSettings(
                study=self.name,
                dataset=self.dataset,
                encoder=encoder,
                critic=critic,
                estimator=estimator,
                target=target,
                seed=seed,
                steps=self.steps,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                evaluate_every=self.evaluate_every,
            )


class Reproduction(_Settings):
    """What one call of ``infomax reproduce`` runs: studies and the device they run on."""

    preset: str
    device: str
    studies: Annotated[tuple[Study, ...], Field(min_length=1)]

    def write(self, path: Path) -> None:
        """Write these settings as JSON."""
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Reproduction":
        """Read settings that ``write`` wrote.

        Raises:
            UserError: if the file is missing or does not hold such settings.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise UserError(f"{path}: {where}: {first['msg']}") from error
