"""Figures of studies: lines, labels and cells as the records have them, and files made whole."""

import math
import re
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from infomax.errors import UserError
from infomax.report.figure import draw_cell, draw_figure, save_figure
from infomax.report.layout import by_figure, colours_of, layout_of
from infomax.report.recorded_runs import trained_runs
from infomax.report.study_figure import Cell, Plane, StudyFigure, build_figure
from infomax.report.tables import figure_table
from infomax.report.view_grid import draw_view_grid
from infomax.studies.catalogue import STUDIES
from tests.report.conftest import NAMES


def planned(material: Any) -> StudyFigure:
    layout = layout_of(STUDIES[material.studies[0].name], material.records, NAMES)
    names = [str(level) for level in trained_runs(material.records)[layout.colour]]
    return build_figure(material.records, layout, colours_of(names, layout.colour))


def axes_of(material: Any) -> list[Axes]:
    return list(draw_figure(planned(material)).axes)


def labels(axes: Axes) -> list[str]:
    """Return what is written beside axes."""
    return [text.get_text() for text in axes.texts]


def test_critics_have_a_colour_each_and_a_ceiling(make_material: Any) -> None:
    material = make_material("critics")
    assert planned(material).layout.colour == "critic"
    bounds, nwj, *accuracies = axes_of(material)
    assert len(accuracies) == 2
    assert labels(bounds) == [
        *("bilinear, held-out", "separable, held-out", "bilinear", "separable"),
        *("concat, held-out", "concat", "ceiling 4.85"),
    ]
    assert "ceiling 4.85" not in labels(nwj)
    assert {"concat, notebook's", "raw pixels", "untrained MLP"} <= set(labels(accuracies[0]))
    assert math.log(128) in [np.ravel(line.get_ydata())[0] for line in bounds.lines]
    assert math.log(128) not in [np.ravel(line.get_ydata())[0] for line in nwj.lines]


def test_matched_bounds_have_a_marker_for_each_target(make_material: Any) -> None:
    material = make_material("matched-bound")
    result = planned(material)
    assert result.layout.colour == "encoder"
    assert result.layout.marker == ("target",)
    assert {"MLP, 2 nats", "ConvNet, 4 nats, held-out", "target 4"} <= set(
        labels(axes_of(material)[0])
    )


@pytest.mark.parametrize("study", ["critics", "matched-bound", "bijective", "non-iid"])
def test_labels_stand_apart_in_the_order_of_their_lines(make_material: Any, study: str) -> None:
    for cell in planned(make_material(study)).cells:
        figure, _ = draw_cell(cell)
        (axes,) = figure.axes
        height = figure.get_size_inches()[1] * 72 * axes.get_position().height
        places = [text.get_position()[1] * height for text in axes.texts]
        assert min(np.diff(places), default=100.0) > 12.9
        assert min(places) > -0.01
        assert max(places) < height + 0.01
        figure.canvas.draw()
        right = figure.get_size_inches()[0] * figure.dpi
        assert all(text.get_window_extent().x1 <= right for text in axes.texts)


@pytest.mark.parametrize("study", ["critics", "matched-bound"])
def test_bound_and_accuracy_are_set_against_each_other(make_material: Any, study: str) -> None:
    material = make_material(study)
    lead = planned(material).lead
    assert isinstance(lead, Plane)
    figure, points = draw_cell(lead)
    (axes,) = figure.axes
    by_gid = {line.get_gid(): line for line in axes.lines}
    place = np.ravel(by_gid["points-0"].get_xydata())
    records = material.records
    of = records[(records["bound"] == "infonce") & (records["step"] == 600)]
    first = {"critic": "bilinear", "encoder": "mlp"}
    of = of[(of["critic"] == first["critic"]) & (of["encoder"] == first["encoder"])]
    of = of[of["target"].isna() | (of["target"] == 2.0)]
    expected = [
        of[(of["metric"] == metric) & (of["split"] == split)]["value"].mean()
        for metric, split in (("bound", "train"), ("probe_accuracy", "test"))
    ]
    assert list(place) == pytest.approx(expected)
    assert all(len(said) == 1 and "nats, accuracy 0." in said[0] for said in points.values())


