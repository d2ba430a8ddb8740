"""``infomax audit`` end to end: the answer, the file, statuses of exit, and mistakes."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infomax.audit.checks import ACROSS_CODES, CHECKS
from infomax.cli.audit_inputs import read_inputs
from infomax.errors import UserError
from tests.audit.planted import sound
from tests.cli.conftest import Run


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    x, y, labels = sound(0, rows=120, size=4)
    np.save("x.npy", x)
    np.save("y.npy", y)
    np.save("l.npy", labels)
    np.save("flat.npy", np.ones_like(y))
    np.savez("both.npz", x=x, y=y)
    np.savez("named.npz", z_x=x.astype("float16"), z_y=y.astype("float16"))
    np.save("images.npy", np.random.default_rng(0).random((120, 3, 2)))
    (tmp_path / "told.csv").write_text("site,age\n" + "a,31\nb,40\n" * 60)
    (tmp_path / "groups.csv").write_text("patient\n" + "".join(f"p{i // 3}\n" for i in range(120)))
    return tmp_path


def test_codes_are_audited_beside_what_they_were_made_of(infomax: Run, files: Path) -> None:
    given = ("x.npy", "y.npy", "--raw-x", "y.npy", "--raw-y", "x.npy", "--out", "audit")
    status, out, err = infomax("audit", *given, "--labels", "l.npy")
    assert status == 0
    assert out.startswith("Is mutual information what makes codes good? Cannot be told, because")
    assert len(out.splitlines()) <= 20
    assert max(map(len, out.splitlines())) <= 80
    assert re.search(r"raw: .*not run .*saturation.*; sound \d", out)
    # Where checks take long, how far they are is told before.
    assert err.splitlines()[-1] == "audit: audit/report.html"
    written = json.loads((files / "audit" / "audit.json").read_text())
    assert "x.npy, y.npy" in (files / "audit" / "report.html").read_text()
    named = {
        f"{finding['codes']}-{figure}.csv"
        for finding in written["findings"]
        for figure in finding["figures"]
    }
    assert named < {each.name for each in (files / "audit" / "figures").iterdir()}
    assert list(written["pairs"]) == ["codes", "raw"]
    assert len(written["findings"]) == 2 * len(CHECKS) + len(ACROSS_CODES)
    # What was found before is not sought again, and comes to the same files.
    page = (files / "audit" / "report.html").read_bytes()
    again = infomax("audit", *given, "--labels", "l.npy")
    assert again == (0, out, err)
    assert (files / "audit" / "report.html").read_bytes() == page
    status, out, _ = infomax("audit", *given[:-2], "--labels", "l.npy", "--json")
    told = json.loads(out)
    assert told["files"] == ["x.npy", "y.npy"]
    assert told["findings"] == written["findings"]


def test_what_is_broken_fails_where_that_is_asked(infomax: Run, files: Path) -> None:
    assert infomax("audit", "x.npy", "flat.npy")[0] == 0
    status, out, _ = infomax("audit", "x.npy", "flat.npy", "--fail-on", "broken")
    assert status == 3
    assert "codes have collapsed: of y" in " ".join(out.split())
    assert infomax("audit", "both.npz", "--fail-on", "broken")[0] == 0


def test_images_groups_and_nuisances_are_taken(infomax: Run, files: Path) -> None:
    status, out, _ = infomax(
        *("audit", "named.npz", "--x", "z_x", "--y", "z_y", "--nuisances", "told.csv"),
        *("--raw-x", "images.npy", "--raw-y", "images.npy", "--groups", "groups.csv", "--json"),
    )
    assert status == 0
    assert list(json.loads(out)["pairs"]) == ["codes"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("x.npy", "y.npy", "--raw-x", "x.npy"), "--raw-y is lacking"),
        (("x.npy", "y.npy", "--fail-on", "brokn"), "did you mean 'broken'"),
        (("x.npy", "y.npy", "--out", "audit.json"), "give a folder"),
        (("x.npy", "y.npy", "--labels", "no.npy"), "no.npy: is not there"),
        (("x.npy", "y.npy", "--labels", "x.npy"), "--labels have 4 columns"),
        (("x.npy", "y.npy", "--label", "l.npy"), "--label"),
        (("x.npy", "y.npy", "--budget", "nat"), "--budget is 'nat': give a time"),
        (("no.npy", "y.npy", "--budget", "-5s"), "--budget is -5 seconds: give more than 0"),
        (("runs/none",), "runs/none: there is no such file or folder"),
        (("x.npy", "y.npy", "l.npy"), "3 files"),
        (("x.npy", "y.npy", "--raw-x", "x.npy", "--raw-y", "images.npy"), "images of both"),
        (("x.npy", "y.npy", "--groups", "told.csv"), "--groups have 2 columns"),
        (("x.npy", "y.npy", "--trained-on", "groups.csv"), "--trained-on holds 'p0'"),
        (("x.npy", "y.npy", "--budget", "soon"), "--budget is 'soon': give a time such as 2m"),
        (("x.npy", "y.npy", "--seeds", "0"), "--seeds is 0"),
    ],
)
def test_mistakes_are_told(infomax: Run, files: Path, given: tuple[str, ...], told: str) -> None:
    status, out, err = infomax("audit", *given)
    assert (status, out) == (2, "")
    assert told in err


def test_tables_of_both_sides_are_codes_of_their_own(files: Path) -> None:
    x, y = np.load("x.npy"), np.load("y.npy")
    for name in ("convnet/1", "convnet/2", "mlp/1"):
        Path(name).parent.mkdir(exist_ok=True)
        np.savez(f"{name}.npz", x=x, y=y)
    told: dict[str, Any] = {"x": None, "y": None, "raw": (None, None), "told": {}}
    paths = [Path("convnet/1.npz"), Path("convnet/2.npz"), Path("mlp/1.npz")]
    read = read_inputs(paths, **told)
    assert list(read.codes) == ["convnet/1", "convnet/2", "mlp/1"]
    assert read.codes["mlp/1"][1].to_numpy().tolist() == y.tolist()
    with pytest.raises(UserError, match="two files are called 1: codes need names"):
        read_inputs([Path("mlp/1.npz"), Path("mlp/1.npz")], **told)
