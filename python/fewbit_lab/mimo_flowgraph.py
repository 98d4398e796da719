# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit detect`: MIMO detectors in a flowgraph without a display, error rates and speed.

Random bits -> qam_mapper -> mimo_channel -> unfolded_detector -> error_meter.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gnuradio import analog, blocks, fewbit, gr

from fewbit_lab.errors import LabError
from fewbit_lab.quiet_start import start_quietly


@dataclass(frozen=True)
class MimoSetting:
    """The link; a detector is given beside it."""

    snr_db: float = 20.0
    vectors: int = 20_000
    antennas: int = 16
    users: int = 16
    bits_per_symbol: int = 4
    block_len: int = 1
    """Vectors that one channel lasts."""
    seed: int = 1


@dataclass(frozen=True)
class MimoOutcome:
    """What became of the vectors."""

    vectors: int
    bit_errors: float
    """Rate."""
    vector_errors: tuple[float, float, float]
    """Rate, and its 95 % interval, of vectors with at least one wrong bit. The interval takes
    vectors for independent, which those over one channel are not: it holds for a block_len of 1."""
    vectors_per_second: float
    """Of the whole flowgraph, the channel's simulation included."""
    detections_per_second: float
    """Of the time that the detector alone was at work."""
    causes: dict[str, int] = field(default_factory=dict)
    """How often the detector counted what is no plain detection (docs/blocks.md), by its cause."""


class MimoLink(gr.top_block):
    """The flowgraph; ends after whole blocks of vectors. Bits, channels and noise follow from the
    seed alone: every detector sees the same. Raises ValueError for what a block refuses."""

    def __init__(self, detector: str, setting: MimoSetting) -> None:
        super().__init__("MIMO link")
        self.handle_sigint = False  # or else an interruption ends it as if it were complete
        bits = setting.users * setting.bits_per_symbol
        sizes = setting.antennas, setting.users
        self.detector = fewbit.unfolded_detector(
            detector, *sizes, setting.bits_per_symbol, setting.block_len
        )
        self.meter = fewbit.error_meter(1, False, 0, 0, 0.0, 0, block_bits=bits)
        channel = fewbit.mimo_channel(*sizes, setting.block_len, seed=setting.seed)
        channel.set_snr_db(setting.snr_db)
        whole = setting.vectors // setting.block_len * setting.block_len
        sent = blocks.head(gr.sizeof_char, whole * bits)
        self.connect(analog.random_uniform_source_b(0, 2, setting.seed), sent, (self.meter, 0))
        self.connect(
            sent,
            blocks.stream_to_vector(gr.sizeof_char, bits),
            fewbit.qam_mapper(bits, setting.bits_per_symbol),
            channel,
            self.detector,
            blocks.vector_to_stream(gr.sizeof_char, bits),
            (self.meter, 1),
        )
        self.connect((channel, 1), (self.detector, 1))


_USUAL = ("vectors", "channels")


def _link(detector: str, setting: MimoSetting) -> MimoLink:
    if setting.block_len > setting.vectors:
        raise LabError(
            f"--vectors is {setting.vectors}; expected at least a channel's {setting.block_len}"
        )
    try:
        return MimoLink(detector, setting)
    except ValueError as error:
        raise LabError(str(error)) from error


def run_link(detector: str, setting: MimoSetting) -> MimoOutcome:
    """Send the vectors; raises LabError for what a block refuses."""
    link = _link(detector, setting)
    start = time.perf_counter()
    start_quietly(link)
    try:
        link.wait()
    except KeyboardInterrupt:
        link.stop()
        link.wait()
        raise
    seconds = time.perf_counter() - start
    report = link.meter.report()
    counted = link.detector.counters()
    done = counted["vectors"]
    causes = {name: n for name, n in counted.items() if n and name not in _USUAL}
    rates = tuple(report[f"first.{name}"] for name in ("bler", "bler_low", "bler_high"))
    speed = link.detector.vectors_per_second()
    return MimoOutcome(done, report["first.ber"], rates, done / seconds, speed, causes)


def compare(
    detectors: Sequence[str], snr_db: Sequence[float], setting: MimoSetting
) -> Iterator[str]:
    """The table of every detector at every SNR, line by line as they are measured. Raises LabError
    for what cannot be made, before anything is measured."""
    for detector in detectors:
        _link(detector, setting)
    wide = max(8, *map(len, detectors))
    vectors = "1 vector" if setting.block_len == 1 else f"{setting.block_len} vectors"
    yield (
        f"{setting.antennas} antennas, {setting.users} users, {setting.bits_per_symbol} bits a "
        f"symbol, {vectors} a channel, seed {setting.seed}"
    )
    yield (
        f"{'detector':{wide}} {'SNR dB':>7} {'BER':>9} {'vectors wrong':>27} "
        f"{'vectors/s':>10} {'detections/s':>13}"
    )
    for snr in snr_db:
        for detector in detectors:
            found = run_link(detector, replace(setting, snr_db=snr))
            rate, low, high = found.vector_errors
            wrong = f"{rate:.5f}"
            if setting.block_len == 1:  # or else vectors err together, and this is too narrow
                wrong += f" ({low:.5f}, {high:.5f})"
            yield (
                f"{detector:{wide}} {snr:7.2f} {found.bit_errors:9.2e} "
                f"{wrong:>27} {found.vectors_per_second:10.0f} {found.detections_per_second:13.0f}"
            )
            if found.causes:
                causes = ", ".join(f"{name} {n}" for name, n in found.causes.items())
                yield f"{'':{wide}} of {found.vectors} vectors: {causes}"
