# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""benchmarks/harq_storage.py: what each way of storing is fed with."""

import numpy as np
import pytest
from benchmark_module import benchmark
from gnuradio.fewbit import algorithms


@pytest.fixture
def storage(monkeypatch):
    return benchmark("harq_storage", monkeypatch)


def test_channel_and_noise_are_drawn_apart(storage, monkeypatch):
    """Of one seed they would be the same normal numbers, in other places."""
    seeds = {"tdl_channel": [], "awgn": []}
    for name, heard in seeds.items():
        made = getattr(algorithms, name)

        def recorded(*values, made=made, heard=heard, name=name, **named):
            heard.append(named.get("seed", values[-1]))
            return made(*values, **named)

        monkeypatch.setattr(algorithms, name, recorded)
    air = storage.Air()
    for seed in (1, 1, 2):
        air.receive(2, 10.0, [0], seed)
    channel, noise = seeds.values()
    assert channel[0] == channel[1] and noise[0] == noise[1]  # a seed repeats both
    assert len({*channel, *noise}) == 4


def test_a_seed_repeats_what_is_received(storage):
    once, again = (storage.Air().receive(3, 10.0, [0, 2], 5) for _ in range(2))
    np.testing.assert_array_equal(once.llrs, again.llrs)
    assert np.abs(once.llrs[0] - once.llrs[1]).min() > 0  # each transmission has noise of its own
