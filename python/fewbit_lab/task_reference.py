# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures of task-based quantization are held against.

`PAPER_...`: N. Shlezinger and Y. Eldar, "Deep Task-Based Quantization", in words of its text; its
figures state no numbers. `AUTHORS_...`: results of the authors' own method as a reference states
them. The others are reference values, measured or computed independently of this project. How many
samples they took is not stated, so each is held to a stated tolerance. Rates are bits per real
input, SNRs dB, errors per real entry of the channel.
"""

from __future__ import annotations

from dataclasses import dataclass

# Channel estimation (the paper's Fig. 5): 10 antennas, 4 users, P = 4, 12 pilots, p = k = 80.

MMSE = 1 / 98
ESTIMATE_VARIANCE = 0.489796


@dataclass(frozen=True)
class EstimationRow:
    """Mean square errors of Fig. 5 at one number of levels."""

    levels: int
    rate: float
    eta_opt: float  #: the bound of any quantizer, eq. (7)
    lloyd_max: float  #: the target: the MMSE estimate behind Lloyd-Max ADCs
    eta_sc: float  #: hardware-limited design by its formula
    authors: float  #: learned soft-to-hard, accurate training
    authors_uncertain: float  #: the same, trained on P in [1, 10]


ESTIMATION = (
    EstimationRow(2, 0.333, 0.1327, 0.1882, 0.2551, 0.2047, 0.2023),
    EstimationRow(3, 0.528, 0.0646, 0.1034, 0.1366, 0.1079, 0.1086),
    EstimationRow(4, 0.667, 0.0408, 0.0678, 0.0856, 0.0679, 0.0701),
    EstimationRow(6, 0.862, 0.0238, 0.0386, 0.0452, 0.0387, 0.0464),
    EstimationRow(8, 1.000, 0.0179, 0.0271, 0.0302, 0.0274, 0.0385),
    EstimationRow(12, 1.195, 0.0136, 0.0182, 0.0192, 0.0186, 0.0308),
    EstimationRow(16, 1.333, 0.0121, 0.0149, 0.0153, 0.0159, 0.0285),
)
#: The levels of Fig. 5: rates from .33 to 1.4.
ESTIMATION_LEVELS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 18)

BLMMSE = 0.10174
BLMMSE_RATES = (1.0, 1.4)
UNCERTAIN_BLOCK_AGC = {8: 0.0294, 16: 0.0176}
"""By levels: trained on P in [1, 10], a block AGC whose gain the digital side knows"""
MIXED_RATE = 0.5
MIXED = 0.1157
MIXED_NOTE = (
    "the reference is the straight line between 2 and 3 levels; 80 ADCs of whole levels reach "
    ".11608 (68 of 3 and 12 of 2)"
)
FLOOR_RULE = 0.1882
PHASE_SHIFTER_BITS = 3
PHASE_SHIFTER_LOSS = 0.025
"""At most, relative to the combiner without a constraint, at 8 levels"""
DRIFT_LEVELS = 8
DRIFT_OFFSET, DRIFT_OFFSET_REFITTED = 0.1, 0.0306
"""Thresholds off by .1 standard deviations, digital map refitted"""
DRIFT_GAIN, DRIFT_GAIN_REFITTED = 0.1, 0.0280

# Symbol detection (Figs. 7 to 11): 12 antennas, 4 BPSK users, H_ij = exp(-|i - j|).

DETECTION_SNR_DB = (8.0, 10.0, 12.0, 14.0)
TARGET_BER = 1e-3


@dataclass(frozen=True)
class DetectionRow:
    """Bit error rates at DETECTION_SNR_DB, and the SNR in dB at which 1e-3 is reached."""

    name: str
    ber: tuple[float, ...] | None
    reached_db: float | None = None
    """None: never, or not stated"""
    paper_db: float | None = None
    """What the paper's text says of the same"""
    note: str = ""


MAP = DetectionRow("MAP", (0.0089, 0.0012, 0.00007, 0.0), 10.16, paper_db=10.0)
MAP_UNCERTAIN = DetectionRow(
    "MAP, CSI error",
    (0.053, 0.044, 0.032, 0.028),
    note="a mean over few channels, whose rates are .06 apart; over 32,000 it is .060 at 8 dB",
)
QUANTIZED_MAP = {
    1: DetectionRow("quantized MAP, R = 1", (0.055, 0.038, 0.027, 0.018)),
    2: DetectionRow("quantized MAP, R = 2", (0.033, 0.0143, 0.0053, 0.0018)),
}
LEARNED_PAPER = {
    1: DetectionRow(
        "learned, R = 1, paper's recipe", (0.0189, 0.0040, 0.0012, 0.0003), 12.4, paper_db=13.0
    ),
    2: DetectionRow(
        "learned, R = 2, paper's recipe", (0.0193, 0.0036, 0.0007, 0.0002), 11.3, paper_db=12.0
    ),
}
PASSING_GRADIENT = DetectionRow("passing gradient, R = 1", (0.127, 0.093, 0.025, 0.074))
LEARNED = DetectionRow(
    "learned, R = 1, AGC, Lloyd-Max, annealing, refit", (0.014, 0.0035, 0.0004, 0.00007), 11.3
)
ROTATION_LOOKUP = {
    (4, 8): DetectionRow("rotation and lookup, 4 ADCs of 8 levels (R = 1)", None, 10.65),
    (4, 64): DetectionRow("rotation and lookup, 4 ADCs of 64 levels (R = 2)", None, 10.23),
}
LEARNED_THRESHOLDS_GAIN_DB = 0.07
PILOTS_ENOUGH = (50, 200)

#: How much lower than MAP's with the same uncertainty a receiver trained under it should err, at
#: 10 dB.
UNCERTAIN_GAIN = 2.9

PAPER_QUANTIZED_MAP = (
    "at R = 1 no BER below 1e-2 (6 to 14 dB); at R = 2 BER 1e-3 only above 13 dB",
    "at 3 bits per input within a small gap of the learned receiver",
)
PAPER_UNCERTAIN_GAP_DB = (0.5, 2.0)
"""Between training with CSI errors and with accurate CSI"""
PAPER_UNIFORM = "most of the gain is in modelling the quantizer; learned thresholds add little"
PAPER_RATES = (1.0, 3.0)
"""Figs. 10 and 11, at 8 and 12 dB"""
