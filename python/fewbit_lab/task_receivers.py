# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symbol detectors that the figures set side by side, made from a line of text.

    map                                 no quantization, the true channel
    map-csi                             the same with one erroneous channel
    map-frames                          with the mean of ten erroneous channels
    qmap:levels=2, qmap-csi:levels=2    every antenna behind an ADC uniform on [-2, 2]
    bundle:NAME                         a model, on the C++ chain
    pilots:levels=8,pilots=200          rotation and lookup, designed from pilots
    frames:levels=8                     the same from a CSI-uncertain training set

Those of `DRAWN` differ from draw to draw; the others are made once a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from gnuradio.fewbit import algorithms

from fewbit_lab import task_chain, task_link

#: A CSI-uncertain training set: ten frames of 500 samples, a channel error each.
FRAMES, FRAME_SAMPLES = 10, 500
QMAP_SUPPORT = 2.0
#: Random starts of a rotation's search where it is made anew for every draw.
DRAWN_STARTS = 4

DRAWN = ("map-csi", "map-frames", "qmap-csi", "pilots", "frames")


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
    return _MAKERS[kind](snr_db, rng, **settings)


@lru_cache(maxsize=1)
def fixed_map() -> Receiver:
    return algorithms.map_detector(task_link.true_channel())


@lru_cache(maxsize=64)
def fixed_quantized_map(levels: int, snr_db: float) -> Receiver:
    return quantized_map(levels, snr_db, task_link.true_channel())


def quantized_map(levels: int, snr_db: float, channel: np.ndarray) -> Receiver:
    """Identity, uniform ADCs, and the most probable class of the cell that x fell into."""
    from fewbit_trainer.task_quantizer.designs import cells

    antennas, users = channel.shape
    adc = algorithms.scalar_adc.uniform([levels] * antennas, QMAP_SUPPORT)
    edges = -QMAP_SUPPORT + 2.0 * QMAP_SUPPORT * np.arange(1, levels) / levels
    tables = cells.cell_probabilities(
        task_link.symbols() @ channel.T,
        np.full(antennas, task_link.noise_deviation(snr_db)),
        [edges] * antennas,
    )
    digital = algorithms.digital_map.lookup(
        adc, users, cells.log_likelihood(tables).astype(np.float32)
    )
    return algorithms.task_quantizer(algorithms.analog_map.identity(antennas), adc, digital)


# -- drawn anew ----------------------------------------------------------------------------------


def _map_csi(snr_db: float, rng: np.random.Generator) -> Receiver:
    return algorithms.map_detector(task_link.uncertain_channel(rng))


def _map_frames(snr_db: float, rng: np.random.Generator) -> Receiver:
    channels = [task_link.uncertain_channel(rng) for _ in range(FRAMES)]
    return algorithms.map_detector(np.mean(channels, axis=0))


def _quantized_map_csi(snr_db: float, rng: np.random.Generator, levels: int) -> Receiver:
    return quantized_map(levels, snr_db, task_link.uncertain_channel(rng))


def _from_pilots(snr_db: float, rng: np.random.Generator, levels: int, pilots: int) -> Receiver:
    from fewbit_trainer.task_quantizer.designs.pilots import estimate_channel

    x, classes = task_link.detection_draw(pilots, snr_db, rng)
    return _lookup(estimate_channel(x.astype(float), classes, task_link.DETECTION_USERS), levels)


def _from_frames(snr_db: float, rng: np.random.Generator, levels: int) -> Receiver:
    from fewbit_trainer.task_quantizer.designs.pilots import estimate_channel_of_frames

    frames = []
    for _ in range(FRAMES):
        channel = task_link.uncertain_channel(rng)
        x, classes = task_link.detection_draw(FRAME_SAMPLES, snr_db, rng, channel)
        frames.append((x.astype(float), classes))
    return _lookup(estimate_channel_of_frames(frames, task_link.DETECTION_USERS), levels)


def _lookup(believed: Any, levels: int) -> Receiver:
    from fewbit_trainer.task_quantizer.designs.rotation_lookup import rotation_lookup

    design = rotation_lookup(believed, [levels] * task_link.DETECTION_USERS, starts=DRAWN_STARTS)
    return task_chain.of_design(design.chain())


_MAKERS: dict[str, Callable[..., Receiver]] = {
    "map-csi": _map_csi,
    "map-frames": _map_frames,
    "qmap-csi": _quantized_map_csi,
    "pilots": _from_pilots,
    "frames": _from_frames,
}
