# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two problems of "Deep Task-Based Quantization" (Shlezinger and Eldar), exactly.

Real vectors throughout: a complex vector is stacked [Re; Im] (docs/task_quantizer.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..normal import Floats
from .second_order import SecondOrder


@dataclass(frozen=True)
class ChannelEstimation:
    """Section IV-A: y = sqrt(P) (Phi kron I) h + w, estimate h from x = [Re y; Im y].

    h and w are iid CN(0, 1); Phi is the first `users` columns of the `pilots`-point DFT matrix.
    n = 2 pilots antennas inputs, k = 2 users antennas outputs.
    """

    antennas: int = 10
    users: int = 4
    pilots: int = 12
    power: float = 4.0  #: P, the ratio of signal to noise power

    def __post_init__(self) -> None:
        if not 1 <= self.users <= self.pilots:
            raise ValueError(f"users is {self.users}; use 1 to pilots, {self.pilots}")
        if self.antennas < 1:
            raise ValueError(f"antennas is {self.antennas}; use 1 or more")
        if not (np.isfinite(self.power) and self.power > 0):
            raise ValueError(f"power is {self.power}; use a positive number")

    @property
    def inputs(self) -> int:
        """n."""
        return 2 * self.pilots * self.antennas

    @property
    def outputs(self) -> int:
        """k."""
        return 2 * self.users * self.antennas

    @cached_property
    def pilot_matrix(self) -> NDArray[np.complex128]:
        """Phi [pilots, users]; Phi^H Phi = pilots I."""
        time, user = np.arange(self.pilots)[:, None], np.arange(self.users)
        return np.exp(-2j * np.pi * time * user / self.pilots)

    @cached_property
    def mixing(self) -> Floats:
        """A [n, k] of x = A s + noise, noise of variance 1/2."""
        a = np.sqrt(self.power) * np.kron(self.pilot_matrix, np.eye(self.antennas))
        return np.block([[a.real, -a.imag], [a.imag, a.real]])

    def second_order(self) -> SecondOrder:
        """The exact second moments."""
        a = self.mixing
        return SecondOrder(
            0.5 * np.eye(self.outputs), 0.5 * a.T, 0.5 * (a @ a.T + np.eye(self.inputs))
        )

    def draw(
        self, count: int, rng: np.random.Generator, power: ArrayLike | None = None
    ) -> tuple[Floats, Floats]:
        """`count` realisations: x [count, n] and s [count, k].

        `power` takes the place of P: a number, or one for each realisation.
        """
        power = np.asarray(self.power if power is None else power, float)
        h = _complex_normal(rng, (count, self.users, self.antennas))
        w = _complex_normal(rng, (count, self.pilots, self.antennas))
        y = np.sqrt(power).reshape(-1, 1, 1) * np.matmul(self.pilot_matrix, h) + w
        return _stacked(y), _stacked(h)


def _complex_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """iid CN(0, 1)."""
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) * np.sqrt(0.5)


def _stacked(values: NDArray[np.complex128]) -> Floats:
    flat = values.reshape(len(values), -1)
    return np.concatenate([flat.real, flat.imag], axis=1)


def bpsk_classes(users: int) -> Floats:
    """Symbols [2^users, users] of every class: s_i = 1 - 2 b_i, b_i the class's bit i."""
    bits = (np.arange(2**users)[:, None] >> np.arange(users)) & 1
    return 1.0 - 2.0 * bits


def exponential_channel(antennas: int, users: int) -> Floats:
    """H_ij = exp(-|i - j|), [antennas, users]."""
    return np.exp(-np.abs(np.arange(antennas)[:, None] - np.arange(users)[None, :]).astype(float))


@dataclass(frozen=True, eq=False)
class SymbolDetection:
    """Section IV-B: x = H s + w, BPSK users, w iid N(0, sigma^2), SNR = 1 / sigma^2.

    Without `channel` H_ij = exp(-|i - j|) of 12 antennas and 4 users.
    """

    snr_db: float = 10.0
    channel: Floats = field(default_factory=lambda: exponential_channel(12, 4))

    def __post_init__(self) -> None:
        if self.channel.ndim != 2 or not np.all(np.isfinite(self.channel)):
            raise ValueError("channel is no finite matrix; expected shape [antennas, users]")
        if not np.isfinite(self.snr_db):
            raise ValueError(f"snr_db is {self.snr_db}; use a finite number")

    @property
    def inputs(self) -> int:
        """n, the antennas."""
        return self.channel.shape[0]

    @property
    def outputs(self) -> int:
        """k, the users."""
        return self.channel.shape[1]

    @property
    def sigma(self) -> float:
        """The noise's standard deviation."""
        return float(10 ** (-self.snr_db / 20))

    @cached_property
    def symbols(self) -> Floats:
        """[2^k, k], the symbols of every class."""
        return bpsk_classes(self.outputs)

    @property
    def means(self) -> Floats:
        """[2^k, n], the observation of every class without noise."""
        return self.symbols @ self.channel.T

    def draw(self, count: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
        """`count` observations x [count, n] and their classes [count], equally likely."""
        classes = rng.integers(0, 2**self.outputs, count)
        noise = rng.standard_normal((count, self.inputs))
        return self.means[classes] + self.sigma * noise, classes

    def uncertain_channel(self, rng: np.random.Generator, variance: float = 0.2) -> Floats:
        """H with each entry's error: H_ij (1 + sqrt(variance) N(0, 1))."""
        return self.channel * (1 + np.sqrt(variance) * rng.standard_normal(self.channel.shape))

    def draw_uncertain(
        self,
        frames: int,
        frame_samples: int,
        rng: np.random.Generator,
        variance: float = 0.2,
    ) -> tuple[Floats, NDArray[np.int64]]:
        """Training samples under CSI uncertainty: each frame has an uncertain channel of its own.

        x [frames * frame_samples, n] and classes, frame after frame.
        """
        parts = [
            SymbolDetection(self.snr_db, self.uncertain_channel(rng, variance)).draw(
                frame_samples, rng
            )
            for _ in range(frames)
        ]
        return np.concatenate([x for x, _ in parts]), np.concatenate([c for _, c in parts])
