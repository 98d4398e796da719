# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refits in the running flowgraph: what drift does, and what pilots undo."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from message_bench import Recorder, read
from stream_bench import rows, run, sink, source, tag

# ---------------------------------------------------------------- channel estimation, 240 x 80

#: The 8-level Lloyd-Max quantizer of a unit Gaussian (Max 1960): thresholds and levels > 0.
LLOYD_MAX = ([0.5006, 1.0500, 1.7480], [0.2451, 0.7560, 1.3439, 2.1519])
PHI = np.exp(-2j * np.pi * np.outer(np.arange(12), np.arange(4)) / 12)
A = 2 * np.kron(PHI, np.eye(10))  # y = sqrt(P) (Phi kron I) h + w with P = 4


def closed_form():
    """Linear MMSE combiner, unit variance, Lloyd-Max: as A^H A = 48 I, all entries are apart."""
    deviation = np.sqrt(0.5 * 48 / 49)
    combiner = fewbit.matrix_map(A.conj().T / 49 / deviation)
    positive_thresholds, positive_levels = map(np.array, LLOYD_MAX)
    thresholds = np.concatenate([-positive_thresholds[::-1], [0], positive_thresholds])
    levels = np.concatenate([-positive_levels[::-1], positive_levels])
    adc = algorithms.scalar_adc([8] * 80, np.tile(thresholds, 80), np.tile(levels, 80))
    digital = algorithms.digital_map.affine(adc, deviation * np.eye(80), np.zeros(80))
    return combiner, adc, digital


def estimation_flowgraph(folder, n, n_pilots, refit, drift):
    """MSE per real entry before and after the pilots have passed, and the reports."""
    rng = np.random.default_rng(11)
    h = (rng.normal(size=(n, 40)) + 1j * rng.normal(size=(n, 40))).astype(np.complex64)
    h /= np.sqrt(2).astype(np.float32)
    h.tofile(folder / "h")
    combiner, adc, digital = closed_form()
    adc_block = fewbit.learned_adc(adc, seed=4)
    drift(adc_block)
    detector = fewbit.digital_detector(digital, "complex", refit, n_pilots)
    graph, recorder = gr.top_block(), Recorder()
    graph.connect(
        blocks.file_source(320, str(folder / "h")),
        fewbit.pilot_tagger("complex", 40, n_pilots),
        fewbit.linear_channel(A, "complex", 1.0, seed=5),
        fewbit.hybrid_combiner(combiner, "complex"),
        adc_block,
        detector,
        blocks.file_sink(320, str(folder / "estimate")),
    )
    graph.msg_connect(detector, "report", recorder, "in")
    graph.run()
    estimate = np.fromfile(folder / "estimate", np.complex64).reshape(n, 40)
    error = np.abs(estimate - h).astype(float) ** 2 / 2
    reports = [read(m)[0] for m in recorder.messages]
    return error[:n_pilots].mean(), error[n_pilots:].mean(), reports, detector


def test_closed_form_reaches_the_lloyd_max_target_in_the_flowgraph(tmp_path):
    """.010204 + .489796 x .03454 = .02712; 8000 x 80 entries: standard error .00005."""
    _, after, reports, _ = estimation_flowgraph(tmp_path, 8000, 1, "off", lambda adc: None)
    assert after == pytest.approx(0.02712, abs=0.0002)
    assert not reports


@pytest.mark.parametrize(
    "mode, drift, at_least, at_most",
    [
        ("on", lambda adc: adc.set_threshold_deviation(0.1), 0.0314, 0.0310),
        ("levels", lambda adc: adc.set_threshold_deviation(0.1), 0.0314, 0.0298),
        ("on", lambda adc: adc.set_offset_deviation(0.1), 0.0320, 0.0290),
        ("on", lambda adc: adc.set_gain_deviation(0.1), 0.0305, 0.0290),
    ],
    ids=["each threshold .1 sigma", "its levels too", "each ADC .1 sigma", "gain 10 %"],
)
def test_pilots_undo_drift(tmp_path, mode, drift, at_least, at_most):
    before, after, reports, detector = estimation_flowgraph(tmp_path, 28_000, 20_000, mode, drift)
    assert before > at_least  # the drift is felt
    assert after < at_most
    assert [r["outcome"] for r in reports] == ["refitted"]
    assert reports[0]["pilots"] == 20_000 and reports[0]["item"] == 19_999
    assert reports[0]["error_before"] == pytest.approx(before, rel=0.05)  # of 256 pilots
    assert reports[0]["error_after"] < at_most
    assert detector.counters()["refits"] == 1


