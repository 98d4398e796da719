# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the soft-bit figures are held against.

`PAPER`: M. Arvinte and J. Tamir, "Wideband and Entropy-Aware Deep Soft Bit Quantization" (2022).
The others are reference values, measured or computed independently of this project and of the
paper: 64-QAM, 108 subcarriers, 802.11n (648,324), float belief propagation with 50 iterations, EPA
with every packet at unit mean power. How many packets they took is not stated, so each is held to
a stated tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

SNR_DB = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]
UNCOMPRESSED_BLER = [0.95, 0.62, 0.26, 0.085, 0.024, 0.010, 0.0024]
#: How far the odds of a block error may be apart: .16 dB anywhere on the curve, whose odds fall
#: by a factor of 4 a dB. On top comes what printing the reference to its digits has rounded away.
UNCOMPRESSED_ODDS = 1.25
UNCOMPRESSED_ROUNDING = [0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.00005]
#: What is known of a reference value that is not met, said with the claim.
UNCOMPRESSED_NOTES = {
    15.0: "the reference lies off the line through its own neighbours, .024 and .0024, which "
    "passes .0076"
}

PAPER_LOSS_DB = 0.18
PAPER_BITS = 2.77
#: Averages over the SNRs of error rates between 1 and .001: the first is inferred, the
#: others follow from "an average compression gain of 7 %" and "of 31 %".
PAPER_AVERAGE_BITS = {
    "the paper's codec, average": PAPER_BITS,
    "the paper's earlier codec, average": PAPER_BITS / 0.93,
    "the paper's max-MI, average": PAPER_BITS / 0.69,
}


@dataclass(frozen=True)
class Row:
    """A scheme's bits per LLR (as stored, and range-coded where both are known) and its loss in
    dB at a block error rate of .1."""

    name: str
    bits: float
    loss_db: float
    coded_bits: float | None = None
    note: str = ""
    """What is known where the bits are not met."""


ROWS_64QAM = (
    Row("uniform 6 bit", 6.0, 0.04, 5.09),
    Row("uniform 4 bit", 4.0, 0.15, 3.50),
    Row("max-MI 4 bit", 3.62, 0.07),
    Row("max-MI 3 bit", 2.74, 0.17),
    Row("max-MI 2 bit", 1.88, 0.81),
    Row("I/Q 0.25 sigma, CSI 0.75 dB", 2.20, 0.03),
    Row("I/Q 0.5 sigma, CSI 1.5 dB", 1.80, 0.11),
    Row("I/Q 0.7 sigma, CSI 2 dB", 1.61, 0.20),
    Row("I/Q and CSI, fixed length", 2.33, 0.15),
)

#: (bits per LLR, loss in dB), reference values of the information-bottleneck bound: no scalar or
#: vector scheme can be better, with CSI free.
BOUND_64QAM = ((1.57, 0.04), (1.37, 0.12), (1.28, 0.18), (1.19, 0.25))

ROWS_256QAM = (
    Row(
        "I/Q 0.5 sigma, CSI 1.5 dB",
        1.52,
        0.10,
        note="the reference's geometry is not stated; the bits rise by .08 a dB, and subcarriers "
        "111 kHz apart take .02 more than 15 kHz apart",
    ),
    Row("max-MI 3 bit", 2.67, 0.18),
)
