# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""tdl_channel against the 3GPP tables, closed forms and scipy."""

import itertools

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from scipy import special, stats

awgn = algorithms.awgn
subcarrier_map = algorithms.subcarrier_map
tdl_channel = algorithms.tdl_channel
tdl_profile = algorithms.tdl_profile

# 3GPP TS 36.104, tables B.2-1 to B.2-3: excess delay in ns, relative power in dB.
TS_36_104 = {
    "EPA": ([0, 30, 70, 90, 110, 190, 410], [0.0, -1.0, -2.0, -3.0, -8.0, -17.2, -20.8]),
    "EVA": (
        [0, 30, 150, 310, 370, 710, 1090, 1730, 2510],
        [0.0, -1.5, -1.4, -3.6, -0.6, -9.1, -7.0, -12.0, -16.9],
    ),
    "ETU": (
        [0, 50, 120, 200, 230, 500, 1600, 2300, 5000],
        [-1.0, -1.0, -1.0, 0.0, 0.0, 0.0, -3.0, -5.0, -7.0],
    ),
}


@pytest.mark.parametrize("name", TS_36_104)
def test_has_the_taps_of_36_104(name):
    delays, powers = tdl_profile(name)
    nanoseconds, decibels = TS_36_104[name]
    np.testing.assert_allclose(delays, np.array(nanoseconds) * 1e-9, rtol=1e-12)
    linear = 10 ** (np.array(decibels) / 10)
    np.testing.assert_allclose(powers, linear / linear.sum(), rtol=1e-12)


@pytest.mark.parametrize(
    "name, taps", [("TDL-A", 23), ("TDL-B", 23), ("TDL-C", 24), ("TDL-D", 14), ("TDL-E", 15)]
)
def test_tables_of_38_901_have_the_delay_spread_that_they_are_normalised_to(name, taps):
    """A mistyped delay or power moves the rms delay spread, which is 1 by construction.

    TR 38.901's own TDL-D gives 0.994.
    """
    delays, powers = tdl_profile(name, 300e-9)
    assert len(delays) == len(powers) == taps
    assert powers.sum() == pytest.approx(1.0)
    mean = (powers * delays).sum()
    spread = np.sqrt((powers * delays**2).sum() - mean**2)
    assert spread == pytest.approx(300e-9 * (0.9937 if name == "TDL-D" else 1.0), rel=5e-4)


@pytest.mark.parametrize("name, k_db", [("TDL-D", 13.3), ("TDL-E", 22.0)])
def test_line_of_sight_has_the_k_factor_of_38_901(name, k_db):
    delays, powers = tdl_profile(name)
    assert delays[0] == delays[1] == 0
    assert 10 * np.log10(powers[0] / powers[1]) == pytest.approx(k_db, abs=0.01)
    gains = np.array(
        [c.taps[0] for c in (tdl_channel(name, normalise=False, seed=s) for s in range(200))]
    )
    np.testing.assert_allclose(np.abs(gains) ** 2, powers[0], rtol=1e-5)
    assert stats.kstest((np.angle(gains) / (2 * np.pi)) % 1, "uniform").pvalue > 1e-3


def test_taps_are_independent_gaussians_of_the_profile_powers():
    """20,000 draws: a mean power within 4 deviations, correlations below 4 deviations."""
    n = 20_000
    channel = tdl_channel("EVA", normalise=False, seed=3)
    taps = np.empty((n, 9), complex)
    for i in range(n):
        taps[i] = channel.taps
        channel.step()
    _, powers = tdl_profile("EVA")
    measured = np.mean(np.abs(taps) ** 2, 0)
    assert (np.abs(measured / powers - 1) < 4 / np.sqrt(n)).all()
    unit = taps / np.sqrt(powers)
    covariance = unit.conj().T @ unit / n - np.eye(9)
    pseudo = unit.T @ unit / n
    assert np.abs(covariance).max() < 4.5 / np.sqrt(n) and np.abs(pseudo).max() < 4.5 * np.sqrt(
        2 / n
    )
    assert stats.kstest(unit.real.ravel() * np.sqrt(2), "norm").pvalue > 1e-3
    lag_one = np.mean(unit[1:] * unit[:-1].conj())
    assert abs(lag_one) < 4 / np.sqrt(9 * n)


def test_frequency_response_is_the_transform_of_the_taps():
    channel = tdl_channel("ETU", seed=5)
    offsets = np.linspace(-5e6, 5e6, 77)
    expected = np.exp(-2j * np.pi * np.outer(offsets, channel.delays)) @ channel.taps.astype(
        complex
    )
    np.testing.assert_allclose(channel.frequency_response(offsets), expected, atol=2e-6)
    np.testing.assert_allclose(
        channel.response, channel.frequency_response(channel.offsets), atol=2e-6
    )


