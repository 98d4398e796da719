# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts to bit error rates, intervals and SNRs, on counts whose answer is known."""

import math

import numpy as np
import pytest
from fewbit_lab import (
    task_claims,
    task_detection_figures,
    task_link,
    task_receivers,
    task_schemes,
)
from fewbit_lab.confidence import clustered_wilson, wilson
from fewbit_lab.task_curves import BitErrorTable, Effort, Place, crossing
from fewbit_lab.task_measurements import BitErrors
from fewbit_lab.task_schemes import Scheme

DRAWS = Scheme("drawn models", "learned-csi", "bundle:{model}", "csi", draws=3)


def batch(errors, vectors=1000):
    return {"errors": errors, "squares": errors, "vectors": vectors}


def table(counts, schemes=(task_schemes.MAP,), snr_db=(10.0, 11.0)):
    places = [Place(1.0, snr) for snr in snr_db]
    return BitErrorTable(schemes, places, lambda place: place.snr_db, "SNR [dB]", counts)


def test_independent_bits_have_wilson_s_interval():
    # Each of the bits errs by itself: a vector's wrong bits have the binomial's variance.
    rate, vectors = 0.25, 100_000
    squares = round(vectors * (4 * rate * (1 - rate) + (4 * rate) ** 2))
    found = clustered_wilson(round(4 * vectors * rate), squares, vectors, 4)
    assert found == pytest.approx(wilson(100_000, 400_000), rel=1e-6)


def test_bits_that_err_together_count_once():
    low, high = clustered_wilson(400, 1600, 100_000, 4)
    once = wilson(100, 100_000)
    assert (low, high) == pytest.approx(once, rel=1e-2)
    assert clustered_wilson(0, 0, 1000, 4) == pytest.approx(wilson(0, 1000))


def test_the_interval_covers_what_it_says():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        bad = rng.random(20_000) < 0.01
        wrong = np.where(bad, 1 + rng.binomial(3, 0.5, bad.size), 0)
        low, high = clustered_wilson(int(wrong.sum()), int((wrong**2).sum()), bad.size, 4)
        hits += low <= 0.01 * 2.5 / 4 <= high
    assert 0.95 * 400 - 3 * np.sqrt(19) < hits  # three standard deviations of the binomial


def test_a_crossing_is_linear_in_the_logarithm():
    rates = [(1e-2, 0.9e-2, 1.1e-2), (1e-4, 0.9e-4, 1.1e-4)]
    middle, low, high = crossing([10.0, 12.0], rates, 1e-3)
    assert middle == pytest.approx(11.0)
    assert low == pytest.approx(10.0 + np.log10(9.0)) and high == pytest.approx(10.0 + np.log10(11))


def test_a_curve_that_never_falls_so_far_has_no_finite_crossing():
    flat = [(1e-2,) * 3] * 2
    assert crossing([10.0, 12.0], flat, 1e-3) == (math.inf,) * 3
    assert crossing([10.0, 12.0], flat, 1e-1) == (-math.inf,) * 3
    assert all(math.isnan(v) for v in crossing([10.0], [(math.nan,) * 3], 1e-3))
    unsure = [(5e-3, 2e-3, 8e-3), (2e-4, 0.0, 2e-3)]
    middle, low, high = crossing([10.0, 12.0], unsure, 1e-3)
    assert low < middle < 12.0 and high == math.inf


def test_rates_are_per_bit_of_all_batches():
    counts = {("map", 10.0): [batch(40), batch(40)], ("map", 11.0): [batch(4), batch(4)]}
    found = table(counts)
    rate, low, high = found.rate(task_schemes.MAP, Place(1.0, 10.0))
    assert rate == pytest.approx(0.01) and low < 0.01 < high
    at = found.snr_reaching(task_schemes.MAP, 1e-3 * 10**0.5)[0]
    assert at == pytest.approx(10.5)
    assert found.series(task_schemes.MAP)[0].y == pytest.approx([0.01, 0.001])


