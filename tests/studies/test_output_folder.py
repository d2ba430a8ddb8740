"""What a reproduction wrote is read back, or one line says what is wrong with it."""

import json
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.studies.output_folder import OutputFolder

ROW = {
    **{"study": "non-iid", "dataset": "gaussian-iid", "encoder": "identity"},
    **{"critic": "deep-concat", "bound": "infonce", "target": None, "loss": "", "negatives": ""},
    **{"seeds": [0, 1]},
    **{"steps": 25, "training_seconds": 0.5, "evaluation_seconds": 2.25},
}


def test_timings_are_read_back(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    assert folder.read_timings() is None
    folder.write_timings([ROW, ROW])
    assert folder.read_timing_rows() == [ROW, ROW]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[", "the file: Invalid JSON"),
        ('{"study": 1}', "the file: Input should be a valid"),
        ("[1, 2]", "0: Input should be"),
        ('[{"study": "critics"}]', "0.dataset: Field required"),
        *(
            (json.dumps([ROW, {**ROW, key: value}]), f"1.{key}: ")
            for key, value in (
                *(("seeds", 3), ("seeds", []), ("target", "x"), ("study", ["critics"])),
                *(("steps", None), ("training_seconds", "a"), ("more", 1)),
            )
        ),
    ],
)
def test_what_are_no_timings_are_named(text: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "timings.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        OutputFolder(tmp_path).read_timing_rows()
    assert f"timings.json is not a list of timings ({where}" in str(refused.value)
    assert "\n" not in str(refused.value)
