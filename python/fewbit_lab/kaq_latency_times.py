# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of unfolded networks in rounds: every candidate once a round, in a drawn order, so that a
slow spell of the machine meets all alike. Run in one process alone, on one thread.

A batch makes all candidates anew: where a network's arrays lie in memory moves its time by up to a
tenth, and batches that share the arrays agree with one another, and err together.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from gnuradio.fewbit import algorithms

from fewbit_lab.confidence import median_interval
from fewbit_lab.kaq_curves import Interval
from fewbit_lab.kaq_link import THE_LINK, Vectors, draw
from fewbit_lab.kaq_network import Prepared, Scalars
from fewbit_lab.kaq_torch import TorchInPlace

SNR_DB, SEED = 20.0, 1
#: A candidate is called for about this long a round.
WINDOW_S = 1e-3
#: Bytes between the arrays of candidates: several pages.
LARGEST_GAP = 1 << 16
TORCH = "torch:"
Call = Callable[[], object]


@dataclass(frozen=True)
class Mode:
    """How vectors come: `vectors` a call, over one channel or each over its `own`. torch gets
    `in_torch` a call, with which it takes the least time a vector."""

    key: str
    title: str
    vectors: int
    in_torch: int
    own: bool = False

    def vectors_of(self, candidate: str) -> int:
        """A call."""
        return self.in_torch if candidate.startswith(TORCH) else self.vectors


MODES = (
    Mode("shared", "1024 vectors a call over one channel", 1024, 4096),
    Mode(
        "cached", "256 vectors a call, each over a cached channel of its own", 256, 1024, own=True
    ),
    Mode("single", "one vector a call, called from Python", 1, 1),
)


@dataclass(frozen=True)
class Times:
    """Of every candidate the median of `rounds` in seconds a vector, in `coordinates["mode"]`."""

    rounds: int
    candidates: Mapping[str, str] = field(repr=False)
    """`unfolded:FILE`, or `torch:FILE` for the same network in torch, by name"""

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        mode = next(mode for mode in MODES if mode.key == coordinates["mode"])
        calls = made_anew(self.candidates, mode, seed)
        items = {name: mode.vectors_of(text) for name, text in self.candidates.items()}
        return {"seconds": median_times(calls, items, self.rounds, seed)}


def made_anew(candidates: Mapping[str, str], mode: Mode, seed: int) -> dict[str, Call]:
    """A call of every candidate, with arrays of its own, made in a drawn order and a drawn gap
    apart: so `seed` draws where they lie."""
    drawn, order = random.Random(seed), list(candidates)
    drawn.shuffle(order)
    gaps, calls = [], {}
    for name in order:
        gaps.append(np.ones(drawn.randrange(LARGEST_GAP), np.uint8))
        calls[name] = _call(candidates[name], mode)
    return calls


def median_times(
    calls: Mapping[str, Call],
    items: Mapping[str, int],
    rounds: int,
    seed: int,
    clock: Callable[[], float] = time.thread_time,
) -> dict[str, float]:
    """Seconds an item of every call, which has `items` of them, the median of so many rounds; each
    call goes once before it is timed. The clock is the thread's own, so that what other programs
    take does not count."""
    repeats = {}
    for name, call in calls.items():
        call()
        repeats[name] = max(1, round(WINDOW_S / max(_seconds(call, 1, clock), 1e-7)))
    order, random_order = list(calls), random.Random(seed)
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        random_order.shuffle(order)
        for name in order:
            calls[name]()
            took = _seconds(calls[name], repeats[name], clock)
            found[name].append(took / repeats[name] / items[name])
    return {name: statistics.median(times) for name, times in found.items()}


def _seconds(call: Call, repeats: int, clock: Callable[[], float]) -> float:
    began = clock()
    for _ in range(repeats):
        call()
    return clock() - began


def _call(text: str, mode: Mode) -> Call:
    vectors = mode.vectors_of(text)
    drawn = _drawn(vectors)
    h, y = drawn.h[: vectors if mode.own else 1], drawn.y.copy()
    if text.startswith(TORCH):
        scalars = Scalars.of(text.removeprefix(TORCH), SNR_DB)
        return TorchInPlace(scalars, Prepared.of(scalars, h, drawn.noise_variance), y)
    detector = algorithms.make_detector(
        text, THE_LINK.antennas, THE_LINK.users, THE_LINK.bits_per_symbol
    )
    detector.prepare(h, drawn.noise_variance)
    block_len = 1 if mode.own else 0
    return lambda: detector.labels(y, block_len)


@lru_cache(maxsize=8)
def _drawn(vectors: int) -> Vectors:
    return draw(vectors, SNR_DB, SEED)


Ends = tuple[tuple[str, int], tuple[str, int]]
"""Two networks that differ in their number of layers: name and layers of each"""


class TimeTable:
    """Times of batches, by mode: medians over batches, with limits by the sign test."""

    def __init__(self, batches: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._batches = batches

    def seconds(self, mode: str, name: str) -> Interval:
        """A vector's; NaN without."""
        return median_interval(self._values(mode, name))

    def layer_seconds(self, mode: str, ends: Ends) -> Interval:
        """A layer's: the slope between two networks."""
        return median_interval(self._slopes(mode, ends))

    def ratio(self, mode: str, name: str, of: str) -> Interval:
        """Of two candidates' times in the same batch."""
        return _ratio(self._values(mode, name), self._values(mode, of))

    def layer_ratio(self, mode: str, ends: Ends, of: Ends) -> Interval:
        """Likewise of two slopes."""
        return _ratio(self._slopes(mode, ends), self._slopes(mode, of))

    def _values(self, mode: str, name: str) -> list[float]:
        batches = self._batches.get(mode, ())
        return [b["seconds"][name] for b in batches if name in b["seconds"]]

    def _slopes(self, mode: str, ends: Ends) -> list[float]:
        (few, less), (many, more) = ends
        times = zip(self._values(mode, few), self._values(mode, many), strict=False)
        return [(above - below) / (more - less) for below, above in times]


def _ratio(above: list[float], below: list[float]) -> Interval:
    return median_interval([a / b for a, b in zip(above, below, strict=False)])