def test_models_of_several_draws_have_the_interval_of_their_spread():
    names = DRAWS.receivers(1.0, 10.0)
    assert names == [f"bundle:task_detection_r1_10db_csi{n}" for n in range(3)]
    counts = {(name, 10.0): [batch(e)] for name, e in zip(names, (20, 40, 60), strict=True)}
    found = table(counts, (DRAWS,))
    rate, low, high = found.rate(DRAWS, Place(1.0, 10.0))
    # Student's t of two degrees of freedom, 4.303, times .005 / sqrt(3)
    assert rate == pytest.approx(0.01)
    assert high - rate == pytest.approx(4.303 * 0.005 / 3**0.5, 1e-3)
    assert low == 0.0  # never below: an error rate
    names = [series.name for series in found.series(DRAWS)]
    assert names == [
        "drawn models",
        "drawn models: least of 3 draws",
        "drawn models: most of 3 draws",
    ]
    assert found.series(DRAWS)[0].x == [10.0]  # no model was measured at 11 dB


def test_receivers_that_are_drawn_in_every_batch_have_the_interval_of_the_batches():
    counts = {("map-csi", 10.0): [batch(errors) for errors in (20, 40, 60)]}
    rate, low, high = table(counts).rate(task_schemes.MAP_CSI, Place(1.0, 10.0))
    assert rate == pytest.approx(0.01)
    assert high - rate == pytest.approx(4.303 * 0.005 / 3**0.5, 1e-3) and low == 0.0


def test_wrong_bits_are_squared_vector_by_vector():
    measured = BitErrors(3000, {})({"receiver": "qmap:levels=2", "snr_db": 6.0}, 3)
    rng = np.random.default_rng(3)
    x, sent = task_link.detection_draw(3000, 6.0, rng)
    wrong = task_link.wrong_bits(task_receivers.fixed_quantized_map(2, 6.0).classes(x), sent)
    assert measured == {
        "vectors": 3000,
        "errors": wrong.sum(),
        "squares": (wrong == 1).sum()
        + 4 * (wrong == 2).sum()
        + 9 * (wrong == 3).sum()
        + 16 * (wrong == 4).sum(),
    }
    assert measured["squares"] > 1.2 * measured["errors"]


def test_the_mean_of_ten_uncertain_channels_is_nearly_the_channel():
    """Errors of variance .02 in place of .2, over 96 channels each."""
    rates = {}
    for receiver in ("map-csi", "map-frames"):
        batches = [
            BitErrors(32 * 100, {})({"receiver": receiver, "snr_db": 10.0}, seed)
            for seed in range(3)
        ]
        rates[receiver] = sum(b["errors"] for b in batches) / (3 * 32 * 100 * 4)
    assert rates["map-frames"] < 0.2 * rates["map-csi"]


def test_errors_counted_are_held_against_those_expected():
    """90 and 10 errors where 80 and 20 are expected; lone wrong bits have Poisson's variance."""
    scheme = task_schemes.LOOKUP_QUICK
    counts = {
        (scheme.receivers(1.0, snr)[0], snr): [batch(errors)]
        for snr, errors in ((10.0, 90), (11.0, 10))
    }
    exact = {Place(1.0, 10.0): 0.02, Place(1.0, 11.0): 0.005}  # of 4000 bits each
    found = task_detection_figures._counted_over_expected(table(counts, (scheme,)), scheme, exact)
    assert found == pytest.approx((1.0, 1.0 - 0.196, 1.0 + 0.196))


def test_each_draw_reaches_a_target_at_its_own_snr():
    counts = {}
    for number, errors in enumerate(((40, 0.4), (400, 4), (400, 40))):
        for snr, wrong in zip((10.0, 11.0), errors, strict=True):
            name = f"bundle:task_detection_r1_{snr:g}db_csi{number}"
            counts[name, snr] = [batch(wrong)]
    found = table(counts, (DRAWS,)).draws_reaching(DRAWS, 10**-2.5)
    assert found == pytest.approx([10.25, 10.75, math.inf])


def test_a_scheme_without_models_has_no_curve():
    found = table({}, (task_schemes.LEARNED,))
    assert found.series(task_schemes.LEARNED) == []
    assert math.isnan(found.rate(task_schemes.LEARNED, Place(1.0, 10.0))[0])
    assert task_claims.reached(found, task_schemes.LEARNED, 11.3).holds is None


def test_effort_stops_a_sure_receiver_and_never_a_drawn_one():
    effort = Effort(1000, 16, 200, 100, {"map-csi": 7})
    assert effort.rule({"receiver": "map"}).needed([batch(199), batch(1)]) == 2
    assert effort.rule({"receiver": "bundle:task_detection_r1_8db_csi3"}).needed([batch(100)]) == 1
    drawn = effort.rule({"receiver": "map-csi"})
    assert drawn.needed([batch(500)] * 6) is None and drawn.needed([batch(500)] * 7) == 7


