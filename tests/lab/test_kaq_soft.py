# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-soft`, made short; what LLRs tell and hold, against known channels."""

import json
import math

import numpy as np
import pytest
from fewbit_lab import kaq_schemes, kaq_soft_bits, kaq_soft_figure
from fewbit_lab.command import main
from fewbit_lab.kaq_soft_bits import SoftBitTable

ADMM_10 = kaq_schemes.ADMM_10.name


def h2(p):
    return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


def table_of(towards, snr_db=20.0, batches=4, name=ADMM_10):
    """All batches the same: `towards` is (2 b - 1) L, [vectors, 64]."""
    one = {"vectors": len(towards), "detectors": {name: kaq_soft_bits.counts(towards)}}
    return SoftBitTable({snr_db: [one] * batches})


def symmetric_channel(p, factor=1.0, vectors=2000, seed=3):
    """LLRs of a binary symmetric channel of error rate p, too sure by a factor."""
    wrong = np.random.default_rng(seed).random((vectors, 64)) < p
    return np.where(wrong, -1.0, 1.0) * factor * math.log((1 - p) / p)


def test_true_llrs_tell_what_they_hold_and_that_is_the_channels_information():
    table = table_of(symmetric_channel(0.1))
    # 128,000 bits: three deviations of the error rate, .0025, are .0080 of information a bit.
    assert table.held(ADMM_10, 20.0)[0] / 64 == pytest.approx(1 - h2(0.1), abs=0.008)
    assert table.told(ADMM_10, 20.0)[0] == pytest.approx(table.held(ADMM_10, 20.0)[0], abs=0.02)


def test_llrs_that_are_too_sure_hold_the_same_and_tell_less():
    towards = symmetric_channel(0.1)
    modest, sure = table_of(towards), table_of(4.0 * towards)
    assert sure.held(ADMM_10, 20.0) == modest.held(ADMM_10, 20.0)
    big = 4.0 * math.log(9.0)
    wrong = np.mean(towards < 0)
    told = 1 - (wrong * np.log2(1 + np.exp(big)) + (1 - wrong) * np.log2(1 + np.exp(-big)))
    assert sure.told(ADMM_10, 20.0)[0] / 64 == pytest.approx(told, abs=1e-9)
    assert told < 0.3 < sure.held(ADMM_10, 20.0)[0] / 64


