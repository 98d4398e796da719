# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle: the parity-check matrix of IEEE 802.11-2012, table F-1 (a), expanded by numpy."""

import numpy as np

Z = 27
N = 648
K = 324
BASE = """
0 - - - 0 0 - - 0 - - 0 1 0 - - - - - - - - - -
22 0 - - 17 - 0 0 12 - - - - 0 0 - - - - - - - - -
6 - 0 - 10 - - - 24 - 0 - - - 0 0 - - - - - - - -
2 - - 0 20 - - - 25 0 - - - - - 0 0 - - - - - - -
23 - - - 3 - - - 0 - 9 11 - - - - 0 0 - - - - - -
24 - 23 1 17 - 3 - 10 - - - - - - - - 0 0 - - - - -
25 - - - 8 - - - 7 18 - - 0 - - - - - 0 0 - - - -
13 24 - - 0 - 8 - 6 - - - - - - - - - - 0 0 - - -
7 20 - 16 22 10 - - 23 - - - - - - - - - - - 0 0 - -
11 - - - 19 - - - 13 - 3 17 - - - - - - - - - 0 0 -
25 - 8 - 23 18 - 14 9 - - - - - - - - - - - - - 0 0
3 - - - 16 - - 2 25 5 - - 1 - - - - - - - - - - 0
"""


def parity_check_matrix() -> np.ndarray:
    """H as uint8 [324, 648]."""
    h = np.zeros((N - K, N), np.uint8)
    for i, row in enumerate(BASE.split("\n")[1:-1]):
        for j, entry in enumerate(row.split()):
            if entry != "-":
                block = np.roll(np.eye(Z, dtype=np.uint8), int(entry), axis=1)
                h[i * Z : (i + 1) * Z, j * Z : (j + 1) * Z] = block
    return h


def awgn_llrs(codewords: np.ndarray, ebn0_db: float, rng: np.random.Generator) -> np.ndarray:
    """LLRs (positive = bit 1) of BPSK over white noise at rate 1/2."""
    variance = 10 ** (-ebn0_db / 10)  # N0/2 with Es = Eb/2 = 1
    y = 2.0 * codewords - 1 + rng.normal(size=codewords.shape) * variance**0.5
    return (2 * y / variance).astype(np.float32)
