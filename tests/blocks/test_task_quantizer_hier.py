# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole quantizer as one block: named designs, and changes of design while it runs."""

import time

import numpy as np
import pmt
import pytest
from gnuradio import blocks, fewbit, gr
from gnuradio.fewbit import algorithms
from message_bench import Recorder, read
from stream_bench import Gate, rows, run, seen, sink, source, tag
from task_quantizer_oracle import random_bundle

# Blocks take matrices as complex64.
H = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4)))).astype(np.float32)
V = 0.1


def received(n, seed=1, h=H):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (n, h.shape[1]), dtype=np.uint8)
    x = (1 - 2.0 * bits) @ h.T
    if np.iscomplexobj(h):
        noise = rng.normal(size=x.shape) + 1j * rng.normal(size=x.shape)
        return bits, (x + np.sqrt(V / 2) * noise).astype(np.complex64)
    return bits, (x + np.sqrt(V) * rng.normal(size=x.shape)).astype(np.float32)


def bundle(path, **how):
    """Write a bundle of random weights; its path as blocks take it."""
    random_bundle(path, **how)
    return str(path)


# ---------------------------------------------------------------- designs by name


@pytest.mark.parametrize(
    "design", ["rotation_lookup:levels=8", "quantized_map:rate=1", "quantized_map:levels=3"]
)
@pytest.mark.parametrize("output", ["bits", "llrs", "posteriors", "estimates"])
def test_a_named_design_is_that_of_the_class(design, output):
    _, x = received(2000)
    same = algorithms.named_quantizer(design, H, V).at(V)
    found, _ = run(
        x,
        fewbit.task_quantizer(design, "float", output, H, V),
        "u" if output == "bits" else "f",
        16 if output == "posteriors" else 4,
    )
    method = {"bits": "decide", "estimates": "estimate"}.get(output, output)
    np.testing.assert_array_equal(found, getattr(same, method)(x))


def test_names_mean_what_the_design_functions_make():
    _, x = received(2000)
    named = algorithms.named_quantizer("quantized_map:rate=1.585,support=1.5", H, V)
    direct = algorithms.quantized_map(H, V, 3, 1.5)
    assert named.depends_on_noise
    np.testing.assert_array_equal(named.at(V).llrs(x), direct.llrs(x))
    found = algorithms.rotation_search(H, V, adcs=4, levels=16, starts=2, evaluations=50, seed=3)
    text = "rotation_lookup:levels=16,starts=2,evaluations=50,seed=3"
    named = algorithms.named_quantizer(text, H, V)
    for v in (V, 0.2):  # another noise variance keeps the rotation
        direct = algorithms.lookup_design(found.combiner, found.adc, H, v)
        np.testing.assert_array_equal(named.at(v).llrs(x), direct.llrs(x))


def test_a_complex_channel_is_twice_as_many_real_antennas_of_half_the_noise():
    h = (H[:6] + 0.5j * H[6:]).astype(np.complex64)
    _, x = received(2000, h=h)
    stacked_h = np.concatenate([h.real, h.imag])
    same = algorithms.named_quantizer("rotation_lookup:levels=8", stacked_h, V / 2, True).at(V / 2)
    block = fewbit.task_quantizer("rotation_lookup:levels=8", "complex", "llrs", h, V)
    np.testing.assert_array_equal(run(x, block, "f", 4)[0], same.llrs(x))


def test_map_needs_no_adc():
    bits, x = received(2000)
    block = fewbit.task_quantizer("map", "float", "bits", H, V)
    found, _ = run(x, block, "u", 4)
    np.testing.assert_array_equal(found, algorithms.map_detector(H, V).decide(x))
    assert block.adc() is None and block.combiner() is None and block.detector() is None
    assert block.map().noise_variance() == V
    block.set_noise_variance(0.3)
    assert block.map().noise_variance() == 0.3
    block.set_faults(0.1)  # without effect
    block.set_refit("on")
    assert block.counters()["map.vectors"] == 2000


def test_a_bundle_needs_no_channel(tmp_path):
    path = bundle(
        tmp_path / "b.safetensors",
        task="estimation",
        digital="affine",
        outputs=6,
        agc="block",
        powers=2,
    )
    _, x = received(400)
    block = fewbit.task_quantizer(path, output="complex", block_len=8)
    found, _ = run(x, block, "c", 3)
    s = algorithms.task_quantizer(path).estimate(x, 8)
    np.testing.assert_array_equal(found, s[:, :3] + 1j * s[:, 3:])


