"""The settings of a run: data, views, model, objective, optimisation, evaluation; from a file."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infomax.errors import UserError, message_of, shortened

__all__ = [
    "DEFAULT_STEPS",
    "LARGEST_SEED",
    "RunConfig",
    "read_plain_yaml",
    "read_settings",
]

DEFAULT_STEPS: Final = 2_000
"""Number of updates where nobody gives one, from Python and at the command."""

LARGEST_SEED: Final = 2**32 - 1
"""The largest that every library takes."""

Option = str | int | float | bool | list[int] | list[float] | list[str]


class RunConfig(BaseModel):
    """Settings of a run; the same keys in a settings file, as flags and from Python.

    Example:
        >>> settings = RunConfig.checked({"data": "mnist", "views": "halves", "steps": 100})
        >>> settings.encoder, settings.bound, settings.steps
        ('mlp', 'infonce', 100)
        >>> RunConfig.checked({"data": "mnist", "view": "halves"})
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown setting 'view': did you mean 'views'?
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    data: str = Field(
        description="Name of a shipped data set, or a .npy, .npz, .csv, .tsv, .parquet or idx "
        "file, or a folder or archive of images.",
        json_schema_extra={"heading": "Data"},
    )
    y_data: str | None = Field(None, description="File or folder of the second view, row by row.")
    x: tuple[str, ...] = Field((), description="Columns (or the array of an .npz) of view x.")
    y: tuple[str, ...] = Field((), description="Columns (or the array of an .npz) of view y.")
    labels: str | None = Field(
        None,
        description="Column, array or file of labels, which only the probes see, and a loss that "
        "needs them; for a folder of images, the names of its folders are the labels.",
    )
    groups: str | None = Field(
        None, description="Column, array or file of groups that the validation split keeps whole."
    )
    image_size: tuple[int, int] | None = Field(
        None, description="Height and width that images of a folder are brought to."
    )
    skip_bad: bool = Field(False, description="Leave out, and record, images that cannot be read.")
    skip_at_most: float = Field(
        0.1, ge=0, le=1, description="Largest share of the images that skip_bad may leave out."
    )

    views: str | None = Field(
        None,
        description="How two views are made of one item: halves, channels, features, noise, mask, "
        "augment, or module:callable.",
        json_schema_extra={"heading": "Views, where the data hold one view of each item"},
    )
    view_options: dict[str, Option] = Field(
        default_factory=dict, description="Options of the views, such as {cut: left-right}."
    )

    encoder: str = Field(
        "mlp",
        description="Name of an encoder (`infomax list encoders`), or module:callable.",
        json_schema_extra={"heading": "Model: encoders and critic"},
    )
    encoder_options: dict[str, Option] = Field(
        default_factory=dict, description="Options of the encoder, such as {layer_sizes: [64, 32]}."
    )
    shared_encoder: bool = Field(False, description="Train one encoder for both views.")
    projection: int | None = Field(
        None,
        ge=1,
        description="Size of the output of a projection head between code and critic. Without a "
        "size there is no head.",
    )
    head_options: dict[str, Option] = Field(
        default_factory=dict,
        description="Options of the projection head, such as {hidden_sizes: [512, 512], "
        "batch_norm: true}.",
    )
    critic: str = Field(
        "bilinear",
        description="Name of a critic (`infomax list critics`), or module:callable.",
    )
    critic_options: dict[str, Option] = Field(
        default_factory=dict, description="Options of the critic, such as {temperature: 0.1}."
    )
    start_from: str | None = Field(
        None,
        description="Folder of a run of the same encoders and critic, whose best weights training "
        "starts from. Rows of the same data that it held out are held out again.",
    )

    bound: str = Field(
        "infonce",
        description="Bound that is maximised (`infomax list bounds`), or that a loss is read by.",
        json_schema_extra={"heading": "Objective"},
    )
    loss: str | None = Field(
        None,
        description="Loss of codes that is minimised in the place of the bound (`infomax list "
        "losses`), or pml:NAME, one of PyTorch Metric Learning. The critic then only scores codes "
        "for the bound: without a name it is the loss's own.",
    )
    loss_options: dict[str, Option] = Field(
        default_factory=dict, description="Options of the loss, such as {temperature: 0.2}."
    )
    miner: str | None = Field(
        None,
        description="Miner of PyTorch Metric Learning that chooses pairs for a loss pml:NAME, such "
        "as pml:MultiSimilarityMiner.",
    )
    miner_options: dict[str, Option] = Field(
        default_factory=dict, description="Options of the miner, such as {epsilon: 0.1}."
    )
    predictor: int | None = Field(
        None,
        ge=1,
        description="Number of hidden units of the predictor, for a loss that needs one. Without a "
        "number it is the loss's own.",
    )
    target_momentum: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Share of its own values that the target network keeps in each update, for a "
        "loss that needs one; 0 makes it the network that is trained, held still. Without a number "
        "it is the loss's own.",
    )
    target_schedule: str | None = Field(
        None,
        description="How that share goes on: constant, or along a cosine up to 1 by the last "
        "update. Without a word it is as the loss has it.",
    )
    queue_size: int | None = Field(
        None,
        ge=1,
        description="Number of codes of earlier batches that the queue holds, for a loss that "
        "needs one; at most as many as pairs are trained on. Without a number it is the loss's "
        "own.",
    )
    target: float | None = Field(
        None, description="Value in nats at which the bound is held, instead of being maximised."
    )
    negatives: str = Field(
        "in-batch",
        description="How the negatives of an anchor are drawn in training (`infomax list "
        "negatives`). Evaluations take every other pair of a batch, whatever it is.",
    )
    negatives_options: dict[str, Option] = Field(
        default_factory=dict, description="Options of the negatives, such as {count: 256}."
    )

    batch_size: int = Field(
        128,
        ge=2,
        description="Number of pairs in a batch.",
        json_schema_extra={"heading": "Optimisation"},
    )
    steps: int = Field(DEFAULT_STEPS, ge=1, description="Number of updates of the weights.")
    mixed_precision: bool = Field(False, description="Compute encoders and critic in bfloat16.")
    compile: bool = Field(
        False,
        description="Compile the update. Takes some seconds at the first one and a C++ compiler; "
        "pays in long trainings.",
    )
    patience: int | None = Field(
        None,
        ge=1,
        description="Number of evaluations without a better validation bound after which training "
        "stops. Without a number all updates are made. Either way the best weights are used.",
    )
    time_limit: float | None = Field(None, gt=0, description="Seconds after which training stops.")

    optimizer: str = Field(
        "adam",
        description="Name of the rule of updates (`infomax list optimizers`).",
        json_schema_extra={"heading": "Optimizer"},
    )
    optimizer_options: dict[str, Option] = Field(
        default_factory=dict,
        description="Options of the optimizer, such as {momentum: 0.9, nesterov: true} of sgd.",
    )
    learning_rate: float = Field(
        1e-3, gt=0, description="Learning rate. The default is Adam's; sgd and lars want more."
    )
    warm_up_steps: int = Field(
        0, ge=0, description="Number of updates over which the learning rate rises from 0."
    )
    cosine: bool = Field(False, description="Let the learning rate fall to 0 along a cosine.")
    weight_decay: float = Field(
        0.0,
        ge=0,
        description="Decay of matrices and kernels: apart from the gradient in adam, as AdamW has "
        "it, and within it in sgd and lars.",
    )
    gradient_norm: float | None = Field(
        None, gt=0, description="Norm that a gradient may have; longer ones are scaled down to it."
    )

    validation: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Share of the pairs that is kept for validation. Without a share it is a "
        "tenth, and at least two batches.",
        json_schema_extra={"heading": "Evaluation"},
    )
    evaluate_every: int | None = Field(
        None,
        ge=1,
        description="Number of updates between two evaluations. Without a number it is a twentieth "
        "of all updates.",
    )
    jacobian_images: int | None = Field(
        None,
        ge=0,
        description="Number of images of which the encoder's Jacobian, for its condition number, "
        "is taken at each evaluation, whatever that costs; 0 takes none. Without a number it is "
        "8, or as many as cost a few seconds.",
    )

    tile_size: int | None = Field(
        None,
        ge=1,
        description="Number of rows of the score matrix that are made at a time, for batches "
        "whose scores do not fit in memory. Without a number all are made at once.",
        json_schema_extra={"heading": "Large batches"},
    )
    encode_at_once: int | None = Field(
        None,
        ge=1,
        description="Number of pairs whose activations are kept at a time, for encoders whose "
        "activations do not fit in memory. Without a number all are kept.",
    )

    keep_every: int | None = Field(
        None,
        ge=1,
        description="Number of updates between checkpoints that are never removed.",
        json_schema_extra={"heading": "Run"},
    )
    seed: int = Field(
        0, ge=0, le=LARGEST_SEED, description="Seed of weights, order, views and split."
    )
    device: str = Field("auto", description="Device to compute on: auto, cpu, cuda, cuda:1, ...")
    tensorboard: bool = Field(False, description="Also write events for TensorBoard.")
    mlflow: bool = Field(False, description="Also log to MLflow, where its environment says.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.patience is not None and self.validation == 0:
            raise ValueError("patience waits for the validation bound: validation must be above 0")
        if self.head_options and self.projection is None:
            raise ValueError(
                "head_options are options of a projection head, and there is none: give "
                "projection, or leave them out"
            )
        if self.loss_options and self.loss is None:
            raise ValueError(
                "loss_options are options of a loss of codes, and none is named: give loss, or "
                "leave them out"
            )
        parts = ("predictor", "target_momentum", "target_schedule", "queue_size")
        given = [name for name in parts if getattr(self, name) is not None]
        if given and self.loss is None:
            raise ValueError(
                f"{given[0]} is of a loss of codes, and none is named: give loss, or leave it out"
            )
        if (self.miner is not None and self.loss is None) or (
            self.miner_options and self.miner is None
        ):
            raise ValueError(
                "a miner chooses for a loss that is named, and miner_options are options of a "
                "miner: give both, or leave them out"
            )
        if self.view_options and self.views is None:
            raise ValueError(
                "view_options are options of views that are made, and none are named: give views, "
                "or leave them out"
            )
        for name in ("tile_size", "encode_at_once"):
            if (getattr(self, name) or 0) > self.batch_size:
                raise ValueError(
                    f"{name} is {getattr(self, name)}, more than a batch ({self.batch_size}): make "
                    "it smaller, or leave it out"
                )
        for key, value in self.model_dump().items():
            try:
                json.dumps(value, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                # Tables, and files of settings, hold no such text.
                raise ValueError(
                    f"setting {key} is {value!r}, which is not UTF-8: give what it names a name "
                    "that is"
                ) from None
        return self

    @classmethod
    def headings(cls) -> dict[str, str]:
        """Return under which heading each key stands: that of the last field that names one.

        Example:
            >>> RunConfig.headings()["critic"]
            'Model: encoders and critic'
        """
        heading, of_key = "", {}
        for key, field in cls.model_fields.items():
            if isinstance(field.json_schema_extra, dict):
                heading = str(field.json_schema_extra["heading"])
            of_key[key] = heading
        return of_key

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> "RunConfig":
        """Return settings of whatever was given.

        Raises:
            UserError: one line that names the first key that is unknown, missing or of a wrong type
                or range, what it may be, and what it is.
        """
        for key in given:
            if key not in cls.model_fields:
                near = get_close_matches(str(key), cls.model_fields, n=1)
                meant = (
                    f"did you mean {near[0]!r}?" if near else "`infomax init` writes all of them"
                )
                raise UserError(f"unknown setting {str(key)!r}: {meant}")
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            raise UserError(_in_one_line(error)) from error

    def differences(self, other: "RunConfig") -> list[str]:
        """Say which settings differ from others, as ``key: this, not that``."""
        mine, theirs = self.model_dump(mode="json"), other.model_dump(mode="json")
        return [
            f"{key}: {mine[key]}, not {theirs[key]}" for key in mine if mine[key] != theirs[key]
        ]


def _in_one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        return str(first["ctx"]["error"]) if "ctx" in first else first["msg"]
    key = str(first["loc"][0])
    inside = "".join(f"[{each!r}]" for each in first["loc"][1:2])
    if first["type"] == "missing":
        return f"setting {key} is missing: {RunConfig.model_fields[key].description}"
    return (
        f"setting {key}{inside} is {shortened(first['input'])}: "
        f"{first['msg'][0].lower()}{first['msg'][1:]}"
    )


def read_settings(path: Path) -> dict[str, Any]:
    """Read the keys of a settings file; what they may be is for ``RunConfig`` to say.

    Raises:
        UserError: if there is no such file, or it is not YAML of keys and values.
    """
    try:
        content = read_plain_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is not there: `infomax init` writes a settings file") from error
    except IsADirectoryError as error:
        raise UserError(f"{path} is a folder: expected a settings file") from error
    except ValueError as error:
        raise UserError(f"{path} is not a settings file that can be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UserError(f"{path} is not a settings file: expected lines of key: value")
    return {str(key): value for key, value in content.items()}


_DATE = "tag:yaml.org,2002:timestamp"


def read_plain_yaml(text: str, *, typed: bool = True) -> Any:
    r"""Return what YAML says.

    Args:
        text: text of YAML.
        typed: whether numbers are read as such; all values are text without.

    Raises:
        ValueError: if it cannot be read, with the reason in one line.

    Example:
        >>> read_plain_yaml("{temperature: 0.1, begun: 2026-01-31}")
        {'temperature': 0.1, 'begun': '2026-01-31'}
        >>> read_plain_yaml("steps: 1\nsteps: 2")
        Traceback (most recent call last):
        ...
        ValueError: steps is given twice, again in line 2
    """
    try:
        return yaml.load(text, Loader=_Typed if typed else _Texts)  # noqa: S506 - plain values alone
    except RecursionError:
        raise ValueError("values are nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(message_of(error)) from error


class _OneOfEach:
    """Refuses a key that is there twice, of which PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        """Return a mapping."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in seen:
                line = key.start_mark.line + 1
                raise ValueError(f"{key.value} is given twice, again in line {line}")
            seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)  # type: ignore[misc]


class _Typed(_OneOfEach, yaml.SafeLoader):
    """Reads numbers and switches."""

    # Settings have no dates: what looks like one is a name.
    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML has it
        first: [(tag, pattern) for tag, pattern in each if tag != _DATE]
        for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _Texts(_OneOfEach, yaml.BaseLoader):
    """Leaves all values text."""
