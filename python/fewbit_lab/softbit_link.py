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
    interleaver: algorithms.interleaver


class SoftbitLink:
    """The link of a setting. One object serves one thread.

    A packet sees an independent channel (block fading). The random interleaver is drawn anew for
    each batch, so that no figure hangs on a lucky one.
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
        seeds = rng.integers(1, 2**63, 3)
        interleaver = algorithms.interleaver(self._code.codeword_bits, int(seeds[0]))
        bits = self._crc.append(payload)
        sent = self._mapper.map(interleaver.interleave(self._encoder.encode(bits)))
        gains = self._channel(int(seeds[1])).draw(packets)
        noise_variance = 10.0 ** (-snr_db / 10.0)
        received = algorithms.awgn(int(seeds[2])).add(gains * sent, noise_variance)
        return Reception(bits, self._demapper.demap(received, gains, noise_variance), interleaver)

    def block_errors(self, reception: Reception, llrs: np.ndarray) -> np.ndarray:
        """Which packets decode to anything but what was sent, from `llrs` in demapper order."""
        decoded = self._decoder.decode(reception.interleaver.deinterleave(llrs))[0]
        return np.any(decoded != reception.bits, axis=-1)

    def _channel(self, seed: int) -> algorithms.tdl_channel:
        return algorithms.tdl_channel(
            profile=self._setting.profile,
            normalise=self._setting.normalise,
            seed=seed,
            sample_rate=SAMPLE_RATE,
            offsets=self._offsets,
        )
