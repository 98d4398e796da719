# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of bit errors in which every batch is the same, so that claims meet known numbers."""

from fewbit_lab.kaq_curves import BitErrorTable


def table_of(errors, squares=1, vectors=100_000):
    """Of eight batches a point: `errors` of each detector in a batch by SNR in dB, in vectors of
    `squares` wrong bits each."""
    found = {}
    for snr_db, counted in errors.items():
        together = {name: squares * wrong for name, wrong in counted.items()}
        found[snr_db] = [{"vectors": vectors, "errors": counted, "squares": together}] * 8
    return BitErrorTable(found)
