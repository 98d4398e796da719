# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The latent's spread at random initialisation (Theorem 1 of Arvinte and Tamir, and its Fig. 2).

Network without biases, ReLU between, linear at the end, widths K, 4K, ..., 4K, 1; weights Gaussian
with the Glorot variance 2 / (fan in + fan out); input K random signs (soft bits at high SNR).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CHUNK = 4096


@dataclass(frozen=True)
class InitialisationStatistics:
    """Statistics of the latent over random networks and inputs."""

    bits_per_symbol: int
    hidden_layers: int
    draws: int
    variance: float
    """Mean square of the latent, whose mean is zero."""
    variance_error: float
    """One standard error of ``variance``."""
    deviation: float
    percentile_99_9: float
    """Of the latent's absolute value."""
    theory_variance: float | None
    """(8/5) K / (4K + 1), which holds for one hidden layer only."""


def theorem_variance(bits_per_symbol: int) -> float:
    """Theorem 1: Var z = (8/5) K / (4K + 1) for one hidden layer."""
    return 1.6 * bits_per_symbol / (4.0 * bits_per_symbol + 1.0)


def _draw_latents(
    rng: np.random.Generator, bits_per_symbol: int, hidden_layers: int, draws: int
) -> np.ndarray:
    """One latent of each of ``draws`` networks, each with its own weights and input.

    Given its input x, a Gaussian layer's outputs are i.i.d. N(0, sigma^2 |x|^2) over the weights:
    drawing them from that law draws the weights exactly, and costs their number no time.
    """
    hidden = 4 * bits_per_symbol
    square = np.full(draws, float(bits_per_symbol))
    fan_in = bits_per_symbol
    for _ in range(hidden_layers):
        deviation = np.sqrt(2.0 / (fan_in + hidden) * square)
        active = np.maximum(rng.standard_normal((draws, hidden)) * deviation[:, None], 0.0)
        square = np.einsum("ij,ij->i", active, active)
        fan_in = hidden
    return rng.standard_normal(draws) * np.sqrt(2.0 / (fan_in + 1) * square)


def initialisation_statistics(
    bits_per_symbol: int, hidden_layers: int = 1, draws: int = 1_600_000, seed: int = 0
) -> InitialisationStatistics:
    """Monte Carlo over random initialisations.

    1,600,000 draws give the variance a standard error of about 0.13 %.
    """
    if bits_per_symbol < 1 or hidden_layers < 1 or draws < 2:
        raise ValueError(
            f"bits_per_symbol {bits_per_symbol}, hidden_layers {hidden_layers} and draws {draws} "
            "must be at least 1, 1 and 2"
        )
    rng = np.random.default_rng([seed, bits_per_symbol, hidden_layers])
    parts = [
        _draw_latents(rng, bits_per_symbol, hidden_layers, min(_CHUNK, draws - start))
        for start in range(0, draws, _CHUNK)
    ]
    latents = np.concatenate(parts)
    square = latents**2
    variance = float(square.mean())
    return InitialisationStatistics(
        bits_per_symbol=bits_per_symbol,
        hidden_layers=hidden_layers,
        draws=draws,
        variance=variance,
        variance_error=float(square.std(ddof=1) / np.sqrt(draws)),
        deviation=float(np.sqrt(variance)),
        percentile_99_9=float(np.quantile(np.abs(latents), 0.999)),
        theory_variance=theorem_variance(bits_per_symbol) if hidden_layers == 1 else None,
    )
