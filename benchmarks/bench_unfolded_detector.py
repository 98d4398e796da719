# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIMO detection of 16 users by 16 antennas, 16-QAM, on one core: received vectors to decisions.

The shipped ADMM-Nets of 5 and 10 layers in int8, W y and slicing included: every vector over a
channel of its own, cached (256 channels, which the second-level cache holds, and 1024), and all
over one. Peers: the same network in float32 in this module's own kernels, in numpy and in torch, on
the same cached matrices, each in an ordinary form and in the fastest found (`unfolded_peers.py`,
`fewbit_lab/kaq_torch.py`).
LLRs instead of decisions, 5 layers, in either form that a bundle may have.
Then preparation, us a channel, of 1024, 16 and 1 channels a call (the kernel computes 16 at once,
whatever comes), beside numpy and torch, 1024 a call, and Eigen, one after another in C++ in every
way that it offers; and the rivals behind the same interface, us a vector. Every candidate is called
from Python on 1024 vectors.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json

import numpy as np
from eigen_peer import EigenMissingError, eigen_ways
from fewbit_lab.kaq_network import Prepared, Scalars
from fewbit_lab.kaq_torch import TorchInPlace, in_turn
from gnuradio.fewbit import algorithms, find_model
from timing import Candidate, least, median, on_every_set, time_rounds
from unfolded_peers import SCALE, NumpyInPlace, plain_numpy, plain_torch

VECTORS = 1024
SNR_DB = 20.0
NOISE_VARIANCE = 10 ** (-SNR_DB / 10)


