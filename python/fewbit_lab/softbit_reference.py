# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the soft-bit figures are held against.

`PAPER`: M. Arvinte and J. Tamir, "Wideband and Entropy-Aware Deep Soft Bit Quantization" (2022).
The others were measured independently of this project: 64-QAM, 108 subcarriers, 802.11n (648,324),
float belief propagation with 50 iterations, EPA with every packet at unit mean power.
"""

from __future__ import annotations

from dataclasses import dataclass

SNR_DB = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]
UNCOMPRESSED_BLER = [0.95, 0.62, 0.26, 0.085, 0.024, 0.010, 0.0024]
#: The measurement's length is not stated; its last figure is 6 errors in 2,500 packets.
UNCOMPRESSED_PACKETS = 2500

PAPER_LOSS_DB = 0.18
PAPER_BITS = 2.77
#: Averages over the SNRs of error rates between 1 and .001: the first is read from its figure, the
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

#: (bits per LLR, loss in dB): no scalar or vector scheme can be better, with CSI free.
BOUND_64QAM = ((1.57, 0.04), (1.37, 0.12), (1.28, 0.18), (1.19, 0.25))

ROWS_256QAM = (Row("I/Q 0.5 sigma, CSI 1.5 dB", 1.52, 0.10), Row("max-MI 3 bit", 2.67, 0.18))
BOUND_256QAM = ((1.24, 0.11),)
