# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error meter on CRC results alone, without a HARQ link around it."""

import time

import pytest
from gnuradio import fewbit
from message_bench import Bench, pdu


@pytest.mark.parametrize("max_attempts", [1, 4])
def test_counts_each_unnamed_pdu_as_a_block_of_its_own(max_attempts):
    meter = fewbit.error_meter(max_attempts, compare=False)
    with Bench(meter, "report") as top:
        for i in range(40):
            top.post("received", pdu([0, 1, 1], crc_ok=i % 4 != 0))
        top.post("received", pdu([0, 1, 1]))  # says nothing of its CRC
        deadline = time.monotonic() + 5
        while meter.report()["malformed"] < 1 and time.monotonic() < deadline:
            time.sleep(0.01)
    report = meter.report()
    for kind in ("first", "after_harq"):  # no second transmission can come of them
        assert report[kind + ".blocks"] == 40
        assert report[kind + ".block_errors"] == 10
    assert report["mean_attempts"] == 1 and report["under_way"] == 0
    assert report["malformed"] == 1
