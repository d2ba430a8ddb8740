"""The paper's bijective encoders, trained anew: the audit says no, for the paper's reason."""

from benchmarks.audit_paper_runs import SETTINGS, audited
from infomax.audit.audit_result import AuditResult
from infomax.audit.checks.bijective_encoder import check_bijective_encoder
from infomax.audit.checks.geometry import check_geometry
from infomax.audit.checks.leaks import check_leaks


def test_training_moves_the_probe_of_an_encoder_that_keeps_all_information() -> None:
    codes = audited("bijective", SETTINGS["bijective"], "mnist-14")
    found = [check(codes) for check in (check_bijective_encoder, check_geometry, check_leaks)]
    result = AuditResult(found, {codes.name: (len(codes), codes.given_rows)}, 0)
    assert result.verdict == "No"
    assert "The encoder of x is a bijection" in found[0].sentence
    assert "at equal information: it is geometry" in result.answer()
    # Training by a bound makes these codes easier to read than the pixels that they hold.
    assert found[0].interval is not None
    assert found[0].interval.low > 0.02
    assert found[0].measured["inverse_error"] < 1e-4


def test_training_against_a_probe_ruins_it_and_loses_nothing() -> None:
    codes = audited("adversarial", SETTINGS["adversarial"], "mnist-14")
    found = [check(codes) for check in (check_bijective_encoder, check_geometry, check_leaks)]
    result = AuditResult(found, {codes.name: (len(codes), codes.given_rows)}, 0)
    assert result.verdict == "No"
    assert "at equal information: it is geometry" in result.answer()
    moved, shape, _ = found
    assert moved.measured["inverse_error"] < 1e-3
    # The paper's probe falls, as in its figure 1c; one at its minimum does not mind scale as much.
    assert moved.measured["notebook_codes_less_views_interval"][1] < -0.05
    assert moved.measured["notebook_accuracy"] < moved.measured["accuracy"]
    # Such codes would count as collapsed if they could not be inverted.
    assert shape.status == "caution"
    assert "fill 1." in shape.measured["collapse_of_bijections"][0]
    assert "nothing is lost" in shape.sentence
