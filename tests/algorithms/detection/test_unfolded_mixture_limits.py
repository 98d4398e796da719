# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LLRs of two Gaussians where the numbers leave what float32 holds: finite, clipped, 0 for NaN."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mixture_llrs_oracle import asked, failures, mixture_llrs, passing
from unfolded_detector_oracle import Network

SETS = algorithms.instruction_sets()


def powers_of_ten(first, last):
    """Vectors of one value, both signs in turn."""
    return np.array([[s * 10.0**p] * 8 for p in range(first, last) for s in (-1, 1)])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("wide", [3, 30])
def test_large_outputs_have_llrs_of_the_document(tmp_path, name, wide):
    """Up to 1e13; the widest Gaussian has a deviation of 1e6."""
    net = passing(failures(spread=0, weight=0, wide=wide, unseen=-30))
    algorithms.use_instruction_set(name)
    found, llrs, error = asked(net, powers_of_ten(1, 14), 0.03, tmp_path)
    algorithms.use_instruction_set("")
    expected = mixture_llrs(net, found, error, 0.03)
    np.testing.assert_allclose(llrs, expected, rtol=1e-4, atol=1e-4)
    assert np.abs(expected).max() > 18


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("wide", [3, 30])
def test_huge_outputs_are_as_sure_as_what_is_unseen_allows(tmp_path, name, wide):
    """Up to 1e36, whose squares float32 does not hold: an axis of 3 has the bits 0 1, of -3 1 1."""
    net = passing(failures(spread=0, weight=0, wide=wide, unseen=-30))
    algorithms.use_instruction_set(name)
    _, llrs, _ = asked(net, powers_of_ten(15, 37), 0.03, tmp_path)
    algorithms.use_instruction_set("")
    np.testing.assert_allclose(llrs[0::2], 30, rtol=1e-6)
    np.testing.assert_allclose(llrs[1::2], np.tile([-30, -30, 30, 30], (22, 4)), rtol=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_outputs_that_are_not_finite_have_llrs_of_0(tmp_path, name):
    """A received 2e38 overflows in the network; the vectors beside it are as without."""
    net = passing(failures())
    o = np.tile([1.1, -0.9, 3.2, 1.0, -1.0, 2.9, 1.0, 1.0], (3, 1))
    algorithms.use_instruction_set(name)
    _, before, _ = asked(net, o, 0.03, tmp_path)
    o[1, 2] = 2e38 * np.sqrt(net.scale2)
    found, llrs, _ = asked(net, o, 0.03, tmp_path)
    algorithms.use_instruction_set("")
    assert not np.isfinite(found[1]).all()
    assert not llrs.reshape(3, 4, 4)[1, 2].any() and np.isfinite(llrs).all()
    np.testing.assert_array_equal(llrs[[0, 2]], before[[0, 2]])


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
def test_a_received_value_that_is_not_finite_erases_its_vector_alone(tmp_path, arithmetic):
    net = Network(arithmetic=arithmetic, users=4, antennas=4, tensors=failures())
    detector = algorithms.unfolded_detector(net.write(tmp_path / "net.safetensors"))
    rng = np.random.default_rng(3)
    h, y = (rng.normal(size=(*shape, 2)).view(complex)[..., 0] for shape in ((4, 4), (6, 4)))
    detector.prepare(h, 0.1)
    before = detector.llrs(y, 0)
    y[1, 2], y[4, 0] = np.nan, np.inf
    after = detector.llrs(y, 0)
    assert not after[[1, 4]].any()
    np.testing.assert_array_equal(after[[0, 2, 3, 5]], before[[0, 2, 3, 5]])


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
def test_degenerate_channels_have_finite_llrs(tmp_path, arithmetic):
    """Zero, singular, badly scaled, tiny, without noise; y as it comes and a million times that."""
    net = Network(arithmetic=arithmetic, users=4, antennas=4, tensors=failures())
    detector = algorithms.unfolded_detector(net.write(tmp_path / "net.safetensors"))
    rng = np.random.default_rng(4)
    h, y = (rng.normal(size=(*shape, 2)).view(complex)[..., 0] for shape in ((5, 4, 4), (5, 4)))
    h[0] = 0
    h[1, :, 1] = h[1, :, 0]
    h[2] *= np.array([1, 1e-4, 1e4, 1])
    h[3] *= 1e-10
    assert detector.prepare(h, [0.1, 0.1, 0.1, 0.1, 0.0]) == 0
    for scale in (1, 1e6):
        llrs = detector.llrs(scale * y, 1)
        assert np.isfinite(llrs).all() and np.abs(llrs).max() <= 64
