# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MIMO channel as a block: the class's samples, numpy's statistics, its settings and tags."""

import numpy as np
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from stream_bench import rows, run, seen, sink, source, tag


def symbols(n, k, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.choice([-1, 1], (n, k)) + 1j * rng.choice([-1, 1], (n, k))
    return (x / np.sqrt(2)).astype(np.complex64)


def run_both(x, block, m, tags=()):
    """(y, H [channels, m, k], sink of y, sink of H)"""
    k = x.shape[1]
    graph, y, h = gr.top_block(), sink("c", m), sink("c", m * k)
    graph.connect(source(x, tags), block, y)
    graph.connect((block, 1), h)
    graph.run()
    return rows(y, "c", m), rows(h, "c", m * k).reshape(-1, m, k), y, h


@pytest.mark.parametrize(
    "settings",
    [
        {"block_len": 1},
        {"block_len": 7, "receive_correlation": 0.9, "transmit_correlation": 0.5, "seed": 9},
        {"block_len": 50, "fading": "jakes", "doppler": 0.1},
    ],
)
@pytest.mark.parametrize(("m", "k"), [(4, 4), (6, 3)])
def test_block_is_the_class_and_y_is_its_channels_product(settings, m, k):
    x = symbols(1400, k)
    y, h, _, _ = run_both(x, fewbit.mimo_channel(m, k, noise_variance=0.3, **settings), m)
    same = algorithms.mimo_channel(m, k, noise_variance=0.3, **settings)
    expected_y, expected_h = same.apply(x)
    np.testing.assert_array_equal(y, expected_y)
    np.testing.assert_array_equal(h, expected_h)
    noise = y - np.einsum("nij,nj->ni", np.repeat(h, settings["block_len"], 0), x)
    # 2 m n real values: four deviations of their mean square
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.3, rel=4 / np.sqrt(y.size))


def test_y_alone_is_the_same():
    x = symbols(100, 4)
    make = lambda: fewbit.mimo_channel(4, 4, 5, 0.1)  # noqa: E731
    alone, _ = run(x, make(), "c", 4)
    np.testing.assert_array_equal(alone, run_both(x, make(), 4)[0])


def test_vectors_that_do_not_fill_a_block_wait():
    block = fewbit.mimo_channel(4, 4, 8, 0.1)
    y, h, _, _ = run_both(symbols(43, 4), block, 4)
    assert len(y) == 40 and len(h) == 5
    assert block.counters() == {"vectors": 40, "channels": 5, "not_finite": 0}


def test_tells_its_noise_at_the_start_and_where_it_changes():
    block = fewbit.mimo_channel(4, 4, 2, 0.25)
    for variance in (0.25, 0.25, 0.1):
        block.set_noise_variance(variance)
        _, _, y, h = run_both(symbols(20, 4), block, 4, [tag(7, "mark", 1)])
        assert seen(y) == [(0, "noise_variance", variance), (7, "mark", 1)]
        assert seen(h) == []
    block.set_snr_db(20)
    assert block.noise_variance() == pytest.approx(0.01)


def test_noise_that_changes_while_it_runs_is_told_at_its_first_vector():
    """The power of the noise before and after the tag, 4 deviations."""
    n, k = 20_000, 4
    block = fewbit.mimo_channel(k, k, 4, 1.0)

    class Turn(gr.sync_block):
        def __init__(self):
            gr.sync_block.__init__(self, "turn", [(np.complex64, k)], [(np.complex64, k)])

        def work(self, input_items, output_items):
            m = min(len(output_items[0]), 256)
            if self.nitems_written(0) > n // 2:
                block.set_noise_variance(0.01)
            output_items[0][:m] = input_items[0][:m]
            return m

    graph, turn, kept = gr.top_block(), Turn(), sink("c", k)
    graph.connect(source(np.zeros((n, k), np.complex64)), turn, block, kept)
    graph.run()
    y, told = rows(kept, "c", k), seen(kept, "noise_variance")
    assert [v for _, v in told] == [1.0, 0.01] and told[1][0] % 4 == 0
    for part, v in ((y[: told[1][0]], 1.0), (y[told[1][0] :], 0.01)):
        if part.size:
            assert np.mean(np.abs(part) ** 2) == pytest.approx(v, rel=4 / np.sqrt(part.size))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_counted_and_spoil_no_other(bad):
    x = symbols(50, 3)
    x[20, 1] = bad
    block = fewbit.mimo_channel(4, 3, 5, 0.1)
    y, _ = run(x, block, "c", 4)
    assert np.isfinite(np.delete(y, 20, 0)).all() and not np.isfinite(y[20]).any()
    assert block.counters()["not_finite"] == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"antennas": 0},
        {"users": 257},
        {"block_len": 0},
        {"block_len": 65537},
        {"antennas": 256, "users": 256, "block_len": 1000},
        {"noise_variance": -0.1},
        {"noise_variance": np.nan},
        {"fading": "fast"},
        {"doppler": -1.0},
        {"receive_correlation": 1.0},
        {"transmit_correlation": -0.1},
    ],
)
def test_refuses_senseless_parameters(settings):
    with pytest.raises(ValueError, match="^mimo_channel: .*expected"):
        fewbit.mimo_channel(**settings)


def test_a_setting_that_is_refused_changes_nothing():
    block = fewbit.mimo_channel(noise_variance=0.5)
    for refuse, sentence in (
        (lambda: block.set_noise_variance(-1), "noise_variance is -1"),
        (lambda: block.set_snr_db(np.nan), "snr_db is NaN, expected"),
        (lambda: block.set_snr_db(-np.inf), "snr_db is -infinity, expected"),
    ):
        with pytest.raises(ValueError, match=sentence):
            refuse()
    assert block.noise_variance() == 0.5


def test_long_blocks_find_room():
    x = np.zeros((2 * 4096, 2), np.complex64)
    graph, kept = gr.top_block(), blocks.vector_sink_c(2)
    graph.connect(source(x), fewbit.mimo_channel(2, 2, 4096), kept)
    graph.run()
    assert len(kept.data()) == 2 * 2 * 4096
