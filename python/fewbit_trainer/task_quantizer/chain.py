# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deployed chain in numpy: analog map, AGC, hard ADCs, digital map; from and to its bundle.

Equations and agreements: docs/task_quantizer.md. Whatever designed the chain, training or a
formula, is measured here. Parameters are float32, as in the bundle; sums are float64.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import ArrayLike, NDArray

from ..bundle import write_bundle
from ..bundle_kinds import BundleError

BUNDLE_KIND = "task_quantizer"

FloatArray = NDArray[np.float64]
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Weight [out, in] and bias [out]."""


def single(values: ArrayLike) -> NDArray[np.float32]:
    """``values`` as a float32 array of its own."""
    return np.array(values, dtype=np.float32)


def through_layers(layers: Sequence[Layer], values: NDArray[Any]) -> FloatArray:
    """Affine layers with ReLU between, on rows of ``values``."""
    out = np.asarray(values, np.float64)
    for number, (weight, bias) in enumerate(layers):
        out = out if number == 0 else np.maximum(out, 0.0)
        out = out @ weight.T.astype(np.float64) + bias
    return out


def phase_shifter_weight(phases: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The real form [[Re, -Im], [Im, Re]] of exp(j phases) / sqrt(antennas)."""
    scale = 1.0 / np.sqrt(phases.shape[1])
    real = scale * np.cos(np.asarray(phases, np.float64))
    imaginary = scale * np.sin(np.asarray(phases, np.float64))
    return np.block([[real, -imaginary], [imaginary, real]])


@dataclass(frozen=True)
class AffineMap:
    """``s = sum_j (1/g)^j (W_j q + b_j)``."""

    weight: NDArray[np.float32]
    """[powers, k, p]"""
    bias: NDArray[np.float32]
    """[powers, k]"""


@dataclass(frozen=True)
class LookupMap:
    """``log P(c | class) = sum_d T[d][c_d][class]``."""

    log_likelihood: NDArray[np.float32]
    """[sum of levels, classes]: ADC 0's codes, then ADC 1's, ..."""


@dataclass(frozen=True)
class NetworkMap:
    """Layers with ReLU between on the levels q: estimates, or the classes' logits."""

    layers: tuple[Layer, ...]


DigitalMap = AffineMap | LookupMap | NetworkMap
_DIGITAL_NAMES = {AffineMap: "affine", LookupMap: "lookup", NetworkMap: "network"}


@dataclass(frozen=True)
class Chain:
    """A task-based quantizer as deployed. Rows of every array are vectors."""

    task: str
    """"estimation" or "detection" """
    outputs: int
    """k numbers, or k bits"""
    analog: tuple[Layer, ...]
    gain: NDArray[np.float32]
    """[p], positive"""
    thresholds: tuple[NDArray[np.float32], ...]
    """Of each ADC, ascending"""
    levels: tuple[NDArray[np.float32], ...]
    """Of each ADC: one more than thresholds"""
    digital: DigitalMap
    agc: str = "fixed"
    """"fixed", or "block": the digital map knows the block's gain g"""
    phases: NDArray[np.float32] | None = None
    """[p/2, n/2] radians where the analog map is of phase shifters"""
    complex_inputs: bool = False

    @property
    def inputs(self) -> int:
        """n, the real numbers that come in."""
        return int(self.analog[0][0].shape[1])

    @property
    def level_counts(self) -> list[int]:
        """M of each ADC."""
        return [len(q) for q in self.levels]

    @property
    def rate(self) -> float:
        """Bits per real input."""
        return float(np.log2(self.level_counts).sum() / self.inputs)

    def adc_inputs(self, x: NDArray[Any], block_len: int = 1) -> tuple[FloatArray, FloatArray]:
        """z ``[vectors, p]`` and g ``[vectors]`` of x ``[vectors, n]``.

        A block AGC takes ``block_len`` vectors together; the number of vectors is a multiple.
        """
        z = self.gain * through_layers(self.analog, x)
        if self.agc == "fixed":
            return z, np.ones(len(z))
        power = np.mean(z.reshape(-1, block_len * z.shape[1]) ** 2, axis=1)
        usable = np.isfinite(power) & (power > 0.0)
        g = np.repeat(np.where(usable, 1.0 / np.sqrt(np.where(usable, power, 1.0)), 1.0), block_len)
        return g[:, None] * z, g

    def codes(self, x: NDArray[Any], block_len: int = 1) -> tuple[NDArray[np.uint8], FloatArray]:
        """Codes ``[vectors, p]`` and g ``[vectors]``: a code counts the thresholds <= z."""
        z, g = self.adc_inputs(x, block_len)
        return self.quantize(z), g

    def quantize(self, z: FloatArray) -> NDArray[np.uint8]:
        """Codes of ADC inputs; NaN gives 0."""
        z = np.where(np.isnan(z), -np.inf, z)
        columns = [
            np.searchsorted(t.astype(np.float64), z[:, d], side="right")
            for d, t in enumerate(self.thresholds)
        ]
        return np.stack(columns, axis=1).astype(np.uint8)

    def values(self, codes: NDArray[np.uint8]) -> FloatArray:
        """The levels q ``[vectors, p]`` that the codes stand for."""
        columns = [q[codes[:, d]] for d, q in enumerate(self.levels)]
        return np.stack(columns, axis=1).astype(np.float64)

    def outputs_of(self, codes: NDArray[np.uint8], g: FloatArray | None = None) -> FloatArray:
        """Estimates ``[vectors, k]``, or each class's log-likelihood or logit ``[vectors, 2^k]``.

        ``g`` is the AGC's gain for each vector, 1 if None.
        """
        if isinstance(self.digital, LookupMap):
            table = self.digital.log_likelihood.astype(np.float64)
            first = np.concatenate([[0], np.cumsum(self.level_counts)[:-1]])
            return sum((table[first[d] + codes[:, d]] for d in range(len(first))), np.float64(0))
        q = self.values(codes)
        if isinstance(self.digital, NetworkMap):
            return through_layers(self.digital.layers, q)
        inverse = np.ones(len(q)) if g is None else 1.0 / g
        estimate = np.zeros((len(q), self.outputs))
        for power, layer in enumerate(zip(self.digital.weight, self.digital.bias, strict=True)):
            estimate += inverse[:, None] ** power * through_layers([layer], q)
        return estimate

    def __call__(self, x: NDArray[Any], block_len: int = 1) -> FloatArray:
        """`outputs_of` the codes of x."""
        return self.outputs_of(*self.codes(x, block_len))

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Tensors of the bundle by name (docs/architecture.md)."""
        named: dict[str, NDArray[Any]] = {}
        for number, (weight, bias) in enumerate(self.analog):
            named[f"analog.{number}.weight"] = weight
            named[f"analog.{number}.bias"] = bias
        if self.phases is not None:
            named["analog.phases"] = self.phases
        named["agc.gain"] = self.gain
        named["adc.thresholds"] = np.concatenate(self.thresholds)
        named["adc.levels"] = np.concatenate(self.levels)
        if isinstance(self.digital, AffineMap):
            named["digital.weight"] = self.digital.weight
            named["digital.bias"] = self.digital.bias
        elif isinstance(self.digital, LookupMap):
            named["digital.log_likelihood"] = self.digital.log_likelihood
        else:
            for number, (weight, bias) in enumerate(self.digital.layers):
                named[f"digital.{number}.weight"] = weight
                named[f"digital.{number}.bias"] = bias
        return named

    def bundle_config(self) -> dict[str, Any]:
        """The bundle's config keys that follow from the chain itself."""
        config: dict[str, Any] = {
            "task": self.task,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "levels": self.level_counts,
            "analog": "layers" if self.phases is None else "phase_shifters",
            "analog_layers": len(self.analog),
            "agc": self.agc,
            "digital": _DIGITAL_NAMES[type(self.digital)],
        }
        if isinstance(self.digital, NetworkMap):
            config["digital_layers"] = len(self.digital.layers)
        if isinstance(self.digital, AffineMap):
            config["powers"] = len(self.digital.weight)
        config["complex_inputs"] = self.complex_inputs
        config["llr_sign"] = "positive_is_1"
        return config


