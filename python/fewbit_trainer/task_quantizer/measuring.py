# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hardened chain's figures over fresh samples, each with one standard error."""

from __future__ import annotations

from typing import Any

import numpy as np

from .chain import Chain, class_bits, decide
from .config import TaskQuantizerConfig
from .tasks import Samples, fresh_samples

_CHUNK = 1 << 13


def measure(chain: Chain, config: TaskQuantizerConfig) -> list[dict[str, Any]]:
    """The mean square error per real entry, or the bit error rate, under each condition."""
    figures = []
    for condition in fresh_samples(config):
        name = "ber" if condition.samples.detection else "mse"
        errors = vector_errors(chain, condition.samples)
        figures.append(
            {
                **condition.label,
                name: float(errors.mean()),
                f"{name}_error": float(errors.std(ddof=1) / np.sqrt(len(errors)))
                if len(errors) > 1
                else 0.0,
                "vectors": len(errors),
            }
        )
    return figures


def vector_errors(chain: Chain, samples: Samples) -> np.ndarray:
    """Each vector's mean square error, or its share of wrong bits."""
    found = []
    for start in range(0, len(samples.x), _CHUNK):
        part = samples.part(start, start + _CHUNK)
        answer = chain(part.x)
        if part.classes is not None:
            wrong = class_bits(decide(answer) ^ part.classes, samples.outputs)
            found.append(wrong.mean(axis=1))
        else:
            assert part.signals is not None
            found.append(np.mean((answer - part.signals) ** 2, axis=1))
    return np.concatenate(found)


def summary(measured: list[dict[str, Any]]) -> list[str]:
    """The figures of `measure` in lines to print."""
    lines = []
    for figure in measured:
        name = "ber" if "ber" in figure else "mse"
        where = "".join(
            f"{key} {figure[key]:g}  " for key in ("power", "snr_db") if key in figure
        )
        lines.append(
            f"{where}{name} {figure[name]:.4g} +- {1.96 * figure[f'{name}_error']:.2g} "
            f"({figure['vectors']} fresh vectors, hardened)"
        )
    return lines
