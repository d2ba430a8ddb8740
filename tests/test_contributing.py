"""What CONTRIBUTING shows is run, and the parts that it adds are used by name."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infomax import InfoMax, estimate_mi
from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.data import DATASETS, TABLE_FORMATS
from infomax.encoders import ENCODERS
from infomax.losses import LOSSES
from infomax.records import read_records
from infomax.studies import STUDIES
from infomax.views import VIEWS
from tests.cli.conftest import infomax as infomax  # noqa: PLC0414 - a fixture

Run = Callable[..., tuple[int, str, str]]

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^### (.*?)\n\n(.*?)(?=^### |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE)
REGISTRIES: list[dict[str, Any]] = [
    *(BOUNDS, CRITICS, DATASETS, ENCODERS, LOSSES, STUDIES, TABLE_FORMATS, VIEWS)
]


@pytest.fixture(autouse=True, scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run every block of the page, as one program, and forget afterwards what it has added."""
    before = [dict(registry) for registry in REGISTRIES]
    known: dict[str, Any] = {"__name__": "contributing"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("contributing"))
        for title, text in SECTIONS:
            for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
                exec(compile(block, f"CONTRIBUTING.md, {title}", "exec"), known)  # noqa: S102
        yield
    for registry, held in zip(REGISTRIES, before, strict=True):
        registry.clear()
        registry.update(held)


def test_every_kind_of_part_is_shown_in_five_lines_and_an_example() -> None:
    assert [title for title, _ in SECTIONS] == [
        *("A bound", "A loss", "A critic", "An encoder", "Views"),
        *("A data format", "A study", "A claim"),
    ]
    for title, text in SECTIONS:
        said = text.partition("```python")[0].strip().splitlines()
        assert len(said) == 5, title
    # A claim needs a study and a study has claims: one example is for both.
    assert ["```python" in text for _, text in SECTIONS] == [True] * 6 + [False, True]


@pytest.mark.parametrize("kind", ["bounds", "losses", "critics", "encoders", "views", "studies"])
def test_what_is_added_is_listed(kind: str, infomax: Run) -> None:
    added = {
        "bounds": "infonce-sharp",
        "losses": "nearness",
        "critics": "distance",
        "encoders": "linear",
    }
    added |= {"views": "mirrored", "studies": "one-normal"}
    status, listed, _ = infomax("list", kind)
    assert status == 0
    assert added[kind] in listed


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_the_bound_estimates_with_an_interval() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 300))
    result = estimate_mi(x, x + noise, "infonce-sharp", permutations=19, random_state=0)
    assert result.method == "infonce-sharp"
    assert result.interval.low < result.value < result.interval.high


def test_encoder_views_and_critic_train_together() -> None:
    x = np.random.default_rng(0).standard_normal((300, 4))
    model = InfoMax(
        "linear", "distance", views="mirrored", batch_size=64, steps=20, random_state=0
    ).fit(x)
    assert model.transform(x).shape == (300, 8)


def test_the_study_is_run_and_its_claim_judged(tmp_path: Path, infomax: Run) -> None:
    out = tmp_path / "out"
    status, said, error = infomax(
        *("reproduce", "one-normal", "--preset", "quick", "--device", "cpu", "--out", out)
    )
    assert status == 0, error
    assert "training raises the estimate" in " ".join(said.split())
    records, _ = read_records(out / "records.parquet")
    assert set(records["bound"]) == {"infonce-sharp"}
    assert set(records["critic"]) == {"distance"}
