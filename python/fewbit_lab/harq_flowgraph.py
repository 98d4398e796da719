# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HARQ link as a GNU Radio flowgraph: what the demo, the tests and the documentation share.

    harq_transmitter -> crc_append -> ldpc_encoder -> interleaver -> pdu_to_frame -> qam_mapper
        -> ofdm_modulator -> tdl_channel -> ofdm_demodulator -> soft_demapper -> frame_to_pdu
        -> harq_buffer -> ldpc_decoder -> crc_check -> harq_buffer -> feedback -> harq_transmitter

with an error_meter on what was sent and what came out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gnuradio import fewbit, gr

from fewbit_lab.quiet_start import start_quietly

CODED_BITS = 648
PAYLOAD_BITS = 300


@dataclass(frozen=True)
class HarqLinkSetting:
    """What a run depends on. `codec` is a text for make_softbit_codec()."""

    codec: str = "float"
    snr_db: float = 12.0
    n_blocks: int = 400
    """Blocks to send; 0: for ever."""
    users: int = 4
    processes: int = 8
    max_attempts: int = 4
    budget_bytes: int = 1 << 20
    storage: str = "per_transmission"
    profile: str = "EPA"
    bits_per_symbol: int = 6
    iterations: int = 50
    seed: int = 1


@dataclass(frozen=True)
class HarqOutcome:
    """What a run has shown. Intervals are 95 %."""

    blocks: int
    transmissions: int
    first_bler: float
    first_interval: tuple[float, float]
    harq_bler: float
    harq_interval: tuple[float, float]
    throughput: float
    """Payload bits delivered for each QAM symbol sent."""
    bits_per_llr: float
    """Bytes laid down in the buffer, all overhead in, for each LLR stored; over the whole run."""
    peak_bytes: int
    kilobits_per_second: float
    """Payload bits delivered per second of wall clock, on this machine."""
    unaccounted: int
    """Blocks sent, less those that the receiver delivered and those that the sender gave up:
    must be 0. Positive: lost. Negative: delivered twice, or given up though delivered."""


class HarqLink(gr.top_block):
    """The link. Its blocks are attributes, so that a test can look at any of them."""

    def __init__(self, setting: HarqLinkSetting) -> None:
        gr.top_block.__init__(self, "HARQ link", catch_exceptions=True)
        self.setting = setting
        self.subcarriers = CODED_BITS // setting.bits_per_symbol
        self._make_sender()
        self._make_air()
        self._make_receiver()
        self._connect()

    def _make_sender(self) -> None:
        s = self.setting
        self.transmitter = fewbit.harq_transmitter(
            users=s.users,
            processes=s.processes,
            payload_bits=PAYLOAD_BITS,
            n_packets=s.n_blocks,
            max_attempts=s.max_attempts,
            timeout_ms=0.0,  # no feedback is lost here; a slow machine must not look like loss
            seed=s.seed,
        )
        self.crc_append = fewbit.crc_append()
        self.encoder = fewbit.ldpc_encoder()
        self.interleaver = fewbit.interleaver(CODED_BITS, s.seed)

    def _make_receiver(self) -> None:
        s = self.setting
        self.buffer = fewbit.harq_buffer(
            users=s.users,
            processes=s.processes,
            n_llrs=CODED_BITS,
            codec=s.codec,
            budget_bytes=s.budget_bytes,
            storage=s.storage,
            interleaver_seed=s.seed,
        )
        self.decoder = fewbit.ldpc_decoder(max_iterations=s.iterations)
        self.crc_check = fewbit.crc_check()
        self.meter = fewbit.error_meter(max_attempts=s.max_attempts)

    def _make_air(self) -> None:
        s = self.setting
        self.to_frame = fewbit.pdu_to_frame("byte", CODED_BITS)
        self.mapper = fewbit.qam_mapper(CODED_BITS, s.bits_per_symbol)
        self.modulator = fewbit.ofdm_modulator(self.subcarriers)
        self.channel = fewbit.tdl_channel(
            profile=s.profile,
            noise_variance=noise_variance(s.snr_db),
            n_subcarriers=self.subcarriers,
            seed=s.seed,
        )
        self.demodulator = fewbit.ofdm_demodulator(self.subcarriers)
        self.demapper = fewbit.soft_demapper(self.subcarriers, s.bits_per_symbol)
        self.to_pdu = fewbit.frame_to_pdu("float", CODED_BITS)

    def _connect(self) -> None:
        self._connect_pdus(self.transmitter, self.crc_append, self.encoder, self.interleaver)
        self._connect_pdus(self.interleaver, self.to_frame)
        self.connect(self.to_frame, self.mapper, self.modulator, self.channel, self.demodulator)
        self.connect(self.demodulator, (self.demapper, 0))
        self.connect((self.channel, 1), (self.demapper, 1))
        self.connect(self.demapper, self.to_pdu)
        self.msg_connect(self.to_pdu, "pdus", self.buffer, "llrs")
        self.msg_connect(self.buffer, "combined", self.decoder, "pdus")
        self._connect_pdus(self.decoder, self.crc_check)
        self.msg_connect(self.crc_check, "pdus", self.buffer, "decoded")
        self.msg_connect(self.buffer, "feedback", self.transmitter, "feedback")
        self.msg_connect(self.transmitter, "pdus", self.meter, "sent")
        self.msg_connect(self.crc_check, "pdus", self.meter, "received")

    def _connect_pdus(self, *chain: gr.basic_block) -> None:
        for source, sink in zip(chain[:-1], chain[1:], strict=True):
            self.msg_connect(source, "pdus", sink, "pdus")

    def set_snr_db(self, snr_db: float) -> None:
        """Change the SNR while the link runs."""
        self.channel.set_snr_db(snr_db)

    def set_codec(self, codec: str) -> None:
        """Store with another codec from now on."""
        self.buffer.set_codec(codec)


