"""Whatever has happened to a file of a reproduction, it goes on to the same records, or a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from matplotlib.figure import Figure

from infomax.records import read_records
from infomax.studies.catalogue import STUDIES
from infomax.studies.result_store import ResultStore
from tests.faults.called import called, copy_of, works_or_says_a_line
from tests.faults.faults import Fault, any_duration, faults

FILES = ("records.parquet", "settings.json", "timings.json", "checkpoint.safetensors")
ASKED = ("non-iid", "--bound", "infonce", "--steps", "25", "--seeds", "1", "--device", "cpu")


@pytest.fixture(scope="module", autouse=True)
def undrawn() -> Iterator[None]:
    """Draw no figures: from records alone, which are whole or refused, and that takes longest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", lambda _, file, **__: Path(file).write_text("<svg/>"))
        patch.setattr("infomax.report.reproduction_page._inline", lambda *_, **__: Markup("<svg/>"))
        yield


@pytest.fixture(scope="module")
def whole(undrawn: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds a reproduction, and one that was stopped in its second run."""
    folder = tmp_path_factory.mktemp("whole")
    add = ResultStore.add

    def stop_at_the_second(store: ResultStore, *ended: Any) -> None:
        if store.finished:
            raise KeyboardInterrupt
        add(store, *ended)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STUDIES["non-iid"].quick, "held_out_batches", 2)
        assert called("reproduce", *ASKED, "--out", folder / "whole")[0] == 0
        patch.setattr("infomax.training.callbacks._SECONDS_BETWEEN_CHECKPOINTS", 0)
        patch.setattr(ResultStore, "add", stop_at_the_second)
        assert called("reproduce", *ASKED, "--out", folder / "stopped")[0] == 130
    assert {each.name for each in (folder / "stopped").iterdir()} >= set(FILES)
    return folder


@any_duration(share=0.2)
@given(
    command=st.sampled_from(["reproduce", "report"]), name=st.sampled_from(FILES), fault=faults()
)
def test_a_reproduction_goes_on_to_the_same_records_or_says_a_line(
    command: str, name: str, fault: Fault, whole: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with copy_of(whole / "stopped", tmp_path_factory.mktemp("copies")) as out:
        path = out / name
        path.write_bytes(fault(path.read_bytes()))
        more = (out,) if command == "report" else ("--resume", "--out", out)
        if works_or_says_a_line(command, *more) and command == "reproduce":
            found, expected = (
                read_records(each / "records.parquet")[0] for each in (out, whole / "whole")
            )
            assert found.equals(expected)
