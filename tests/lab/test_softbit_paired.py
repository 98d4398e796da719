# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""From batches of counts to rates, bits and claims, on counts whose answer is known."""

import numpy as np
import pytest
from fewbit_lab import softbit_claims, softbit_reference
from fewbit_lab.softbit_measurements import entropy_bits, entropy_interval
from fewbit_lab.softbit_paired import PairedErrors
from fewbit_lab.softbit_schemes import FLOAT, Scheme, uniform

SNR_DB = [12.0, 13.0, 14.0]
SCHEMES = (FLOAT, uniform(4, 8.0), Scheme("half", "learned", "learned:half"))


def batch(errors, packets=100, llr_bits=(32.0, 4.0, 2.0), coded=(32.0, 3.5, 2.0)):
    def stored(bits):
        return [int(packets * 648 * b / 8) for b in bits]

    return {
        "packets": packets,
        "errors": list(errors),
        "bytes": stored(llr_bits),
        "coded_bytes": stored(coded),
        "reference_errors": errors[0],
    }


@pytest.fixture
def paired():
    found = [
        [batch((40, 50, 60)), batch((60, 70, 80))],
        [batch((4, 5, 8)), batch((6, 5, 12))],
        [batch((1, 1, 2)), batch((1, 1, 2))],
    ]
    return PairedErrors(SNR_DB, SCHEMES, found)


def test_rates_are_those_of_all_batches_together(paired):
    curves = {series.name: series for series in paired.curves()}
    assert curves["uncompressed"].y == [0.5, 0.05, 0.01]
    assert curves["half"].y == [0.7, 0.1, 0.02]
    for series in curves.values():
        assert all(lo < y < hi for lo, y, hi in zip(series.lo, series.y, series.hi, strict=True))


def test_bits_count_every_stored_byte(paired):
    assert paired.bits(1) == pytest.approx([4.0, 4.0, 4.0])
    assert paired.bits(1, coded=True) == pytest.approx([3.5, 3.5, 3.5])
    assert paired.mean_bits(2) == pytest.approx(2.0)
    assert paired.bits_at(2, 0.1) == pytest.approx((2.0,) * 3)
    assert paired.mean_bits_interval(1) == pytest.approx((4.0,) * 3)


def test_losses_are_interpolated_on_the_logarithm(paired):
    # log10: .5 -> .05 is one decade, .1 at 12 + log10(5); "half" crosses .1 at 13 exactly.
    loss = paired.losses([0.1], seed=1)[2][0]
    assert loss.db == pytest.approx(1.0 - np.log10(5.0))


def test_added_errors_are_paired(paired):
    mean, low, high = paired.added_rate(2, 2)
    assert (mean, low, high) == pytest.approx((0.01, 0.01, 0.01))


def test_differences_are_of_pairs_and_averaged_over_the_points(paired):
    # Errors of "half" less "uniform" in 100 packets: 10, 10; 3, 7; 1, 1. Means .1, .05, .01; the
    # half width at the middle point is t(1) * .02 = .2541, a third of it in the mean.
    mean, low, high = paired.difference(2, 1, bits=False)
    assert mean == pytest.approx(0.16 / 3.0)
    assert (mean - low, high - mean) == pytest.approx((0.25412 / 3.0,) * 2, rel=1e-4)
    assert paired.difference(2, 1, bits=True) == pytest.approx((-2.0,) * 3)


def test_entropy_of_known_histograms():
    # Uniform over 8, one certain index, and a fair coin: 3 + 0 + 1 bits.
    histogram = np.zeros((3, 64))
    histogram[0, :8] = 5
    histogram[1, 3] = 100
    histogram[2, [0, 63]] = 7
    assert entropy_bits(histogram) == pytest.approx(4.0)
    assert entropy_bits(np.zeros((3, 64))) == 0.0
    assert entropy_interval([histogram] * 5) == pytest.approx((4.0,) * 3)
    assert entropy_interval([histogram]) == (pytest.approx(4.0), -np.inf, np.inf)


def test_theorem_1_holds_only_near_its_value():
    theory = 8 / 5 * 6 / 25
    assert softbit_claims.theorem_1(6, theory, 0.004 * theory).holds is True
    assert softbit_claims.theorem_1(6, theory, 0.006 * theory).holds is None
    assert softbit_claims.theorem_1(6, theory * 1.011, 0.0001 * theory).holds is False