@pytest.mark.parametrize("low", [-math.inf, -4e8, math.nan])
def test_a_bound_without_bottom_leaves_the_others_to_be_seen(
    make_material: Any, low: float
) -> None:
    material = make_material("critics", bounds=("nwj",))
    chosen = {"critic": "concat", "metric": "bound", "split": "train", "step": 600}
    material.set_value(low, **chosen, seed=0)
    lead = planned(material).lead
    # A mean that is infinite, or no number, has no place: steps are shown instead.
    assert isinstance(lead, Plane) is math.isfinite(low)
    figure, points = draw_cell(lead)
    assert len(points) == 3
    assert {"bilinear", "separable", "concat"} <= set(labels(figure.axes[0]))
    if math.isfinite(low):
        left, right = figure.axes[0].get_xlim()
        assert -1.5 < left < 4.0 < right < 6
    figure.canvas.draw()


def test_many_lines_make_a_taller_picture(make_material: Any) -> None:
    material = make_material("matched-bound", targets=(1.0, 2.0, 3.0, 4.0, 5.0))
    few, many = (
        draw_cell(planned(each).cells[0])[0].get_size_inches()[1]
        for each in (make_material("matched-bound", targets=(2.0,)), material)
    )
    assert many > few


def test_each_point_says_what_it_is(make_material: Any) -> None:
    figure, points = draw_cell(planned(make_material("critics")).cells[0])
    by_gid = {line.get_gid(): line for line in figure.axes[0].lines}
    assert len(points) == 6
    for gid, said in points.items():
        assert len(said) == len(np.atleast_1d(by_gid[gid].get_xdata())) == 3
    assert any(
        said[-1].startswith("concat critic, held-out pairs: 4.0")
        and said[-1].endswith(" after 600 steps (mean of 3 seeds)")
        for said in points.values()
    )


def test_each_seed_has_a_line_where_seeds_may_be_asked_for(make_material: Any) -> None:
    cell = planned(make_material("critics")).cells[0]
    gids = [line.get_gid() or "" for line in draw_cell(cell)[0].axes[0].lines]
    # Three critics, training and held-out, three seeds each.
    assert sum(gid.startswith("seeds") for gid in gids) == 18
    whole = draw_figure(planned(make_material("critics")))
    assert not [line for line in whole.axes[0].lines if "seeds" in (line.get_gid() or "")]


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ("bijective", {"InfoNCE", "NWJ", "ceiling 4.85"}),
        ("conditioning", {"InfoNCE", "NWJ"}),
        ("critics", {"bilinear", "separable", "concat", "raw pixels", "untrained MLP"}),
        ("adversarial", {"affine RealNVP", "raw pixels", "untrained affine RealNVP"}),
        ("non-iid", {"i.i.d. pairs", "dependent pairs", "truth 0.0204"}),
    ],
)
def test_the_small_picture_has_one_line_for_each_thing_compared(
    make_material: Any, study: str, expected: set[str]
) -> None:
    figure, _ = draw_cell(planned(make_material(study)).lead)
    assert set(labels(figure.axes[0])) == expected


def test_lines_are_means_and_deviations_over_seeds(make_material: Any) -> None:
    material = make_material("critics")
    chosen = {"critic": "concat", "bound": "nwj", "metric": "bound", "split": "train"}
    for seed, value in enumerate((1.0, 2.0, 3.0)):
        material.set_value(value, **chosen, seed=seed, step=600)
    (trace,) = [
        trace
        for trace in planned(material).traces
        if (trace.level, trace.bound, trace.quantity.label) == ("concat", "nwj", "training batches")
    ]
    assert list(trace.steps) == [0, 300, 600]
    assert (trace.mean[-1], trace.spread[-1], int(trace.seeds[-1])) == (2.0, 1.0, 3)


