# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference values of MIMO detection, measured outside this project: uncoded bit error rates of
16 users, 16 antennas, 16-QAM over iid Rayleigh channels, as printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A detector's bit error rates by SNR in dB; where a range was printed, both ends."""

    name: str
    ber: Mapping[float, str]


SNR_DB = (10.0, 15.0, 20.0, 25.0)


def _row(name: str, *printed: str, first: int = 0) -> Row:
    return Row(name, dict(zip(SNR_DB[first:], printed, strict=False)))


ZF = _row("ZF", ".357", ".263", ".159", ".0751")
LMMSE = _row("LMMSE", ".179", ".112", ".0588", ".0245")
VBLAST = _row("V-BLAST", ".191", ".113", ".0218", ".0007")
KBEST = {
    4: _row("K-Best 4", ".192", ".085", ".0015"),
    16: _row("K-Best 16", ".186", ".066", ".00009"),
    64: _row("K-Best 64", ".184", ".059", ".00005"),
}
EP = _row("EP", ".164", ".070", ".0034-.0076", ".0001-.0011")
ML = _row("exact ML", ".058", ".000054", first=1)
PGD = _row("PGD-Net", ".220", ".204", ".198", ".197")
PGD_CLIP = _row("PGD-Net, float with KAQ's clip", ".147", first=3)
PGD_KAQ = _row("PGD-Net, KAQ", ".152", first=3)
PGD_QAT = _row("PGD-Net, QAT", ".182", first=3)
ADMM_5 = _row("ADMM-5", ".166", ".079", ".0140", ".0014")
ADMM_10 = _row("ADMM-10", ".164", ".072", ".0067", ".0004")


def limits(printed: str) -> tuple[float, float]:
    """What a printed number or range may have been before it was rounded to its digits."""
    ends = printed.split("-")
    half = [0.5000001 * 10.0 ** -len(end.split(".")[1]) for end in ends]
    return float(ends[0]) - half[0], float(ends[-1]) + half[-1]


def band(printed: str, factor: float) -> tuple[float, float]:
    """Those limits, and as much further as a measurement of another sample may lie."""
    low, high = limits(printed)
    return low / factor, high * factor


def middle(printed: str) -> float:
    """The number, or the middle of a range."""
    ends = [float(end) for end in printed.split("-")]
    return sum(ends) / len(ends)


#: What a vector's LLRs tell of its 64 bits, by SNR in dB.
SOFT_SNR_DB = (5.0, 10.0, 15.0, 20.0)
TOLD = {
    "LMMSE": dict(zip(SOFT_SNR_DB, ("18.3", "29.0", "40.7", "51.1"), strict=True)),
    "ADMM-10": dict(zip(SOFT_SNR_DB, ("18.5", "31.1", "46.9", "61.1"), strict=True)),
    "EP": dict(zip(SOFT_SNR_DB, ("19.0", "31.5", "47.8", "61.6"), strict=True)),
}

#: Bit errors of ADMM-Net with a 4-bit matrix, and with 4-bit vectors, over those of float at 20 dB,
#: quantised afterwards.
PTQ_MATRIX_4, PTQ_VECTORS_4 = "3.0", "1.9"
