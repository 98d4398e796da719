# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the benchmarks take times, on a clock that the test moves."""

import pytest
from benchmark_module import benchmark
from gnuradio.fewbit import algorithms


@pytest.fixture
def timing(monkeypatch):
    return benchmark("timing", monkeypatch)


def test_every_round_times_every_candidate_in_turn(timing):
    now, order = [0.0], []

    def work(name, seconds):
        def call():
            order.append(name)
            now[0] += seconds

        return call

    candidates = {
        "slow": timing.Candidate(work("slow", 2e-3), items=4),
        "fast": timing.Candidate(work("fast", 2.5e-4)),
    }
    found = timing.time_rounds(candidates, 3, lambda: now[0])
    # A warm-up and what fills a millisecond: one call of the slow, four of the fast.
    assert order[-14:] == (["slow"] * 2 + ["fast"] * 5) * 2
    assert found["slow"] == pytest.approx([5e-4] * 3) and found["fast"] == pytest.approx(
        [2.5e-4] * 3
    )
    assert timing.least(found) == {"slow": 500.0, "fast": 250.0}
    assert timing.median(found, 1e-3) == {"slow": 0.5, "fast": 0.25}


def test_a_call_that_the_clock_cannot_see_ends_too(timing):
    found = timing.time_rounds({"nothing": timing.Candidate(lambda: None)}, 1, lambda: 0.0)
    assert found == {"nothing": [0.0]}


def test_the_processor_s_own_choice_holds_afterwards(timing):
    def fail():
        raise ValueError("broken benchmark")

    sets = algorithms.instruction_sets()
    assert list(timing.on_every_set(fail)) == sets
    with pytest.raises(ValueError, match="broken benchmark"):
        timing.time_rounds(timing.on_every_set(fail), 1)
    assert algorithms.instruction_sets() == sets
