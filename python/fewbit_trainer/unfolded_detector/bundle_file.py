# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A detector to its bundle and back (docs/architecture.md, kind `unfolded_detector`)."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch

from ..bundle import write_bundle
from ..settings import to_dict
from .config import (
    KIND,
    DetectorScheduleConfig,
    LinkConfig,
    NetworkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from .mixture import FailureMixture
from .network import UnfoldedDetector

_TABLES = {
    "rho": "rho.log",
    "eta": "eta.log",
    "alpha": "gain.estimate.log",
    "beta": "gain.dual.log",
    "kappa": "memory.log",
    "constant": "denoiser.constant.log",
    "slope": "denoiser.slope.log",
    "output_constant": "output.constant.log",
    "output_slope": "output.slope.log",
    "output_doubt": "output.doubt.log",
}
_MIXTURE_TABLES = {
    "spread": "output.spread.log",
    "failure_weight": "output.failure.weight.log",
    "failure_spread": "output.failure.spread.log",
    "failure_unseen": "output.failure.unseen.log",
}
_MOST_LOGARITHM = 30.0


def write(path: Path, detector: UnfoldedDetector, measured: list[dict[str, Any]]) -> Path:
    """Writes the bundle, with the configuration that made it."""
    config = detector.config
    return write_bundle(path, KIND, tensors_of(detector), {
        **_keys(config),
        "llr_sign": "positive_is_1",
        "method": describe_method(config),
        "snr_db": list(config.link.snr_db),
        "seed": config.seed,
        "data": describe_link(config.link),
        "measured": measured,
        "training": to_dict(config),
    })  # fmt: skip


def tensors_of(detector: UnfoldedDetector) -> dict[str, np.ndarray]:
    """What the bundle holds."""
    tensors = {
        _TABLES[name]: table.clamp(-_MOST_LOGARITHM, _MOST_LOGARITHM).numpy()
        for name, table in detector.scalars.logarithms().items()
    }
    tensors["snr_db"] = detector.scalars.knots_db.numpy()
    tensors["step.alpha"] = detector.alpha.detach().numpy()
    tensors["step.gamma"] = detector.gamma.detach().numpy()
    if detector.mixture is not None:
        tensors["output.snr_db"] = detector.mixture.snr_db.numpy()
        tensors["output.foreseen.log"] = detector.mixture.foreseen.numpy()
        for name, table in detector.mixture.tables.items():
            limited = table.detach().clamp(-_MOST_LOGARITHM, _MOST_LOGARITHM)
            tensors[_MIXTURE_TABLES[name]] = limited.numpy()
    return tensors


def _keys(config: UnfoldedDetectorConfig) -> dict[str, Any]:
    link, network, quantization = config.link, config.network, config.quantization
    return {
        "network": network.kind,
        "layers": network.layers,
        "users": link.users,
        "antennas": link.antennas,
        "bits_per_symbol": link.bits_per_symbol,
        "denoiser": network.denoiser,
        "tau": network.tau,
        "arithmetic": quantization.arithmetic,
        "matrix_bits": quantization.matrix_bits,
        "activation_bits": quantization.activation_bits,
        "filter_bits": quantization.filter_bits,
        "input_bits": quantization.input_bits,
        "diagonal": quantization.diagonal,
        "fraction_bits": quantization.fraction_bits,
    }


def load(path: str | Path) -> UnfoldedDetector:
    """The detector of a bundle that :func:`write` wrote, as it is deployed."""
    content = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    keys = json.loads(header["__metadata__"]["fewbit.config"])
    tensors = safetensors.numpy.load(content)
    detector = UnfoldedDetector(_config_of(keys, tensors))
    with torch.no_grad():
        for name, table in detector.scalars.tables.items():
            table.copy_(torch.from_numpy(tensors[_TABLES[name]]))
        detector.alpha.copy_(torch.from_numpy(tensors["step.alpha"]))
        detector.gamma.copy_(torch.from_numpy(tensors["step.gamma"]))
    if "output.foreseen.log" in tensors:
        detector.mixture = _mixture_of(tensors)
    return detector


def _mixture_of(tensors: dict[str, np.ndarray]) -> FailureMixture:
    knots = (torch.from_numpy(tensors[name]) for name in ("output.snr_db", "output.foreseen.log"))
    mixture = FailureMixture(*knots).requires_grad_(False)
    for name, table in mixture.tables.items():
        table.copy_(torch.from_numpy(tensors[_MIXTURE_TABLES[name]]))
    return mixture


def _config_of(keys: dict[str, Any], tensors: dict[str, np.ndarray]) -> UnfoldedDetectorConfig:
    names = ("arithmetic", "matrix_bits", "activation_bits", "filter_bits", "input_bits",
             "diagonal", "fraction_bits")  # fmt: skip
    trained_on = keys.get("training", {}).get("link", {})
    correlations = ("receive_correlation", "transmit_correlation")
    return UnfoldedDetectorConfig(
        seed=keys["seed"],
        link=LinkConfig(
            users=keys["users"],
            antennas=keys["antennas"],
            bits_per_symbol=keys["bits_per_symbol"],
            snr_db=tuple(keys["snr_db"]),
            snr_points_db=tuple(trained_on.get("snr_points_db", ())),
            **{name: trained_on.get(name, 0.0) for name in correlations},
        ),
        network=NetworkConfig(
            kind=keys["network"],
            layers=keys["layers"],
            denoiser=keys["denoiser"],
            tau=keys["tau"],
            knots_db=tuple(float(knot) for knot in tensors["snr_db"]),
        ),
        quantization=QuantizationConfig(**{name: keys[name] for name in names}),
        schedule=DetectorScheduleConfig(
            loss="cross_entropy" if _TABLES["output_doubt"] in tensors else "mean_square"
        ),
    )


def describe_method(config: UnfoldedDetectorConfig) -> str:
    """How the network was trained, in words."""
    settings = config.quantization
    text = f"{config.schedule.loss.replace('_', ' ')} training"
    if settings.arithmetic == "float32":
        return text
    if settings.training == "none":
        return f"{text}, quantised afterwards"
    text += " through the quantizers"
    text += ", steps by SNR" if settings.dynamic_step else ""
    return text + (", MMD" if settings.mmd_weight else "")


def describe_link(link: LinkConfig) -> str:
    """Where training vectors came from, in words."""
    where = f"{link.snr_db[0]:g} to {link.snr_db[1]:g} dB"
    if link.snr_points_db:
        where = ", ".join(f"{point:g}" for point in link.snr_points_db) + " dB"
    channel = "iid Rayleigh"
    if link.receive_correlation or link.transmit_correlation:
        channel = (f"Rayleigh, Kronecker correlation {link.receive_correlation:g} of antennas, "
                   f"{link.transmit_correlation:g} of users")  # fmt: skip
    return (f"{link.users} users, {link.antennas} antennas, {1 << link.bits_per_symbol}-QAM, "
            f"{channel}, {where}")  # fmt: skip
