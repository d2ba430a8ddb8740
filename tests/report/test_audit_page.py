"""The page of an audit and its files: the answer first, and everything that it rests on."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from infomax import UserError, audit_codes
from infomax.report import write_audit_files, write_audit_report
from tests.audit.planted import sound
from tests.report.made_up_audit import CURVE, DOTS, made_up_audit, made_up_finding
from tests.report.test_run_page import text_of

NOT_RUN, TIMES = "\N{EN DASH}", "\N{MULTIPLICATION SIGN}"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_audit_report(
        tmp_path_factory.mktemp("page") / "page.html",
        result=made_up_audit(),
        source="z_x.npy, z_y.npy",
    )


def test_the_answer_stands_on_top_with_its_verdict_and_what_to_do(page: Path) -> None:
    said, result = text_of(page), made_up_audit()
    assert said.startswith(
        "Is mutual information what makes mine good? No , because of re-coding: accuracy moved, at "
        "equal information. Next: compare probes"
    )
    assert result.next_step in said
    assert "z_x.npy, z_y.npy" in said
    why = "nobody said what the encoder saw"
    chips = f"caution ! re-coding sound ✓ geometry ✓ encoders not run {NOT_RUN} shortcuts {why}"
    assert chips in said


def test_each_chip_and_each_line_of_the_contents_leads_to_its_place(page: Path) -> None:
    whole = page.read_text(encoding="utf-8")
    chips = re.findall(r'<a class="chip (\w+)" href="#([\w-]+)">', whole)
    assert chips == [
        ("warn", "check-re-coding"),
        ("good", "check-geometry"),
        ("good", "check-encoders"),
        ("open", "check-shortcuts"),
    ]
    anchors = re.findall(r' id="([\w-]+)"', whole)
    assert len(anchors) == len(set(anchors))
    for entry in re.findall(r'href="#([\w-]+)"', whole):
        assert entry in anchors


def test_what_the_answer_rests_on_comes_first_with_all_that_was_measured(page: Path) -> None:
    whole = page.read_text(encoding="utf-8")
    cards = re.findall(r'<article .*?id="check-([\w-]+)".*?</article>', whole, flags=re.S)
    assert cards == ["re-coding", "geometry", "encoders", "leaks", "shortcuts"]
    card = text_of(page).partition("re-coding ! caution The answer rests on it.")[2]
    assert "[0.250, 0.750] re-coding, in nats" in card
    assert "speaks against it" in card
    assert "Compare probes. infomax audit z.npz --labels l.npy" in card
    assert "least share 0.1250" in card
    assert "bound (nats) 1.2500" in card
    assert f"rotation 0.7500 1.0 {TIMES} 10⁻⁷" in card
    assert "moved by none" in card
    geometry = card.partition("Does geometry hold?")[2]
    assert "held: x yes held: y not known" in geometry
    assert "rows 1,234" in geometry
    assert "leaks ✕ broken Of raw. Does leaks hold?" in geometry
    assert "[1.50, ∞]" in whole


def test_what_was_not_run_says_why_and_which_flag_would_mend_it(page: Path) -> None:
    said = text_of(page).partition("What was not run")[2]
    assert said.startswith(" shortcuts leaves it open Does shortcuts hold? Not run: nobody said")
    assert "Not run: nobody said what the encoder saw. Give it (--raw-x, --raw-y)." in said


def test_several_codes_stand_side_by_side(page: Path) -> None:
    said, whole = text_of(page), page.read_text(encoding="utf-8")
    beside = said.partition("Codes side by side")[2]
    assert "re-coding caution: re-coding is 0.5 sound: re-coding is 0.5" in beside
    assert "leaks not asked broken: leaks is 0.5" in beside
    assert "<title>mine: 0.750 [0.700, 0.800] at 1.25</title>" in whole
    assert "<title>raw: 0.750 [0.700, 0.800] at 2</title>" in whole


def test_one_codes_alone_is_set_beside_nothing(tmp_path: Path) -> None:
    audit = made_up_audit()
    alone = replace(audit, findings=audit.of("mine"), rows={"mine": (200, 900)})
    page = write_audit_report(tmp_path / "page.html", result=alone)
    assert "side by side" not in text_of(page)


def test_method_settings_and_notes_are_those_of_the_result(page: Path) -> None:
    said, result = text_of(page), made_up_audit()
    assert result.method_paragraph() in said
    assert "pairs of mine 200 of 900, drawn at random; 100 held out; 8 columns of x and 16" in said
    assert "1 of 8 columns of x is constant." in said
    assert "torch 2.13.0" in said


def test_names_of_any_kind_are_shown_and_lead_out_of_no_folder(tmp_path: Path) -> None:
    name = "../<b>$x_{"
    page = write_audit_files(tmp_path / "audit", result=made_up_audit(name))
    assert "what makes ../&lt;b&gt;$x_{ good?" in text_of(page)
    assert "<b>$x" not in page.read_text(encoding="utf-8")
    assert {each.name for each in tmp_path.iterdir()} == {"audit"}
    assert (tmp_path / "audit" / "figures" / "b-x_-curve.csv").is_file()


def test_the_files_hold_the_page_the_numbers_and_each_figure(tmp_path: Path) -> None:
    result = made_up_audit()
    page = write_audit_files(tmp_path / "a", result=result)
    assert page == tmp_path / "a" / "report.html"
    written = json.loads((tmp_path / "a" / "audit.json").read_text())
    assert written == json.loads(json.dumps(result.as_dict()))
    figures = sorted(each.name for each in (tmp_path / "a" / "figures").iterdir())
    assert figures == [
        "bound-against-accuracy.csv",
        "mine-curve.csv",
        "mine-dots.csv",
        "mine-dumbbells.csv",
        "mine-points.csv",
        "mine-series.csv",
        "raw-dots.csv",
    ]
    for name, figure in (("mine-curve", CURVE), ("raw-dots", DOTS)):
        read = pd.read_csv(tmp_path / "a" / "figures" / f"{name}.csv")
        pd.testing.assert_frame_equal(read, figure.table, check_dtype=False)
    again = write_audit_files(tmp_path / "b", result=result)
    assert again.read_bytes() == page.read_bytes()


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="taken"):
        write_audit_files(tmp_path / "taken", result=made_up_audit())


def test_checks_that_were_run_have_their_figures_in_the_page(tmp_path: Path) -> None:
    x, y, labels = sound(0, rows=200, size=4)
    result = audit_codes({"mine": (x, y)}, labels=labels)
    page = write_audit_report(tmp_path / "page.html", result=result)
    whole = page.read_text(encoding="utf-8")
    for finding in result.findings:
        assert finding.sentence.replace("'", "&#39;") in whole
        for figure in finding.figures:
            assert f'aria-label="{figure.title}"' in whole
    assert len(re.findall(r'<svg role="img"', whole)) == sum(
        len(finding.figures) for finding in result.findings
    )


def test_a_check_that_decides_nothing_by_itself_is_not_said_to(tmp_path: Path) -> None:
    audit = made_up_audit()
    fine = replace(audit, findings=[made_up_finding(each) for each in ("a", "b")])
    page = write_audit_report(tmp_path / "page.html", result=replace(fine, rows={"mine": (9, 9)}))
    assert "The answer rests on it" not in text_of(page)
    assert "Not contradicted" in text_of(page)
