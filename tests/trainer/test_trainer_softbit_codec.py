# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The autoencoder's parts against what the paper says of them."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.code_length import CountedRate  # noqa: E402
from fewbit_trainer.softbit_codec import (  # noqa: E402
    SoftBitAutoencoder,
    cross_entropy_loss,
    soft_entropy,
    straight_through,
    weighted_square_loss,
)


@pytest.mark.parametrize("bits_per_symbol", [4, 6, 8])
def test_structure_is_the_paper_s(bits_per_symbol):
    model = SoftBitAutoencoder(bits_per_symbol)
    wide = 4 * bits_per_symbol
    widths = [bits_per_symbol, wide, wide, wide, wide, 3]
    assert [tuple(layer.weight.shape) for layer in model.encoder] == [
        (b, a) for a, b in zip(widths[:-1], widths[1:], strict=True)
    ]
    widths = [3, wide, wide, wide, wide, bits_per_symbol]
    assert [tuple(layer.weight.shape) for layer in model.decoder] == [
        (b, a) for a, b in zip(widths[:-1], widths[1:], strict=True)
    ]
    np.testing.assert_allclose(model.codebook.numpy(), np.linspace(-0.8, 0.8, 64), rtol=1e-6)


def test_initial_weights_have_glorot_variance():
    """Pooled over 50 networks: 28,800 weights of one layer, 4 standard errors are 3.4 %."""
    weights = [SoftBitAutoencoder(6, seed=s).encoder[1].weight.detach() for s in range(50)]
    variance = torch.stack(weights).var().item()
    assert variance == pytest.approx(2.0 / 48.0, rel=0.034)
    assert SoftBitAutoencoder(6).encoder[1].bias.abs().max() == 0.0


def test_quantizer_takes_the_nearest_and_the_lower_half_way():
    model = SoftBitAutoencoder(6, levels=5, codebook_range=0.5)  # -.5, -.25, 0, .25, .5
    latents = torch.tensor([-0.9, -0.5, -0.375, -0.3, 0.1, 0.125, 0.126, 0.9])
    assert model.quantize(latents).tolist() == [0, 0, 0, 1, 2, 2, 3, 4]


def test_straight_through_has_gradient_one():
    latents = torch.tensor([0.1, -0.7, 0.3], requires_grad=True)
    quantized = torch.tensor([0.0, -0.8, 0.4])
    carried = straight_through(latents, quantized)
    torch.testing.assert_close(carried, quantized)
    carried.sum().backward()
    assert latents.grad.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("pooled", [False, True])
def test_soft_entropy_becomes_the_histogram_s_entropy(pooled):
    """At large tau; the one extra count a bin costs 64 in 90,000."""
    model = SoftBitAutoencoder(6)
    generator = torch.Generator().manual_seed(3)
    latents = 0.2 * torch.randn(30000, 3, generator=generator)
    latents = latents * torch.tensor([1.0, 0.5, 2.0])
    indices = model.quantize(latents)
    measured = soft_entropy(latents, model.codebook, indices, tau=1e9, pooled=pooled)
    expected = []
    for latent in range(3):
        own = np.bincount(indices[:, latent].numpy(), minlength=64) / 30000
        used = np.bincount(indices.numpy().ravel(), minlength=64) / 90000 if pooled else own
        seen = own > 0
        expected.append(-(own[seen] * np.log(used[seen])).sum())
    assert float(measured) == pytest.approx(np.mean(expected), rel=2e-3)


def test_soft_entropy_s_histogram_passes_no_gradient():
    """Doubling the batch with copies doubles nothing: the slope of one latent is its own alone."""
    model = SoftBitAutoencoder(6)
    latents = torch.linspace(-0.5, 0.5, 300).reshape(100, 3).requires_grad_()
    indices = model.quantize(latents.detach())
    soft_entropy(latents, model.codebook, indices, tau=100.0).backward()
    counts = torch.bincount(indices.reshape(-1), minlength=64) + 1.0
    cost = -torch.log(counts / counts.sum())
    probe = latents.detach().clone()[7, 1].requires_grad_()
    weights = torch.softmax(-100.0 * (probe - model.codebook) ** 2, 0)
    ((weights * cost).sum() / 300).backward()
    assert float(latents.grad[7, 1]) == pytest.approx(float(probe.grad), rel=1e-4)


def test_paper_s_distortion_by_hand():
    soft_bits = torch.tensor([0.5, -0.1])
    llrs = 2.0 * torch.atanh(torch.tensor([0.4, 0.1]))
    expected = (0.01 / 0.5001 + 0.04 / 0.1001) / 2
    assert float(weighted_square_loss(soft_bits, llrs)) == pytest.approx(expected, rel=1e-5)


def test_cross_entropy_loss_is_the_information_lost():
    """Against a million drawn bits: 4 standard errors are about .003."""
    rng = np.random.default_rng(4)
    llrs = rng.normal(0.0, 3.0, 1000)
    coarse = 2.0 * np.round(llrs / 2.0)
    bits = rng.random((1000, 1000)) < 1.0 / (1.0 + np.exp(-llrs))
    sign = 2.0 * bits - 1.0
    lost = np.logaddexp(0, -sign * coarse) - np.logaddexp(0, -sign * llrs)
    expected = lost.mean() / np.log(2.0)
    soft_bits = torch.from_numpy(np.tanh(llrs / 2.0))
    got = float(cross_entropy_loss(soft_bits, torch.from_numpy(coarse)))
    assert got == pytest.approx(expected, abs=0.003)
    own = float(cross_entropy_loss(soft_bits, torch.from_numpy(llrs)))
    assert own == pytest.approx(0.0, abs=1e-9)


def test_cross_entropy_loss_stands_certain_bits():
    soft_bits = torch.tensor([1.0, -1.0])
    value = cross_entropy_loss(soft_bits, torch.tensor([200.0, -200.0]))
    assert float(value) == pytest.approx(0.0, abs=1e-6)


def test_counted_rate_is_the_conditional_entropy_and_what_smoothing_costs():
    """A walk that stays or steps with equal chance (1 bit), two axes uniform over 8 values that
    depend on it (3 bits). Away from the ends smoothing has a closed form: a context borrows .25
    from either neighbour and a level .1 from either side, so the walk's two levels get
    (.8 x .625 + .1 x .75) / 1.5 each; of the axes' 8 levels the outermost two get .9 / 8. Some
    1,250 counts a context: the figures in use are low by some .005 bits at most."""
    rng = np.random.default_rng(6)
    first = 20 + np.cumsum(rng.integers(0, 2, (200, 100)), axis=1) % 16
    others = rng.integers(0, 8, (200, 100, 2)) + (first[..., None] - 20) // 4 * 8
    indices = torch.from_numpy(np.concatenate([first[..., None], others], axis=-1))
    rate = CountedRate(64, conditional=True)
    for _ in range(50):
        rate.update(indices)
    # At the codebook's own points there is nothing to interpolate.
    bits = rate(indices.float(), indices).numpy()
    previous = first[:, :-1]
    walk = bits[:, 1:, 0][(previous >= 23) & (previous <= 32)]
    assert walk.mean() == pytest.approx(np.log2(1.5 / 0.575), abs=0.005)
    axes = bits[..., 1:][np.isin(first, [25, 26, 29, 30])]
    assert axes.mean(axis=0) == pytest.approx(2 * [3.0 - 0.25 * np.log2(0.9)], abs=0.01)