def received(channels: int) -> tuple[np.ndarray, np.ndarray]:
    """y [VECTORS, 16] and h [channels, 16, 16]; vector v goes over channel v modulo channels."""
    channel = algorithms.mimo_channel(noise_variance=NOISE_VARIANCE)
    bits = np.random.default_rng(1).integers(0, 2, (channels, 64), dtype=np.uint8)
    y, h = channel.apply(algorithms.qam_mapper(4).map(bits))
    return np.tile(y, (VECTORS // channels, 1)), h


def contents(path: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors and metadata."""
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())


def in_float32(path: str, folder: str) -> str:
    """The same bundle with arithmetic 'float32'."""
    from safetensors.numpy import save_file

    tensors, metadata = contents(path)
    config = json.loads(metadata["fewbit.config"]) | {"arithmetic": "float32"}
    metadata["fewbit.config"] = json.dumps(config)
    copy = str(Path(folder) / Path(path).name)
    save_file(tensors, copy, metadata)
    return copy


def failures() -> dict[str, np.ndarray]:
    """Tables of LLRs by the errors that an output foresees, as large as trained ones."""
    shape = (11, 8)
    return {
        "output.foreseen.log": np.linspace(-9.0, -1.25, 8, dtype=np.float32),
        "output.snr_db": np.linspace(0.0, 25.0, 11, dtype=np.float32),
        "output.spread.log": np.full(shape, -0.2, np.float32),
        "output.failure.weight.log": np.full(shape, -5.0, np.float32),
        "output.failure.spread.log": np.full(shape, 2.5, np.float32),
        "output.failure.unseen.log": np.full(shape, -10.0, np.float32),
    }


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


def network_peers(path: str, h: np.ndarray, y: np.ndarray) -> dict[str, Callable]:
    """The network in numpy and in torch, in an ordinary form and in the fastest found."""
    import torch

    scalars = Scalars.of(path, SNR_DB)
    given = (scalars, Prepared.of(scalars, h, NOISE_VARIANCE), y)
    return {
        f"numpy {np.__version__}": plain_numpy(*given),
        f"numpy {np.__version__}, in place": NumpyInPlace(*given),
        f"torch {torch.__version__}": plain_torch(*given),
        f"torch {torch.__version__}, in place": TorchInPlace(*given),
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

    ours = levels_of(np.concatenate(run(integer)) if channels > 1 else run(integer))
    candidates = on_every_set(partial(run, integer), VECTORS)
    candidates["own float32"] = Candidate(
        partial(run, own_float), VECTORS, partial(algorithms.use_instruction_set, "")
    )
    for name, peer in network_peers(path, h, y).items():
        found = np.asarray(peer())
        if np.mean((in_turn(found) if found.ndim == 3 else found) == ours) < 0.99:
            raise RuntimeError(f"{name} decides otherwise")
        candidates[name] = Candidate(peer, VECTORS)
    over = "one shared channel" if channels == 1 else f"{channels} cached channels in turn"
    name = f"unfolded_detector 16 x 16, 16-QAM, {layers} layers int8, {over}"
    return row(name, "ns", candidates, rounds, f"{layers} int8 products of 32 x 32")


def llr_row(form: str, path: str, exponentials: int, channels: int, rounds: int) -> dict:
    """LLRs of the network of 5 layers, int8, W y and the layers included."""
    detector = algorithms.unfolded_detector(path)
    y, h = received(channels)
    detector.prepare(h, NOISE_VARIANCE)
    candidates = on_every_set(partial(detector.llrs, y, 0 if channels == 1 else 1), VECTORS)
    over = "one shared channel" if channels == 1 else f"{channels} cached channels"
    name = f"unfolded_detector 16 x 16, 16-QAM, 5 layers int8, LLRs by {form}, {over}"
    return row(name, "ns", candidates, rounds, f"{exponentials} exponentials, 64 logarithms")


def llr_rows(folder: str, rounds: int) -> list[dict]:
    """In either form that a bundle may have."""
    from safetensors.numpy import save_file

    tensors, metadata = contents(find_model("kaq_admm5"))
    doubt = {"output.doubt.log": np.full_like(tensors["snr_db"], -5.0)}
    plain = {name: one for name, one in tensors.items() if name not in failures()}
    found = []
    for form, more, exponentials in (
        ("one Gaussian and doubt", doubt, 128),
        ("two Gaussians by the errors foreseen", failures(), 288),
    ):
        path = str(Path(folder) / "llrs.safetensors")
        save_file(plain | more, path, metadata)
        found += [llr_row(form, path, exponentials, channels, rounds) for channels in (1, VECTORS)]
    return found


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
    rho = Scalars.of(path, SNR_DB).rho
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


def factoring_rows(rounds: int) -> list[dict]:
    """Preparation of the tree searches: a sorted QR of the MMSE-extended channel. The peers' QR
    is of its columns as they stand, Q and R alone."""
    _, h = received(VECTORS)
    real = np.block([[h.real, -h.imag], [h.imag, h.real]]).astype(np.float64)
    ridge = np.broadcast_to(np.sqrt(NOISE_VARIANCE) * np.eye(32), real.shape)
    extended = np.concatenate([real, ridge], 1)
    one = extended[:16]
    peers = {
        f"numpy {np.__version__}, not sorted": Candidate(partial(np.linalg.qr, one), len(one)),
    }
    found = []
    for text in ("kbest:k=4", "vblast", "sphere"):
        detector = algorithms.make_detector(text)
        detector.reserve(VECTORS)
        candidates = on_every_set(partial(detector.prepare, h, NOISE_VARIANCE), VECTORS) | peers
        name = f"{detector.name} preparation, 16 x 16 channel to sorted QR, 1024 a call"
        found.append(row(name, "us", candidates, rounds, "22,000 double multiply-adds"))
    return found


def rows(quick: bool = False) -> list[dict]:
    """Networks, LLRs, preparation, rivals."""
    rounds = 10 if quick else 100
    with tempfile.TemporaryDirectory() as folder:
        found = [
            network_row(layers, channels, folder, rounds)
            for layers in (5, 10)
            for channels in (1, 256, 1024)
        ]
        found += llr_rows(folder, rounds)
        found += preparation_rows(folder, max(10, rounds // 5))
    rounds = max(5, rounds // 5)
    return found + rival_rows(rounds) + factoring_rows(rounds)


if __name__ == "__main__":
    for found in rows("--quick" in sys.argv):
        print(f"{found['name']}, {found['unit']}: least, median; {found['limit']}")
        for candidate, shortest in {**found["ours"], **found["peers"]}.items():
            print(f"  {candidate:62} {shortest:10.3f} {found['median'][candidate]:10.3f}")
