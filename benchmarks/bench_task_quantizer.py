# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task quantizer's two chains beside torch eager and numpy, on one core.

Detection: 12 antennas, a 4 x 12 combiner, 4 ADCs of 8 levels, a lookup of 4096 cells: vectors to
bits. Estimation: 240 inputs, 80 ADCs of 8 levels, an 80 x 80 affine map; beside it numpy's two
matrix products alone, which the chain contains. Nanoseconds or microseconds a vector. Every
candidate is called from Python on arrays of 4096 (detection) or 1024 vectors, or on one vector;
the peers are written in several ways. All do the same work, which is checked first.
"""

from __future__ import annotations

import os
import sys
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gnuradio.fewbit import algorithms
from timing import Candidate, least, median, on_every_set, time_rounds

BATCH = 4096  # vectors of the detection chain that come at a time
ESTIMATES = 1024  # of the estimation chain
ADCS, LEVELS = 4, 8


def detection_chain() -> tuple[algorithms.task_quantizer, np.ndarray]:
    """The hybrid of the paper's channel at 10.65 dB, and received vectors."""
    h = np.exp(-np.abs(np.arange(12)[:, None] - np.arange(4)))
    variance = 10**-1.065
    design = algorithms.rotation_search(h, variance, ADCS, LEVELS, starts=8)
    chain = algorithms.lookup_design(design.combiner, design.adc, h, variance)
    symbols = np.random.default_rng(1).choice([-1.0, 1.0], (BATCH, 4))
    return chain, algorithms.linear_channel(h, variance).apply(symbols)


def estimation_chain() -> tuple[algorithms.task_quantizer, np.ndarray]:
    """240 inputs to 80 numbers, random weights."""
    rng = np.random.default_rng(2)
    layer = (rng.normal(size=(80, 240)) / np.sqrt(240)).astype(np.float32)
    adc = algorithms.scalar_adc.uniform([LEVELS] * 80, 2.5)
    chain = algorithms.task_quantizer(
        algorithms.analog_map([(layer, np.zeros(80, np.float32))]),
        adc,
        algorithms.digital_map.affine(adc, rng.normal(size=(80, 80)) / 9, rng.normal(size=80)),
    )
    return chain, rng.normal(size=(ESTIMATES, 240)).astype(np.float32)


class NumpyDetection:
    """float32 throughout: a matrix product, codes in one of two ways, one take from the table."""

    def __init__(self, chain: algorithms.task_quantizer) -> None:
        self.weight = np.ascontiguousarray(chain.analog.layers[0][0].T)
        self.thresholds = chain.adc.thresholds.reshape(ADCS, LEVELS - 1)
        self.strides = LEVELS ** np.arange(ADCS)
        cells = np.arange(LEVELS**ADCS)[:, None] // self.strides % LEVELS
        self.bits = chain.digital.decide(cells.astype(np.uint8))
        self.words = self.bits.view(np.uint32).ravel()  # four bits of a cell in one take

    def compare(self, x: np.ndarray) -> np.ndarray:
        z = x @ self.weight
        cell = np.zeros(len(x), np.int16)
        for d in range(ADCS):
            code = np.zeros(len(x), np.int16)
            for t in self.thresholds[d]:
                code += z[:, d] >= t
            cell += code * np.int16(self.strides[d])
        return self.words.take(cell).view(np.uint8).reshape(-1, 4)

    def search(self, x: np.ndarray) -> np.ndarray:
        z = x @ self.weight
        cell = sum(
            np.searchsorted(self.thresholds[d], z[:, d], side="right") * self.strides[d]
            for d in range(ADCS)
        )
        return self.words.take(cell).view(np.uint8).reshape(-1, 4)

    def transposed(self, x: np.ndarray) -> np.ndarray:
        """ADC inputs in rows of their own, all thresholds at once."""
        z = self.weight.T @ x.T
        codes = (z[:, None] >= self.thresholds[:, :, None]).sum(1, dtype=np.int16)
        cell = self.strides.astype(np.int16) @ codes
        return self.words.take(cell).view(np.uint8).reshape(-1, 4)


class TorchDetection:
    """The same in torch eager; torch.bucketize or comparisons for the ADCs."""

    def __init__(self, chain: algorithms.task_quantizer, x: np.ndarray) -> None:
        import torch

        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        self.torch = torch
        ours = NumpyDetection(chain)
        self.weight = torch.from_numpy(ours.weight)
        self.thresholds = torch.from_numpy(ours.thresholds.copy())
        self.strides = torch.from_numpy(ours.strides.astype(np.int32))
        self.words = torch.from_numpy(ours.words.view(np.int32).copy())
        self.x = torch.from_numpy(x)

    def answer(self, cell):
        return self.words[cell].view(self.torch.uint8).reshape(-1, 4)

    def compare(self, n: int):
        z = self.x[:n] @ self.weight
        codes = (z[:, :, None] >= self.thresholds).sum(-1, dtype=self.torch.int32)
        return self.answer((codes * self.strides).sum(-1))

    def bucketize(self, n: int):
        z = (self.x[:n] @ self.weight).T.contiguous()
        codes = self.torch.searchsorted(self.thresholds, z, right=True, out_int32=True)
        return self.answer((codes * self.strides[:, None]).sum(0))


