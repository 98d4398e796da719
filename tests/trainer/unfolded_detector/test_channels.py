# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link in torch: powers, SNR, correlation, and the same draws for the same seed."""

import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector.channels import (  # noqa: E402
    draw,
    draw_channels,
    real_form,
)
from fewbit_trainer.unfolded_detector.config import LinkConfig  # noqa: E402


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def test_the_real_form_multiplies_as_the_complex_one():
    h = draw_channels(LinkConfig(users=3, antennas=5), 4, generator())
    x = torch.complex(torch.randn(4, 3, 1), torch.randn(4, 3, 1))
    product = h @ x
    stacked = real_form(h) @ torch.cat([x.real, x.imag], 1)
    assert torch.allclose(stacked, torch.cat([product.real, product.imag], 1), atol=1e-5)


def test_entries_have_variance_one_over_users():
    h = draw_channels(LinkConfig(users=8, antennas=4), 4000, generator())
    # 128,000 entries: one standard error of the mean square is .3 %.
    assert float(h.abs().square().mean() * 8) == pytest.approx(1.0, abs=0.012)
    assert abs(complex(h.mean())) < 0.004


@pytest.mark.parametrize("bits", [2, 4, 6, 8])
def test_the_snr_is_what_was_asked_for(bits):
    link = LinkConfig(users=6, antennas=9, bits_per_symbol=bits)
    received = draw(link, torch.full((2000,), 7.0), 4, generator())
    levels = 2.0 * received.levels - (2 ** (bits // 2) - 1)
    signal = levels @ received.channel.mT
    ratio = signal.square().mean() / (received.y - signal).square().mean()
    assert float(ratio) == pytest.approx(10**0.7, rel=0.02)
    assert received.y.shape == (2000, 4, 18)


def test_correlation_is_kronecker_and_exponential():
    link = LinkConfig(users=3, antennas=4, receive_correlation=0.9, transmit_correlation=0.5)
    h = draw_channels(link, 40000, generator())
    towards = torch.einsum("cru,csv->rsuv", h, h.conj()) / len(h) * 3
    for r in range(4):
        for s in range(4):
            for u in range(3):
                for v in range(3):
                    expected = 0.9 ** abs(r - s) * 0.5 ** abs(u - v)
                    assert abs(complex(towards[r, s, u, v]) - expected) < 0.03


def test_equal_seeds_draw_equal_vectors():
    link = LinkConfig(users=2, antennas=2)
    snr = torch.tensor([3.0, 20.0])
    a, b, c = (draw(link, snr, 3, generator(seed)) for seed in (5, 5, 6))
    assert torch.equal(a.y, b.y) and torch.equal(a.levels, b.levels)
    assert not torch.equal(a.y, c.y)
