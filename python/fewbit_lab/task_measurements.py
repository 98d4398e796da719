# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task-based quantization figures measure in a batch of vectors. Run in worker processes.

All of it on the hardened chain, in the C++ classes that the blocks run on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from fewbit_lab import task_chain, task_link, task_receivers


@dataclass(frozen=True)
class SquaredErrors:
    """Mean square error per real entry of every model, on the same realisations.

    Counts: `vectors`; `mse`, a number for each model; `linear_mse`, that of the linear MMSE
    estimate without any quantization, whose expectation is known.
    """

    vectors: int
    files: tuple[str, ...] = field(repr=False)

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        link = estimation_link(float(coordinates["power"]))
        x, s = link.draw(self.vectors, seed)
        found = [mean_square(task_chain.of_file(file).estimate(x), s) for file in self.files]
        return {
            "vectors": self.vectors,
            "mse": found,
            "linear_mse": mean_square(linear_estimate(link, x), s),
        }


@dataclass(frozen=True)
class MistakenSnr:
    """The hardware-limited design that takes P for P + N(0, P / 4), another error in each batch.

    Counts: `vectors`, `mse`.
    """

    vectors: int

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        from fewbit_trainer.task_quantizer.designs.hardware_limited import hardware_limited
        from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

        power = float(coordinates["power"])
        draw_seed, link_seed = np.random.default_rng(seed).integers(0, 2**62, 2).tolist()
        error = np.random.default_rng(draw_seed).normal(0.0, np.sqrt(power / 4.0))
        moments = ChannelEstimation(power=max(power + error, 0.05)).second_order()
        design = hardware_limited(moments, int(coordinates["levels"]))
        x, s = estimation_link(power).draw(self.vectors, link_seed)
        estimate = task_chain.of_design(design.chain(moments)).estimate(x)
        return {"vectors": self.vectors, "mse": mean_square(estimate, s)}


@dataclass(frozen=True)
class BitErrors:
    """Bit errors of the receiver `coordinates["receiver"]` at `coordinates["snr_db"]`.

    A batch is one receiver and `vectors` vectors; of a drawn kind several receivers share them
    evenly (task_receivers.DRAWN). Counts: `vectors`; `errors`, wrong bits; `squares`, the sum over
    the vectors of their wrong bits squared.
    """

    vectors: int
    files: Mapping[str, str] = field(repr=False)

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        text, snr_db = coordinates["receiver"], float(coordinates["snr_db"])
        draws = task_receivers.DRAWN.get(task_receivers.parse(text)[0], 1)
        rng = np.random.default_rng(seed)
        errors = squares = 0
        for _ in range(draws):
            receiver = task_receivers.make(text, snr_db, self.files, rng)
            x, sent = task_link.detection_draw(self.vectors // draws, snr_db, rng)
            wrong = task_link.wrong_bits(receiver.classes(x), sent)
            errors += int(wrong.sum())
            squares += int((wrong**2).sum())
        return {"vectors": self.vectors // draws * draws, "errors": errors, "squares": squares}


@lru_cache(maxsize=4)
def estimation_link(power: float) -> task_link.EstimationLink:
    """One link for all batches that a process runs."""
    return task_link.EstimationLink(power)


def linear_estimate(link: task_link.EstimationLink, x: np.ndarray) -> np.ndarray:
    """(A^H A + I)^-1 A^H y: the MMSE estimate, noise and signal being of equal variance."""
    a = link.mixing.astype(complex)
    y = x[:, : len(a)] + 1j * x[:, len(a) :]
    h = y @ np.linalg.solve(a.conj().T @ a + np.eye(a.shape[1]), a.conj().T).T
    return np.concatenate([h.real, h.imag], axis=1)


def mean_square(estimate: np.ndarray, s: np.ndarray) -> float:
    return float(np.mean((np.asarray(estimate, float) - s) ** 2))
