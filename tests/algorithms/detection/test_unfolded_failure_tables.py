# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between, at and beyond the knots of SNR and of log rho: tables of LLRs, against numpy."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mixture_llrs_oracle import FORESEEN, SNR_DB, asked, failures, log_rho, mixture_llrs, passing


def vectors():
    """From far outside over the outermost level to the threshold within, all entries alike."""
    return np.linspace(5.0, 2.0, 65)[:, None] * np.ones(8)


def agree(net, noise_variance, folder):
    o, llrs, error = asked(net, vectors(), noise_variance, folder)
    expected = mixture_llrs(net, o, error, noise_variance)
    np.testing.assert_allclose(llrs, expected, rtol=2e-4, atol=1e-4)
    return log_rho(net, o, error, noise_variance)


@pytest.mark.parametrize("snr_db", [-10, 5, 7, 12, 13, 20, 24.9, 25, 26, 40, 400])
def test_tables_are_linear_between_knots_and_level_beyond(tmp_path, snr_db):
    """The network's last knot, 25 dB, is the highest SNR that any table sees; its own end at 30."""
    foreseen = agree(passing(failures()), 10 ** (-snr_db / 10), tmp_path)
    assert foreseen.max() > FORESEEN[-1]
    assert foreseen.min() < FORESEEN[0] or snr_db < 12
    assert SNR_DB[-1] > 25


@pytest.mark.parametrize("snr_db", [0.0, 16.0])
@pytest.mark.parametrize("foreseen", [(-2.0,), (-20, 3), tuple(np.linspace(-9, -0.5, 64))], ids=len)
@pytest.mark.parametrize("knots", [(11.0,), tuple(np.linspace(-5, 40, 200))], ids=len)
def test_one_knot_and_many(tmp_path, knots, foreseen, snr_db):
    agree(passing(failures(knots, foreseen)), 10 ** (-snr_db / 10), tmp_path)


@pytest.mark.parametrize("noise_variance", [0.0, 1e-30, 0.1])
def test_a_network_of_one_knot_may_see_every_snr(tmp_path, noise_variance):
    """Without noise the SNR is infinite: the last knot's."""
    agree(passing(failures(), snr_db=(15.0,)), noise_variance, tmp_path)


def test_channels_have_tables_of_their_own_snr(tmp_path):
    """37 channels of different noise in one call, and one at a time."""
    net = passing(failures())
    detector = algorithms.unfolded_detector(net.write(tmp_path / "net.safetensors"))
    h = np.tile(np.eye(4, dtype=np.complex64), (37, 1, 1))
    variances = np.linspace(0.005, 0.9, 37).astype(np.float32)
    o = np.tile(vectors()[20], (37, 1))
    y = ((o[:, :4] + 1j * o[:, 4:]) / np.sqrt(net.scale2)).astype(np.complex64)
    detector.prepare(h, variances)
    whole = detector.llrs(y, 1)
    for c in (0, 1, 17, 36):
        detector.prepare(h[c], variances[c])
        np.testing.assert_array_equal(detector.llrs(y[c], 0), whole[c])
        _, single, error = asked(net, o[c : c + 1], variances[c], tmp_path)
        expected = mixture_llrs(net, o[c : c + 1], error, float(variances[c]))
        np.testing.assert_allclose(single, expected, rtol=2e-4, atol=1e-4)