def test_fine_bins_hold_all_but_a_hundredth_of_a_gaussian_channels_information():
    """BPSK in Gaussian noise: L = 2 (1 + n) / v towards the bit, n of variance v; the integral of
    its information by the trapezoidal rule."""
    variance = 0.5
    noise = np.random.default_rng(5).normal(0.0, math.sqrt(variance), (8000, 64))
    n = np.linspace(-8.0, 8.0, 20_001)
    density = np.exp(-(n**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    lost = np.logaddexp(0.0, -2 * (1 + n) / variance) / math.log(2.0)
    exact = 1 - np.sum(density * lost) * (n[1] - n[0])
    held = table_of(2 * (1 + noise) / variance).held(ADMM_10, 20.0)[0] / 64
    assert held == pytest.approx(exact, abs=0.01)


def failing_as_a_whole(vectors=2000, seed=4):
    """An eighth of the vectors has 30 % wrong bits, the rest 1 %; LLRs are of two sizes that say
    little: which vectors failed shows in how often they are small."""
    rng = np.random.default_rng(seed)
    failed = np.arange(vectors) % 8 == 0
    wrong = rng.random((vectors, 64)) < np.where(failed, 0.3, 0.01)[:, None]
    small = rng.random((vectors, 64)) < np.where(failed, 0.9, 0.1)[:, None]
    return np.where(wrong, -1.0, 1.0) * np.where(small, 1.0, 3.0)


def test_vectors_that_failed_as_a_whole_are_told_apart_by_what_their_llrs_foresee():
    """128,000 bits: three deviations of what is held are .6 bits of 64."""
    table = table_of(failing_as_a_whole())
    exact = 64 * (1 - h2(0.3) / 8 - 7 * h2(0.01) / 8)
    assert table.held_by_vector(ADMM_10, 20.0)[0] == pytest.approx(exact, abs=0.6)
    assert table.held(ADMM_10, 20.0)[0] < exact - 2.0


def test_an_llr_of_zero_is_half_an_error_foreseen_and_found():
    (first, *others) = table_of(np.zeros((100, 64))).bins(ADMM_10, 20.0)
    assert first.bits == 4 * 6400 and first.foreseen == first.found[0] == 0.5
    assert all(one.bits == 0 for one in others)


def test_bins_have_the_error_rate_that_llrs_foresee_where_they_are_true():
    found = [one for one in table_of(symmetric_channel(0.02)).bins(ADMM_10, 20.0) if one.bits]
    (one,) = found  # log(49) = 3.89: all in the bin from 3 to 4
    assert one.foreseen == pytest.approx(0.02)
    assert one.found[1] < 0.02 < one.found[2]


@pytest.mark.parametrize(("factor", "holds"), [(1.0, True), (0.7, False), (1.4, False)])
def test_the_claim_of_calibration_refutes_llrs_that_are_too_sure_or_too_modest(factor, holds):
    table = table_of(symmetric_channel(0.02, factor))
    claim = kaq_soft_figure.calibrated(table, kaq_schemes.ADMM_10, 20.0)
    assert claim.holds is holds


def test_without_errors_calibration_is_undecided():
    table = table_of(np.full((100, 64), 20.0))
    claim = kaq_soft_figure.calibrated(table, kaq_schemes.ADMM_10, 20.0)
    assert claim.holds is None and "no bin with 100 errors" in claim.text


def test_what_was_not_measured_is_unknown():
    table = table_of(symmetric_channel(0.1))
    assert all(map(math.isnan, table.held("EP", 20.0)))
    assert all(map(math.isnan, table.less(ADMM_10, "EP", 20.0)))
    assert all(map(math.isnan, table.told(ADMM_10, 5.0)))
    assert table.bins("EP", 20.0) == []


def test_ep_is_held_against_at_its_best_damping():
    """Of each EP an error rate; what the flagship lacks of the best one's decides."""
    slower, slowest, *_ = kaq_schemes.EP_SLOWER
    rates = {kaq_schemes.EP.name: 0.02, slower.name: 0.005, slowest.name: 0.01, ADMM_10: 0.012}
    tables = {name: kaq_soft_bits.counts(symmetric_channel(rate)) for name, rate in rates.items()}
    table = SoftBitTable({20.0: [{"vectors": 2000, "detectors": tables}] * 4})
    texts = {claim.text.partition(" (95")[0]: claim for claim in kaq_soft_figure.all_claims(table)}
    claim = texts[f"{ADMM_10}: LLRs tell at most 1 bit of 64 less than those of EP, damping .1 hold"
                  " at 20 dB"]  # fmt: skip
    assert claim.holds is False
    assert claim.value == pytest.approx(64 * (h2(0.012) - h2(0.005)), abs=0.3)


def test_by_vector_ep_is_the_one_that_holds_most_so():
    """One EP fails as a whole now and then and holds most by vector, another holds most else."""
    other, failing = kaq_schemes.EP.name, kaq_schemes.EP_SLOWER[0].name
    towards = {other: symmetric_channel(0.03), ADMM_10: symmetric_channel(0.02, 0.5)}
    towards[failing] = failing_as_a_whole()
    tables = {name: kaq_soft_bits.counts(one) for name, one in towards.items()}
    table = SoftBitTable({20.0: [{"vectors": 2000, "detectors": tables}] * 4})
    texts = {claim.text.partition(" (95")[0]: claim for claim in kaq_soft_figure.all_claims(table)}
    flagship = f"{ADMM_10}: LLRs tell at most 1 bit of 64 less than those of"
    plain, by_vector = (
        texts[f"{flagship} {name} hold{how} at 20 dB"].value
        for name, how in ((other, ""), (failing, " by vector"))
    )
    told = table.told(ADMM_10, 20.0)[0]
    assert table.held(ADMM_10, 20.0)[0] > told + 2.0
    assert plain == pytest.approx(table.held(other, 20.0)[0] - told, abs=1e-9)
    assert by_vector == pytest.approx(table.held_by_vector(failing, 20.0)[0] - told, abs=1e-9)
    assert by_vector > plain + 0.3


def test_the_figure_has_every_detector_the_reference_and_its_claims(tmp_path, monkeypatch):
    monkeypatch.setattr(kaq_soft_figure, "SNR_DB", (10.0, 20.0))
    monkeypatch.setattr(kaq_soft_figure, "VECTORS_QUICK", 256)
    assert main(["reproduce", "kaq-soft", "--quick", "--output", str(tmp_path)]) in (0, 1)
    assert (tmp_path / "kaq-soft.png").stat().st_size > 10_000
    found = json.loads((tmp_path / "kaq-soft.json").read_text())
    held = [s for s in found["series"] if s["y_label"] == kaq_soft_figure.HELD_LABEL]
    names = {s["name"] for s in held}
    assert {"LMMSE", "EP, 10 iterations", "K-Best 16", ADMM_10, "LMMSE (reference)"} <= names
    lmmse = next(s for s in held if s["name"] == "LMMSE")
    # 1024 vectors, whose information deviates by 7 bits each: four deviations are .9.
    assert lmmse["y"] == pytest.approx([29.0, 51.1], abs=0.9)
    texts = [claim["text"] for claim in found["claims"]]
    assert sum(text.startswith(f"{ADMM_10}: LLRs tell no less") for text in texts) == 2
    assert sum(text.startswith(f"{ADMM_10}: LLRs tell at most 1 bit") for text in texts) == 4
    row = next(row for row in found["rows"] if row["name"] == ADMM_10)
    assert row["vectors"] == [1024, 1024]
    assert sum(bin_[0] for bin_ in row["calibration"][0]) == 64 * 1024