def test_correlation_over_frequency_is_the_transform_of_the_profile():
    n = 20_000
    channel = tdl_channel("EPA", normalise=False, seed=11)
    responses = channel.draw(n).astype(complex)
    assert np.mean(np.abs(responses) ** 2) == pytest.approx(1.0, abs=0.03)
    delays, powers = tdl_profile("EPA")
    for lag in (1, 10, 50, 107):
        apart = channel.offsets[lag] - channel.offsets[0]
        measured = np.mean(responses[:, lag] * responses[:, 0].conj())
        expected = np.sum(powers * np.exp(-2j * np.pi * apart * delays))
        assert abs(measured - expected) < 4 / np.sqrt(n)


@pytest.mark.parametrize("name", [n for n in algorithms.tdl_profile_names()])
def test_normalises_every_packet(name):
    responses = tdl_channel(name, seed=2).draw(50)
    np.testing.assert_allclose(np.mean(np.abs(responses) ** 2, 1), 1.0, rtol=1e-5)


def test_normalisation_scales_taps_and_response_alike():
    plain, normal = tdl_channel("EPA", normalise=False, seed=8), tdl_channel("EPA", seed=8)
    scale = np.sqrt(np.mean(np.abs(plain.response) ** 2))
    np.testing.assert_allclose(normal.taps * scale, plain.taps, rtol=1e-5)
    np.testing.assert_allclose(normal.response * scale, plain.response, rtol=1e-5)


def test_jakes_autocorrelation_is_j0():
    """Over 3,000 channels: within 4 deviations of J0(2 pi f_d tau), and Gaussian."""
    doppler, interval, steps, n = 100.0, 5e-4, 24, 3000
    first = np.empty(n, complex)
    later = np.empty((steps, n), complex)
    for i in range(n):
        channel = tdl_channel("rayleigh", "jakes", doppler, normalise=False, seed=i, offsets=[0.0])
        track = channel.draw(steps + 1, interval)[:, 0]
        first[i], later[:, i] = track[0], track[1:]
    times = interval * np.arange(1, steps + 1)
    measured = np.mean(later * first.conj(), 1)
    expected = special.j0(2 * np.pi * doppler * times)
    assert np.abs(measured - expected).max() < 4 / np.sqrt(n)
    assert np.mean(np.abs(first) ** 2) == pytest.approx(1.0, abs=4 / np.sqrt(n))
    assert stats.kstest(first.real * np.sqrt(2), "norm").pvalue > 1e-3


def test_jakes_stands_still_without_doppler_and_goes_on_smoothly_when_it_changes():
    channel = tdl_channel("EPA", "jakes", 0.0, normalise=False, seed=4)
    before = channel.taps
    channel.step(1.0)
    np.testing.assert_allclose(channel.taps, before, atol=1e-6)
    channel.step(np.nan)
    np.testing.assert_allclose(channel.taps, before, atol=1e-6)
    channel.set_max_doppler(50.0)
    channel.step(1e-6)
    assert np.abs(channel.taps - before).max() < 2e-3
    channel.set_max_doppler(np.nan)
    channel.step(1.0)
    assert np.abs(channel.taps - before).max() < 2e-3


def test_line_of_sight_moves_at_seven_tenths_of_the_doppler():
    channel = tdl_channel("awgn", "jakes", 100.0, normalise=False, seed=4, offsets=[0.0])
    track = channel.draw(10, 1e-4)[:, 0]
    np.testing.assert_allclose(
        track[1:] / track[:-1], np.exp(2j * np.pi * 0.7 * 100 * 1e-4), rtol=1e-5
    )


def ofdm_symbol(values, bins, cyclic_prefix=72, fft_length=1024):
    spectrum = np.zeros(fft_length, complex)
    spectrum[bins] = values
    time = np.fft.ifft(spectrum) * np.sqrt(fft_length)
    return np.concatenate([time[-cyclic_prefix:], time])


@pytest.mark.parametrize("name", ["EPA", "EVA", "TDL-A", "TDL-B", "TDL-C", "TDL-D", "awgn"])
def test_filtered_ofdm_symbol_sees_the_frequency_response(name):
    """After cyclic prefix and FFT, -60 dB or better over the packet, whatever came before."""
    bins = subcarrier_map().indices
    rng = np.random.default_rng(6)
    channel = tdl_channel(name, seed=6)
    lead = tdl_channel.filter_lead
    for _ in range(5):
        values = np.exp(2j * np.pi * rng.uniform(size=108))
        received = channel.filter(ofdm_symbol(values, bins))
        window = received[72 - lead : 72 - lead + 1024]
        spectrum = np.fft.fft(window)[bins] / np.sqrt(1024)
        spectrum *= np.exp(2j * np.pi * bins * lead / 1024)
        error = spectrum / values - channel.response
        assert 10 * np.log10(np.mean(np.abs(error) ** 2)) < -60
        channel.step()


def test_filter_is_exact_for_delays_of_whole_samples():
    """At 100 MHz all of EPA's delays are whole samples: plain convolution, in place, no shift."""
    rng = np.random.default_rng(8)
    channel = tdl_channel("EPA", seed=1, sample_rate=100e6)
    x = rng.normal(size=3000) + 1j * rng.normal(size=3000)
    impulse = np.zeros(42, complex)
    np.add.at(impulse, np.round(channel.delays * 100e6).astype(int), channel.taps)
    expected = np.convolve(x, impulse)[:3000]
    np.testing.assert_allclose(channel.filter(x), expected, atol=2e-5)


