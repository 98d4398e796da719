# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every benchmark takes a time.

The rounds of all candidates are interleaved, so that a slow spell of the machine meets all alike.
In a round a candidate is called once to warm up and then for about a millisecond: so short a time
mostly falls between two interruptions by other programs, and the least of many rounds is the cost
without them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gnuradio.fewbit import algorithms

Call = Callable[[], object]
Timing = dict[str, list[float]]
"""Of each candidate: seconds an item, one value a round."""


@dataclass(frozen=True)
class Candidate:
    """Something to time: a call, the items (packets, say) that it takes, what to do before it."""

    call: Call
    items: int = 1
    prepare: Call = lambda: None


def on_every_set(call: Call, items: int = 1) -> dict[str, Candidate]:
    """`call` on each instruction set of this processor, best first."""
    return {
        name: Candidate(call, items, partial(algorithms.use_instruction_set, name))
        for name in algorithms.instruction_sets()
    }


def time_rounds(
    candidates: Mapping[str, Candidate],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Timing:
    """Time every candidate once a round. Afterwards the processor's own choice of instruction set
    holds again. `clock` is time.thread_time or time.process_time where other programs' time shall
    not count, the latter for work on several threads."""
    timing: Timing = {name: [] for name in candidates}
    repeats: dict[str, int] = {}
    try:
        for name, candidate in candidates.items():
            candidate.prepare()
            candidate.call()  # caches, lazy initialisation
            seconds = max(_seconds(candidate, 1, clock), 1e-7)  # 0: too short for the clock
            repeats[name] = max(1, round(1e-3 / seconds))
        for _ in range(rounds):
            for name, candidate in candidates.items():
                candidate.prepare()
                candidate.call()
                took = _seconds(candidate, repeats[name], clock)
                timing[name].append(took / repeats[name] / candidate.items)
    finally:
        algorithms.use_instruction_set("")
    return timing


def least(timing: Timing, unit: float = 1e-6) -> dict[str, float]:
    """The least of each candidate's rounds, in `unit` seconds."""
    return {name: round(min(times) / unit, 3) for name, times in timing.items()}


def median(timing: Timing, unit: float = 1e-6) -> dict[str, float]:
    """The median of each candidate's rounds, in `unit` seconds."""
    return {name: round(statistics.median(times) / unit, 3) for name, times in timing.items()}


def _seconds(candidate: Candidate, repeats: int, clock: Callable[[], float]) -> float:
    call = candidate.call
    began = clock()
    for _ in range(repeats):
        call()
    return clock() - began
