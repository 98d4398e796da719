# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pilots say of the channel: H and sigma by least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..normal import Floats
from .models import SymbolDetection, bpsk_classes


def estimate_channel(
    observations: Floats, classes: NDArray[np.int64], users: int
) -> SymbolDetection:
    """H = X^T S (S^T S)^-1 from observations [t, n] and the classes sent [t]; sigma^2 is the
    residual's energy over its n (t - users) degrees of freedom.

    Where the channel was another one in each frame of the pilots (CSI uncertainty), H is their
    mean and sigma^2 includes their spread: telling frames apart was tried and is worse, for the
    mean's own error is best taken for noise. Raises ValueError for no more pilots than users, for
    pilots that do not tell the users apart and for samples that are not finite.
    """
    symbols = bpsk_classes(users)[classes]
    if observations.ndim != 2 or len(observations) != len(symbols):
        raise ValueError(
            f"observations have shape {observations.shape} for {len(symbols)} classes; expected "
            "[t, n] and [t]"
        )
    if len(symbols) <= users:
        raise ValueError(f"{len(symbols)} pilots of {users} users; use more pilots than users")
    if not np.all(np.isfinite(observations)):
        raise ValueError("a pilot's observation is not finite; expected finite samples")
    if np.linalg.matrix_rank(symbols) < users:
        raise ValueError("the pilots do not tell the users apart; use other symbols")
    solution = np.linalg.lstsq(symbols, observations, rcond=None)[0]
    residual = observations - symbols @ solution
    freedom = observations.shape[1] * (len(symbols) - users)
    variance = float(np.sum(residual**2)) / freedom
    if not variance > 0:
        raise ValueError("the pilots have no noise; expected some, to weigh the cells by")
    return SymbolDetection(-10 * float(np.log10(variance)), solution.T)
