# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIMO detection as a block: the class's answers item for item, whatever comes and whenever."""

import numpy as np
import pytest
from detector_bench import MODEL, UNFOLDED, K, answers, detect, post, received
from gnuradio import fewbit, gr
from gnuradio.fewbit import algorithms
from stream_bench import rows, seen, sink, source, tag


@pytest.mark.parametrize("output", ["bits", "labels", "symbols"])
@pytest.mark.parametrize("name", ["lmmse", "kbest:k=4", "ep:iterations=3", "vblast"])
def test_answers_are_the_classes(name, output):
    _, y, h = received(600, 5, 4, 3)
    block = fewbit.unfolded_detector(name, 5, 4, K, 3, output, 0.05)
    found, llrs, _, _ = detect(block, y, h, output)
    expected = answers(name, y, h, 0.05, 3)
    np.testing.assert_array_equal(found, expected[output])
    np.testing.assert_array_equal(llrs, expected["llrs"])
    counts = block.counters()
    assert counts["vectors"] == 600 and counts["channels"] == 200
    assert not any(n for c, n in counts.items() if c not in ("vectors", "channels"))


@pytest.mark.parametrize("block_len", [1, 7, 100])
def test_an_unfolded_networks_answers_are_the_classes_in_any_portions(block_len):
    _, y, h = received(2100, 16, 16, block_len, 0.01)
    expected = answers(UNFOLDED, y, h, 0.01, block_len)
    for seed in range(3):
        block = fewbit.unfolded_detector(UNFOLDED, 16, 16, K, block_len, "labels", 0.01)
        found, llrs, _, _ = detect(block, y, h, "labels", portions=seed)
        np.testing.assert_array_equal(found, expected["labels"])
        np.testing.assert_array_equal(llrs, expected["llrs"])


def test_output_0_alone_is_the_same():
    _, y, h = received(100)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, noise_variance=0.05)
    graph, kept = gr.top_block(), sink("u", 16)
    graph.connect(source(y), block, kept)
    graph.connect(source(h), (block, 1))
    graph.run()
    np.testing.assert_array_equal(rows(kept, "u", 16), answers("lmmse", y, h, 0.05, 1)["bits"])


def test_behind_the_channel_block_it_knows_the_noise():
    """The few errors that are left show that bits, symbols and channels belong together."""
    n, m, k, block_len = 3000, 8, 4, 5
    bits, _, _ = received(n, m, k, block_len)
    block = fewbit.unfolded_detector("kbest:k=8", m, k, K, block_len)
    channel = fewbit.mimo_channel(m, k, block_len, 0.01)
    graph, kept = gr.top_block(), sink("u", k * K)
    graph.connect(source(bits), fewbit.qam_mapper(k * K, K), channel, block, kept)
    graph.connect((channel, 1), (block, 1))
    graph.run()
    assert np.mean(rows(kept, "u", k * K) != bits) < 1e-3
    assert block.noise_variance() == 0.01 and block.counters()["noise_missing"] == 0


@pytest.mark.parametrize("portions", [None, 5])
def test_noise_comes_by_tags_and_holds_from_the_next_block_on(portions):
    _, y, h = received(90, block_len=10)
    y_tags = [
        tag(0, "noise_variance", 0.1),
        tag(25, "noise_variance", 0.2),  # within block 2
        tag(40, "noise_variance", 1),  # at the start of block 4; an integer
        tag(45, "noise_variance", -1.0),
        tag(46, "noise_variance", "loud"),
        tag(47, "noise_variance", float("nan")),
        tag(48, "noise_variance", 1e300),
    ]
    h_tags = [tag(6, "noise_variance", 0.5)]
    each = np.array([0.1, 0.1, 0.1, 0.2, 1, 1, 0.5, 0.5, 0.5], np.float32)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, 10)
    if portions is None:
        _, llrs, _, _ = detect(block, y, h, "bits", y_tags, h_tags)
        np.testing.assert_array_equal(llrs, answers("lmmse", y, h, each, 10)["llrs"])
        assert block.counters()["bad_tag"] == 4 and block.noise_variance() == 0.5
    else:
        for _ in range(2):  # what the run before told is told anew
            _, llrs, _, _ = detect(block, y, h, "bits", y_tags, h_tags, portions)
            np.testing.assert_array_equal(llrs, answers("lmmse", y, h, each, 10)["llrs"])


def test_tags_of_y_stay_on_their_vector_and_those_of_h_go_no_further():
    _, y, h = received(60, block_len=6)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, 6, noise_variance=0.1)
    tags = [tag(0, "first", 1), tag(33, "mark", 2)]
    _, _, bits, llrs = detect(block, y, h, "bits", tags, [tag(3, "other", 3)], portions=1)
    assert seen(bits) == seen(llrs) == [(0, "first", 1), (33, "mark", 2)]


def test_tells_how_fast_it_is_from_the_first_vector_on():
    _, y, h = received(2000)
    block = fewbit.unfolded_detector("zf", 4, 4, K, noise_variance=0.05)
    assert block.vectors_per_second() == 0
    detect(block, y, h)
    assert 0 < block.vectors_per_second() < 1e10


