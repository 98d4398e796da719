# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantizers round as numpy does; gradients pass straight through inside the range alone."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.quantizers import quantize, quantize_rows  # noqa: E402


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_codes_are_rounded_half_to_even_and_clipped(bits):
    most = 2 ** (bits - 1) - 1
    x = np.linspace(-40, 40, 3201, dtype=np.float32)  # steps of 1/40: many half-way cases
    step = np.float32(0.25)
    expected = step * np.clip(np.rint(x / step), -most, most)
    found = quantize(torch.from_numpy(x), torch.tensor(step), bits)
    assert np.array_equal(found.numpy(), expected)


def test_the_gradient_is_one_inside_and_zero_outside():
    x = torch.tensor([-2.0, -0.71, -0.33, 0.0, 0.2, 0.69, 0.9], requires_grad=True)
    quantize(x, torch.tensor(0.1), 4).sum().backward()
    assert x.grad.tolist() == pytest.approx([0, 0, 1, 1, 1, 1, 0], abs=1e-6)


def test_the_steps_gradient_is_the_rounding_error_inside_and_the_last_code_outside():
    step = torch.tensor(0.1, requires_grad=True)
    for x, expected in ((0.24, -0.4), (-0.26, -0.4), (0.2, 0.0), (3.0, 7.0), (-3.0, -7.0)):
        step.grad = None
        quantize(torch.tensor(x), step, 4).backward()
        assert float(step.grad) == pytest.approx(expected, abs=1e-4)


def test_rows_reach_their_largest_code():
    rows = torch.tensor([[3.0, -1.4, 0.2], [1e-3, 0.0, -2e-3], [0.0, 0.0, 0.0]])
    found = quantize_rows(rows, 4).numpy()
    assert np.allclose(found[0], np.array([7, -3, 0]) * 3 / 7)
    assert np.allclose(found[1], np.array([4, 0, -7]) * 2e-3 / 7)  # 3.5 to even
    assert not found[2].any()


def test_rows_pass_gradients():
    rows = torch.randn(3, 5, requires_grad=True)
    weight = torch.randn(3, 5)
    (quantize_rows(rows, 4) * weight).sum().backward()
    assert torch.equal(rows.grad, weight)
