# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every design gives: a chain, and what its bundle says of how it was made."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle import write_bundle
from ..chain import BUNDLE_KIND, AffineMap, Chain, LookupMap, single
from ..lloyd_max import ScalarQuantizer
from ..normal import Floats


class DesignError(ValueError):
    """Settings that give no design; the message is one sentence."""


@dataclass(frozen=True, eq=False)
class Design:
    """A chain with its provenance; `tensors` and `config` are those of its bundle."""

    chain: Chain
    method: str
    data: str  #: what the design knows of its problem, in words
    snr_db: tuple[float, float]
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    measured: list[dict[str, float]] = field(default_factory=list)

    @property
    def tensors(self) -> dict[str, NDArray[Any]]:
        """The bundle's tensors by name."""
        return self.chain.tensors()

    @property
    def config(self) -> dict[str, Any]:
        """The bundle's configuration."""
        return {
            **self.chain.bundle_config(),
            "method": self.method,
            "snr_db": list(self.snr_db),
            "seed": self.seed,
            "data": self.data,
            "measured": self.measured,
            "design": self.settings,
        }

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the bundle to `path`; raises `BundleError` in one sentence."""
        return write_bundle(path, BUNDLE_KIND, self.tensors, self.config)


@dataclass(frozen=True, eq=False)
class Front:
    """A linear analog map, its gain and its ADCs: z_d = (combiner x)_d / deviation_d."""

    combiner: Floats  #: [p, n]
    deviation: Floats  #: [p], positive
    quantizers: tuple[ScalarQuantizer, ...]  #: of z_d, of unit variance
    complex_inputs: bool = False
    block_agc: bool = False
    phases: Floats | None = None  #: [p/2, n/2]; the combiner is then their real form

    def __post_init__(self) -> None:
        if not np.all(self.deviation > 0):
            raise ValueError("an ADC input has no variance; expected every one to be positive")

    @staticmethod
    def of_unit_variance(
        combiner: Floats,
        observation: Floats,
        quantizers: Sequence[ScalarQuantizer],
        **more: Any,
    ) -> Front:
        """The front whose gain makes each ADC's input one of unit variance where E[x x^T] is
        `observation`. Rows of a combiner that is no phase shifter's are scaled to unit length."""
        if more.get("phases") is None:
            length = np.linalg.norm(combiner, axis=1, keepdims=True)
            combiner = combiner / np.where(length > 0, length, 1)
        variance = np.sum((combiner @ observation) * combiner, axis=1)
        return Front(combiner, np.sqrt(variance), tuple(quantizers), **more)

    def estimator(self, weight: Floats, bias: Floats) -> Chain:
        """The chain with the digital map s = sum_j (1/g)^j (weight[j] q + bias[j])."""
        return self._chain("estimation", weight.shape[1], AffineMap(single(weight), single(bias)))

    def detector(self, log_likelihood: Floats, users: int) -> Chain:
        """The chain with the table log P(code | class), [sum of levels, 2^users]."""
        return self._chain("detection", users, LookupMap(single(log_likelihood)))

    def _chain(self, task: str, outputs: int, digital: AffineMap | LookupMap) -> Chain:
        return Chain(
            task=task,
            outputs=outputs,
            analog=((single(self.combiner), single(np.zeros(len(self.combiner)))),),
            gain=single(1 / self.deviation),
            thresholds=tuple(single(q.thresholds) for q in self.quantizers),
            levels=tuple(single(q.levels) for q in self.quantizers),
            digital=digital,
            agc="block" if self.block_agc else "fixed",
            phases=None if self.phases is None else single(self.phases),
            complex_inputs=self.complex_inputs,
        )


def quantizers_of(chain: Chain) -> list[ScalarQuantizer]:
    """The chain's ADCs in float64."""
    return [
        ScalarQuantizer(t.astype(float), q.astype(float))
        for t, q in zip(chain.thresholds, chain.levels, strict=True)
    ]


def one_count(levels: int | list[int] | None) -> int:
    """The number of levels of all ADCs alike."""
    if not isinstance(levels, int):
        raise DesignError(f"levels is {levels!r}; expected one number for all ADCs")
    return levels
