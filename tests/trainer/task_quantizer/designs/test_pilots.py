# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel and noise from pilots, and pilots that say nothing of them."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.models import SymbolDetection
from fewbit_trainer.task_quantizer.designs.pilots import estimate_channel


def test_estimates_lie_within_their_error() -> None:
    """Var of each entry of H is sigma^2 / t; of sigma^2, 2 sigma^4 / (n (t - users))."""
    model = SymbolDetection(8.0)
    x, classes = model.draw(2000, np.random.default_rng(1))
    found = estimate_channel(x, classes, 4)
    assert np.max(np.abs(found.channel - model.channel)) < 4.5 * model.sigma / np.sqrt(2000)
    assert found.sigma**2 == pytest.approx(model.sigma**2, rel=5 * np.sqrt(2 / (12 * 1996)))


def test_few_pilots_do_not_make_the_noise_seem_less() -> None:
    """Mean of 400 estimates from 10 pilots of 4 users: a deviation of .6 %."""
    model, rng = SymbolDetection(8.0), np.random.default_rng(2)
    classes = np.array([0, 3, 5, 6, 9, 10, 12, 15, 1, 2])
    found = []
    for _ in range(400):
        x = model.means[classes] + model.sigma * rng.standard_normal((10, 12))
        found.append(estimate_channel(x, classes, 4).sigma ** 2)
    assert np.mean(found) == pytest.approx(model.sigma**2, rel=4 * np.sqrt(2 / (12 * 6 * 400)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda x, c: (x[:4], c[:4]), "4 pilots of 4 users; use more pilots than users"),
        (lambda x, c: (x, c[:-1]), "expected \\[t, n\\] and \\[t\\]"),
        (lambda x, c: (np.full_like(x, np.nan), c), "not finite"),
        (lambda x, c: (x, np.zeros_like(c)), "do not tell the users apart"),
        (lambda x, c: (np.zeros_like(x), c), "no noise"),
    ],
)
def test_refuses_pilots_that_say_nothing(change, sentence: str) -> None:
    x, classes = SymbolDetection(8.0).draw(40, np.random.default_rng(2))
    with pytest.raises(ValueError, match=sentence):
        estimate_channel(*change(x, classes), 4)
