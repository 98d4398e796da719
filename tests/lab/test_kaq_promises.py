# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the MIMO detection figures promise: bars, intervals and comparisons that nobody loosens."""

import math

import batches_alike
import numpy as np
import pytest
from fewbit_lab import kaq_claims, kaq_link, kaq_schemes
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.kaq_latency_times import TimeTable
from fewbit_lab.kaq_network import WrittenOut
from fewbit_lab.kaq_soft_bits import SoftBitTable, counts
from fewbit_lab.mimo_flowgraph import MimoSetting, run_link
from gnuradio.fewbit import algorithms
from unfolded_detector_oracle import Network

ONES = np.array([bin(label).count("1") for label in range(16)])


def table_of(counted, squares=1, snr_db=20.0, vectors=100_000):
    """Eight batches alike: wrong bits of each detector, in vectors of `squares` each."""
    return batches_alike.table_of({snr_db: counted}, squares, vectors)


def test_the_bars_are_those_that_were_set():
    assert kaq_claims.FLAGSHIP == {15.0: 0.075, 20.0: 0.0075, 25.0: 0.0006}
    assert kaq_claims.FIVE_LAYERS == {15.0: 0.081, 20.0: 0.015, 25.0: 0.0016}
    texts = " / ".join(claim.text for claim in kaq_claims.all_claims(BitErrorTable({})))
    for bar in (
        "ADMM-5, int8: at most 1.05 times the errors of ADMM-5, float at 25 dB",
        "ADMM-10, int8: at most 1.05 times the errors of ADMM-10, float at 25 dB",
        "ADMM-5, W4A8 KAQ: at most 1.3 times the errors of ADMM-5, float at 20 dB",
        "ADMM-5, W8A4 QAT: at most 1.3 times the errors of ADMM-5, float at 20 dB",
        "K-Best 16: at most 0.00012 at 20 dB",
        "EP, 10 iterations: .0034-.0076 at 20 dB, as printed, within a tenth",
    ):
        assert bar in texts


def test_rivals_run_as_the_reference_had_them():
    """Ten iterations; 4, 16 and 64 survivors."""
    found = {scheme.name: scheme.detector for scheme in kaq_schemes.RIVALS}
    size = (4, 4, 4)
    rng = np.random.default_rng(1)
    h, y = (
        (rng.normal(size=(*shape, 2)) @ [1, 1j]).astype(np.complex64)
        for shape in ((9, 4, 4), (9, 4))
    )
    for name, text in (
        ("EP, 10 iterations", "ep:iterations=10,damping=0.3"),
        ("K-Best 4", "kbest:k=4"),
        ("K-Best 16", "kbest:k=16"),
        ("K-Best 64", "kbest:k=64"),
    ):
        llrs = []
        for one in (found[name], text):
            detector = algorithms.make_detector(one, *size)
            detector.prepare(h, 0.1)
            llrs.append(detector.llrs(y))
        np.testing.assert_array_equal(*llrs)


def test_bits_that_err_together_widen_the_interval():
    """Errors in vectors of 16 wrong bits: as uncertain as a sixteenth of the errors."""
    (_, low, high), (_, narrow, wide) = (
        table_of({"LMMSE": 6400}, squares).rate("LMMSE", 20.0) for squares in (16, 1)
    )
    assert (high - low) / (wide - narrow) == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize(("factor", "holds"), [(0.85, False), (1.0, True), (1.2, False)])
def test_a_reference_value_is_refuted_from_either_side(factor, holds):
    table = table_of({"LMMSE": round(factor * 0.0588 * 64 * 100_000)})
    claims = kaq_claims.rows(table, kaq_schemes.LMMSE)
    assert [claim.holds for claim in claims if claim.holds is not None] == [holds]


@pytest.mark.parametrize(("errors", "holds"), [(1100, False), (1000, True), (900, True)])
def test_it_is_int8_that_may_not_err_more_than_its_float(errors, holds):
    table = table_of({kaq_schemes.ADMM_5.name: errors, kaq_schemes.ADMM_5_FLOAT.name: 1000})
    claim = kaq_claims.times(table, kaq_schemes.ADMM_5, kaq_schemes.ADMM_5_FLOAT, 20.0, 1.05)
    assert claim.holds is holds


def test_what_a_network_tells_is_held_against_what_a_rival_holds():
    """LLRs 3 times too sure tell less than they hold, and only the network's are taken as told."""
    p = 0.1
    wrong = np.random.default_rng(3).random((3000, 64)) < p
    sure = np.where(wrong, -1.0, 1.0) * math.log((1 - p) / p)
    batch = {"vectors": 3000, "detectors": {"net": counts(3 * sure), "rival": counts(3 * sure)}}
    table = SoftBitTable({20.0: [batch] * 3})
    told, held = table.told("net", 20.0)[0], table.held("rival", 20.0)[0]
    assert held > told + 5
    assert table.less("net", "rival", 20.0)[0] == pytest.approx(held - told)


def test_a_layers_time_is_the_slope_between_two_networks():
    batch = {"seconds": {"five": 7e-9, "ten": 17e-9}}
    table = TimeTable({"shared": [batch] * 7})
    assert table.layer_seconds("shared", (("five", 5), ("ten", 10)))[0] == pytest.approx(2e-9)


def test_a_network_written_out_has_stairs_no_steeper_than_an_eighth(tmp_path):
    """Trained widths far below: the same decisions as the class's but for rounding, 1 in 200."""
    small = {
        f"denoiser.{name}.log": np.full((3, 4), np.log(1e-3), np.float32)
        for name in ("constant", "slope")
    }
    path = tmp_path / "net.safetensors"
    Network(arithmetic="float32", tensors=small).write(path)
    drawn = kaq_link.draw(1500, 12.0, 4)
    made = WrittenOut(str(path), "float32", 4), algorithms.unfolded_detector(str(path))
    found = []
    for detector in made:
        detector.prepare(drawn.h, drawn.noise_variance)
        found.append(detector.labels(drawn.y, 1))
    assert np.mean(found[0] != found[1]) < 0.005


def test_the_flowgraph_has_the_snr_that_was_asked_for():
    """30,000 vectors, their wrong bits' own spread: four deviations of the difference are some 3 %
    of the rate, and a decibel is 17 %."""
    n, k, snr_db = 30_000, 4, 12.0
    rng = np.random.default_rng(8)
    bits = rng.integers(0, 2, (n, 4 * k), dtype=np.uint8)
    noise = 10 ** (-snr_db / 10)
    channel = algorithms.mimo_channel(k, k, noise, seed=8)
    y, h = channel.apply(algorithms.qam_mapper(4).map(bits))
    detector = algorithms.make_detector("lmmse", k, k, 4)
    detector.prepare(h, noise)
    sent = (bits.reshape(n, k, 4) @ [8, 4, 2, 1]).astype(np.uint8)
    wrong = ONES[detector.labels(y) ^ sent].sum(-1) / (4 * k)
    found = run_link("lmmse", MimoSetting(snr_db, n, k, k, 4, 1)).bit_errors
    assert abs(found - wrong.mean()) < 4 * wrong.std() * np.sqrt(2 / n)
