# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad channels, vectors, noise and messages at the MIMO detector: counted, logged once, and the
stream goes on with all other answers as they were."""

import ctypes
import threading

import numpy as np
import pytest
from detector_bench import MODEL, UNFOLDED, K, answers, detect, post, received
from gnuradio import fewbit, gr
from stream_bench import rows, sink, source, tag

EVERY = ["zf", "lmmse", "vblast", "kbest:k=4", "ep:iterations=3", "sphere", UNFOLDED]


def size_of(name):
    return 16 if name == UNFOLDED else 4


def spoilt(users=4, n=64):
    """Channels with a fault each, by number, and the rest sound."""
    _, y, h = received(n, users, users, v=0.01)
    h[3] = 0
    h[7, :, 2] = h[7, :, 1]  # two users that are one
    h[9, :, 0] = 0
    h[12, 1, 1] = np.nan
    h[20, 0, 3] = np.inf
    h[30] *= 1e30
    h[40, :, 0] = h[40, :, 1] + 1e-7 * h[40, :, 0]  # condition beyond 1e6
    y[50, 2] = np.nan
    y[51, 0] = -np.inf
    return y, h


@pytest.mark.parametrize("name", EVERY)
def test_bad_channels_and_vectors_are_counted_and_spoil_no_other(name):
    k = size_of(name)
    y, h = spoilt(k)
    block = fewbit.unfolded_detector(name, k, k, K, output="labels", noise_variance=0.01)
    labels, llrs, _, _ = detect(block, y, h, "labels")
    expected = answers(name, y, h, 0.01, 1)
    np.testing.assert_array_equal(labels, expected["labels"])
    np.testing.assert_array_equal(llrs, expected["llrs"])
    assert np.isfinite(llrs).all() and not llrs[[12, 20, 50, 51]].any()
    counts = block.counters()
    assert counts["channel_not_finite"] == 2 and counts["channel_zero"] == 1
    assert counts["channel_singular"] == 3 and counts["vector_not_finite"] == 2
    assert counts["erased"] == 4 + counts["channel_unusable"]
    assert counts["vectors"] == counts["channels"] == 64


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("weak, singular", [(1.0, 0), (1e-3, 0), (1e-6, 20), (1e-9, 20)])
def test_a_condition_of_a_million_and_more_is_counted_and_borne(name, weak, singular):
    k = size_of(name)
    _, y, h = received(20, k, k, v=0.01)
    h[:, :, 1] *= np.float32(weak)  # the condition is at least 1 / weak
    block = fewbit.unfolded_detector(name, k, k, K, output="symbols", noise_variance=0.01)
    symbols, llrs, _, _ = detect(block, y, h, "symbols")
    assert np.isfinite(symbols).all() and np.isfinite(llrs).all()
    counts = block.counters()
    assert counts["channel_singular"] == singular and counts["erased"] == 0
    assert counts["vectors"] == 20


def test_more_users_than_antennas_are_singular_and_scale_does_not_matter():
    _, y, h = received(10, 3, 4)
    block = fewbit.unfolded_detector("lmmse", 3, 4, K, noise_variance=0.1)
    detect(block, y, h)
    assert block.counters()["channel_singular"] == 10
    _, y, h = received(200, 8, 8)
    for scale in (1e-38, 1e-12, 1e-3, 1e12, 1e37):
        block = fewbit.unfolded_detector("lmmse", 8, 8, K, noise_variance=0.1)
        detect(block, y, (h * scale).astype(np.complex64))
        assert block.counters()["channel_singular"] == block.counters()["channel_zero"] == 0


def test_channels_need_not_be_checked():
    y, h = spoilt()
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, 1, "bits", 0.01, check_channels=False)
    detect(block, y, h)
    counts = block.counters()
    assert counts["channel_zero"] == counts["channel_singular"] == 0
    assert counts["channel_not_finite"] == 2


@pytest.mark.parametrize("name", EVERY)
def test_noise_that_is_zero_or_missing_is_counted_and_detected_as_zero(name):
    k = size_of(name)
    _, y, h = received(40, k, k, v=0.0)
    for noise, cause in ((-1.0, "noise_missing"), (0.0, "noise_zero")):
        block = fewbit.unfolded_detector(name, k, k, K, noise_variance=noise)
        bits, llrs, _, _ = detect(block, y, h)
        np.testing.assert_array_equal(bits, answers(name, y, h, 0.0, 1)["bits"])
        assert np.isfinite(llrs).all()
        assert block.counters()[cause] == 40


def test_searches_that_end_at_their_limit_are_counted():
    _, y, h = received(300, v=1.0)
    block = fewbit.unfolded_detector("sphere:nodes=16", 4, 4, K, noise_variance=1.0)
    bits, _, _, _ = detect(block, y, h)
    np.testing.assert_array_equal(bits, answers("sphere:nodes=16", y, h, 1.0, 1)["bits"])
    assert 250 < block.counters()["cut_short"] <= 300  # 0 dB: hardly a search ends so soon
    assert block.counters()["vectors"] == 300


SENTENCES = [
    "a channel holds NaN",
    "a channel is zero",
    "a channel is singular",
    "the noise variance is 0",
    "no noise variance has come",
    "a vector holds NaN",
    "noise_variance tag is no number",
    "'magic' is not a kind of detector",
]


def test_each_cause_is_logged_once(capfd):
    """All faults twice or more, in one stream."""
    y, h = spoilt()
    y, h = np.tile(y, (2, 1)), np.tile(h, (2, 1, 1))
    tags = [tag(i, "noise_variance", "loud") for i in (1, 2, 3)]
    tags += [tag(1, "noise_variance", 0.0), tag(2, "noise_variance", 0.01)]
    block = fewbit.unfolded_detector("lmmse", 4, 4, K)
    for _ in range(3):
        post(block, detector="magic")
    detect(block, y, h, "bits", tags)
    ctypes.CDLL(None).fflush(None)  # the log is written by C
    logged = "".join(capfd.readouterr())
    for sentence in SENTENCES:
        assert logged.count(sentence) == 1, sentence
    counts = block.counters()
    assert counts["channel_not_finite"] == 4 and counts["channel_zero"] == 2
    assert counts["bad_tag"] == 3 and counts["bad_detector"] == 3
    assert counts["noise_zero"] == counts["noise_missing"] == 1
    assert counts["vectors"] == 128


@pytest.mark.parametrize(("y_length", "h_length"), [(5, 16), (4, 12), (4, 4)])
def test_refuses_streams_of_other_sizes(y_length, h_length):
    block = fewbit.unfolded_detector("lmmse", 4, 4, K)
    graph = gr.top_block()
    with pytest.raises(ValueError, match="item"):
        graph.connect(source(np.zeros((10, y_length), np.complex64)), (block, 0))
        graph.connect(source(np.zeros((10, h_length), np.complex64)), (block, 1))


def test_messages_of_unsuitable_detectors_leave_all_as_it_is():
    """A network for other sizes, of another kind, that is missing or truncated by its name."""
    _, y, h = received(200)
    block = fewbit.unfolded_detector("lmmse", 4, 4, K, noise_variance=0.05)
    unsuitable = [UNFOLDED, f"unfolded:{MODEL.with_name('softbit_k4.safetensors')}"]
    unsuitable += ["unfolded:nothing", "unfolded:", "sphere:nodes=1", "kbest:k=4,k=4"]
    for text in unsuitable:
        post(block, detector=text)
    bits, _, _, _ = detect(block, y, h)
    np.testing.assert_array_equal(bits, answers("lmmse", y, h, 0.05, 1)["bits"])
    assert block.counters()["bad_detector"] == len(unsuitable)
    assert block.counters()["swaps"] == 0 and block.detector() == "lmmse"


def test_bundles_and_algorithms_change_while_faults_stream_by():
    """Setters and messages from another thread, good and bad: no item is lost, nothing stalls, and
    a vector over a channel that is unusable stays erased whoever detects."""
    y, h = spoilt(16)
    n = 200 * 64
    other = MODEL.with_name("kaq_admm10.safetensors")
    names = [UNFOLDED, "lmmse", f"unfolded:{other}", "kbest:k=4", "sphere:nodes=64", "zf"]
    block = fewbit.unfolded_detector("lmmse", 16, 16, K, noise_variance=0.01)
    graph, kept, llrs = gr.top_block(), sink("u", 64), sink("f", 64)
    graph.connect(source(np.tile(y, (200, 1))), block, kept)
    graph.connect(source(np.tile(h, (200, 1, 1))), (block, 1))
    graph.connect((block, 1), llrs)
    done = threading.Event()

    def disturb():
        for i in range(1000):
            name = names[i % len(names)]
            if i % 2:
                block.set_detector(name)
            else:
                post(block, detector=name)
                post(block, detector="magic", noise_variance=-1.0)
            if done.wait(0.002):
                return

    disturber = threading.Thread(target=disturb)
    disturber.start()
    graph.start()
    graph.wait()
    done.set()
    disturber.join()
    found = rows(llrs, "f", 64).reshape(200, 64, 64)
    assert rows(kept, "u", 64).shape == (n, 64)
    assert np.isfinite(found).all() and not found[:, [12, 20, 50, 51]].any()
    counts = block.counters()
    assert counts["vectors"] == counts["channels"] == n and counts["swaps"] >= 1
    assert counts["channel_not_finite"] == 400 and counts["vector_not_finite"] == 400


def test_a_stalled_search_is_bounded():
    """256-QAM, 16 x 16, 0 dB: a whole search would take ages, the block ends."""
    rng = np.random.default_rng(1)
    y, h = (
        (rng.normal(size=s) + 1j * rng.normal(size=s)).astype(np.complex64)
        for s in ((50, 16), (50, 16, 16))
    )
    block = fewbit.unfolded_detector("sphere", 16, 16, 8, noise_variance=1.0)
    graph, kept = gr.top_block(), sink("u", 128)
    graph.connect(source(y), block, kept)
    graph.connect(source(h), (block, 1))
    graph.run()
    assert len(rows(kept, "u", 128)) == 50 and block.counters()["cut_short"] == 50