def class_bits(classes: NDArray[np.integer[Any]], outputs: int) -> NDArray[np.uint8]:
    """Bits ``[..., k]`` of class numbers ``[...]``, user 0 (the least significant) first."""
    return ((np.asarray(classes)[..., None] >> np.arange(outputs)) & 1).astype(np.uint8)


def decide(scores: FloatArray) -> NDArray[np.intp]:
    """The most probable class of each row, the lowest number first where equal."""
    best: NDArray[np.intp] = np.argmax(scores, axis=1)
    return best


def write_chain(
    path: str | os.PathLike[str],
    chain: Chain,
    *,
    method: str,
    snr_db: tuple[float, float],
    seed: int,
    data: str,
    measured: list[dict[str, Any]],
    more: Mapping[str, Any] | None = None,
) -> Path:
    """Write the chain's bundle; ``more`` holds further config keys. Raises ``BundleError``."""
    config = {
        **chain.bundle_config(),
        "method": method,
        "snr_db": list(snr_db),
        "seed": seed,
        "data": data,
        "measured": measured,
        **(more or {}),
    }
    return write_bundle(path, BUNDLE_KIND, chain.tensors(), config)


def load_chain(path: str | os.PathLike[str]) -> Chain:
    """The chain of a bundle that this package wrote."""
    with safetensors.safe_open(str(path), framework="numpy") as file:
        metadata = file.metadata() or {}
        if metadata.get("fewbit.kind") != BUNDLE_KIND:
            kind = metadata.get("fewbit.kind", "missing")
            raise BundleError(f"bundle '{path}': the kind is {kind!r}, expected '{BUNDLE_KIND}'")
        config = json.loads(metadata["fewbit.config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    counts = np.array(config["levels"])
    digital: DigitalMap
    if config["digital"] == "affine":
        digital = AffineMap(tensors["digital.weight"], tensors["digital.bias"])
    elif config["digital"] == "lookup":
        digital = LookupMap(tensors["digital.log_likelihood"])
    else:
        digital = NetworkMap(_layers(tensors, "digital", config["digital_layers"]))
    return Chain(
        task=config["task"],
        outputs=config["outputs"],
        analog=_layers(tensors, "analog", config["analog_layers"]),
        gain=tensors["agc.gain"],
        thresholds=tuple(np.split(tensors["adc.thresholds"], np.cumsum(counts - 1)[:-1])),
        levels=tuple(np.split(tensors["adc.levels"], np.cumsum(counts)[:-1])),
        digital=digital,
        agc=config["agc"],
        phases=tensors.get("analog.phases"),
        complex_inputs=config["complex_inputs"],
    )


def _layers(tensors: Mapping[str, NDArray[Any]], half: str, count: int) -> tuple[Layer, ...]:
    return tuple(
        (tensors[f"{half}.{number}.weight"], tensors[f"{half}.{number}.bias"])
        for number in range(count)
    )
