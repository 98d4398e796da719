# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a linear design knows of signal and observation: their second moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..normal import Floats


@dataclass(frozen=True)
class SecondOrder:
    """Second moments of zero-mean s in R^k and x in R^n."""

    signal: Floats  #: E[s s^T], [k, k]
    cross: Floats  #: E[s x^T], [k, n]
    observation: Floats  #: E[x x^T], [n, n], positive definite

    @staticmethod
    def of_samples(signals: Floats, observations: Floats) -> SecondOrder:
        """Sample moments of [t, k] signals and [t, n] observations.

        Raises ValueError unless there are more samples than inputs, all of them finite.
        """
        if signals.ndim != 2 or observations.ndim != 2 or len(signals) != len(observations):
            raise ValueError(
                f"signals and observations have shapes {signals.shape} and {observations.shape}; "
                "expected [t, k] and [t, n]"
            )
        count, inputs = observations.shape
        if count <= inputs:
            raise ValueError(f"{count} samples of {inputs} inputs; use more samples than inputs")
        if not (np.all(np.isfinite(signals)) and np.all(np.isfinite(observations))):
            raise ValueError("the samples hold a value that is not finite; expected finite samples")
        return SecondOrder(
            signals.T @ signals / count,
            signals.T @ observations / count,
            observations.T @ observations / count,
        )

    def wiener(self) -> Floats:
        """G [k, n], the linear MMSE estimator s = G x: G = E[s x^T] E[x x^T]^-1."""
        return np.linalg.solve(self.observation, self.cross.T).T

    def mmse(self) -> float:
        """Mean square error of `wiener` per entry of s."""
        return float(np.trace(self.signal - self.wiener() @ self.cross.T) / len(self.signal))