def noise_variance(snr_db: float) -> float:
    """E|n|^2 of a complex sample at unit symbol energy: SNR is per subcarrier, FFTs are unitary."""
    return 10.0 ** (-snr_db / 10.0)


def run_link(
    setting: HarqLinkSetting,
    report: Callable[[float], None] | None = None,
    timeout_s: float = 120.0,
) -> HarqOutcome:
    """Run a link until its blocks have ended. `report` is told the share that has.

    Raises TimeoutError where they do not end within `timeout_s`, or the meter does not hear of all.
    """
    link = HarqLink(setting)
    begin = time.monotonic()
    start_quietly(link)
    try:
        while not link.transmitter.complete():
            if time.monotonic() - begin > timeout_s:
                counts = link.transmitter.counters()
                raise TimeoutError(f"the HARQ link stands still: {counts}")
            time.sleep(0.02)
            if report is not None:
                counts = link.transmitter.counters()
                report((counts["acknowledged"] + counts["failed"]) / max(1, setting.n_blocks))
        seconds = time.monotonic() - begin
        _wait_for_meter(link)
    finally:
        link.stop()
        link.wait()
    return _outcome(link, seconds)


def _wait_for_meter(link: HarqLink, patience_s: float = 10.0) -> None:
    """The meter hears of the last blocks after the sender does."""
    deadline = time.monotonic() + patience_s
    sent = link.transmitter.counters()["sent"]
    while (met := link.meter.report()["after_harq.blocks"]) != sent:
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"the error meter has seen the end of {met:g} blocks, expected the {sent} sent; "
                "look for a message port that drops PDUs before the meter"
            )
        time.sleep(0.01)


def _outcome(link: HarqLink, seconds: float) -> HarqOutcome:
    counts = link.transmitter.counters()
    received = link.buffer.counters()
    met = link.meter.report()
    right = met["after_harq.blocks"] - met["after_harq.block_errors"]
    delivered = PAYLOAD_BITS * right
    stored_llrs = received["stored_bodies"] * CODED_BITS
    return HarqOutcome(
        blocks=int(counts["sent"]),
        transmissions=int(counts["transmissions"]),
        first_bler=met["first.bler"],
        first_interval=(met["first.bler_low"], met["first.bler_high"]),
        harq_bler=met["after_harq.bler"],
        harq_interval=(met["after_harq.bler_low"], met["after_harq.bler_high"]),
        throughput=delivered / (counts["transmissions"] * link.subcarriers),
        bits_per_llr=8.0 * received["stored_bytes"] / stored_llrs if stored_llrs else 0.0,
        peak_bytes=int(link.buffer.peak_bytes()),
        kilobits_per_second=delivered / seconds / 1e3,
        unaccounted=int(counts["sent"]) - int(received["delivered"]) - int(counts["failed"]),
    )