# ---------------------------------------------------------------- detection

H = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4))))


def error_rate_after(refit, n_pilots, offset, gain=0.0):
    """8 levels at 10 dB, drifted: the bit error rate of 40,000 vectors after the pilots."""
    v, n = 0.1, 40_000 + n_pilots
    design = algorithms.named_quantizer("rotation_lookup:levels=8", H, v).at(v)
    bits = np.random.default_rng(2).integers(0, 2, (n, 4), dtype=np.uint8)
    graph, found = gr.top_block(), sink("u", 4)
    graph.connect(
        source((1 - 2.0 * bits).astype(np.float32)),
        fewbit.pilot_tagger("float", 4, n_pilots),
        fewbit.linear_channel(H, "float", v, seed=7),
        fewbit.hybrid_combiner(design.analog),
        fewbit.learned_adc(design.adc, offset, gain_deviation=gain, seed=6),
        fewbit.digital_detector(design.digital, "bits", refit, n_pilots),
        found,
    )
    graph.run()
    return np.mean((rows(found, "u", 4) != bits)[n_pilots:])


@pytest.mark.parametrize(
    "mode, n_pilots", [("on", 100), ("on", 4000), ("counts", 4000), ("logistic", 4000)]
)
def test_pilots_undo_drift_of_a_lookup(mode, n_pilots):
    """Offsets of .3 cost much of the BER; pilots win most back."""
    undrifted = error_rate_after("off", n_pilots, 0.0)
    drifted = error_rate_after("off", n_pilots, 0.3)
    assert drifted > 1.5 * undrifted
    assert error_rate_after(mode, n_pilots, 0.3) - undrifted < 0.5 * (drifted - undrifted)


def test_fifty_pilots_win_a_lookup_back_and_counting_does_not():
    """Offsets of .3, gains 10 % off: .021; counting leaves .018; a standard error is .0004."""
    drifted, counted, learned = (
        error_rate_after(mode, 50, 0.3, 0.1) for mode in ("off", "counts", "on")
    )
    assert learned < 0.3 * drifted and learned < 0.4 * counted


# ---------------------------------------------------------------- what a pilot and a refit are


def small(ridge=1e-3):
    adc = algorithms.scalar_adc.uniform([4, 4], 1.0)
    return algorithms.digital_map.affine(adc, np.zeros((3, 2)), np.zeros(3)), ridge


def refitted(pilots, n=60, codes=None, kind="affine", **how):
    """Run codes with pilot tags {item: value} through a detector: (estimates, detector, reports)"""
    digital, ridge = small(how.pop("ridge", 1e-3))
    if kind == "lookup":
        table = np.zeros((8, 8))
        adc = algorithms.scalar_adc.uniform([4, 4], 1.0)
        digital = algorithms.digital_map.lookup(adc, 3, table)
    if kind == "network":
        adc = algorithms.scalar_adc.uniform([4, 4], 1.0)
        digital = algorithms.digital_map.network(
            adc, "estimation", [(np.zeros((3, 2)), np.zeros(3))]
        )
    if codes is None:
        codes = np.random.default_rng(1).integers(0, 4, (n, 2), dtype=np.uint8)
    detector = fewbit.digital_detector(
        digital, "estimates", how.pop("refit", "on"), ridge=ridge, **how
    )
    tags = [tag(i, "pilot", value) for i, value in pilots.items()]
    graph, recorder, found = gr.top_block(), Recorder(), sink("f", 3)
    graph.connect(source(codes, tags), detector, found)
    graph.msg_connect(detector, "report", recorder, "in")
    graph.run()
    return rows(found, "f", 3), detector, [read(m)[0] for m in recorder.messages], codes


def numbers(values):
    return pmt.init_f32vector(len(values), list(map(float, values)))


