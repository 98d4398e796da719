# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MMD against its definition, and against its closed form for Gaussians."""

import math

import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.kernel_distance import (  # noqa: E402
    kde_bandwidth,
    square_mmd,
)


def test_it_is_the_papers_sum_with_one_bandwidth():
    generator = torch.Generator().manual_seed(2)
    a, b = (torch.randn(6, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    h = 0.8

    def kernel(x, y):
        return math.exp(-sum((p - q) ** 2 for p, q in zip(x, y, strict=True)) / (2 * h * h))

    a_rows, b_rows = a.tolist(), b.tolist()
    expected = sum(
        kernel(a_rows[i], a_rows[j]) + kernel(b_rows[i], b_rows[j])
        - 2 * kernel(a_rows[i], b_rows[j])
        for i in range(6) for j in range(6)
    ) / 36  # fmt: skip
    found = square_mmd(a, b, torch.tensor(h, dtype=torch.float64))
    assert float(found) == pytest.approx(expected, abs=1e-12)


def test_of_gaussians_it_is_the_closed_form():
    """E exp(-(x - y)^2 / 2h^2) with x - y ~ N(m, 2 s^2) is h / sqrt(h^2 + 2 s^2) times
    exp(-m^2 / 2(h^2 + 2 s^2))."""
    generator = torch.Generator().manual_seed(3)
    n, s, m, h = 3000, 0.7, 0.9, 0.5
    a = s * torch.randn(n, 1, generator=generator, dtype=torch.float64)
    b = m + s * torch.randn(n, 1, generator=generator, dtype=torch.float64)
    wide = h * h + 2 * s * s
    expected = 2 * h / math.sqrt(wide) * (1 - math.exp(-m * m / (2 * wide)))
    # One standard error of the estimate is below .01; its bias 2 (1 - h/sqrt(wide)) / n is .0004.
    assert float(square_mmd(a, b, torch.tensor(h))) == pytest.approx(expected, abs=0.03)


def test_equal_samples_have_no_distance_and_none_is_negative():
    x = torch.randn(50, 4, dtype=torch.float64)
    for h in (0.1, 1.0, 10.0):
        assert abs(float(square_mmd(x, x, torch.tensor(h)))) < 1e-12
        assert float(square_mmd(x, x + 0.3, torch.tensor(h))) > 0.0


def test_its_gradient_draws_one_sample_to_the_other():
    x = torch.randn(200, 2, dtype=torch.float64)
    y = (x + 0.5).requires_grad_()
    square_mmd(x, y, torch.tensor(1.0)).backward()
    assert (y.grad.mean(0) > 0).all()


def test_the_first_bandwidth_follows_scotts_rule():
    generator = torch.Generator().manual_seed(4)
    x = 3.0 * torch.randn(1000, 1, generator=generator)
    # One dimension: deviation times n^(-1/5); the deviation's standard error is 2.3 %.
    assert float(kde_bandwidth(x)) == pytest.approx(3.0 * 1000**-0.2, rel=0.08)


def test_in_many_dimensions_the_bandwidth_is_of_the_length_of_distances():
    """Eight: sqrt(8) times the deviation, times n^(-1/12)."""
    generator = torch.Generator().manual_seed(5)
    x = 3.0 * torch.randn(1000, 8, generator=generator)
    assert float(kde_bandwidth(x)) == pytest.approx(3.0 * 8**0.5 * 1000 ** (-1 / 12), rel=0.04)
