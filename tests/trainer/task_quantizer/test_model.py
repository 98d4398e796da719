# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainable chain: AGC, phase shifters, and that its hard twin is what it becomes."""

import dataclasses
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from fewbit_trainer.config import config_from_dict  # noqa: E402
from fewbit_trainer.task_quantizer.chain import phase_shifter_weight  # noqa: E402
from fewbit_trainer.task_quantizer.hardening import harden_chain  # noqa: E402
from fewbit_trainer.task_quantizer.model import TaskQuantizer  # noqa: E402


def a_config(**sections):
    data = {"kind": "task_quantizer", "adc": {"adcs": 4, "levels": [3, 8, 2, 5]}}
    for name, values in sections.items():
        data[name] = {**data.get(name, {}), **values}
    return config_from_dict(data)


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


NETWORK = {"digital": {"kind": "network", "hidden": [9]}, "refit": {"method": "none"}}
CASES = {
    "affine": {},
    "network": NETWORK,
    "two layers": {"analog": {"hidden": [7]}, **NETWORK},
    "block": {"adc": {"agc": "block"}, "digital": {"powers": 3}},
    "no AGC": {"adc": {"agc": "none"}},
    "phases": {"analog": {"kind": "phase_shifters", "phase_bits": 3}},
    "noise": {"adc": {"quantizer": "noise", "levels": [4]}},
    "per ADC": {"adc": {"identical": False, "levels": [4]}},
}


def shaken(model, seed=5):
    """The model with every parameter moved, so that none is zero by its start."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return model


@pytest.mark.parametrize("name", CASES)
def test_the_hard_chain_is_the_soft_one_with_endless_sharpness(name):
    config = a_config(**CASES[name])
    model = shaken(TaskQuantizer(config, 6, 3, 3)).double()
    x = 2.0 * normal(400, 6).double() + 0.5
    with torch.no_grad():
        gain = model.gain_of(model.analog(x))
        sharp = 1e9
        chain = harden_chain(model, gain, sharp, complex_inputs=name == "phases")
        if name == "noise":
            z, g = model.adc_inputs(x, gain)
            step = 4.0 / 4
            q = (torch.floor(z / step) * step + step / 2).clamp(-1.5, 1.5)
            soft = model.digital(q, g)
        else:
            soft = model(x, sharp, None, gain)
    # Inputs within rounding of a threshold may fall on its other side.
    z, _ = chain.adc_inputs(x.numpy())
    near = [np.abs(z[:, d, None] - t).min(axis=1) < 1e-5 for d, t in enumerate(chain.thresholds)]
    clear = ~np.any(near, axis=0)
    assert clear.mean() > 0.99
    np.testing.assert_allclose(chain(x.numpy())[clear], soft.numpy()[clear], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("load", [1.0, 0.7])
def test_the_agc_gives_every_adc_unit_variance_and_no_mean(load):
    model = shaken(TaskQuantizer(a_config(adc={"load": load}), 6, 3, 3))
    x = normal(500, 6) * torch.tensor([1.0, 50.0, 1e-3, 2.0, 3.0, 4.0]) + 7.0
    z, g = model.adc_inputs(x)
    assert g is None
    np.testing.assert_allclose(z.mean(dim=0).detach(), 0.0, atol=1e-3)
    np.testing.assert_allclose(z.var(dim=0, unbiased=False).detach(), load**2, rtol=1e-3)


def test_scaling_the_combiner_changes_nothing_behind_the_agc():
    model = TaskQuantizer(a_config(), 6, 3, 3)
    x = normal(100, 6)
    before = model(x, 5.0)
    with torch.no_grad():
        model.analog.layers[0].weight *= 1e-3
    torch.testing.assert_close(model(x, 5.0), before, rtol=1e-3, atol=1e-3)


def test_a_block_agc_gives_every_vector_unit_power_and_says_the_gain():
    model = TaskQuantizer(a_config(adc={"agc": "block"}), 6, 3, 3)
    x = normal(100, 6) * torch.linspace(0.1, 10.0, 100)[:, None]
    z, g = model.adc_inputs(x)
    np.testing.assert_allclose(z.square().mean(dim=1).detach(), 1.0, rtol=1e-4)
    v = model.analog(x).detach().numpy()
    power = np.mean((v - v.mean(axis=0)) ** 2 / v.var(axis=0), axis=1)
    np.testing.assert_allclose(g.detach(), power**-0.5, rtol=1e-4)


def test_a_dead_adc_input_gives_finite_numbers():
    model = TaskQuantizer(a_config(), 6, 3, 3)
    with torch.no_grad():
        model.analog.layers[0].weight[1] = 0.0
    loss = model(normal(50, 6), 5.0).square().sum()
    loss.backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("bits", [0, 1, 3])
def test_phase_shifters_have_unit_modulus_and_phases_of_so_many_bits(bits):
    config = a_config(analog={"kind": "phase_shifters", "phase_bits": bits})
    model = TaskQuantizer(config, 6, 3, 3)
    weight = model.analog.weight().detach().numpy()
    entries = weight[:2, :3] + 1j * weight[2:, :3]
    np.testing.assert_allclose(np.abs(entries), 1.0 / math.sqrt(3), rtol=1e-6)
    np.testing.assert_allclose(weight[:2, 3:], -weight[2:, :3])
    if bits:
        turns = np.angle(entries) / (2 * np.pi) * 2**bits
        np.testing.assert_allclose(turns, np.round(turns), atol=1e-5)
    phases = model.analog.deployed_phases().detach().numpy()
    np.testing.assert_allclose(phase_shifter_weight(phases), weight, atol=1e-6)
    # The gradient passes through the rounding.
    model(normal(50, 6), 5.0).square().sum().backward()
    assert model.analog.phases.grad.abs().min() > 0.0


def test_dither_is_drawn_in_training_alone():
    model = TaskQuantizer(a_config(adc={"dither": 0.5}), 6, 3, 3)
    x = normal(50, 6)
    assert torch.equal(model(x, 5.0), model(x, 5.0))
    noisy = model(x, 5.0, torch.Generator().manual_seed(1))
    assert not torch.equal(noisy, model(x, 5.0))
    assert torch.equal(noisy, model(x, 5.0, torch.Generator().manual_seed(1)))


def test_equal_seeds_start_alike():
    one, two = (TaskQuantizer(a_config(), 6, 3, 3) for _ in range(2))
    other = TaskQuantizer(dataclasses.replace(a_config(), seed=2), 6, 3, 3)
    weights = [m.analog.layers[0].weight for m in (one, two, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