@pytest.mark.parametrize("low", [-math.inf, -1e300, -5e6, math.nan])
def test_heavy_tails_leave_the_axis_readable(make_material: Any, low: float) -> None:
    material = make_material("critics")
    chosen = {"critic": "concat", "bound": "nwj", "metric": "bound", "split": "test"}
    material.set_value(low, **chosen, step=300, seed=0)
    result = planned(material)
    figure = draw_figure(result)
    bottom, top = figure.axes[0].get_ylim()
    assert -1.5 <= bottom < 0 < top < 6
    assert bool(result.off_axis) != math.isnan(low)
    figure.canvas.draw()


def test_bounds_that_are_all_low_are_still_drawn(make_material: Any) -> None:
    material = make_material("critics", bounds=("nwj",))
    material.set_value(-7.0, metric="bound")
    bottom, top = axes_of(material)[0].get_ylim()
    assert bottom < -7.0 < top


def test_one_evaluated_step_is_drawn_with_markers(make_material: Any) -> None:
    material = make_material("critics")
    material.records = material.records[
        (material.records["step"] == 600) | (material.records["encoder"] == "raw-pixels")
    ]
    axes = axes_of(material)[0]
    single = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) == 1]
    marked = [line for line in single if line.get_marker() not in {"None", "", None}]
    assert len(marked) == len(single) / 2 == 6


def test_bijective_encoders_have_their_panels_side_by_side(make_material: Any) -> None:
    material = make_material("bijective")
    bound, accuracy, error = axes_of(material)
    assert [axes.get_xlabel() for axes in (bound, accuracy, error)] == ["Training steps"] * 3
    assert error.get_yscale() == "log"
    assert {"InfoNCE", "NWJ", "InfoNCE, held-out", "NWJ, held-out"} <= set(labels(bound))
    assert {"InfoNCE", "NWJ, float64"} <= set(labels(error))
    assert math.log(128) in [np.ravel(line.get_ydata())[0] for line in bound.lines]
    assert accuracy.get_ylabel() == "Probe accuracy (fraction)"


def test_a_study_without_estimator_has_no_empty_label(make_material: Any) -> None:
    material = make_material("adversarial")
    assert [panel.axis for panel in planned(material).layout.panels][:2] == [
        "Probe accuracy (fraction)",
        "Cross-entropy (nats)",
    ]
    texts = [text for axes in axes_of(material) for text in labels(axes)]
    assert "classifier, to the labels" in texts
    assert all(texts)


@pytest.mark.parametrize("error", [0.0, math.inf, math.nan])
def test_an_error_that_no_logarithm_has_leaves_the_axis_readable(
    make_material: Any, error: float
) -> None:
    material = make_material("adversarial")
    material.set_value(error, metric="reconstruction_error_float64", step=0)
    result = planned(material)
    figure = draw_figure(result)
    bottom, top = figure.axes[-1].get_ylim()
    assert 0 < bottom < 1e-13
    assert 1e-5 < top < 1
    assert bool(result.off_axis) is (error == 0)
    figure.canvas.draw()


def test_condition_numbers_are_areas_around_their_median(make_material: Any) -> None:
    figure = axes_of(make_material("conditioning"))
    assert len(figure) == 6
    areas = figure[-1].collections
    assert len(areas) == 3
    heights = [float(np.ptp(np.asarray(area.get_paths()[0].vertices)[:, 1])) for area in areas]
    assert heights == sorted(heights, reverse=True)
    # Bounds are named by their columns.
    assert labels(figure[-1]) == ["median"]
    assert [axes.get_title(loc="left") for axes in figure] == ["InfoNCE", "NWJ"] * 3


def test_samplings_share_a_figure_that_shows_the_truth(make_material: Any) -> None:
    material = make_material("non-iid")
    assert [dataset for dataset, _ in by_figure(STUDIES["non-iid"], material.records)] == [""]
    assert planned(material).layout.colour == "dataset"
    infonce, nwj = axes_of(material)
    assert {"i.i.d. pairs", "dependent pairs, fresh", "truth 0.0204"} <= set(labels(infonce))
    bottom, top = nwj.get_ylim()
    # An untrained critic reads far less; the truth would be a line among others.
    assert -0.05 < bottom < 0
    assert 0.0204 < top < 0.3
    assert 0.0204 in [np.ravel(line.get_ydata())[0] for line in infonce.lines]