def test_the_map_changes_right_after_the_last_pilot_and_fits_all_of_them():
    levels = np.array([-0.75, -0.25, 0.25, 0.75])
    codes = np.random.default_rng(1).integers(0, 4, (60, 2), dtype=np.uint8)
    truth = levels[codes] @ np.array([[1, 2, 3], [4, 5, 6]]) + [1, -1, 0.5]
    pilots = {int(i): numbers(truth[i]) for i in range(5, 45)}
    found, detector, reports, _ = refitted(pilots, codes=codes, refit_pilots=20, ridge=0.0)
    assert not found[:25].any()  # the pilot that completes the fit is itself decided before
    np.testing.assert_allclose(found[25:], truth[25:], atol=1e-4)
    assert [r["item"] for r in reports] == [24, 44]
    assert [r["pilots"] for r in reports] == [20, 40]
    assert reports[0]["error_before"] == pytest.approx(np.mean(truth[5:25] ** 2), rel=1e-4)
    assert reports[1]["error_after"] < 1e-6
    assert detector.counters()["pilots"] == 40 and detector.counters()["refits"] == 2


@pytest.mark.parametrize(
    "pilot",
    [
        numbers([1, 2]),
        numbers([1, 2, 3, 4]),
        numbers([1, np.nan, 3]),
        numbers([1, np.inf, 3]),
        pmt.init_u8vector(3, [0, 1, 1]),
        pmt.from_double(1.0),
        pmt.PMT_NIL,
        pmt.intern("pilot"),
    ],
)
def test_pilots_of_a_wrong_kind_are_counted_and_leave_the_map(pilot):
    found, detector, reports, _ = refitted({i: pilot for i in range(40)}, refit_pilots=10)
    counters = detector.counters()
    assert counters["bad_pilot"] == 40 and counters["pilots"] == 0 and not reports
    assert not found.any()


def test_bits_sent_as_numbers_teach_a_detector_nothing():
    """0 is no symbol; taken for one, it would be bit 0, and 1 as well."""
    pilots = {i: numbers([0, 1, i % 2]) for i in range(40)}
    _, detector, reports, _ = refitted(pilots, kind="lookup", refit_pilots=10)
    counters = detector.counters()
    assert counters["bad_pilot"] == 40 and counters["pilots"] == 0 and not reports


@pytest.mark.parametrize("bits, good", [([0, 1, 1], True), ([0, 1], False), ([0, 2, 1], False)])
def test_pilots_of_a_detector_are_bits_or_symbols(bits, good):
    """Even items are all code 0, odd ones all code 3; 40 pilots as bits, 40 as symbols."""
    codes = np.repeat(np.arange(100) % 2 * 3, 2).reshape(100, 2).astype(np.uint8)
    pilots = {i: pmt.init_u8vector(len(bits), bits) for i in range(0, 80, 2)}
    pilots |= {i: numbers([-1, 1, 1]) for i in range(1, 80, 2)}
    found, detector, reports, _ = refitted(
        pilots, codes=codes, kind="lookup", refit_pilots=80 if good else 40
    )
    assert detector.counters()["bad_pilot"] == (0 if good else 40)
    assert [r["outcome"] for r in reports] == ["refitted"]
    assert np.all(np.sign(found[81::2]) == [-1, 1, 1])
    assert np.all(np.sign(found[80::2]) == [1, -1, -1])


def test_too_few_pilots_are_refused_counted_and_reported():
    pilots = {i: numbers([1, 2, 3]) for i in range(40)}
    found, detector, reports, _ = refitted(pilots, refit_pilots=2)
    counters = detector.counters()
    assert counters["too_few_pilots"] == 1 and reports[0]["outcome"] == "too_few_pilots"
    assert counters["refits"] == 19 and reports[1]["outcome"] == "refitted"
    assert not found[:4].any() and found[4:].any()


def test_a_lookup_is_refitted_from_as_many_pilots_as_classes():
    pilots = {i: pmt.init_u8vector(3, [i & 1, i >> 1 & 1, i >> 2 & 1]) for i in range(8)}
    for few, outcomes in ((7, ["too_few_pilots"]), (8, ["refitted"])):
        _, _, reports, _ = refitted(pilots, kind="lookup", refit="on", refit_pilots=few)
        assert [r["outcome"] for r in reports] == outcomes


