import base64
import math
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from infomax.errors import UserError
from infomax.studies.claims import judge_claims

FIGURES = ("Figure 1a, 1b", "Figure 1c", "Figure 2", "Figure 3", "Figure 4a, 4b", "Figure 4c")
HEADINGS = [
    "Bound, training batches (nats)",
    "Bound, held-out pairs (nats)",
    "Bound, training batches, smoothed (nats)",
    "True information",
    "Probe accuracy, ours",
    "Probe accuracy, notebook's",
    "Median log condition number",
    "Encoder's loss",
    "Largest error of inverse, float32",
    "The same, float64",
]


class Page(HTMLParser):
    """Tags in order, with the text of each element of interest."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def first(self, tag: str, **attributes: str) -> int:
        for place, (name, found) in enumerate(self.tags):
            if name == tag and attributes.items() <= found.items():
                return place
        raise AssertionError(f"no {tag} with {attributes}")


def test_page_and_figures_are_written(material: Any, tmp_path: Path) -> None:
    path = material.write(tmp_path / "out")
    assert path == tmp_path / "out" / "report.html"
    for study in ("critics", "matched-bound"):
        for kind in ("png", "svg", "csv"):
            assert (tmp_path / "out" / "figures" / f"{study}.{kind}").stat().st_size > 5_000
    assert sorted(file.name for file in path.parent.iterdir()) == ["figures", "report.html"]


def test_nothing_is_fetched_when_the_page_is_opened(material: Any, tmp_path: Path) -> None:
    path = material.write(tmp_path)
    page = Page(path)
    for tag, attributes in page.tags:
        assert tag not in {"script", "link", "iframe", "object", "embed", "base"}
        for name in ("src", "href", "srcset", "data", "poster", "action"):
            # A fragment is a place in the page itself.
            assert (attributes.get(name) or "data:").startswith(("data:", "#")), (tag, name)
    source = path.read_text(encoding="utf-8")
    # What is within the page may be referred to: the edge that a drawing is cut at.
    assert not re.search(r"url\((?!#)|@import", source)
    policy = page.tags[page.first("meta", **{"http-equiv": "Content-Security-Policy"})][1]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    drawings = [attributes for tag, attributes in page.tags if attributes.get("role") == "img"]
    # A small one of each study, and the cells of both: two panels by two bounds.
    assert len(drawings) == 2 + 2 * 4
    assert all("training steps" in str(drawing["aria-label"]) for drawing in drawings)
    assert "<image" not in source


def test_every_figure_can_be_saved_from_the_page_alone(material: Any, tmp_path: Path) -> None:
    page = Page(material.write(tmp_path))
    saved = {
        str(attributes["download"]): str(attributes["href"])
        for tag, attributes in page.tags
        if tag == "a" and "download" in attributes
    }
    assert list(saved) == [
        f"{study}.{kind}" for study in ("critics", "matched-bound") for kind in ("svg", "csv")
    ]
    for name, source in saved.items():
        _, _, encoded = source.partition(";base64,")
        assert base64.b64decode(encoded) == (tmp_path / "figures" / name).read_bytes()
        assert f"figures/{Path(name).stem}.png" in page.text


def test_data_of_figures_are_tidy(material: Any, tmp_path: Path) -> None:
    material.set_value(-math.inf, critic="concat", metric="bound", split="test", step=600, seed=1)
    material.write(tmp_path)
    data = pd.read_csv(tmp_path / "figures" / "critics.csv", keep_default_na=False, dtype=str)
    assert list(data.columns) == [
        "study",
        "dataset",
        "encoder",
        "critic",
        "bound",
        "target",
        "loss",
        "negatives",
        "quantity",
        "split",
        "step",
        "mean",
        "standard_deviation",
        "seeds",
    ]
    assert set(data["study"]) == {"critics"}
    worst = data[(data["critic"] == "concat") & (data["step"] == "600")]
    (bound,) = worst[(worst["quantity"] == "bound") & (worst["bound"] == "nwj")][
        lambda rows: rows["split"] == "test"
    ].itertuples()
    assert (bound.mean, bound.standard_deviation, bound.seeds) == ("-inf", "", "3")


def test_figures_precede_claims_and_these_precede_numbers(material: Any, tmp_path: Path) -> None:
    page = Page(material.write(tmp_path))
    order = [
        page.first("p", **{"class": "lead"}),
        page.first("svg", role="img"),
        page.first("table", **{"class": "verdicts"}),
        page.first("figure"),
        page.first("table", **{"class": "numbers"}),
        page.first("details", id="departures"),
        page.first("details", id="settings"),
        page.first("details", id="environment"),
        page.first("details", id="timings"),
    ]
    assert order == sorted(order)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_claim_stands_with_its_verdict_as_a_word(material: Any, tmp_path: Path) -> None:
    page = Page(material.write(tmp_path))
    claims = judge_claims(material.records)
    assert claims
    for claim in claims:
        assert claim.sentence in page.text
        assert claim.note in page.text
    badges = [attributes for tag, attributes in page.tags if tag == "span"]
    chips = [badge for badge in badges if "chip" in (badge.get("class") or "").split()]
    # Each study has one in its tile and one at its figure.
    assert len(chips) == len(claims) + 4


def test_all_studies_stand_in_the_order_of_the_paper(whole_report: Path) -> None:
    page = Page(whole_report)
    text = page.text
    places = [text.index(f"{figure} · ") for figure in FIGURES]
    assert places == sorted(places)
    assert "43 supported" in text
    for tag, attributes in page.tags:
        if tag == "a" and (attributes.get("href") or "").startswith("#"):
            assert str(attributes["href"])[1:] in {of_tag.get("id") for _, of_tag in page.tags}
    for note in (
        "The flow is additive",
        "The notebook adds the same noise to both halves",
        "The notebook's probe can be fooled by scale",
        "is computed on fresh training batches",
    ):
        assert note in text


def test_final_numbers_have_the_columns_of_their_study(whole_report: Path) -> None:
    text = Page(whole_report).text
    # The heading of each, what its numbers are, the table.
    tables = [
        part.partition("exponentials overflowed. ")[2].removeprefix("Final numbers of ")
        for part in re.split(r"(?=Final numbers of [\w-]+(?: on MNIST)? After)", text)[1:]
    ]
    has = {
        table.split()[0]: [heading for heading in HEADINGS if heading in table] for table in tables
    }
    bounds, probes = HEADINGS[:2], HEADINGS[4:6]
    assert has == {
        "bijective": [*bounds, *probes, *HEADINGS[8:]],
        "adversarial": [*probes, "Encoder's loss", *HEADINGS[8:]],
        "conditioning": [*bounds, *probes, "Median log condition number"],
        "critics": [*bounds, *probes],
        "matched-bound": [*bounds, *probes],
        "non-iid": HEADINGS[1:4],
    }
    assert "NWJ · identity · deep concat · dependent pairs 3 20,000 0.1" in tables[-1]
    assert "0.0204" in tables[-1]


def test_failed_runs_are_said_with_settings_and_step(material: Any, tmp_path: Path) -> None:
    run = next(iter(material.studies[0].runs()))
    material.fail(run, 471)
    text = Page(material.write(tmp_path)).text
    assert "1 run failed" in text
    assert (
        "critics on mnist: mlp encoder, bilinear critic, infonce, seed 0: "
        "the loss was ∞ at step 471"
    ) in text
    assert "2 of 3: 1 failed" in text
    # A failed run is no missing run.
    assert "missing or incomplete" not in text


def test_missing_and_unfinished_runs_are_said(material: Any, tmp_path: Path) -> None:
    material.drop(study="critics", seed=2, critic="concat", bound="nwj")
    material.drop(study="critics", seed=1, critic="concat", bound="nwj", step=600)
    text = Page(material.write(tmp_path)).text
    assert "2 of 42 runs are missing or incomplete" in text
    assert "critics on mnist: mlp encoder, concat critic, nwj, seed 2: no records" in text
    assert "concat critic, nwj, seed 1: recorded up to step 300 of 600" in text


def test_a_page_under_way_fills_by_itself_until_all_is_there(material: Any, tmp_path: Path) -> None:
    def read(*, under_way: bool) -> tuple[int, int, str]:
        page = Page(material.write(tmp_path, under_way=under_way))
        attributes = [attributes for _, attributes in page.tags]
        refreshing = sum(each.get("http-equiv") == "refresh" for each in attributes)
        warnings = sum(each.get("id") == "missing" for each in attributes)
        return refreshing, warnings, page.text

    complete = material.records
    assert read(under_way=False)[:2] == (0, 0)
    material.records = complete[complete["study"] == "critics"]
    assert read(under_way=False)[:2] == (0, 1)
    refreshing, warnings, text = read(under_way=True)
    assert (refreshing, warnings) == (1, 0)
    assert "as studies end; to come: matched-bound." in text
    material.records, material.timings = complete[:0], None
    refreshing, warnings, text = read(under_way=True)
    assert (refreshing, warnings) == (1, 0)
    assert "to come: critics, matched-bound." in text


def test_a_study_to_come_has_its_place(material: Any, tmp_path: Path) -> None:
    complete = material.records
    material.records = complete[complete["study"] == "matched-bound"]
    for under_way, state in ((True, "to come"), (False, "no records")):
        text = Page(material.write(tmp_path, under_way=under_way)).text
        assert f"Fig. 3 · Critics ? {state} Does a tighter bound buy" in text
        assert text.index("Fig. 3 · Critics") < text.index("Fig. 4a, 4b · Matched bound")
    material.records = complete[(complete["study"] == "critics") | (complete["seed"] == 0)]
    text = Page(material.write(tmp_path, under_way=True)).text
    assert "Fig. 4a, 4b · Matched bound ? under way" in text
    assert "Fig. 3 · Critics ✓ supported" in text


def test_open_claims_are_grouped_with_what_decides_them(make_material: Any, tmp_path: Path) -> None:
    material = make_material("critics", seeds=(0, 1))
    material.metadata["environment"]["command"] = "infomax reproduce critics --out runs/mine"
    text = Page(material.write(tmp_path)).text
    assert text.count("2 seeds; 3 are needed.") == 1
    assert "9 claims. 2 seeds; 3 are needed. infomax reproduce --seeds 3 --resume" in text
    assert "±" not in text.partition("Final numbers of critics on MNIST Configuration")[2]


def test_a_data_set_named_by_a_path_is_not_missing(critics: Any, tmp_path: Path) -> None:
    settings = critics.metadata["settings"]["studies"][0]
    settings["datasets"] = ["/data/my-images", "mnist"]
    mnist = critics.records
    critics.records = pd.concat([mnist.assign(dataset="my-images"), mnist], ignore_index=True)
    assert "missing or incomplete" not in Page(critics.write(tmp_path / "both")).text
    critics.records = mnist
    text = Page(critics.write(tmp_path / "one")).text
    assert "9 of 18 runs are missing or incomplete" in text
    assert "critics on /data/my-images: mlp encoder, concat critic, infonce, seed 2" in text


def test_a_complete_run_has_no_warnings(material: Any, tmp_path: Path) -> None:
    page = Page(material.write(tmp_path))
    assert not [attributes for _, attributes in page.tags if attributes.get("class") == "warning"]


def test_a_held_out_bound_without_bottom_is_shown(material: Any, tmp_path: Path) -> None:
    nowhere = {"study": "critics", "bound": "nwj", "critic": "concat", "split": "test"}
    for metric in ("bound", "bound_low"):
        material.set_value(-math.inf, **nowhere, metric=metric, step=600, seed=1)
    material.set_value(-4.2e8, **{**nowhere, "critic": "separable"}, metric="bound", step=600)
    text = Page(material.write(tmp_path)).text
    assert "\N{MINUS SIGN}∞ in 1 of 3 seeds" in text
    assert "[\N{MINUS SIGN}∞, " in text
    assert "\N{MINUS SIGN}4.2 \N{MULTIPLICATION SIGN} 10⁸" in text
    assert "The vertical axis is cut" in text


def test_the_same_records_give_the_same_bytes(material: Any, tmp_path: Path) -> None:
    first, second = (material.write(tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    for figure in (tmp_path / "first" / "figures").iterdir():
        assert figure.read_bytes() == (tmp_path / "second" / "figures" / figure.name).read_bytes()


def test_text_of_others_is_escaped(critics: Any, tmp_path: Path) -> None:
    attack = '<script>alert("x")</script>'
    critics.metadata["environment"] = {"command": attack}
    critics.records["dataset"] = f"$\\frac{attack}"
    critics.claims = [replace(judge_claims(critics.records)[0], sentence=attack)]
    path = critics.write(tmp_path)
    assert "<script" not in path.read_text(encoding="utf-8")
    assert attack in Page(path).text


def test_a_study_cannot_name_a_file_outside_the_folder(critics: Any, tmp_path: Path) -> None:
    critics.records["study"] = "../../outside"
    critics.write(tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "figures" / "..-..-outside.svg").is_file()


def test_what_is_not_recorded_is_said(critics: Any, tmp_path: Path) -> None:
    critics.metadata, critics.timings = {}, None
    text = Page(critics.write(tmp_path)).text
    for section in ("Settings", "Versions and machine", "Timings"):
        assert f"{section}: not recorded." in text


def test_without_the_log_of_the_batch_size_there_is_no_ceiling_to_draw(
    critics: Any, tmp_path: Path
) -> None:
    critics.records = critics.records[critics.records["metric"] != "log_batch_size"]
    critics.write(tmp_path)
    assert "ceiling" not in (tmp_path / "figures" / "critics.svg").read_text(encoding="utf-8")


def test_settings_of_another_version_are_refused_by_name(critics: Any, tmp_path: Path) -> None:
    critics.metadata["settings"]["studies"][0]["temperature"] = 1
    with pytest.raises(UserError, match=r"studies\.0\.pairs\.temperature"):
        critics.write(tmp_path)


def test_empty_records_still_make_a_page(critics: Any, tmp_path: Path) -> None:
    critics.records = critics.records.iloc[:0]
    assert "The records are empty." in Page(critics.write(tmp_path)).text


def test_only_failed_runs_still_make_a_page(critics: Any, tmp_path: Path) -> None:
    for run in critics.studies[0].runs():
        critics.fail(run, 0)
    text = Page(critics.write(tmp_path)).text
    assert "9 runs failed" in text
    assert "no run of this study is finished" in text
    assert "0 of 3: failed" in text


def test_timings_are_summed(critics: Any, tmp_path: Path) -> None:
    text = Page(critics.write(tmp_path)).text
    assert "critics · MNIST · InfoNCE · MLP · bilinear 3 300.0 6.0 7.5" in text
    assert "total 9 300.0 18.0 22.5" in text


def test_departures_from_the_paper_are_listed(critics: Any, tmp_path: Path) -> None:
    text = Page(critics.write(tmp_path)).text
    assert "updates of each run: here 600; in the paper 21,000" in text
    assert "The paper's bound curves are training curves" in text


@pytest.mark.parametrize("module", ["torch", "matplotlib.pyplot", "sklearn"])
def test_the_room_is_light(module: str) -> None:
    code = f"import sys, infomax.report; sys.exit({module!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
