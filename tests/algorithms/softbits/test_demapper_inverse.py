# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demapper's inverse, against the exact demapper in float64 and ugly LLRs."""

import numpy as np
import pytest
from fewbit_trainer.max_mi import pam_constellation, pam_llrs
from gnuradio import fewbit
from scipy.optimize import least_squares

inverse = fewbit.algorithms.demapper_inverse
REACH = 3.5  # deviations beyond the outermost amplitude that a symbol is believed to have


def symbols(bits_per_symbol: int, snr_db: float, n: int, seed: int = 1):
    """Equalised I, Q [n, 2] and gain-to-noise ratios [n] of AWGN."""
    rng = np.random.default_rng(seed)
    rho = np.full(n, 10 ** (snr_db / 10))
    amplitudes, _ = pam_constellation(bits_per_symbol)
    y = rng.choice(amplitudes, (n, 2)) + rng.normal(size=(n, 2)) / np.sqrt(2 * rho[:, None])
    return y, rho


def demap(y: np.ndarray, rho: np.ndarray, bits_per_symbol: int) -> np.ndarray:
    llrs = pam_llrs(y, np.broadcast_to(rho[:, None], y.shape), bits_per_symbol)
    return llrs.swapaxes(1, 2).reshape(len(y), bits_per_symbol)


@pytest.mark.parametrize("bits_per_symbol", [4, 6, 8])
@pytest.mark.parametrize("snr_db", [-10, -5, 0, 5, 10, 15, 20, 24])
def test_finds_the_symbol_and_the_gain_of_exact_llrs(bits_per_symbol, snr_db) -> None:
    y, rho = symbols(bits_per_symbol, snr_db, 5000)
    llrs = demap(y, rho, bits_per_symbol)
    found, gain = inverse(bits_per_symbol).invert(llrs.ravel())
    in_deviations = np.sqrt(2 * rho)[:, None]
    error = np.abs(np.stack([found.real, found.imag], 1) - y) * in_deviations
    # All but the few that lie further out than the inverse believes.
    assert np.quantile(error, 0.998) < 0.01
    assert np.quantile(np.abs(10 * np.log10(gain / rho)), 0.998) < 0.02


@pytest.mark.parametrize("bits_per_symbol", [4, 6, 8])
def test_gives_back_the_llrs_where_they_are_too_large_to_tell_the_gain(bits_per_symbol) -> None:
    """Beyond +-1000 an LLR is clipped: signs must stand and small LLRs must stay right."""
    y, rho = symbols(bits_per_symbol, 34, 5000)
    llrs = demap(y, rho, bits_per_symbol)
    found, gain = inverse(bits_per_symbol).invert(llrs.ravel())
    again = demap(
        np.stack([found.real, found.imag], 1).astype(float), gain.astype(float), bits_per_symbol
    )
    certain = np.abs(llrs) > 3
    assert np.array_equal(np.sign(again[certain]), np.sign(llrs[certain]))


def foreign_llrs(kind: str, bits_per_symbol: int, n: int) -> np.ndarray:
    """LLRs [n, K] that the exact demapper does not give."""
    y, rho = symbols(bits_per_symbol, 14, n)
    if kind == "max-log":
        amplitudes, bits = pam_constellation(bits_per_symbol)
        metric = -rho[:, None, None] * (y[..., None] - amplitudes) ** 2
        largest = [metric[..., b == 1].max(-1) - metric[..., b == 0].max(-1) for b in bits.T]
        return np.stack(largest, -1).swapaxes(1, 2).reshape(n, bits_per_symbol)
    llrs = demap(y, rho, bits_per_symbol)
    if kind == "clipped":
        return np.clip(llrs, -6, 6)
    if kind == "combined":  # another transmission of the same symbol, 4 dB worse
        rng = np.random.default_rng(2)
        noise = rng.normal(size=y.shape) / np.sqrt(2 * rho[:, None])
        again = y + noise * 10**0.2
        return llrs + demap(again, rho / 10**0.4, bits_per_symbol)
    return np.random.default_rng(3).normal(0, 8, llrs.shape)


@pytest.mark.parametrize("bits_per_symbol", [4, 6, 8])
@pytest.mark.parametrize("kind", ["max-log", "clipped", "combined", "noise"])
def test_meets_llrs_that_no_symbol_gives_as_nearly_as_scipy_does(bits_per_symbol, kind) -> None:
    """scipy starts from our result and from a grid; ours may stay in a worse valley for a few."""
    llrs = foreign_llrs(kind, bits_per_symbol, 8)
    weight = 1 / np.sqrt(4 + llrs**2)
    found, gain = inverse(bits_per_symbol).invert(llrs.ravel())

    def residual(x: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
        rho = np.exp(np.clip(x[2:], -6, 13))
        y = x[None, :2] / np.sqrt(2 * rho)
        outermost = np.abs(pam_constellation(bits_per_symbol)[0]).max()
        excess = np.maximum(np.abs(x[:2]) - outermost * np.sqrt(2 * rho) - REACH, 0)
        return np.append((demap(y, rho, bits_per_symbol)[0] - target) * weights, excess)

    reached, best = 0.0, 0.0
    for s in range(len(llrs)):
        ours = np.array([found[s].real, found[s].imag]) * np.sqrt(2 * gain[s])
        ours = np.append(ours, np.log(gain[s]))
        starts = [ours, *([i, q, 3.0] for i in (-4, 4) for q in (-4, 4))]
        costs = [
            2 * least_squares(residual, x, args=(llrs[s], weight[s]), max_nfev=25).cost
            for x in starts
        ]
        reached += np.sum(residual(ours, llrs[s], weight[s]) ** 2)
        best += min(costs)
    assert reached < (1.05 if kind in ("max-log", "combined") else 1.6) * best + 1e-2


def test_clipped_llrs_do_not_look_like_noise() -> None:
    """Certain bits must stay so: a fit far outside the constellation would have next to no gain."""
    for bits_per_symbol in (4, 6, 8):
        llrs = foreign_llrs("clipped", bits_per_symbol, 2000)
        _, gain = inverse(bits_per_symbol).invert(llrs.ravel())
        assert 10 * np.log10(gain.min()) > -9


@pytest.mark.parametrize("bits_per_symbol", [4, 6, 8])
def test_is_finite_whatever_it_is_given(bits_per_symbol) -> None:
    values = np.array([0, -0.0, np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40, 1, -30], np.float32)
    rng = np.random.default_rng(4)
    llrs = rng.choice(values, (3000, bits_per_symbol))
    llrs[0] = np.nan
    llrs[1] = 0
    found, gain = inverse(bits_per_symbol).invert(llrs.ravel())
    assert np.isfinite(found).all() and np.isfinite(gain).all()
    assert (gain > 0).all()
    assert np.all(found[:2] == 0) and np.all(gain[:2] < 0.1)


def test_keeps_the_shape_and_refuses_what_it_cannot_invert() -> None:
    found, gain = inverse(6).invert(np.ones((3, 4, 12), np.float32))
    assert found.shape == gain.shape == (3, 4, 2)
    with pytest.raises(ValueError, match="n a multiple of 6"):
        inverse(6).invert(np.ones(7, np.float32))
    for bits_per_symbol in (0, 2, 3, 10):
        with pytest.raises(ValueError, match="expected 4, 6 or 8"):
            inverse(bits_per_symbol)