@pytest.mark.parametrize(
    "rate,levels",
    [(1.0, [8] * 4), (2.0, [64] * 4), (1.25, [14, 13, 13, 13]), (3.0, [256] * 4)],
)
def test_the_lookup_spends_the_bits_that_a_rate_gives(rate, levels):
    found = task_schemes.lookup_levels(rate)
    assert found == levels and math.prod(found) <= 2 ** (12 * rate)


def test_names_of_models():
    assert task_schemes.detection_model(1.0, 12.0) == "task_detection_r1_12db"
    assert task_schemes.detection_model(1.25, 8.0, "csi0") == "task_detection_r125_8db_csi0"
    assert task_schemes.estimation_model(8, "snr") == "task_estimation_m8_snr"
    assert task_schemes.mixed_model(0.5) == "task_estimation_mixed_r050"


def test_a_claim_over_all_levels_is_its_worst():
    found = {2: (0.9, 0.8, 1.0), 8: (1.2, 1.1, 1.3)}
    assert task_claims.worst("x", found, 1.0).holds is False
    assert task_claims.worst("x", found, 1.3).holds is True
    assert task_claims.worst("x", found, 1.2).holds is None
    assert "M=8" in task_claims.worst("x", found, 1.0).text
    missing = task_claims.worst("x", {**found, 16: (math.nan,) * 3}, 1.3)
    assert missing.holds is None and "M=16" in missing.text


def test_a_quotient_s_limits_add_up_in_quadrature():
    value, low, high = task_claims.quotient((2.0, 1.4, 2.6), (10.0, 6.0, 14.0))
    assert value == pytest.approx(0.2)
    assert high - value == pytest.approx(0.2 * 0.5) and value - low == pytest.approx(0.2 * 0.5)


def test_a_quotient_of_no_errors_is_what_the_limits_allow():
    none, some = (0.0, 0.0, 1e-6), (2e-6, 1e-6, 4e-6)
    assert task_claims.quotient(none, some) == pytest.approx((0.0, 0.0, 1.0))
    value, low, high = task_claims.quotient(some, none)
    assert value == high == math.inf and low == pytest.approx(1.0)


@pytest.mark.parametrize(
    "errors, than, holds",
    [
        ((40, 4), (400, 40), True),
        ((40, 400), (400, 40), False),
        ((40, 400), (400, 0), False),  # what makes no errors is not left out
        ((0, 0), (400, 0), None),
        ((40, None), (400, 40), None),  # nor is a place without a model
        ((None, 400), (400, 40), False),
        ((None, None), (400, 40), None),
    ],
)
def test_better_everywhere_means_everywhere(errors, than, holds):
    schemes = (task_schemes.LEARNED, task_schemes.MAP)
    counts = {}
    for snr, own, other in zip((10.0, 11.0), errors, than, strict=True):
        if own is not None:
            counts[task_schemes.LEARNED.receivers(1.0, snr)[0], snr] = [batch(own, 10_000)]
        counts["map", snr] = [batch(other, 10_000)]
    found = table(counts, schemes)
    claim = task_claims.better(found, *schemes, found.places, "at every SNR")
    assert claim.holds is holds
    assert ("no model" in claim.text) == (None in errors)


@pytest.mark.parametrize("apart, holds", [(0.2, True), (1.0, False), (-1.0, True)])
def test_what_learned_thresholds_gain_is_what_uniform_ones_take_more(apart, holds):
    schemes = (task_schemes.LEARNED, task_schemes.UNIFORM)
    counts = {}
    for scheme, at in zip(schemes, (11.0, 11.0 + apart), strict=True):
        for snr in (9.0, 10.0, 11.0, 12.0, 13.0):
            errors = round(4e4 * 10 ** (at - snr))
            counts[scheme.receivers(1.0, snr)[0], snr] = [batch(errors, 10_000_000)]
    claim = task_claims.thresholds_gain(table(counts, schemes, (9.0, 10.0, 11.0, 12.0, 13.0)))
    assert claim.holds is holds and claim.value == pytest.approx(apart, abs=0.01)
