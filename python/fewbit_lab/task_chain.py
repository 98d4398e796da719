# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The C++ chain of a bundle, and of a design that has none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from gnuradio.fewbit import algorithms

from fewbit_lab.errors import LabError


@lru_cache(maxsize=512)
def of_file(file: str) -> algorithms.task_quantizer:
    """One chain for all batches that a process runs."""
    return algorithms.task_quantizer(file)


def of_design(chain: Any) -> algorithms.task_quantizer:
    """A trainer's Chain with an affine map or a lookup table."""
    adc = algorithms.scalar_adc(
        chain.level_counts, np.concatenate(chain.thresholds), np.concatenate(chain.levels)
    )
    if chain.task == "estimation":
        digital = algorithms.digital_map.affine(adc, chain.digital.weight, chain.digital.bias)
    else:
        table = chain.digital.log_likelihood
        digital = algorithms.digital_map.lookup(adc, chain.outputs, table)
    analog = algorithms.analog_map(list(chain.analog), chain.gain, chain.agc)
    return algorithms.task_quantizer(analog, adc, digital)


def identities(files: Mapping[str, str]) -> dict[str, int]:
    """The identity of every model's content, by name. Raises LabError where one cannot be loaded
    as a chain."""
    ids = {}
    for name, file in files.items():
        try:
            of_file(file)
            ids[name] = algorithms.bundle.load(file).id
        except (ValueError, RuntimeError) as error:
            raise LabError(f"{name}: {error}") from error
    return ids