def test_image_data_sets_have_a_figure_each(make_material: Any, tmp_path: Path) -> None:
    material = make_material("critics", datasets=("mnist", "cifar10"))
    assert [dataset for dataset, _ in by_figure(STUDIES["critics"], material.records)] == [
        "mnist",
        "cifar10",
    ]
    material.write(tmp_path)
    assert sorted(file.name for file in (tmp_path / "figures").iterdir()) == [
        f"critics-{dataset}.{kind}"
        for dataset in ("cifar10", "mnist")
        for kind in ("csv", "png", "svg")
    ]


def test_data_hold_every_point_that_is_drawn(make_material: Any) -> None:
    result = planned(make_material("conditioning"))
    data = figure_table("conditioning", "mnist", result)
    points = data[data["split"].notna()]
    assert len(points) == sum(len(trace.steps) for trace in result.traces)
    assert set(points["seeds"]) == {3}
    assert "log_condition_number_p80" in set(points["quantity"])
    (trace, *_) = result.traces
    (row,) = points[
        (points["quantity"] == trace.quantity.metric)
        & (points["split"] == trace.quantity.split)
        & (points["bound"] == trace.bound)
        & (points["step"] == 600)
    ].itertuples()
    assert (row.mean, row.standard_deviation) == (trace.mean[-1], trace.spread[-1])
    lines = data[data["split"].isna()]
    assert set(lines["quantity"]) == {"ceiling", "raw pixels", "untrained"}
    assert not lines.duplicated().any()


def test_a_study_without_a_layout_is_coloured_by_what_varies(make_material: Any) -> None:
    material = make_material("matched-bound", targets=(None,))
    material.records["study"] = "something-new"
    material.records.loc[material.records["metric"] == "probe_penalty", "metric"] = "log_condition"
    layout = layout_of(None, material.records)
    assert layout.colour == "encoder"
    assert [panel.axis for panel in layout.panels][-1] == "log condition"
    result = build_figure(material.records, layout, colours_of(["mlp", "convnet"]))
    assert len(draw_figure(result).axes) == 6
    lead = result.lead
    assert isinstance(lead, Cell)
    assert lead.panel.axis.startswith("Probe accuracy")


def test_a_grid_of_one_has_a_colour(make_material: Any) -> None:
    material = make_material("critics", critics=("bilinear",))
    material.records["study"] = "something-new"
    assert layout_of(None, material.records).colour == "encoder"


def test_colours_belong_to_names_and_are_apart() -> None:
    names = ["concat", "bilinear", "mlp", "convnet", "separable", "new", "newer"]
    colours = colours_of(names)
    assert len(set(colours.values())) == len(names)
    # More names leave those before them as they are.
    assert colours_of(names[:3]) == {name: colours[name] for name in names[:3]}


def test_svg_keeps_text_and_has_no_date(make_material: Any, tmp_path: Path) -> None:
    make_material("critics").write(tmp_path)
    svg = (tmp_path / "figures" / "critics.svg").read_text(encoding="utf-8")
    assert "Bound (nats)" in svg
    assert "Training steps" in svg
    assert not re.search(r"dc:date|\d{4}-\d{2}-\d{2}T", svg)


def test_global_settings_are_left_alone(make_material: Any, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    make_material("critics").write(tmp_path)
    assert dict(matplotlib.rcParams) == before


def _figure(folder: Path) -> None:
    save_figure(Figure(), pd.DataFrame({"step": [0, 1]}), folder, "bound")


def _views(folder: Path) -> None:
    views = np.zeros((2, 4, 4, 1), dtype=np.float32)
    draw_view_grid(views, views, folder / "views.png")


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let no file of this process grow beyond 100 bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("no_room")
@pytest.mark.parametrize(("draw", "name"), [(_figure, "bound.svg"), (_views, "views.png")])
def test_a_full_disk_names_the_file_and_leaves_none(
    draw: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=rf"{name} cannot be written .*make room"):
        draw(tmp_path)
    assert not list(tmp_path.iterdir())
