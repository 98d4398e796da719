# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIMO detection of 16 users by 16 antennas, 16-QAM, on one core: received vectors to decisions.

The shipped ADMM-Nets of 5 and 10 layers in int8, W y and slicing included: every vector over a
channel of its own, cached (256 channels, which the second-level cache holds, and 1024), and all
over one. Peers: the same network in float32 in this module's own kernels, in numpy and in torch,
on the same cached matrices. Then preparation, us a channel, of 1024, 16 and 1 channels a call (the
kernel computes 16 at once, whatever comes), beside numpy and torch, 1024 a call, and Eigen, one
after another in C++ in every way that it offers; and the rivals behind the same interface, us a
vector. Every candidate is called from Python on 1024 vectors.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json

import numpy as np
from eigen_peer import EigenMissingError, eigen_ways
from gnuradio.fewbit import algorithms, find_model
from timing import Candidate, least, median, on_every_set, time_rounds

VECTORS = 1024
SNR_DB = 20.0
NOISE_VARIANCE = 10 ** (-SNR_DB / 10)
SCALE = np.sqrt(10.0)  # the real model's units for one of a symbol of unit energy


def received(channels: int) -> tuple[np.ndarray, np.ndarray]:
    """y [VECTORS, 16] and h [channels, 16, 16]; vector v goes over channel v modulo channels."""
    channel = algorithms.mimo_channel(noise_variance=NOISE_VARIANCE)
    bits = np.random.default_rng(1).integers(0, 2, (channels, 64), dtype=np.uint8)
    y, h = channel.apply(algorithms.qam_mapper(4).map(bits))
    return np.tile(y, (VECTORS // channels, 1)), h


def in_float32(path: str, folder: str) -> str:
    """The same bundle with arithmetic 'float32'."""
    from safetensors import safe_open
    from safetensors.numpy import save_file

    with safe_open(path, "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = dict(file.metadata())
    config = json.loads(metadata["fewbit.config"]) | {"arithmetic": "float32"}
    metadata["fewbit.config"] = json.dumps(config)
    copy = str(Path(folder) / Path(path).name)
    save_file(tensors, copy, metadata)
    return copy


def scalars_of(path: str) -> dict[str, np.ndarray]:
    """At SNR_DB, by docs/unfolded_detector.md."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    knots = tensors["snr_db"]

    def at(name: str) -> np.ndarray:
        table = tensors[name].reshape(len(knots), -1)
        return np.exp([np.interp(SNR_DB, knots, column) for column in table.T])

    names = ("rho", "denoiser.constant", "denoiser.slope", "gain.estimate", "gain.dual", "memory")
    return {name: at(name + ".log") for name in names}


@dataclass
class Cached:
    """What the peers keep of channels: filter and matrix [C, N, N], widths [D, C, N]."""

    filter: np.ndarray
    matrix: np.ndarray
    inverse_width: np.ndarray
    gains: np.ndarray

    @classmethod
    def of(cls, path: str, h: np.ndarray) -> Cached:
        s = scalars_of(path)
        real = np.block([[h.real, -h.imag], [h.imag, h.real]]).astype(float)
        adjoint = real.transpose(0, 2, 1)
        inverse = np.linalg.inv(adjoint @ real + s["rho"] * np.eye(32))
        error = 5 * NOISE_VARIANCE * np.diagonal(inverse, axis1=1, axis2=2)
        width = s["denoiser.slope"][:, None, None] * error + s["denoiser.constant"][:, None, None]
        gains = np.stack([s["gain.estimate"], s["gain.dual"], s["memory"]], 1)
        parts = (inverse @ adjoint, s["rho"] * inverse, 1 / np.maximum(width, 1 / 8), gains)
        return cls(*(part.astype(np.float32) for part in parts))


def real_vectors(y: np.ndarray) -> np.ndarray:
    return np.concatenate([y.real, y.imag], -1) * np.float32(SCALE)


def numpy_network(cached: Cached, y: np.ndarray) -> np.ndarray:
    """Levels [vectors, N]; one channel for all, or vector by vector."""
    x = real_vectors(y)
    shared = len(cached.filter) == 1

    def times(matrix: np.ndarray, v: np.ndarray) -> np.ndarray:
        return v @ matrix[0].T if shared else (matrix @ v[..., None])[..., 0]

    b = times(cached.filter, x)
    r = b
    for inverse, (alpha, beta, kappa) in zip(cached.inverse_width, cached.gains, strict=True):
        z = sum(np.clip((r - m) * inverse, -1, 1) for m in np.float32([-2, 0, 2]))
        u = r - z
        r = b + times(cached.matrix, alpha * z - beta * u) + kappa * u
    return (r >= -2).view(np.int8) + (r >= 0).view(np.int8) + (r >= 2).view(np.int8)


class TorchNetwork:
    """The same in torch eager."""

    def __init__(self, cached: Cached, y: np.ndarray) -> None:
        import torch

        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        self.torch = torch
        self.filter, self.matrix = (torch.from_numpy(a) for a in (cached.filter, cached.matrix))
        self.inverse = torch.from_numpy(cached.inverse_width)
        self.gains = cached.gains.tolist()
        self.y = torch.from_numpy(y)

    def times(self, matrix, v):
        if len(matrix) == 1:
            return v @ matrix[0].T
        return self.torch.bmm(matrix, v[..., None])[..., 0]

    def __call__(self):
        x = self.torch.cat([self.y.real, self.y.imag], -1) * SCALE
        b = self.times(self.filter, x)
        r = b
        for inverse, (alpha, beta, kappa) in zip(self.inverse, self.gains, strict=True):
            z = (r * inverse).clamp(-1, 1)
            z = z + ((r - 2) * inverse).clamp(-1, 1) + ((r + 2) * inverse).clamp(-1, 1)
            u = r - z
            r = b + self.times(self.matrix, alpha * z - beta * u) + kappa * u
        return (r >= -2).byte() + (r >= 0).byte() + (r >= 2).byte()


def levels_of(labels: np.ndarray) -> np.ndarray:
    """Labels [vectors, 16] to levels [vectors, 32]."""
    points = np.asarray(algorithms.qam_mapper(4).points)[labels] * SCALE
    return np.rint((np.concatenate([points.real, points.imag], -1) + 3) / 2).astype(np.int8)


def row(name: str, unit: str, candidates: dict[str, Candidate], rounds: int, limit: str) -> dict:
    seconds = {"ns": 1e-9, "us": 1e-6}[unit]
    timing = time_rounds(candidates, rounds)
    sets = algorithms.instruction_sets()
    shortest = least(timing, seconds)
    return {
        "name": name,
        "unit": unit,
        "ours": {c: v for c, v in shortest.items() if c in sets},
        "peers": {c: v for c, v in shortest.items() if c not in sets},
        "limit": limit,
        "median": median(timing, seconds),
    }


def network_row(layers: int, channels: int, folder: str, rounds: int) -> dict:
    path = find_model(f"kaq_admm{layers}")
    y, h = received(channels)
    integer, own_float = (algorithms.unfolded_detector(p) for p in (path, in_float32(path, folder)))
    for detector in (integer, own_float):
        detector.prepare(h, NOISE_VARIANCE)

    def run(detector):
        """Fewer channels than vectors: as many calls as it takes."""
        if channels == 1:
            return detector.labels(y, 0)
        return [detector.labels(y[i : i + channels], 1) for i in range(0, VECTORS, channels)]

    repeated = np.tile(h, (VECTORS // channels if channels > 1 else 1, 1, 1))
    cached = Cached.of(path, repeated)
    in_torch = TorchNetwork(cached, y)
    ours = levels_of(np.concatenate(run(integer)) if channels > 1 else run(integer))
    found = {"numpy": numpy_network(cached, y), "torch": in_torch().numpy()}
    for name, levels in found.items():
        if np.mean(levels == ours) < 0.99:
            raise RuntimeError(f"{name} decides otherwise")
    candidates = on_every_set(partial(run, integer), VECTORS)
    candidates |= {
        "own float32": Candidate(
            partial(run, own_float), VECTORS, partial(algorithms.use_instruction_set, "")
        ),
        f"numpy {np.__version__}": Candidate(partial(numpy_network, cached, y), VECTORS),
        f"torch {in_torch.torch.__version__}": Candidate(in_torch, VECTORS),
    }
    over = "one shared channel" if channels == 1 else f"{channels} cached channels in turn"
    name = f"unfolded_detector 16 x 16, 16-QAM, {layers} layers int8, {over}"
    return row(name, "ns", candidates, rounds, f"{layers} int8 products of 32 x 32")


def prepared_by(peers: dict[str, Callable], h: np.ndarray, rho: float) -> None:
    """Every peer must find rho A and W."""
    adjoint = h.conj().transpose(0, 2, 1).astype(complex)
    inverse = np.linalg.inv(adjoint @ h + rho * np.eye(16))
    for name, prepare in peers.items():
        for found, expected in zip(prepare(), (rho * inverse, inverse @ adjoint), strict=True):
            if np.abs(np.asarray(found) - expected).max() > 1e-4 * np.abs(expected).max():
                raise RuntimeError(f"{name} prepares otherwise")


def batched_peers(h: np.ndarray, rho: float) -> dict[str, Callable]:
    """numpy and torch, all channels at once."""
    import torch

    torch.set_num_threads(1)
    in_torch, unit = torch.from_numpy(h), np.eye(16, dtype=np.float32)

    def with_numpy():
        adjoint = h.conj().transpose(0, 2, 1)
        inverse = np.linalg.inv(adjoint @ h + np.float32(rho) * unit)
        return rho * inverse, inverse @ adjoint

    def with_torch():
        adjoint = in_torch.mH
        root = torch.linalg.cholesky(adjoint @ in_torch + rho * torch.from_numpy(unit))
        inverse = torch.cholesky_inverse(root)
        return rho * inverse, inverse @ adjoint

    return {
        f"numpy {np.__version__}, inverse, not quantised": with_numpy,
        f"torch {torch.__version__}, Cholesky, not quantised": with_torch,
    }


def eigen_peers(h: np.ndarray, rho: float, folder: str) -> dict[str, Callable]:
    """Every way that eigen_preparation.cc has, one channel after another; none without Eigen."""
    try:
        version, ways = eigen_ways(folder)
    except EigenMissingError as why:
        print(why, file=sys.stderr)
        return {}
    return {
        f"{version} one at a time, {name.replace('_', ', ')}, not quantised": partial(way, h, rho)
        for name, way in ways.items()
    }


def preparation_rows(folder: str, rounds: int) -> list[dict]:
    path = find_model("kaq_admm5")
    _, h = received(VECTORS)
    rho = float(scalars_of(path)["rho"][0])
    peers = batched_peers(h, rho) | eigen_peers(h, rho, folder)
    prepared_by(peers, h, rho)
    found = []
    for at_once in (VECTORS, 16, 1):
        detector = algorithms.unfolded_detector(path)
        detector.reserve(at_once)
        some = [h[i : i + at_once] for i in range(0, VECTORS, at_once)]

        def run(detector=detector, some=some):
            for channels in some:
                detector.prepare(channels, NOISE_VARIANCE)

        candidates = on_every_set(run, VECTORS)
        candidates |= {name: Candidate(call, VECTORS) for name, call in peers.items()}
        name = f"unfolded_detector preparation, 16 x 16 channel to int8 matrices, {at_once} a call"
        found.append(row(name, "us", candidates, rounds, "8400 complex multiply-adds"))
    return found


def rival_rows(rounds: int) -> list[dict]:
    y, h = received(VECTORS)
    found = []
    for text in ("lmmse", "vblast", "kbest:k=4", "kbest:k=16", "ep"):
        detector = algorithms.make_detector(text)
        detector.prepare(h, NOISE_VARIANCE)
        candidates = on_every_set(partial(detector.labels, y, 1), VECTORS)
        name = f"{detector.name} 16 x 16, 16-QAM, 1024 cached channels"
        found.append(row(name, "us", candidates, rounds, "none stated"))
    return found


def rows(quick: bool = False) -> list[dict]:
    """Networks, preparation, rivals."""
    rounds = 10 if quick else 100
    with tempfile.TemporaryDirectory() as folder:
        found = [
            network_row(layers, channels, folder, rounds)
            for layers in (5, 10)
            for channels in (1, 256, 1024)
        ]
        found += preparation_rows(folder, max(10, rounds // 5))
    return found + rival_rows(max(5, rounds // 5))


if __name__ == "__main__":
    for found in rows("--quick" in sys.argv):
        print(f"{found['name']}, {found['unit']}: least, median; {found['limit']}")
        for candidate, shortest in {**found["ours"], **found["peers"]}.items():
            print(f"  {candidate:62} {shortest:10.3f} {found['median'][candidate]:10.3f}")
