# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectors to play to the task quantizer's blocks, and the seeds that they draw from."""

import numpy as np


def vectors_of(n, length, seed=3):
    return np.random.default_rng(seed).normal(size=(n, length)).astype(np.float32)


def scatter_seed(seed):
    """Not the seed itself, of which the offsets and gain errors are drawn."""
    return 2**64 - 1 - seed