class NumpyEstimation:
    """Two matrix products with the ADCs between them, in one of two ways."""

    def __init__(self, chain: algorithms.task_quantizer) -> None:
        self.analog = np.ascontiguousarray(chain.analog.layers[0][0].T)
        self.digital = np.ascontiguousarray(chain.digital.weight[0].T)
        self.bias = chain.digital.bias[0]
        self.thresholds = chain.adc.thresholds[: LEVELS - 1]  # the ADCs are alike
        self.levels = chain.adc.values[:LEVELS]

    def search(self, x: np.ndarray) -> np.ndarray:
        codes = np.searchsorted(self.thresholds, x @ self.analog, side="right")
        return self.levels.take(codes) @ self.digital + self.bias

    def compare(self, x: np.ndarray) -> np.ndarray:
        z = x @ self.analog
        codes = np.zeros(z.shape, np.int8)
        for t in self.thresholds:
            codes += z >= t
        return self.levels.take(codes) @ self.digital + self.bias


class TorchEstimation:
    """The same in torch eager."""

    def __init__(self, chain: algorithms.task_quantizer, x: np.ndarray) -> None:
        import torch

        ours = NumpyEstimation(chain)
        self.torch = torch
        self.analog, self.digital = (torch.from_numpy(a) for a in (ours.analog, ours.digital))
        self.bias, self.levels = torch.from_numpy(ours.bias), torch.from_numpy(ours.levels)
        self.thresholds = torch.from_numpy(ours.thresholds.copy())
        self.x = torch.from_numpy(x)

    def estimate(self, n: int):
        codes = self.torch.bucketize(
            self.x[:n] @ self.analog, self.thresholds, right=True, out_int32=True
        )
        return self.torch.addmm(self.bias, self.levels[codes], self.digital)


def check(name: str, found: np.ndarray, expected: np.ndarray, least: float) -> None:
    """Vectors must come out alike, but for those within rounding of a threshold."""
    alike = np.isclose(found, expected, atol=1e-3).all(-1).mean()
    if alike < least:
        raise RuntimeError(f"{name}: {alike:.4%} of the vectors come out alike")


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


def detection_rows(rounds: int) -> list[dict]:
    chain, x = detection_chain()
    torch_chain = TorchDetection(chain, x)
    in_numpy = NumpyDetection(chain)
    version = torch_chain.torch.__version__
    ours = chain.decide(x)
    ways = {
        f"numpy {np.__version__}, {name}": getattr(in_numpy, name)
        for name in ("compare", "search", "transposed")
    }
    for name, way in ways.items():
        check(name, way(x), ours, 0.999)
    torch_ways = {
        f"torch {version}, {name}": getattr(torch_chain, name) for name in ("compare", "bucketize")
    }
    for name, way in torch_ways.items():
        check(name, way(BATCH).numpy(), ours, 0.999)
    found = []
    for n in (BATCH, 1):
        some = x[:n].copy()
        candidates = on_every_set(partial(chain.decide, some), n)
        candidates |= {name: Candidate(partial(way, some), n) for name, way in ways.items()}
        candidates |= {name: Candidate(partial(way, n), n) for name, way in torch_ways.items()}
        what = "task_quantizer 12 antennas, 4 ADCs x 8 levels to 4 bits"
        limit = "48 multiply-adds, 28 comparisons, a load"
        found.append(row(f"{what}, {n} at a time", "ns", candidates, rounds, limit))
    return found


def estimation_rows(rounds: int) -> list[dict]:
    chain, x = estimation_chain()
    in_numpy, in_torch = NumpyEstimation(chain), TorchEstimation(chain, x)
    version = in_torch.torch.__version__
    ours = chain.estimate(x)
    for name in ("search", "compare"):
        check(name, getattr(in_numpy, name)(x), ours, 0.99)
    check("torch", in_torch.estimate(ESTIMATES).numpy(), ours, 0.99)
    found = []
    for n in (ESTIMATES, 1):
        some = x[:n].copy()
        z, s = (np.empty((n, 80), np.float32) for _ in range(2))
        candidates = on_every_set(partial(chain.estimate, some), n)
        for name in ("search", "compare"):
            call = partial(getattr(in_numpy, name), some)
            candidates[f"numpy {np.__version__}, {name}"] = Candidate(call, n)
        candidates[f"numpy {np.__version__}, the two matrix products alone"] = Candidate(
            lambda v=some, a=z, b=s: (
                np.matmul(v, in_numpy.analog, out=a),
                np.matmul(a, in_numpy.digital, out=b),
            ),
            n,
        )
        candidates[f"torch {version}"] = Candidate(partial(in_torch.estimate, n), n)
        what = "task_quantizer 240 inputs, 80 ADCs x 8 levels to 80 numbers"
        found.append(row(f"{what}, {n} at a time", "us", candidates, rounds, "25600 multiply-adds"))
    return found


def rows(quick: bool = False) -> list[dict]:
    """Both chains, many vectors at a time and one."""
    rounds = 40 if quick else 400
    return detection_rows(rounds) + estimation_rows(max(20, rounds // 2))


if __name__ == "__main__":
    for found in rows("--quick" in sys.argv):
        print(f"{found['name']}, {found['unit']} a vector: least, median; {found['limit']}")
        for candidate, shortest in {**found["ours"], **found["peers"]}.items():
            print(f"  {candidate:62} {shortest:10.3f} {found['median'][candidate]:10.3f}")
