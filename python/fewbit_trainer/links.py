# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link in numpy: QAM over fading subcarriers, and exact log-likelihood ratios.

    y = h x + n,   n ~ CN(0, 1/snr),   E|x|^2 = 1

LLRs are ``log P(b=1|y) / P(b=0|y)``, natural logarithm, positive = bit 1. Everything is computed in
float64. The same physics exists a second time in the C++ rooms ``link/``; a test holds one against
the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BitArray = NDArray[np.uint8]

SUPPORTED_BITS = (2, 4, 6, 8)

# Tapped delay lines: delays in seconds, mean powers in dB (3GPP TS 36.104, annex B.2).
_NANO = 1e-9
PROFILES: dict[str, tuple[FloatArray, FloatArray]] = {
    "flat": (np.array([0.0]), np.array([0.0])),
    "epa": (
        np.array([0, 30, 70, 90, 110, 190, 410]) * _NANO,
        np.array([0, -1, -2, -3, -8, -17.2, -20.8]),
    ),
    "eva": (
        np.array([0, 30, 150, 310, 370, 710, 1090, 1730, 2510]) * _NANO,
        np.array([0, -1.5, -1.4, -3.6, -0.6, -9.1, -7, -12, -16.9]),
    ),
    "etu": (
        np.array([0, 50, 120, 200, 230, 500, 1600, 2300, 5000]) * _NANO,
        np.array([-1, -1, -1, 0, 0, 0, -3, -5, -7]),
    ),
}
IID = "iid"


def _check_bits_per_symbol(bits_per_symbol: int) -> None:
    if bits_per_symbol not in SUPPORTED_BITS:
        raise ValueError(f"bits_per_symbol is {bits_per_symbol}, expected one of {SUPPORTED_BITS}")


def pam_labels(bits_per_axis: int) -> BitArray:
    """All labels of one axis, ``[2**bits, bits]``, first bit most significant."""
    index = np.arange(2**bits_per_axis)
    shifts = np.arange(bits_per_axis - 1, -1, -1)
    return ((index[:, None] >> shifts) & 1).astype(np.uint8)


def pam_amplitudes(labels: NDArray[np.uint8]) -> FloatArray:
    """3GPP Gray amplitudes of one axis (TS 38.211, 5.1), before the unit-energy scale.

    With s_j = 1 - 2 b_j: a = s_0 (2^(m-1) - s_1 (2^(m-2) - ... s_(m-1) * 1)).
    """
    signs = 1.0 - 2.0 * labels
    bits_per_axis = labels.shape[-1]
    amplitude = signs[..., -1]
    for j in range(bits_per_axis - 2, -1, -1):
        amplitude = signs[..., j] * (2.0 ** (bits_per_axis - 1 - j) - amplitude)
    return amplitude


