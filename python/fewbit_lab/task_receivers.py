# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symbol detectors that the figures set side by side, made from a line of text.

    map                                 no quantization, the true channel
    map-csi                             the same with one erroneous channel
    map-frames                          with the mean of ten erroneous channels
    qmap:levels=2, qmap-csi:levels=2    every antenna behind an ADC uniform on [-2, 2]
    qmap-best:levels=4                  the same on the support of the fewest errors
    bundle:NAME                         a model
    search:levels=8                     rotation and lookup of a short search
    pilots:levels=8,pilots=200          the same, its channel estimated from pilots
    frames:levels=8                     the same, from a CSI-uncertain training set

Those of `DRAWN` differ from draw to draw; the others are made once a process. All decide the most
probable class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from gnuradio.fewbit import algorithms

from fewbit_lab import task_chain, task_link
from fewbit_lab.errors import LabError

#: A CSI-uncertain training set: ten frames of 500 samples, a channel error each.
FRAMES, FRAME_SAMPLES = 10, 500
#: Random rotations that a short search starts from.
STARTS = 24
#: Supports that a quantized MAP of the best one chooses from, the paper's among them, and the
#: vectors, drawn from a seed of their own, that it chooses by.
SUPPORTS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2.0)
SUPPORT_VECTORS, SUPPORT_SEED = 1 << 15, 20260101

#: Those that are drawn anew, and how many of them share a batch.
DRAWN = {"map-csi": 32, "map-frames": 32, "qmap-csi": 16, "pilots": 1, "frames": 1}


class Receiver(Protocol):
    """Decides the class of each vector."""

    def classes(self, x: np.ndarray) -> np.ndarray:
        """uint8 [vectors] of float32 [vectors, n]"""


def parse(text: str) -> tuple[str, dict[str, Any]]:
    """The kind and its settings; those of a bundle are its name."""
    kind, _, rest = text.partition(":")
    if kind == "bundle":
        return kind, {"name": rest}
    settings = dict(part.split("=") for part in rest.split(",") if part)
    return kind, {key: int(value) for key, value in settings.items()}


def make(
    text: str, snr_db: float, models: Mapping[str, str], rng: np.random.Generator
) -> Receiver:
    """The receiver of a text at an SNR. `models` has the file of every model by name; `rng` is what
    a drawn receiver is drawn from."""
    kind, settings = parse(text)
    if kind == "bundle":
        return task_chain.of_file(models[settings["name"]])
    if kind == "map":
        return fixed_map()
    if kind == "qmap":
        return fixed_quantized_map(settings["levels"], snr_db)
    if kind == "qmap-best":
        return best_quantized_map(settings["levels"], snr_db)[0]
    if kind == "search":
        return fixed_search(settings["levels"], snr_db)[0]
    return _MAKERS[kind](snr_db, rng, **settings)


@lru_cache(maxsize=1)
def fixed_map() -> Receiver:
    return algorithms.map_detector(task_link.true_channel(), 1.0)


@lru_cache(maxsize=64)
def fixed_quantized_map(levels: int, snr_db: float) -> Receiver:
    return quantized_map(levels, snr_db, task_link.true_channel())


def quantized_map(
    levels: int, snr_db: float, channel: np.ndarray, support: float = 2.0
) -> algorithms.task_quantizer:
    """Identity, uniform ADCs, and the most probable class of the cell that x fell into."""
    variance = task_link.noise_deviation(snr_db) ** 2
    return algorithms.quantized_map(channel, variance, levels, support)


@lru_cache(maxsize=64)
def best_quantized_map(levels: int, snr_db: float) -> tuple[Receiver, float]:
    """The one of `SUPPORTS` with the fewest errors, and its support.

    The errors expected of each bit, given the codes, are averaged on the same vectors for all
    supports: far less noisy than a count.
    """
    x, _ = task_link.detection_draw(SUPPORT_VECTORS, snr_db, SUPPORT_SEED)
    channel = task_link.true_channel()
    tried = [(quantized_map(levels, snr_db, channel, support), support) for support in SUPPORTS]
    expected = [np.mean(1.0 / (1.0 + np.exp(np.abs(one.llrs(x))))) for one, _ in tried]
    return tried[int(np.argmin(expected))]


@lru_cache(maxsize=64)
def fixed_search(levels: int, snr_db: float) -> tuple[Receiver, float]:
    """A short search's receiver and its exact bit error rate, the channel known."""
    variance = task_link.noise_deviation(snr_db) ** 2
    return searched(task_link.true_channel(), variance, levels)


def searched(channel: np.ndarray, variance: float, levels: int) -> tuple[Receiver, float]:
    """An ADC for each user behind the best rotation found, and the error rate that it expects."""
    users = channel.shape[1]
    found = algorithms.rotation_search(
        channel, variance, adcs=users, levels=levels, starts=STARTS
    )
    design = algorithms.lookup_design(found.combiner, found.adc, channel, variance)
    return design, found.ber


# -- drawn anew ----------------------------------------------------------------------------------


def _map_csi(snr_db: float, rng: np.random.Generator) -> Receiver:
    return algorithms.map_detector(task_link.uncertain_channel(rng), 1.0)


def _map_frames(snr_db: float, rng: np.random.Generator) -> Receiver:
    channels = [task_link.uncertain_channel(rng) for _ in range(FRAMES)]
    return algorithms.map_detector(np.mean(channels, axis=0), 1.0)


def _quantized_map_csi(snr_db: float, rng: np.random.Generator, levels: int) -> Receiver:
    return quantized_map(levels, snr_db, task_link.uncertain_channel(rng))


def _from_pilots(snr_db: float, rng: np.random.Generator, levels: int, pilots: int) -> Receiver:
    return _estimated(*task_link.detection_draw(pilots, snr_db, rng), levels)


def _from_frames(snr_db: float, rng: np.random.Generator, levels: int) -> Receiver:
    """All frames are taken for one channel: their errors pass for noise, which is best
    (docs/decisions.md)."""
    frames = [
        task_link.detection_draw(FRAME_SAMPLES, snr_db, rng, task_link.uncertain_channel(rng))
        for _ in range(FRAMES)
    ]
    x, classes = (np.concatenate(parts) for parts in zip(*frames, strict=True))
    return _estimated(x, classes, levels)


def _estimated(x: np.ndarray, classes: np.ndarray, levels: int) -> Receiver:
    sent = task_link.symbols().astype(np.float32)[classes]
    found = algorithms.pilot_estimate(x, sent)
    if found.status != algorithms.refit_status.ok:
        raise LabError(f"{len(x)} pilots: {found.status.describe()}")
    return searched(found.channel, found.noise_variance, levels)[0]


_MAKERS: dict[str, Callable[..., Receiver]] = {
    "map-csi": _map_csi,
    "map-frames": _map_frames,
    "qmap-csi": _quantized_map_csi,
    "pilots": _from_pilots,
    "frames": _from_frames,
}
