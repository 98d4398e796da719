# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soft ADC, and the hard one that is deployed in its place."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.task_quantizer.lloyd_max import lloyd_max  # noqa: E402
from fewbit_trainer.task_quantizer.soft_adc import NoiseAdcs, SoftAdcs, harden  # noqa: E402


def soft(z, triples):
    """The paper's eq. 4 for triples (a, b, c), number by number."""
    return sum(a * math.tanh(c * z - b) for a, b, c in triples)


def random_triples(rng, count, sharpness):
    """Thresholds in no order, amplitudes of either sign."""
    a, t = rng.normal(size=count), rng.normal(size=count)
    return [(ai, sharpness * ti, sharpness) for ai, ti in zip(a, t, strict=True)]


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("sharpness", [3.0, 30.0])
def test_the_deployed_cells_are_the_triples_sorted(count, sharpness):
    triples = random_triples(np.random.default_rng(count), count, sharpness)
    design = harden(
        np.array([b / c for _, b, c in triples]), np.array([a for a, _, _ in triples]), sharpness
    )
    ordered = sorted(triples, key=lambda triple: triple[1] / triple[2])
    t = [b / c for _, b, c in ordered]
    assert design.thresholds.tolist() == pytest.approx(t)
    total = sum(a for a, _, _ in ordered)
    inner = [soft((t[i] + t[i + 1]) / 2, ordered) for i in range(count - 1)]
    assert design.levels.tolist() == pytest.approx([-total, *inner, total])


def test_the_deployed_adc_is_the_limit_of_the_soft_one():
    rng = np.random.default_rng(3)
    t, a = rng.normal(size=6), rng.normal(size=6)
    z = rng.normal(size=2000)
    z = z[np.abs(z[:, None] - t).min(axis=1) > 1e-3]
    design = harden(t, a, 1e6)
    deployed = design.levels[np.searchsorted(design.thresholds, z, side="right")]
    np.testing.assert_allclose(
        deployed, [soft(v, [(ai, 1e6 * ti, 1e6) for ai, ti in zip(a, t, strict=True)]) for v in z],
        atol=1e-9,
    )  # fmt: skip
    # And the soft one goes there: its distance falls as c grows.
    errors = []
    for c in (3.0, 30.0, 300.0):
        triples = [(ai, c * ti, c) for ai, ti in zip(a, t, strict=True)]
        errors.append(np.mean((np.array([soft(v, triples) for v in z]) - deployed) ** 2))
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize("identical", [True, False])
def test_a_lloyd_max_start_hardens_to_lloyd_max(identical):
    adcs = SoftAdcs([4, 2, 4, 9], identical, "lloyd_max", 2.0, learned=True)
    assert len(adcs.thresholds) == (3 if identical else 4)
    for m, design in zip(adcs.levels, adcs.hardened(1e5), strict=True):
        np.testing.assert_allclose(design.thresholds, lloyd_max(m).thresholds, atol=1e-6)
        np.testing.assert_allclose(design.levels, lloyd_max(m).levels, atol=1e-6)


def test_mixed_adcs_compute_the_equation():
    adcs = SoftAdcs([3, 2, 5], False, "uniform", 1.5, learned=True)
    rng = np.random.default_rng(1)
    with torch.no_grad():
        adcs.thresholds.copy_(torch.from_numpy(rng.normal(size=(3, 4))))
        adcs.amplitudes.copy_(torch.from_numpy(rng.normal(size=(3, 4))))
    z = rng.normal(size=(20, 3))
    found = adcs(torch.from_numpy(z).float(), 4.0).detach().numpy()
    t, a = adcs.thresholds.detach().numpy(), adcs.amplitudes.detach().numpy()
    for d, m in enumerate(adcs.levels):
        triples = [(a[d, i], 4.0 * t[d, i], 4.0) for i in range(m - 1)]
        np.testing.assert_allclose(found[:, d], [soft(v, triples) for v in z[:, d]], atol=1e-5)


def test_absent_thresholds_are_never_trained():
    adcs = SoftAdcs([2, 5], True, "lloyd_max", 2.0, learned=True)
    adcs(torch.linspace(-2.0, 2.0, 100).reshape(50, 2), 5.0).square().sum().backward()
    assert adcs.amplitudes.grad[0, 1:].abs().max() == 0.0
    assert adcs.amplitudes.grad[1].abs().min() > 0.0


def test_uniform_thresholds_stay():
    adcs = SoftAdcs([4], True, "uniform", 2.0, learned=False)
    assert adcs.hardened(10.0)[0].thresholds.tolist() == [-1.0, 0.0, 1.0]
    assert not any(p.requires_grad for p in adcs.parameters())


def test_the_passing_gradient_adds_noise_of_one_step_and_deploys_a_uniform_adc():
    adcs = NoiseAdcs([2, 8], 2.0)
    z = torch.zeros(100_000, 2, requires_grad=True)
    noisy = adcs(z, torch.Generator().manual_seed(1))
    noisy.sum().backward()
    assert torch.equal(z.grad, torch.ones_like(z))
    for d, step in enumerate((2.0, 0.5)):
        values = noisy[:, d].detach()
        assert values.abs().max() <= step / 2
        # Uniform: variance step^2 / 12, whose relative standard error is .0028 here.
        assert float(values.var()) == pytest.approx(step**2 / 12, rel=0.015)
    assert torch.equal(adcs(z, None), z)
    coarse, fine = adcs.hardened()
    assert coarse.thresholds.tolist() == [0.0]
    np.testing.assert_allclose(fine.thresholds, np.arange(-1.5, 1.6, 0.5))