def test_a_singular_refit_is_refused_counted_and_reported():
    pilots = {i: numbers([1, 2, 3]) for i in range(40)}
    codes = np.ones((60, 2), np.uint8)  # all the same
    found, detector, reports, _ = refitted(pilots, codes=codes, refit_pilots=20, ridge=0.0)
    assert [r["outcome"] for r in reports] == ["singular"] * 2
    assert detector.counters()["singular"] == 2 and not found.any()


def test_a_refit_that_yields_no_numbers_is_refused():
    pilots = {i: numbers(np.array([3e38, -3e38, 3e38]) * (-1) ** i) for i in range(40)}
    found, detector, reports, _ = refitted(pilots, refit_pilots=20, ridge=0.0)
    if reports[0]["outcome"] == "not_finite":
        assert detector.counters()["not_finite"] == 2 and not found.any()
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize(
    "kind, refit", [("affine", "logistic"), ("affine", "counts"), ("lookup", "levels")]
)
def test_refuses_a_refit_of_another_kind_of_map(kind, refit):
    with pytest.raises(ValueError, match=f"refit is '{refit}' and the map"):
        refitted({}, kind=kind, refit=refit)
    _, detector, _, _ = refitted({}, kind=kind)
    with pytest.raises(ValueError, match=f"refit is '{refit}' and the map"):
        detector.set_refit(refit)
    assert detector.counters()["bad_setting"] == 1


@pytest.mark.parametrize("refit", ["on", "logistic"])
def test_networks_are_not_refitted_and_say_so(refit):
    pilots = {i: numbers([1, 2, 3]) for i in range(20)}
    found, detector, reports, _ = refitted(pilots, kind="network", refit=refit, refit_pilots=10)
    assert [r["outcome"] for r in reports] == ["not_refittable"] * 2
    assert detector.counters()["not_refittable"] == 2 and not found.any()


def test_pilots_are_ignored_while_refit_is_off():
    found, detector, reports, _ = refitted({i: numbers([1, 2, 3]) for i in range(40)}, refit="off")
    assert not reports and not found.any() and detector.counters()["pilots"] == 0


def test_refit_now_fits_what_there_is():
    pilots = {i: numbers([1, 2, 3]) for i in range(40)}
    found, detector, reports, codes = refitted(pilots, refit_pilots=1000)
    assert not reports and not found.any()
    detector.refit_now()
    found, _ = run(codes, detector, "f", 3)
    np.testing.assert_allclose(found[0], [1, 2, 3], rtol=1e-3)
    assert detector.counters()["refits"] == 1


def test_a_change_of_how_to_refit_forgets_the_pilots():
    pilots = {i: numbers([1, 2, 3]) for i in range(40)}
    _, detector, _, codes = refitted(pilots, refit_pilots=1000)
    detector.set_forgetting(0.99)
    detector.refit_now()
    found, _ = run(codes, detector, "f", 3)
    assert not found.any() and detector.counters()["too_few_pilots"] == 1


def test_forgetting_follows_what_changes():
    """First [1, 2, 3], then [5, 6, 7]: with a weight of .8^40 the first are gone."""
    pilots = {i: numbers([1, 2, 3] if i < 40 else [5, 6, 7]) for i in range(80)}
    found, _, _, _ = refitted(pilots, n=100, refit_pilots=80, forgetting=0.8)
    np.testing.assert_allclose(found[90], [5, 6, 7], rtol=2e-2)
    found, _, _, _ = refitted(pilots, n=100, refit_pilots=80)
    np.testing.assert_allclose(found[80:].mean(0), [3, 4, 5], rtol=0.2)


def test_refit_set_before_a_design_arrives_holds_for_it_too(tmp_path):
    """A design that waits for its tag learns as it was last said, not as when it was staged."""
    digital, _ = small()
    detector = fewbit.digital_detector(digital, "estimates", "off", 20, ridge=1e-3)
    detector.set_design(digital, 5)
    detector.set_refit("on")
    tags = [tag(0, "design", 5)] + [tag(i, "pilot", numbers([1, 2, 3])) for i in range(20)]
    codes = np.random.default_rng(1).integers(0, 4, (60, 2), dtype=np.uint8)
    found, _ = run(codes, detector, "f", 3, tags)
    assert not found[:20].any()
    np.testing.assert_allclose(found[30], [1, 2, 3], rtol=2e-2)
