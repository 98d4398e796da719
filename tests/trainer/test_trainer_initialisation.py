# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Theorem 1 and the depth sweep."""

import numpy as np
import pytest
from fewbit_trainer.initialisation import initialisation_statistics


@pytest.mark.parametrize("bits_per_symbol", [2, 4, 6, 8, 10])
def test_theorem_1_within_one_percent(bits_per_symbol):
    """One standard error is .0013 to .0016 of the variance."""
    found = initialisation_statistics(bits_per_symbol)
    assert found.theory_variance == pytest.approx(1.6 * bits_per_symbol / (4 * bits_per_symbol + 1))
    assert found.variance == pytest.approx(found.theory_variance, rel=0.01)
    assert found.variance_error < 0.002 * found.variance


def test_equals_networks_drawn_weight_by_weight():
    """The shortcut's law against 20,000 explicit two-layer networks: 4 standard errors."""
    rng = np.random.default_rng(1)
    bits, draws = 4, 20000
    hidden = 4 * bits
    value = rng.choice([-1.0, 1.0], (draws, bits, 1))
    for fan_in, fan_out in ((bits, hidden), (hidden, hidden)):
        weights = rng.standard_normal((draws, fan_out, fan_in)) * np.sqrt(2 / (fan_in + fan_out))
        value = np.maximum(weights @ value, 0.0)
    last = rng.standard_normal((draws, 1, hidden)) * np.sqrt(2 / (hidden + 1))
    latent = (last @ value).reshape(-1)
    expected, error = np.mean(latent**2), np.std(latent**2) / np.sqrt(draws)
    found = initialisation_statistics(bits, hidden_layers=2, draws=200_000)
    assert abs(found.variance - expected) < 4 * np.hypot(error, found.variance_error)
    assert found.percentile_99_9 == pytest.approx(np.quantile(np.abs(latent), 0.999), rel=0.15)


def test_depth_shrinks_the_latent():
    """The paper's Fig. 2: within tanh's fixed quantizer at four hidden layers."""
    spread = [initialisation_statistics(6, depth, 50_000).deviation for depth in (1, 2, 3, 4)]
    assert spread == sorted(spread, reverse=True)


def test_refuses_no_network():
    with pytest.raises(ValueError, match="at least 1, 1 and 2"):
        initialisation_statistics(6, hidden_layers=0)
