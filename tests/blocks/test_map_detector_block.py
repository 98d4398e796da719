# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAP detection as a block: the class's answers, whatever the vectors come as."""

import numpy as np
import pytest
from gnuradio import fewbit
from gnuradio.fewbit import algorithms
from stream_bench import run, tag

# Blocks take matrices as complex64.
H = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4)))).astype(np.float32)


def received(n=2000, h=H, v=0.2, seed=1):
    """Bits [n, k] and antenna vectors."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (n, h.shape[1]), dtype=np.uint8)
    x = (1 - 2.0 * bits) @ h.T
    if np.iscomplexobj(h):
        noise = rng.normal(size=x.shape) + 1j * rng.normal(size=x.shape)
        return bits, (x + noise * np.sqrt(v / 2)).astype(np.complex64)
    return bits, (x + rng.normal(size=x.shape) * np.sqrt(v)).astype(np.float32)


OUTPUTS = {
    "bits": ("u", 4, "decide"),
    "llrs": ("f", 4, "llrs"),
    "posteriors": ("f", 16, "posteriors"),
    "estimates": ("f", 4, "estimate"),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_answers_are_the_classes(output):
    kind, vlen, method = OUTPUTS[output]
    _, x = received()
    found, _ = run(x, fewbit.map_detector(H, "float", 0.2, output), kind, vlen)
    np.testing.assert_array_equal(found, getattr(algorithms.map_detector(H, 0.2), method)(x))


def test_complex_antennas_are_twice_as_many_real_ones_of_half_the_noise():
    h = (H[:6] + 0.5j * H[6:]).astype(np.complex64)
    _, x = received(h=h)
    same = algorithms.map_detector(np.concatenate([h.real, h.imag]), 0.1)
    stacked = np.concatenate([x.real, x.imag], 1)
    found, _ = run(x, fewbit.map_detector(h, "complex", 0.2, "llrs"), "f", 4)
    np.testing.assert_array_equal(found, same.llrs(stacked))
    block = fewbit.map_detector(h, "complex", 3.0, "llrs")
    block.set_noise_variance(0.2)
    np.testing.assert_array_equal(run(x, block, "f", 4)[0], same.llrs(stacked))
    found, _ = run(x, fewbit.map_detector(h, "complex", 0.2, "complex"), "c", 2)
    means = same.estimate(stacked)
    np.testing.assert_array_equal(found, means[:, :2] + 1j * means[:, 2:])


def test_noise_variance_comes_by_tag_and_by_setter():
    _, x = received(300)
    block = fewbit.map_detector(H, "float", 0.2, "llrs")
    tags = [
        tag(100, "noise_variance", 0.5),
        tag(150, "noise_variance", -1.0),
        tag(160, "noise_variance", "much"),
        tag(200, "noise_variance", 2),
    ]
    found, _ = run(x, block, "f", 4, tags)
    for part, v in ((slice(0, 100), 0.2), (slice(100, 200), 0.5), (slice(200, 300), 2.0)):
        np.testing.assert_array_equal(found[part], algorithms.map_detector(H, v).llrs(x[part]))
    assert block.counters()["bad_tags"] == 2 and block.noise_variance() == 2
    block.set_snr_db(10)
    block.set_channel(2 * H)
    found, _ = run(x, block, "f", 4)
    np.testing.assert_array_equal(found, algorithms.map_detector(2 * H, 0.1).llrs(x))


def test_vectors_that_are_not_finite_say_nothing_and_are_counted():
    _, x = received(100)
    x[[5, 70], [0, 11]] = np.nan, np.inf
    block = fewbit.map_detector(H, "float", 0.2, "llrs")
    found, _ = run(x, block, "f", 4)
    assert not found[[5, 70]].any() and found[:5].all()
    assert block.counters()["not_finite"] == 2 and block.counters()["vectors"] == 100


@pytest.mark.parametrize(
    "make",
    [
        lambda: fewbit.map_detector(H, "short"),
        lambda: fewbit.map_detector(H, "float", 0.0),
        lambda: fewbit.map_detector(H, "float", np.nan),
        lambda: fewbit.map_detector(H, "float", 0.1, "symbols"),
        lambda: fewbit.map_detector(H[:, :3], "float", 0.1, "complex"),
        lambda: fewbit.map_detector(np.ones((12, 9))),
        lambda: fewbit.map_detector(np.ones((12, 64))),
        lambda: fewbit.map_detector(np.ones((1025, 1))),
        lambda: fewbit.map_detector([[np.inf]]),
        lambda: fewbit.map_detector([1.0]),
    ],
)
def test_refuses_senseless_parameters(make):
    with pytest.raises(ValueError):
        make()


def test_a_setting_that_is_refused_changes_nothing():
    _, x = received(50)
    block = fewbit.map_detector(H, "float", 0.2, "llrs")
    for refuse in (
        lambda: block.set_noise_variance(0),
        lambda: block.set_channel(H[:11]),
        lambda: block.set_channel(H * np.nan),
    ):
        with pytest.raises(ValueError):
            refuse()
    found, _ = run(x, block, "f", 4)
    np.testing.assert_array_equal(found, algorithms.map_detector(H, 0.2).llrs(x))
    block.set_noise_variance(0.3)  # of the channel that was kept
    found, _ = run(x, block, "f", 4)
    np.testing.assert_array_equal(found, algorithms.map_detector(H, 0.3).llrs(x))