def axis_scale(bits_per_symbol: int) -> float:
    """The factor that gives the constellation unit mean energy, 1/sqrt(2 (4^m - 1) / 3)."""
    return float(1.0 / np.sqrt(2.0 * (4.0 ** (bits_per_symbol // 2) - 1.0) / 3.0))


def map_bits(bits: NDArray[np.uint8], bits_per_symbol: int) -> NDArray[np.complex128]:
    """Bits ``[..., K]`` to unit-energy QAM symbols ``[...]``: even bits drive I, odd ones Q."""
    _check_bits_per_symbol(bits_per_symbol)
    scale = axis_scale(bits_per_symbol)
    in_phase = pam_amplitudes(bits[..., 0::2])
    quadrature = pam_amplitudes(bits[..., 1::2])
    return scale * (in_phase + 1j * quadrature)


def _log_sum_exp(metric: FloatArray) -> FloatArray:
    best = metric.max(axis=1)
    return best + np.log(np.exp(metric - best[:, None]).sum(axis=1))


def _axis_llrs(value: FloatArray, precision: FloatArray, bits_per_symbol: int) -> FloatArray:
    """LLRs ``[n, m]`` of one axis, from the equalised value and |h|^2/noise variance."""
    labels = pam_labels(bits_per_symbol // 2)
    points = axis_scale(bits_per_symbol) * pam_amplitudes(labels)
    metric = -precision[:, None] * (value[:, None] - points) ** 2
    metric -= metric.max(axis=1, keepdims=True)
    weight = np.exp(metric)
    ones = labels.astype(np.float64)
    sum_one = weight @ ones
    sum_zero = weight @ (1.0 - ones)
    with np.errstate(divide="ignore"):
        llr = np.log(sum_one) - np.log(sum_zero)
    # Far out one of the sums loses its digits; there each has its own reference.
    rows = np.flatnonzero((np.minimum(sum_one, sum_zero) < 1e-250).any(axis=1))
    for k in range(labels.shape[1]):
        one = _log_sum_exp(metric[rows][:, labels[:, k] == 1])
        llr[rows, k] = one - _log_sum_exp(metric[rows][:, labels[:, k] == 0])
    return llr


def exact_llrs(
    received: NDArray[np.complex128],
    gains: NDArray[np.complex128],
    noise_variance: FloatArray | float,
    bits_per_symbol: int,
) -> FloatArray:
    """Exact LLRs ``[..., K]`` of received symbols ``[...]``; a zero gain gives LLR 0."""
    _check_bits_per_symbol(bits_per_symbol)
    shape = received.shape
    power = np.abs(gains) ** 2
    safe = np.where(power > 0.0, power, 1.0)
    equalised = (received * np.conj(gains) / safe).reshape(-1)
    precision = (np.broadcast_to(power / noise_variance, shape)).reshape(-1)
    llrs = np.empty((equalised.size, bits_per_symbol))
    llrs[:, 0::2] = _axis_llrs(equalised.real, precision, bits_per_symbol)
    llrs[:, 1::2] = _axis_llrs(equalised.imag, precision, bits_per_symbol)
    return llrs.reshape(*shape, bits_per_symbol)


def _complex_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.complex128]:
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2.0)


def draw_gains(
    rng: np.random.Generator,
    profile: str,
    packets: int,
    subcarriers: int,
    spacing_hz: float,
    normalise: bool,
) -> NDArray[np.complex128]:
    """Subcarrier gains ``[packets, subcarriers]``.

    ``iid`` draws every subcarrier alone from CN(0, 1), as the paper trains; the other profiles are
    frequency responses of a Rayleigh tapped delay line with unit mean power. ``normalise`` scales
    each packet to unit mean power over its subcarriers.
    """
    if profile == IID:
        gains = _complex_normal(rng, (packets, subcarriers))
    elif profile in PROFILES:
        delays, powers_db = PROFILES[profile]
        powers = 10.0 ** (powers_db / 10.0)
        taps = _complex_normal(rng, (packets, delays.size)) * np.sqrt(powers / powers.sum())
        frequencies = np.arange(subcarriers) * spacing_hz
        gains = taps @ np.exp(-2j * np.pi * np.outer(delays, frequencies))
    else:
        known = ", ".join([IID, *PROFILES])
        raise ValueError(f"the fading profile is '{profile}', expected one of {known}")
    if normalise:
        gains = gains / np.sqrt(np.mean(np.abs(gains) ** 2, axis=1, keepdims=True))
    return gains


@dataclass(frozen=True)
class Packets:
    """What a receiver sees of a number of packets."""

    bits: BitArray
    """[packets, subcarriers, K]"""
    llrs: FloatArray
    """[packets, subcarriers, K]"""
    snr_db: FloatArray
    """[packets]"""
    statistic: FloatArray
    """[packets, subcarriers, 3]: in-phase and quadrature of the matched-filter output in units of
    the noise deviation per axis, and |h|^2 / noise variance in dB. LLRs are a function of it."""


def draw_packets(
    rng: np.random.Generator,
    bits_per_symbol: int,
    profile: str,
    packets: int,
    subcarriers: int,
    snr_db: tuple[float, float],
    spacing_hz: float = 15e3,
    normalise: bool = False,
) -> Packets:
    """Random bits over a fading profile, the packets' SNRs uniform in ``snr_db``."""
    _check_bits_per_symbol(bits_per_symbol)
    bits = rng.integers(0, 2, (packets, subcarriers, bits_per_symbol), dtype=np.uint8)
    gains = draw_gains(rng, profile, packets, subcarriers, spacing_hz, normalise)
    snr = rng.uniform(snr_db[0], snr_db[1], packets)
    variance = (10.0 ** (-snr / 10.0))[:, None]
    noise = np.sqrt(variance) * _complex_normal(rng, gains.shape)
    received = gains * map_bits(bits, bits_per_symbol) + noise
    llrs = exact_llrs(received, gains, variance, bits_per_symbol)
    magnitude = np.maximum(np.abs(gains), 1e-12)
    matched = received * np.conj(gains) / (magnitude * np.sqrt(0.5 * variance))
    precision_db = 20.0 * np.log10(magnitude) + snr[:, None]
    statistic = np.stack([matched.real, matched.imag, precision_db], axis=-1)
    return Packets(bits, llrs, snr, statistic)