def reference_run(shift_db):
    """Batches that give the independent measurement, the SNR off by shift_db."""
    x = np.array(softbit_reference.SNR_DB)
    rates = 10.0 ** np.interp(x - shift_db, x, np.log10(softbit_reference.UNCOMPRESSED_BLER))
    found = []
    for rate in rates:
        errors = round(400_000 * float(rate))
        found.append([batch((errors,) * 3, packets=400_000)])
    return PairedErrors(softbit_reference.SNR_DB, SCHEMES, found)


POINTS = range(len(softbit_reference.SNR_DB))


def test_the_reference_agrees_with_itself_and_not_a_quarter_db_away():
    right, wrong = reference_run(0.0), reference_run(0.25)
    assert all(softbit_claims.uncompressed(right, point).holds for point in POINTS)
    verdicts = [softbit_claims.uncompressed(wrong, point).holds for point in POINTS]
    assert verdicts[1:5] == [False] * 4


def test_a_short_run_does_not_agree_with_the_reference_but_is_undecided():
    found = [[batch((5, 5, 5), packets=10)] for _ in POINTS]
    short = PairedErrors(softbit_reference.SNR_DB, SCHEMES, found)
    assert softbit_claims.uncompressed(short, 1).holds is None


def test_a_reference_value_that_is_not_met_says_what_is_known_of_it():
    found = [[batch((0, 0, 0), packets=20_000)] for _ in POINTS]
    claim = softbit_claims.uncompressed(PairedErrors(softbit_reference.SNR_DB, SCHEMES, found), 5)
    assert claim.holds is False and "off the line through its own neighbours" in claim.text


def test_a_missing_alpha_sweep_is_undecided(paired):
    (claim,) = softbit_claims.sweep(paired)
    assert claim.holds is None and "no alpha sweep is installed" in claim.text


@pytest.mark.parametrize("more,fewer,verdicts", [(3.0, 2.0, [True, True]), (2.0, 3.0, [False] * 2)])
def test_the_alpha_sweep_must_trade_bits_for_errors(more, fewer, verdicts):
    schemes = (FLOAT, *(Scheme(f"learned alpha={a}", "learned", "x") for a in (".010", ".020")))
    # Of alpha .020, errors rise as its bits fall: both claims hold, or neither.
    errors = (10, 12, 15) if more > fewer else (10, 15, 12)
    found = [[batch(errors, llr_bits=(32.0, more, fewer)) for _ in range(20)] for _ in SNR_DB]
    claims = softbit_claims.sweep(PairedErrors(SNR_DB, schemes, found))
    assert [claim.holds for claim in claims] == verdicts


def row(bits, loss, low, high, name="learned K=6"):
    return {
        "name": name,
        "bits_per_llr": [bits] * 3,
        "bits_per_llr_at_bler_0.1": [bits] * 3,
        "loss_db_at_bler_0.1": [loss, low, high],
        "loss_db_at_bler_0.01": [loss, low, high],
    }


@pytest.mark.parametrize(
    "bits,loss,low,holds",
    [(2.7, 0.1, 0.05, True), (2.9, 0.1, 0.05, False), (2.7, 0.3, 0.25, False)],
)
def test_the_learned_codec_is_held_to_both_figures(bits, loss, low, holds):
    claims = softbit_claims.learned(row(bits, loss, low, loss + 0.05))
    assert all(claim.holds for claim in claims) is holds


def test_a_loss_within_the_noise_of_a_short_run_is_undecided():
    assert softbit_claims.learned(row(2.7, 0.3, 0.1, 0.5))[0].holds is None
    assert softbit_claims.learned(row(2.7, 0.1, 0.0, 0.2))[0].holds is None


def test_a_rival_must_agree_both_ways():
    reference = softbit_reference.Row("max-MI 3 bit", 2.74, 0.17)
    assert all(c.holds for c in softbit_claims.rival(row(2.75, 0.16, 0.13, 0.19), reference))
    assert not all(c.holds for c in softbit_claims.rival(row(2.75, 0.40, 0.36, 0.44), reference))
    assert not all(c.holds for c in softbit_claims.rival(row(3.00, 0.16, 0.12, 0.20), reference))
    # An interval wider than the tolerance agrees with nothing.
    assert softbit_claims.rival(row(2.75, 0.17, 0.0, 0.4), reference)[1].holds is None
