import math
import re
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from infomax.report.configurations import trained
from infomax.report.figure_data import figure_data
from infomax.report.figures import StudyFigure, draw_study
from infomax.report.layouts import by_figure, layout_of
from infomax.report.palette import colours_of


def drawn(material: Any, batch_size: int = 128) -> StudyFigure:
    study = material.studies[0].name
    layout = layout_of(study, material.records)
    names = [str(level) for level in trained(material.records)[layout.colour]]
    return draw_study(material.records, layout, batch_size=batch_size, colours=colours_of(names))


def legend_texts(figure: Figure) -> list[str]:
    legends = [axes.get_legend() for axes in figure.axes]
    return [text.get_text() for legend in legends if legend for text in legend.get_texts()]


def test_critics_have_a_colour_each_and_a_ceiling(make_material: Any) -> None:
    result = drawn(make_material("critics"))
    assert result.layout.colour == "critic"
    assert len(result.figure.axes) == 4
    texts = legend_texts(result.figure)
    assert {"bilinear critic", "separable critic", "concat critic", "raw pixels"} <= set(texts)
    assert "ceiling of InfoNCE,\nlog 128 = 4.85" in texts
    assert len(texts) == len(set(texts))
    infonce, nwj = result.figure.axes[:2]
    assert math.log(128) in [np.ravel(line.get_ydata())[0] for line in infonce.lines]
    assert math.log(128) not in [np.ravel(line.get_ydata())[0] for line in nwj.lines]


def test_matched_bounds_have_a_marker_for_each_target(make_material: Any) -> None:
    result = drawn(make_material("matched-bound"))
    assert result.layout.colour == "encoder"
    assert result.layout.marker == ("target",)
    assert {"held at 2 nats", "held at 4 nats", "target"} <= set(legend_texts(result.figure))


def test_lines_are_means_and_deviations_over_seeds(make_material: Any) -> None:
    material = make_material("critics")
    chosen = {"critic": "concat", "estimator": "nwj", "metric": "bound", "split": "train"}
    for seed, value in enumerate((1.0, 2.0, 3.0)):
        material.set_value(value, **chosen, seed=seed, step=600)
    (trace,) = [
        trace
        for trace in drawn(material).traces
        if (trace.level, trace.estimator, trace.quantity.label)
        == ("concat", "nwj", "training batches")
    ]
    assert list(trace.steps) == [0, 300, 600]
    assert (trace.mean[-1], trace.spread[-1], int(trace.seeds[-1])) == (2.0, 1.0, 3)


@pytest.mark.parametrize("low", [-math.inf, -1e300, -5e6, math.nan])
def test_heavy_tails_leave_the_axis_readable(make_material: Any, low: float) -> None:
    material = make_material("critics")
    chosen = {"critic": "concat", "estimator": "nwj", "metric": "bound", "split": "test"}
    material.set_value(low, **chosen, step=300, seed=0)
    result = drawn(material)
    bottom, top = result.figure.axes[0].get_ylim()
    assert -1.5 <= bottom < 0 < top < 6
    assert bool(result.off_axis) != math.isnan(low)
    result.figure.canvas.draw()


def test_bounds_that_are_all_low_are_still_drawn(make_material: Any) -> None:
    material = make_material("critics", estimators=("nwj",))
    material.set_value(-7.0, metric="bound")
    bottom, top = drawn(material).figure.axes[0].get_ylim()
    assert bottom < -7.0 < top


def test_one_evaluated_step_is_drawn_with_markers(make_material: Any) -> None:
    material = make_material("critics")
    material.records = material.records[
        (material.records["step"] == 600) | (material.records["encoder"] == "raw-pixels")
    ]
    axes = drawn(material).figure.axes[0]
    single = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) == 1]
    assert single
    assert all(line.get_marker() not in {"None", "", None} for line in single)


def test_bijective_encoders_have_their_panels_side_by_side(make_material: Any) -> None:
    result = drawn(make_material("bijective"))
    bound, accuracy, error = result.figure.axes
    assert [axes.get_xlabel() for axes in result.figure.axes] == ["Training steps"] * 3
    assert error.get_yscale() == "log"
    (on_top,) = result.figure.legends
    assert [text.get_text() for text in on_top.get_texts()] == ["InfoNCE", "NWJ"]
    texts = legend_texts(result.figure)
    assert {"training batches", "held-out pairs", "in float32, as trained"} <= set(texts)
    assert math.log(128) in [np.ravel(line.get_ydata())[0] for line in bound.lines]
    assert len(texts) == len(set(texts))
    assert accuracy.get_ylabel() == "Probe accuracy (fraction)"


