# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks in torch against numpy written from docs/unfolded_detector.md, random scalars."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.unfolded_detector import bundle_file  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import real_form  # noqa: E402
from unfolded_detector_oracle import Network, llrs, prepare, run_float, stacked  # noqa: E402

VECTORS = 30


def outputs(net, tmp_path, noise_variance):
    """Of one channel by torch and by numpy; the channel; what torch says beside."""
    model = bundle_file.load(net.write(tmp_path / "net.safetensors")).double()
    rng = np.random.default_rng(4)
    h = rng.normal(size=(2, net.antennas, net.users)) / np.sqrt(2 * net.users)
    h = h[0] + 1j * h[1]
    y = rng.normal(size=(2, VECTORS, net.antennas))
    y = y[0] + 1j * y[1]
    snr = torch.tensor([-10 * np.log10(noise_variance)])
    channel = real_form(torch.from_numpy(h))[None]
    received = torch.from_numpy(np.sqrt(net.scale2) * stacked(y))[None]
    with torch.no_grad():
        found = model(channel, received, snr, net.arithmetic == "quantized")
    return found, run_float(net, h, noise_variance, y), h


@pytest.mark.parametrize("noise_variance", [3.0, 0.03])
@pytest.mark.parametrize("denoiser", ["soft_threshold", "clip", "posterior_mean", "staircase"])
@pytest.mark.parametrize("network", ["admm", "pgd"])
def test_floats_are_those_of_the_document(tmp_path, network, denoiser, noise_variance):
    """Their outputs, the variance of these, and below the lowest SNR of the knots too."""
    net = Network(
        network=network, denoiser=denoiser, arithmetic="float32", users=4, antennas=5, layers=4
    )
    found, expected, h = outputs(net, tmp_path, noise_variance)
    assert np.abs(found.o[0].numpy() - expected).max() < 1e-4
    p = prepare(net, h, noise_variance)
    slope, constant = p.scalars["output"]
    assert found.variance[0].numpy() == pytest.approx(slope * p.error + constant, rel=1e-4)


@pytest.mark.parametrize(
    ("network", "diagonal"), [("admm", "inside"), ("admm", "apart"), ("pgd", "inside")]
)
@pytest.mark.parametrize("bits", [(4, 6, 8, 8), (0, 5, 0, 6), (5, 0, 6, 0)])
def test_quantised_values_are_rounded_where_the_document_says(tmp_path, network, diagonal, bits):
    """A value at the edge between two steps may fall either way: 1 in 100 outputs may differ."""
    names = ("matrix_bits", "activation_bits", "filter_bits", "input_bits")
    net = Network(
        network=network, diagonal=diagonal, arithmetic="quantized", users=4, antennas=5, layers=3,
        **dict(zip(names, bits, strict=True)),
    )  # fmt: skip
    found, expected, _ = outputs(net, tmp_path, 0.03)
    assert np.mean(np.abs(found.o[0].numpy() - expected) > 1e-3) < 0.01


def test_gains_beyond_their_limits_are_held_at_them(tmp_path):
    """alpha, beta at 8, kappa at 1: what 16 bits hold."""
    large = {
        name: np.full((3, 3), np.log(factor), np.float32)
        for name, factor in (("gain.estimate.log", 9.0), ("gain.dual.log", 11.0),
                             ("memory.log", 1.5))
    }  # fmt: skip
    net = Network(arithmetic="float32", users=4, antennas=5, layers=4, tensors=large)
    found, expected, _ = outputs(net, tmp_path, 0.03)
    assert np.abs(found.o[0].numpy() - expected).max() < 1e-3 * np.abs(expected).max()


def test_llrs_are_those_of_the_output_by_axis(tmp_path):
    """Of what `detect` gives, against sums over the levels written out."""
    from fewbit_trainer.unfolded_detector.network import output_llrs
    from fewbit_trainer.unfolded_detector.symbols import user_bits

    net = Network(arithmetic="float32", users=4, antennas=5, layers=3)
    found, expected, h = outputs(net, tmp_path, 0.1)
    p = prepare(net, h, 0.1)
    slope, constant = p.scalars["output"]
    variance = np.broadcast_to(slope * p.error + constant, expected.shape)
    soft = user_bits(output_llrs(found.o, found.variance, None, net.bits_per_symbol))
    exact = llrs(net, expected, variance)
    assert np.abs(soft[0].clamp(-64, 64).numpy() - exact).max() < 1e-2