@pytest.mark.parametrize(
    "text",
    [
        "quantized_map",
        "quantized_map:",
        "quantized_map:rate=0.5",
        "quantized_map:rate=1,levels=2",
        "quantized_map:levels=1",
        "quantized_map:levels=2,support=-1",
        "quantized_map:level=2",
        "rotation_lookup",
        "rotation_lookup:levels=257",
        "rotation_lookup:levels=8,adcs=13",
        "rotation_lookup:levels=256,adcs=12",
        "rotation_lookup:levels=8,starts=0",
        "rotation:levels=8",
        "",
        "no such file",
        "softbit_k6.safetensors",
    ],
)
def test_refuses_what_names_no_design_in_one_sentence(text):
    for make in (
        lambda: algorithms.named_quantizer(text, H, V),
        lambda: fewbit.task_quantizer(text, channel=H, noise_variance=V),
    ):
        with pytest.raises((ValueError, RuntimeError)) as refusal:
            make()
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: fewbit.task_quantizer("quantized_map:rate=1"),
        lambda: fewbit.task_quantizer("map"),
        lambda: fewbit.task_quantizer("map", channel=H, noise_variance=0.0),
        lambda: fewbit.task_quantizer("quantized_map:rate=1", channel=H, noise_variance=-1.0),
        lambda: fewbit.task_quantizer("quantized_map:rate=1", channel=H, noise_variance=np.nan),
        lambda: fewbit.task_quantizer("quantized_map:rate=1", channel=H * np.nan),
        lambda: fewbit.task_quantizer("quantized_map:rate=1", channel=np.ones((3, 9))),
        lambda: fewbit.task_quantizer("map", "short", channel=H),
        lambda: fewbit.task_quantizer("map", output="symbols", channel=H),
        lambda: fewbit.task_quantizer("rotation_lookup:levels=8", "short", channel=H),
        lambda: fewbit.task_quantizer("rotation_lookup:levels=8", channel=H, refit="perhaps"),
        lambda: fewbit.task_quantizer("rotation_lookup:levels=8", channel=H, block_len=0),
        lambda: fewbit.task_quantizer("rotation_lookup:levels=8", channel=H, block_len=-1),
        lambda: fewbit.task_quantizer("rotation_lookup:levels=8", channel=H, noise=-1.0),
    ],
)
def test_refuses_senseless_parameters(make):
    with pytest.raises(ValueError):
        make()


# ---------------------------------------------------------------- changes of design


def test_all_parts_change_at_one_item_and_none_is_lost(tmp_path):
    """The stream runs on while designs change 40 times; each vector is all old or all new."""
    n = 400_000
    _, x = received(n, seed=4)
    x.tofile(tmp_path / "x")
    paths = [bundle(tmp_path / f"{i}.safetensors", seed=10 + i) for i in range(2)]
    chains = [algorithms.task_quantizer(p) for p in paths]
    block = fewbit.task_quantizer(paths[0], output="llrs")
    graph, found = gr.top_block(), blocks.vector_sink_f(4)
    graph.connect(
        blocks.file_source(48, str(tmp_path / "x")),
        blocks.throttle(48, 400_000),
        block,
        found,
    )
    graph.start()
    for i in range(40):
        time.sleep(0.02)
        block.set_design(paths[(i + 1) % 2])
    graph.wait()
    llrs = rows(found, "f", 4)
    assert len(llrs) == n
    changes = seen(found, "design")
    assert [number for _, number in changes] == sorted({number for _, number in changes})
    assert len(changes) >= 5  # of those that found time between two work()s
    at = [0] + [offset for offset, _ in changes] + [n]
    which = [0] + [number % 2 for _, number in changes]
    for begin, end, chain in zip(at[:-1], at[1:], which, strict=True):
        np.testing.assert_array_equal(llrs[begin:end], chains[chain].llrs(x[begin:end]))
    counters = block.counters()
    for part in ("combiner", "adc", "detector"):
        assert counters[f"{part}.designs"] == len(changes)
    assert counters["adc.unknown_designs"] == counters["detector.unknown_designs"] == 0


def test_another_noise_variance_changes_the_lookup_at_one_item():
    n, at = 6000, 2500
    _, x = received(n)
    block = fewbit.task_quantizer("rotation_lookup:levels=8", "float", "llrs", H, V)
    graph, found = gr.top_block(), sink("f", 4)
    gate = Gate(12, at, lambda: block.set_noise_variance(0.4))
    graph.connect(source(x), gate, block, found)
    graph.run()
    llrs = rows(found, "f", 4)
    ((changed, _),) = seen(found, "design")
    assert 0 < changed <= at  # items that had passed the gate may still wait for the combiner
    named = algorithms.named_quantizer("rotation_lookup:levels=8", H, V)
    np.testing.assert_array_equal(llrs[:changed], named.at(V).llrs(x[:changed]))
    np.testing.assert_array_equal(llrs[changed:], named.at(0.4).llrs(x[changed:]))


