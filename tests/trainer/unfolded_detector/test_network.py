# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the layers converge to, their gradients, and what quantised values cost.

Many layers of a splitting method with an exact prox solve a known problem; scipy and the
problem's optimality conditions say which.
"""

import dataclasses
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
optimize = pytest.importorskip("scipy.optimize")

from fewbit_trainer.unfolded_detector.channels import draw  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    LinkConfig,
    NetworkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.network import UnfoldedDetector, prepare  # noqa: E402

LINK = LinkConfig(users=3, antennas=4)
SNR = torch.tensor([8.0, 15.0])


def detector(link=LINK, quantization=None, scalars=None, **network):
    """In double, of one knot, with the scalars given by name."""
    network = NetworkConfig(**{"knots_db": (10.0,), "tau": "scalar", **network})
    quantization = quantization or QuantizationConfig()
    config = UnfoldedDetectorConfig(link=link, network=network, quantization=quantization)
    model = UnfoldedDetector(config).double()
    with torch.no_grad():
        for name, value in (scalars or {}).items():
            model.scalars.tables[name].fill_(math.log(value))
    return model


def received(link=LINK, snr=SNR, vectors=3, seed=1):
    found = draw(link, snr, vectors, torch.Generator().manual_seed(seed))
    return found.channel.double(), found.y.double(), found.snr_db.double()


def boxed(h, y):
    """The box's point of least square error."""
    return optimize.lsq_linear(h.numpy(), y.numpy(), (-3.0, 3.0), tol=1e-12).x


PLAIN = {"alpha": 1.0, "beta": 1.0, "kappa": 1.0}


def test_many_layers_of_admm_with_clip_solve_box_constrained_least_squares():
    model = detector(layers=400, denoiser="clip", scalars={**PLAIN, "rho": 0.3, "constant": 3.0})
    channel, y, snr = received()
    o = model(channel, y, snr, quantized=False).o
    for c in range(2):
        for v in range(3):
            expected = boxed(channel[c], y[c, v])
            assert np.abs(o[c, v].detach().clamp(-3, 3).numpy() - expected).max() < 1e-4


def test_many_layers_of_pgd_with_clip_solve_it_too():
    scalars = {"eta": 0.3, "constant": 3.0}
    model = detector(kind="pgd", layers=4000, denoiser="clip", scalars=scalars)
    channel, y, snr = received()
    o = model(channel, y, snr, quantized=False).o.detach()
    for c in range(2):
        assert np.abs(o[c, 0].numpy() - boxed(channel[c], y[c, 0])).max() < 1e-3


@pytest.mark.parametrize("kind", ["pgd", "admm"])
def test_many_layers_with_soft_threshold_solve_the_papers_problem(kind):
    """min |y - H x|^2 / 2 + lambda |x|_1: H^T (y - H x) is lambda sign(x) where x is not 0, and at
    most lambda elsewhere. (ADMM's threshold is lambda / rho.)"""
    weight, rho = 0.4, 0.5
    scalars = {"constant": weight * 0.3, "eta": 0.3}
    if kind == "admm":
        scalars = {**PLAIN, "rho": rho, "constant": weight / rho}
    model = detector(kind=kind, layers=3000, denoiser="soft_threshold", scalars=scalars)
    channel, y, snr = received()
    o = model(channel, y, snr, quantized=False).o.detach()
    x = torch.sign(o) * (o.abs() - weight / rho).clamp(min=0) if kind == "admm" else o
    pull = (y - x @ channel.mT) @ channel
    inside = pull - weight * torch.sign(x)
    at_zero = pull.abs().clamp(min=weight) - weight
    assert float(torch.where(x.abs() > 1e-6, inside, at_zero).abs().max()) < 1e-4


def test_the_first_layer_of_admm_is_lmmse_where_rho_is_its():
    model = detector(layers=2, scalars={"rho": 0.25})
    channel, y, snr = received()
    prepared = prepare(channel, model.scalars.at(snr))
    h = channel[1].numpy()
    expected = np.linalg.solve(h.T @ h + 0.25 * np.eye(6), h.T)
    assert np.abs(prepared.filter[1].detach().numpy() - expected).max() < 1e-10
    inverse = np.linalg.inv(h.T @ h + 0.25 * np.eye(6))
    assert np.abs(prepared.matrix[1].detach().numpy() - 0.25 * inverse).max() < 1e-10
    variance = 5.0 / 10**1.5
    assert np.allclose(prepared.error[1].detach().numpy(), variance * np.diag(inverse))


