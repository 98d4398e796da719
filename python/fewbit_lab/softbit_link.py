# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soft-bit system's link on the C++ classes, a batch of packets at a time.

Payload -> CRC-24A -> LDPC (648,324) -> interleaver -> QAM -> H x + n -> exact demapper -> LLRs, and
from LLRs (through a codec or not) -> deinterleaver -> LDPC decoder -> block errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gnuradio.fewbit import algorithms

#: 10 MHz carrier: 600 subcarriers of 15 kHz; a packet's subcarriers are spread over all of them.
SPAN, FFT_LENGTH, SAMPLE_RATE = 600, 1024, 15.36e6


@dataclass(frozen=True)
class LinkSetting:
    """Everything that the link's numbers depend on, but SNR and seed."""

    bits_per_symbol: int = 6
    profile: str = "EPA"
    normalise: bool = True
    demapper: str = "exact"
    decoder: str = "sum-product"
    iterations: int = 50


@dataclass(frozen=True)
class Reception:
    """What the receiver has, and what had been sent."""

    bits: np.ndarray
    """uint8 [packets, 324]: the code's information bits, payload and CRC."""
    llrs: np.ndarray
    """float32 [packets, 648], in demapper order."""
    permutations: np.ndarray
    """uint32 [packets, 648]: transmitted bit i is codeword bit permutations[p, i]."""


class SoftbitLink:
    """The link of a setting. One object serves one thread.

    Every packet has an independent channel (block fading) and a random interleaver of its own, so
    that packets are independent and no figure hangs on a lucky permutation.
    """

    def __init__(self, setting: LinkSetting) -> None:
        self._setting = setting
        self._crc = algorithms.crc("CRC-24A")
        self._encoder = algorithms.ldpc_encoder()
        self._decoder = algorithms.ldpc_decoder(
            algorithm=setting.decoder, max_iterations=setting.iterations
        )
        self._code = self._encoder.code
        self._mapper = algorithms.qam_mapper(setting.bits_per_symbol)
        self._demapper = algorithms.soft_demapper(setting.bits_per_symbol, setting.demapper)
        subcarriers = self._code.codeword_bits // setting.bits_per_symbol
        places = algorithms.subcarrier_map(subcarriers, SPAN, FFT_LENGTH)
        self._offsets = places.offsets(SAMPLE_RATE)
        self._channel(seed=0)

    def receive(self, packets: int, snr_db: float, seed: int) -> Reception:
        """Send random payloads. SNR is E|hx|^2 / E|n|^2 of a subcarrier."""
        rng = np.random.default_rng(seed)
        payload_bits = self._code.information_bits - self._crc.width
        payload = rng.integers(0, 2, (packets, payload_bits), dtype=np.uint8)
        channel_seed, noise_seed, *interleaver_seeds = rng.integers(1, 2**63, 2 + packets).tolist()
        permutations = self._permutations(interleaver_seeds)
        bits = self._crc.append(payload)
        transmitted = np.take_along_axis(self._encoder.encode(bits), permutations, axis=1)
        gains = self._channel(channel_seed).draw(packets)
        noise_variance = 10.0 ** (-snr_db / 10.0)
        noise = algorithms.awgn(noise_seed)
        received = noise.add(gains * self._mapper.map(transmitted), noise_variance)
        return Reception(bits, self._demapper.demap(received, gains, noise_variance), permutations)

    def block_errors(self, reception: Reception, llrs: np.ndarray) -> np.ndarray:
        """Which packets decode to anything but what was sent, from `llrs` in demapper order."""
        codeword = np.empty_like(llrs)
        np.put_along_axis(codeword, reception.permutations, llrs, axis=1)
        return np.any(self._decoder.decode(codeword)[0] != reception.bits, axis=1)

    def _permutations(self, seeds: list[int]) -> np.ndarray:
        n = self._code.codeword_bits
        return np.stack([algorithms.interleaver(n, seed).permutation for seed in seeds])

    def _channel(self, seed: int) -> algorithms.tdl_channel:
        return algorithms.tdl_channel(
            profile=self._setting.profile,
            normalise=self._setting.normalise,
            seed=seed,
            sample_rate=SAMPLE_RATE,
            offsets=self._offsets,
        )
