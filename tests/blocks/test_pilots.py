# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pilots: which items are tagged, and with what."""

import numpy as np
import pytest
from gnuradio import fewbit, gr
from stream_bench import run, seen, sink, source, tag


def numbered(n, vlen=2, dtype=np.float32):
    return np.arange(n * vlen).reshape(n, vlen).astype(dtype)


def tagged(n, *make):
    vectors = numbered(n)
    block = fewbit.pilot_tagger("float", 2, *make)
    out, kept = run(vectors, block, "f", 2)
    np.testing.assert_array_equal(out, vectors)
    return [offset for offset, _ in seen(kept, "pilot")], block


def test_tags_the_first_of_every_period():
    offsets, block = tagged(5000, 3, 1000)
    assert offsets == [p + i for p in range(0, 5000, 1000) for i in range(3)]
    assert block.n_tagged() == 15


@pytest.mark.parametrize(
    "pattern, expected",
    [((4, 0), [0, 1, 2, 3]), ((0, 0), []), ((0, 3), []), ((2, 2), list(range(50)))],
)
def test_tags_once_never_or_always(pattern, expected):
    assert tagged(50, *pattern)[0] == expected


def test_starts_anew_with_the_flowgraph():
    block = fewbit.pilot_tagger("float", 2, 2, 0)
    for _ in range(2):
        _, kept = run(numbered(10), block, "f", 2)
        assert [offset for offset, _ in seen(kept, "pilot")] == [0, 1]


@pytest.mark.parametrize(
    "type, kind, vectors, first",
    [
        ("byte", "u", numbered(3, 2, np.uint8), [0, 1]),
        ("float", "f", numbered(3) - 1.5, [-1.5, -0.5]),
        ("complex", "c", (numbered(3) + 5j).astype(np.complex64), [0, 1, 5, 5]),
    ],
)
def test_tag_holds_what_was_sent(type, kind, vectors, first):
    out, kept = run(vectors, fewbit.pilot_tagger(type, 2, 1), kind, 2, [tag(2, "other", 7)])
    np.testing.assert_array_equal(out, vectors)
    assert seen(kept) == [(0, "pilot", first), (2, "other", 7)]


def test_restart_sends_one_more_run():
    block = fewbit.pilot_tagger("float", 2, 5, 0)
    block.set_pattern(7, 0)
    block.restart()
    graph, kept = gr.top_block(), sink("f", 2)
    graph.connect(source(numbered(20)), block, kept)
    graph.run()
    assert [offset for offset, _ in seen(kept, "pilot")] == list(range(7))


@pytest.mark.parametrize(
    "make",
    [
        lambda: fewbit.pilot_tagger("int", 2),
        lambda: fewbit.pilot_tagger("float", 0),
        lambda: fewbit.pilot_tagger("float", 1, 5, 4),
        lambda: fewbit.pilot_tagger("float", 1, 5, 5).set_pattern(6, 5),
        lambda: fewbit.known_pilots("float", 1, [1, 1], [0, 0]),
        lambda: fewbit.known_pilots("float", 1, [2, 1], [0, 0]),
        lambda: fewbit.known_pilots("float", 1, [1, 2], [0, 0, 0]),
        lambda: fewbit.known_pilots("float", 1, [1, 2], []),
        lambda: fewbit.known_pilots("float", 1, [], [1]),
        lambda: fewbit.known_pilots("float", 1, [5], [1], False, 5),
        lambda: fewbit.known_pilots("float", 1, [5], [0.5], True),
        lambda: fewbit.known_pilots("float", 0),
    ],
)
def test_refuses_senseless_parameters(make):
    with pytest.raises(ValueError):
        make()


def test_known_pilots_are_tagged_in_every_period():
    block = fewbit.known_pilots("float", 2, [0, 3, 99], [0, 1, 1, 1, 1, 0], True, 100)
    out, kept = run(numbered(250), block, "f", 2)
    np.testing.assert_array_equal(out, numbered(250))
    rows = {0: [0, 1], 3: [1, 1], 99: [1, 0]}
    expected = [(p + i, rows[i]) for p in (0, 100, 200) for i in rows if p + i < 250]
    assert seen(kept, "pilot") == expected and block.n_tagged() == len(expected)
    _, kept = run(numbered(250), block, "f", 2)  # the next flowgraph begins anew
    assert seen(kept, "pilot") == expected


def test_known_pilots_without_a_period_or_without_pilots():
    for positions, values in (([7], [0.5, -2.0]), ([], [])):
        block = fewbit.known_pilots("float", 2, positions, values)
        out, kept = run(numbered(100), block, "f", 2)
        assert len(out) == 100
        assert seen(kept, "pilot") == [(p, [0.5, -2.0]) for p in positions]