def test_scalars_are_interpolated_between_knots_and_held_beyond():
    model = detector(layers=2, knots_db=(0.0, 10.0, 30.0))
    with torch.no_grad():
        model.scalars.tables["rho"].copy_(torch.tensor([0.0, 2.0, -2.0]))
    rho = model.scalars.at(torch.tensor([-50.0, 0.0, 5.0, 10.0, 25.0, 30.0, 99.0]).double()).rho
    assert rho.log().tolist() == pytest.approx([0, 0, 1, 2, -1, -2, -2], abs=1e-6)


@pytest.mark.parametrize("denoiser", ["soft_threshold", "clip", "posterior_mean", "staircase"])
@pytest.mark.parametrize("kind", ["admm", "pgd"])
def test_gradients_are_those_of_finite_differences(kind, denoiser):
    model = detector(kind=kind, layers=3, denoiser=denoiser, tau="per_coordinate",
                     scalars={"kappa": 0.8} if kind == "admm" else {})  # fmt: skip
    channel, y, snr = received()
    names = list(model.scalars.tables)
    start = [model.scalars.tables[name].detach().clone() for name in names]

    def outputs(*tables):
        given = {f"scalars.tables.{name}": t for name, t in zip(names, tables, strict=True)}
        found = torch.func.functional_call(model, given, (channel, y, snr, False))
        return found.o.square().mean() + found.variance.log().mean()

    inputs = [table.requires_grad_() for table in start]
    assert torch.autograd.gradcheck(outputs, inputs, eps=1e-6, atol=1e-6, rtol=1e-4)


def quantization(**changes):
    return dataclasses.replace(QuantizationConfig(arithmetic="quantized"), **changes)


def test_fine_quantizers_change_little_and_coarse_ones_more():
    channel, y, snr = received(vectors=20)
    errors = []
    for bits in (8, 6, 4):
        names = ("matrix_bits", "filter_bits", "input_bits", "activation_bits")
        model = detector(layers=5, quantization=quantization(**dict.fromkeys(names, bits)))
        with torch.no_grad():
            model.gamma.fill_(8.0 / (2 ** (bits - 1) - 1))
            plain, coarse = (model(channel, y, snr, q).o for q in (False, True))
        errors.append(float((plain - coarse).square().mean().sqrt()))
    assert errors[0] < 0.12
    # Each bit is worth a factor of two; half of it is asked for.
    assert errors[0] * 2 < errors[1] < errors[2] / 2


def test_a_diagonal_that_stands_apart_is_not_quantised():
    channel, y, snr = received(vectors=20)
    errors = []
    for diagonal in ("inside", "apart"):
        settings = quantization(matrix_bits=4, filter_bits=0, input_bits=0, activation_bits=0)
        model = detector(layers=5, quantization=dataclasses.replace(settings, diagonal=diagonal),
                         scalars={"rho": 1.0})  # fmt: skip
        with torch.no_grad():
            difference = model(channel, y, snr, True).o - model(channel, y, snr, False).o
        errors.append(float(difference.square().mean()))
    assert errors[1] < 0.6 * errors[0]


def test_pgd_quantises_the_estimate_in_every_place():
    """With a step as wide as the levels' spacing the paper's network can only answer multiples."""
    settings = quantization(matrix_bits=0, filter_bits=0, input_bits=0, activation_bits=4)
    model = detector(kind="pgd", layers=4, denoiser="clip", quantization=settings)
    with torch.no_grad():
        model.gamma.fill_(0.75)
        channel, y, snr = received()
        output = model(channel, y, snr, True)
    assert torch.allclose(output.o / 0.75, (output.o / 0.75).round(), atol=1e-9)
    assert len(output.activations) == 4


def test_steps_follow_the_snr():
    model = detector(layers=3)
    with torch.no_grad():
        model.alpha.copy_(torch.tensor([0.3, -1.0]))
        model.gamma.copy_(torch.tensor([0.1, 0.05]))
    steps = model.steps(model.scalars.at(torch.tensor([0.0, 20.0]).double()))
    assert steps.detach().numpy() == pytest.approx(np.array([[0.4, 1e-3], [0.13, 1e-3]]), rel=1e-5)