def test_a_design_that_does_not_fit_is_refused_counted_and_the_old_one_stays(tmp_path):
    other_sizes = bundle(tmp_path / "sizes.safetensors", inputs=10)
    other_task = bundle(tmp_path / "task.safetensors", task="estimation", digital="affine")
    other_adcs = bundle(tmp_path / "adcs.safetensors", levels=(8, 8, 8))
    design = "rotation_lookup:levels=8"
    block = fewbit.task_quantizer(design, "float", "bits", H, V)
    refused = [other_sizes, other_task, other_adcs, "map", "quantized_map:rate=1", "nothing"]
    refused += ["rotation_lookup:levels=1", "softbit_k6.safetensors"]
    for text in refused:
        with pytest.raises((ValueError, RuntimeError)):
            block.set_design(text)
        assert not block.request_design(text)
    assert block.counters()["bad_design"] == 2 * len(refused) and block.design() == design
    for refuse in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError):
            block.set_noise_variance(refuse)
    _, x = received(500)
    found, _ = run(x, block, "u", 4)
    same = algorithms.named_quantizer(design, H, V).at(V)
    np.testing.assert_array_equal(found, same.decide(x))
    assert block.request_design("rotation_lookup:levels=64,starts=1,evaluations=20")
    assert len(run(x, block, "u", 4)[0]) == 500
    assert block.counters()["detector.designs"] == 1


def test_a_map_stays_a_map():
    block = fewbit.task_quantizer("map", channel=H)
    assert not block.request_design("rotation_lookup:levels=8")
    assert block.request_design("map") and block.design() == "map"


def test_a_restart_keeps_all_parts_on_one_design(tmp_path):
    """A flowgraph that is stopped loses what is under way, and may lose the tag with it."""
    paths = [bundle(tmp_path / f"{i}.safetensors", seed=20 + i) for i in range(2)]
    block = fewbit.task_quantizer(paths[0], output="llrs")
    _, x = received(300)
    run(x, block, "f", 4)
    block.set_design(paths[1])
    # Only the combiner sees the new design's first items before the stop.
    lost, _ = run(x, block.combiner(), "f", 4)
    for _ in range(2):
        found, kept = run(x, block, "f", 4)
        np.testing.assert_array_equal(found, algorithms.task_quantizer(paths[1]).llrs(x))
        assert [offset for offset, _ in seen(kept, "design")] == [0]
    moved = np.float32([t + 1 for t in block.adc().thresholds()]).tolist()
    block.adc().set_thresholds(moved)
    run(x, block, "f", 4)  # the number that is told again is that of other thresholds now
    assert block.adc().thresholds() == moved
    for part in ("combiner", "adc", "detector"):
        assert block.counters()[f"{part}.designs"] == 1
        assert block.counters().get(f"{part}.unknown_designs", 0) == 0


# ---------------------------------------------------------------- messages


def test_control_messages_reach_the_part_that_they_are_for():
    block = fewbit.task_quantizer("rotation_lookup:levels=8", "float", "bits", H, V)
    graph = gr.top_block()
    strobe = blocks.message_strobe(
        pmt.dict_add(
            pmt.dict_add(
                pmt.dict_add(pmt.make_dict(), pmt.intern("noise"), pmt.from_double(0.5)),
                pmt.intern("gain"),
                pmt.init_f32vector(4, [1.0, 2.0, 3.0, 4.0]),
            ),
            pmt.intern("volume"),
            pmt.from_double(11),
        ),
        10,
    )
    graph.connect(blocks.null_source(48), blocks.throttle(48, 10_000), block, blocks.null_sink(4))
    graph.msg_connect(strobe, "strobe", block, "control")
    graph.start()
    give_up = time.monotonic() + 10
    while block.counters()["bad_control"] < 2 and time.monotonic() < give_up:
        time.sleep(0.01)
    graph.stop()
    graph.wait()
    assert block.combiner().gain() == [1, 2, 3, 4]
    counters = block.counters()
    assert counters["bad_control"] >= 2  # "volume"
    assert counters["adc.bad_control"] == counters["combiner.bad_control"] == 0


def test_a_design_and_a_refit_by_message_and_its_report():
    block = fewbit.task_quantizer(
        "rotation_lookup:levels=8", "float", "bits", H, V, refit="on", refit_pilots=100
    )
    bits, x = received(400)
    tags = [tag(i, "pilot", pmt.init_u8vector(4, bits[i].tolist())) for i in range(200)]
    graph, recorder, found = gr.top_block(), Recorder(), sink("u", 4)
    graph.connect(source(x, tags), block, found)
    graph.msg_connect(block, "report", recorder, "in")
    graph.run()
    reports = [read(m)[0] for m in recorder.messages]
    assert [r["outcome"] for r in reports] == ["refitted", "refitted"]
    assert block.counters()["detector.pilots"] == 200
    assert np.mean(rows(found, "u", 4) != bits) < 0.01


def test_faults_reach_the_adc():
    block = fewbit.task_quantizer(
        "rotation_lookup:levels=8", "float", "bits", H, V, offset_deviation=0.1, seed=3
    )
    drawn = np.array(block.adc().offsets())
    assert drawn.any()
    block.set_faults(offset_deviation=0.2, gain_deviation=0.1)
    np.testing.assert_allclose(block.adc().offsets(), 2 * drawn, rtol=1e-6)
    assert np.any(block.adc().gain_errors())