def test_filter_smears_into_the_next_call_whatever_its_length():
    rng = np.random.default_rng(9)
    x = rng.normal(size=4000) + 1j * rng.normal(size=4000)
    whole = tdl_channel("ETU", seed=1, sample_rate=100e6).filter(x)
    pieces_of = tdl_channel("ETU", seed=1, sample_rate=100e6)
    cuts = [0, 1, 2, 100, 101, 1500, 2600, 4000]
    pieces = [pieces_of.filter(x[a:b]) for a, b in itertools.pairwise(cuts)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=3e-5)
    pieces_of.reset_filter()
    assert not pieces_of.filter(np.zeros(600)).any()
    assert pieces_of.filter(np.zeros(0)).shape == (0,)


def test_a_seed_repeats_the_channel_and_another_does_not():
    a, b, c = (tdl_channel("EPA", seed=s).draw(5) for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).min() > 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(profile="EPB"), "no profile 'EPB'"),
        (dict(fading="slow"), "'block' or 'jakes'"),
        (dict(max_doppler=-1.0), "max_doppler"),
        (dict(max_doppler=np.nan), "max_doppler"),
        (dict(sample_rate=0.0), "sample_rate"),
        (dict(sample_rate=np.inf), "sample_rate"),
        (dict(profile="TDL-A", rms_delay_spread=0.0), "rms_delay_spread"),
        (dict(profile="TDL-A", rms_delay_spread=1.0), "16384"),
        (dict(offsets=[0.0, np.nan]), "offsets"),
    ],
)
def test_refuses_senseless_settings(arguments, message):
    with pytest.raises(ValueError, match=message):
        tdl_channel(**arguments)


def test_subcarriers_stand_evenly_and_symmetrically_without_dc():
    for n, span in [(108, 600), (162, 600), (600, 600), (2, 2), (108, 108)]:
        indices = subcarrier_map(n, span).indices
        np.testing.assert_array_equal(indices, -indices[::-1])
        assert 0 not in indices and len(set(indices)) == n and np.abs(indices).max() <= span // 2
    for n, span in [(81, 600), (1, 2), (599, 600)]:
        indices = subcarrier_map(n, span).indices
        assert 0 not in indices and len(set(indices)) == n and (np.diff(indices) > 0).all()
    steps = np.diff(subcarrier_map().indices)
    assert set(steps) <= {5, 6}
    np.testing.assert_allclose(subcarrier_map().offsets(15.36e6), subcarrier_map().indices * 15e3)
    for bad in [(0, 600), (601, 600), (5, 7), (10, 1024)]:
        with pytest.raises(ValueError, match="subcarrier_map"):
            subcarrier_map(*bad)


def test_noise_has_the_variance_asked_for_and_is_gaussian():
    """500,000 samples: the variance within 4 deviations, both axes normal, white."""
    n, variance = 500_000, 0.3
    x = np.full(n, 2 - 1j, np.complex64)
    noise = awgn(7).add(x, variance).astype(complex) - x
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(variance, rel=4 / np.sqrt(n))
    for axis in (noise.real, noise.imag):
        assert stats.kstest(axis[:100_000] / np.sqrt(variance / 2), "norm").pvalue > 1e-3
        assert stats.kurtosis(axis) == pytest.approx(0, abs=4 * np.sqrt(24 / n))
    assert abs(np.mean(noise**2)) < 4 * variance * np.sqrt(2 / n)
    assert abs(np.mean(noise[1:] * noise[:-1].conj())) < 4 * variance / np.sqrt(n)


@pytest.mark.parametrize("variance", [0.0, -1.0, np.nan, np.inf])
def test_a_senseless_noise_variance_adds_none(variance):
    x = np.ones(10, np.complex64)
    np.testing.assert_array_equal(awgn(1).add(x, variance), x)


def test_uncoded_error_rate_over_rayleigh_is_the_closed_form():
    """QPSK, perfect channel knowledge: BER = (1 - sqrt(g / (1 + g))) / 2, g the SNR a bit.

    4,000 independent channels of 108 uses each: the deviation is taken over channels.
    """
    snr_db, n = 10.0, 4000
    rng = np.random.default_rng(12)
    responses = tdl_channel("rayleigh", normalise=False, seed=12).draw(n)
    bits = rng.integers(0, 2, (n, 216), dtype=np.uint8)
    noise_variance = 10 ** (-snr_db / 10)
    y = awgn(13).add(responses * algorithms.qam_mapper(2).map(bits), noise_variance)
    llrs = algorithms.soft_demapper(2).demap(y, responses, noise_variance)
    rate = ((llrs > 0) != bits).mean(1)
    g = 10 ** (snr_db / 10) / 2
    expected = (1 - np.sqrt(g / (1 + g))) / 2
    assert abs(rate.mean() - expected) < 4 * rate.std() / np.sqrt(n)