def test_a_study_without_estimator_has_no_empty_label(make_material: Any) -> None:
    result = drawn(make_material("adversarial"))
    assert [panel.axis for panel in result.layout.panels][:2] == [
        "Probe accuracy (fraction)",
        "Cross-entropy (nats)",
    ]
    (on_top,) = result.figure.legends
    texts = [*legend_texts(result.figure), *(text.get_text() for text in on_top.get_texts())]
    assert "affine RealNVP encoder" in texts
    assert all(texts)


@pytest.mark.parametrize("error", [0.0, math.inf, math.nan])
def test_an_error_that_no_logarithm_has_leaves_the_axis_readable(
    make_material: Any, error: float
) -> None:
    material = make_material("adversarial")
    material.set_value(error, metric="reconstruction_error_float64", step=0)
    result = drawn(material)
    bottom, top = result.figure.axes[-1].get_ylim()
    assert 0 < bottom < 1e-13
    assert 1e-5 < top < 1
    assert bool(result.off_axis) is (error == 0)
    result.figure.canvas.draw()


def test_condition_numbers_are_areas_around_their_median(make_material: Any) -> None:
    material = make_material("conditioning")
    result = drawn(material)
    assert len(result.figure.axes) == 6
    assert {"median", "40 to 60 %", "20 to 80 %", "min to max"} <= set(legend_texts(result.figure))
    areas = result.figure.axes[-1].collections
    assert len(areas) == 3
    heights = [float(np.ptp(np.asarray(area.get_paths()[0].vertices)[:, 1])) for area in areas]
    assert heights == sorted(heights, reverse=True)
    # Estimators are named by their columns.
    assert "NWJ" not in legend_texts(result.figure)


def test_samplings_share_a_figure_that_shows_the_truth(make_material: Any) -> None:
    material = make_material("non-iid")
    assert [dataset for dataset, _ in by_figure("non-iid", material.records)] == [""]
    result = drawn(material)
    assert result.layout.colour == "dataset"
    infonce, nwj = result.figure.axes
    assert {"i.i.d. pairs", "dependent pairs"} <= set(legend_texts(result.figure))
    assert "true information,\n0.0204 nats" in legend_texts(result.figure)
    bottom, top = nwj.get_ylim()
    # An untrained critic reads far less; the truth would be a line among others.
    assert -0.05 < bottom < 0
    assert 0.0204 < top < 0.3
    assert 0.0204 in [np.ravel(line.get_ydata())[0] for line in infonce.lines]


def test_image_data_sets_have_a_figure_each(make_material: Any, tmp_path: Path) -> None:
    material = make_material("critics", datasets=("mnist", "cifar10"))
    assert [dataset for dataset, _ in by_figure("critics", material.records)] == [
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
    result = drawn(make_material("conditioning"))
    data = figure_data("conditioning", "mnist", result)
    points = data[data["split"].notna()]
    assert len(points) == sum(len(trace.steps) for trace in result.traces)
    assert set(points["seeds"]) == {3}
    assert "log_condition_number_p80" in set(points["quantity"])
    (trace, *_) = result.traces
    (row,) = points[
        (points["quantity"] == trace.quantity.metric)
        & (points["split"] == trace.quantity.split)
        & (points["estimator"] == trace.estimator)
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
    layout = layout_of("something-new", material.records)
    assert layout.colour == "encoder"
    assert [panel.axis for panel in layout.panels][-1] == "log condition"
    result = draw_study(
        material.records, layout, batch_size=None, colours=colours_of(["mlp", "convnet"])
    )
    assert len(result.figure.axes) == 6


def test_a_grid_of_one_has_a_colour(make_material: Any) -> None:
    material = make_material("critics", critics=("bilinear",))
    material.records["study"] = "something-new"
    assert layout_of("something-new", material.records).colour == "encoder"


def test_colours_belong_to_names_and_are_apart() -> None:
    names = ["concat", "bilinear", "mlp", "convnet", "separable", "new", "newer"]
    colours = colours_of(names)
    assert len(set(colours.values())) == len(names)
    assert colours_of(["concat"])["concat"] == colours["concat"]


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
