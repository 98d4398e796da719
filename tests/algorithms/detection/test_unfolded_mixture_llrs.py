# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LLRs of two Gaussians by the errors that an output foresees, against the document in numpy.

Tolerance: 1e-4, relative beyond 1.
"""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mixture_llrs_oracle import asked, failures, log_rho, mixture_llrs, passing
from unfolded_detector_oracle import Network, prepare

CLOSE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(params=algorithms.instruction_sets())
def instruction_set(request):
    algorithms.use_instruction_set(request.param)
    yield request.param
    algorithms.use_instruction_set("")


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
@pytest.mark.parametrize("users", [1, 5, 17])
@pytest.mark.parametrize("bits_per_symbol", [2, 4, 6, 8])
def test_llrs_are_those_of_the_document(
    tmp_path, instruction_set, bits_per_symbol, users, arithmetic
):
    """Three channels, two noise variances, vectors that foresee few errors and many."""
    net = Network(
        arithmetic=arithmetic, users=users, antennas=users + 2, bits_per_symbol=bits_per_symbol,
        tensors=failures(),
    )  # fmt: skip
    detector = algorithms.unfolded_detector(net.write(tmp_path / "net.safetensors"))
    variances = np.array([10**-0.7, 10**-1.6, 10**-1.6], np.float32)
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, (120, users * bits_per_symbol), dtype=np.uint8)
    channel = algorithms.mimo_channel(users + 2, users, 0.05, block_len=40, seed=4)
    y, h = channel.apply(algorithms.qam_mapper(bits_per_symbol).map(bits))
    detector.prepare(h, variances)
    o, found = detector.outputs(y, 40), detector.llrs(y, 40)
    for c, variance in enumerate(variances.astype(float)):
        some, error = slice(40 * c, 40 * c + 40), prepare(net, h[c], variance).error
        expected = mixture_llrs(net, o[some], error, variance)
        np.testing.assert_allclose(found[some], expected, **CLOSE)
        if users == 5:
            assert np.ptp(log_rho(net, o[some], error, variance)) > 0.2


def test_next_to_a_level_and_far_outside(tmp_path, instruction_set):
    """o from -1e4 to 1e4 beside others on their levels or far off them."""
    net = passing(failures())
    near = np.concatenate([np.linspace(-7, 7, 141), [-1e4, -300, 300, 1e4]])
    o = np.array([[one, 1, 3, -1, *rest] for one in near for rest in ([1] * 4, [9.0, -8, 2, 0])])
    found, llrs, error = asked(net, o, 0.03, tmp_path)
    np.testing.assert_allclose(found, o, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(llrs, mixture_llrs(net, found, error, 0.03), **CLOSE)


@pytest.mark.parametrize("unseen", [-30, -5, 30])
@pytest.mark.parametrize("wide", [-30, 3, 30])
@pytest.mark.parametrize("weight", [-30, 0, 30])
@pytest.mark.parametrize("spread", [-30, 0, 30])
def test_the_ends_of_what_a_logarithm_may_be(
    tmp_path, instruction_set, spread, weight, wide, unseen
):
    """Nothing is lost to underflow or overflow."""
    net = passing(failures(spread=spread, weight=weight, wide=wide, unseen=unseen))
    o = np.linspace(-40, 40, 800).reshape(100, 8)
    found, llrs, error = asked(net, o, 0.03, tmp_path)
    np.testing.assert_allclose(llrs, mixture_llrs(net, found, error, 0.03), **CLOSE)


def test_small_weights_count(tmp_path, instruction_set):
    """On the levels the narrow Gaussian alone would say 100 and more, with the wide one LLRs are
    20 to 30."""
    net = passing(failures(weight=-20, wide=4, spread=-2, unseen=-30))
    o = np.linspace(-6, 6, 4000).reshape(500, 8)
    found, llrs, error = asked(net, o, 0.03, tmp_path)
    expected = mixture_llrs(net, found, error, 0.03)
    assert np.mean((np.abs(expected) > 20) & (np.abs(expected) < 29.9)) > 0.1
    np.testing.assert_allclose(llrs, expected, **CLOSE)


def test_the_upper_of_two_levels_is_half_way_s(tmp_path, instruction_set):
    """Either level is as likely there, and LLRs that a threshold parts are 0."""
    net = passing(failures())
    o = np.tile([-2.0, 0.0, 2.0, 0.0, -2.0, 2.0, 0.0, 2.0], (3, 1))
    found, llrs, error = asked(net, o, 0.03, tmp_path)
    exact = np.rint(found) == found
    expected = mixture_llrs(net, found, error, 0.03)
    np.testing.assert_allclose(llrs, expected, **CLOSE)
    assert exact[:, [1, 3]].all()  # c 0 = 0 whatever c
    np.testing.assert_allclose(llrs.reshape(3, 4, 4)[:, [1, 3], 0], 0, atol=1e-5)


def test_llrs_stand_user_by_user_first_bit_first(tmp_path):
    """On its levels an output's LLRs have the signs of the bits that were sent."""
    rng = np.random.default_rng(7)
    for bits in (2, 4, 6, 8):
        net = passing(failures(spread=0, weight=-10, wide=1, unseen=-20), bits_per_symbol=bits)
        sent = rng.integers(0, 2, (50, 4 * bits), dtype=np.uint8)
        x = algorithms.qam_mapper(bits).map(sent) * np.sqrt(net.scale2)
        _, llrs, _ = asked(net, np.concatenate([x.real, x.imag], -1), 0.003, tmp_path)
        np.testing.assert_array_equal(llrs > 0, sent)


def test_a_vector_that_failed_elsewhere_says_less(tmp_path):
    """The same output of user 0, beside users on their levels and half-way between them."""
    falling = failures(spread=0, wide=3, unseen=-20)
    falling["output.failure.weight.log"][:] = np.array([-12, -6, -3, 0], np.float32)
    net = passing(falling)
    o = np.array([[1.1, 1, -1, 3, -2.9, 1, -3, 1], [1.1, 0, -2, 2, -2.9, 2, 0, -2]])
    _, llrs, _ = asked(net, o, 0.01, tmp_path)
    sound, failed = np.abs(llrs[:, :4])
    assert (failed < 0.7 * sound).all()
    np.testing.assert_array_equal(np.sign(llrs[0, :4]), np.sign(llrs[1, :4]))
