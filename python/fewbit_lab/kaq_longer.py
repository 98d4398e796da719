# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""More vectors for claims that a common run leaves open, of the detectors that they are about.

A run that stops when its interval decides would err more often than the interval says. So it is
looked at a few times only, decides by a 99 % interval at each, and the claim is then judged by the
95 % interval of all vectors: at most one in a hundred for each look is decided by luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fewbit_lab.kaq_curves import BitErrorTable, Interval
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.monte_carlo import StopRule
from fewbit_lab.results import at_most

#: Batches at which a run is looked at; the last is the cap.
LOOKS = (64, 192, 448, 960)
CONFIDENCE = 0.99


@dataclass(frozen=True)
class Question:
    """Whether a detector's error rate at an SNR, or its errors over those of another (`of`), are
    at most `bound`."""

    key: str
    scheme: Scheme
    snr_db: float
    bound: float
    of: Scheme | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.scheme.name, *((self.of.name,) if self.of else ()))

    def found(self, table: BitErrorTable, confidence: float) -> Interval:
        if self.of is None:
            return table.rate(self.scheme.name, self.snr_db, confidence)
        return table.ratio(self.scheme.name, self.of.name, self.snr_db, confidence)

    def decided(self, batches: Sequence[Mapping[str, Any]]) -> bool:
        table = BitErrorTable({self.snr_db: batches})
        return at_most("", self.found(table, CONFIDENCE), self.bound).holds is not None


@dataclass(frozen=True)
class UntilDecided(StopRule):
    """Stop at the first of LOOKS at which the batches decide, at the latest at the last."""

    decided: Callable[[Sequence[Mapping[str, Any]]], bool] = lambda batches: True

    def needed(self, batches: Sequence[Mapping[str, Any]]) -> int | None:
        for look in LOOKS:
            if look > len(batches):
                return None
            if look == LOOKS[-1] or self.decided(batches[:look]):
                return look
        return None


def rule(question: Question) -> UntilDecided:
    return UntilDecided(most=LOOKS[-1], decided=question.decided)