class Gate(gr.sync_block):
    """Passes vectors on, and calls `act` once, between those before and after `at`."""

    def __init__(self, vlen, at, act, block):
        gr.sync_block.__init__(self, "gate", [(np.complex64, vlen)], [(np.complex64, vlen)])
        self.at, self.act, self.block = at, act, block

    def work(self, input_items, output_items):
        done = self.nitems_written(0)
        n = len(output_items[0])
        if done < self.at:
            n = min(n, self.at - done)
        elif self.act:
            if self.block.counters()["vectors"] < self.at:
                return 0  # what came before is still under way
            self.act()
            self.act = None
        output_items[0][:n] = input_items[0][:n]
        return n


def run_gated(block, y, h, at, act):
    m, k = h.shape[1:]
    graph, kept, llrs = gr.top_block(), sink("u", k * K), sink("f", k * K)
    gate = Gate(m, at, act, block)
    graph.connect(source(y), gate, block, kept)
    graph.connect(source(h), (block, 1))
    graph.connect((block, 1), llrs)
    graph.run()
    return rows(kept, "u", k * K), rows(llrs, "f", k * K)


@pytest.mark.parametrize("block_len", [1, 30])
@pytest.mark.parametrize("other", ["kbest:k=4", UNFOLDED])
def test_a_swap_is_exact_to_the_vector_in_the_middle_of_a_block_too(block_len, other):
    _, y, h = received(300, 16, 16, block_len, 0.02)
    block = fewbit.unfolded_detector("lmmse", 16, 16, K, block_len, noise_variance=0.02)
    bits, llrs = run_gated(block, y, h, 100, lambda: block.set_detector(other))
    before, after = (answers(name, y, h, 0.02, block_len) for name in ("lmmse", other))
    for found, key in ((bits, "bits"), (llrs, "llrs")):
        np.testing.assert_array_equal(found[:100], before[key][:100])
        np.testing.assert_array_equal(found[100:], after[key][100:])
    assert block.detector() == other and block.counters()["swaps"] == 1


def test_of_two_swaps_at_once_the_later_counts():
    _, y, h = received(50)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, noise_variance=0.05)
    for name in ("zf", "vblast", "kbest:k=2", "ml"):
        block.set_detector(name)
    bits, _, _, _ = detect(block, y, h)
    np.testing.assert_array_equal(bits, answers("ml", y, h, 0.05, 1)["bits"])
    assert block.counters()["swaps"] == 1


def test_messages_set_detector_and_noise():
    _, y, h = received(200)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K)
    post(block, detector="kbest:k=4", noise_variance=0.05)
    post(block, detector="kbest:k=0")  # refused: all stays
    post(block, detector="magic")
    post(block, detector=5)
    post(block, noise_variance=-2.0)
    post(block, colour="red")
    _, llrs, _, _ = detect(block, y, h)
    np.testing.assert_array_equal(llrs, answers("kbest:k=4", y, h, 0.05, 1)["llrs"])
    counts = block.counters()
    assert (counts["bad_detector"], counts["bad_setting"], counts["bad_control"]) == (2, 1, 2)


def test_a_restart_begins_with_a_block():
    _, y, h = received(120, block_len=8)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, 8, noise_variance=0.05)
    first, _, _, _ = detect(block, y[:45], h)  # ends within a block
    again, _, _, _ = detect(block, y, h)
    expected = answers("lmmse", y, h, 0.05, 8)["bits"]
    np.testing.assert_array_equal(first, expected[:45])
    np.testing.assert_array_equal(again, expected)


def test_the_stream_ends_where_channels_end():
    _, y, h = received(100, block_len=10)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, 10, noise_variance=0.05)
    bits, _, _, _ = detect(block, y, h[:4])
    np.testing.assert_array_equal(bits, answers("lmmse", y, h, 0.05, 10)["bits"][:40])


@pytest.mark.parametrize(
    "settings",
    [
        {"detector": "magic"},
        {"detector": "kbest:k=0"},
        {"detector": "ml"},  # too many bits
        {"antennas": 0},
        {"users": 129},
        {"bits_per_symbol": 3},
        {"block_len": 0},
        {"output": "llrs"},
        {"noise_variance": np.nan},
        {"noise_variance": np.inf},
        {"noise_variance": 1e39},
        {"detector": UNFOLDED, "users": 8},
    ],
)
def test_refuses_senseless_parameters(settings):
    with pytest.raises(ValueError):
        fewbit.unfolded_detector(**settings)


def test_refuses_a_bundle_of_another_kind_and_stays_as_it_is():
    block = fewbit.unfolded_detector("lmmse")
    for text in (f"unfolded:{MODEL.with_name('softbit_k4.safetensors')}", "unfolded:nothing"):
        with pytest.raises(algorithms.bundle_error):
            block.set_detector(text)
    with pytest.raises(ValueError):
        block.set_detector("kbest:k=100")
    with pytest.raises(ValueError):
        block.set_noise_variance(-1.0)
    assert not block.request_detector("kbest:k=100") and not block.request_detector("")
    assert block.detector() == "lmmse" and block.noise_variance() == -1
    assert block.counters()["bad_detector"] == 5
    assert block.request_detector("zf") and block.detector() == "zf"
