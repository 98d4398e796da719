# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What examples/record_detection.py writes, played to a receiver that learns from its pilots."""

import subprocess
import sys

import numpy as np
import pytest
from gnuradio import fewbit, gr
from gnuradio.fewbit import sigmf
from grc_files import REPOSITORY
from stream_bench import rows, sink

H = np.exp(-np.abs(np.subtract.outer(np.arange(12), np.arange(4))))
PILOTS = 1000


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    name = tmp_path_factory.mktemp("recording") / "detection"
    script = REPOSITORY / "examples" / "record_detection.py"
    command = [sys.executable, str(script), str(name), "--vectors", "40000", "--snr", "10"]
    subprocess.run(command, check=True, capture_output=True)
    return name


def error_rate(recording, refit):
    receiver = fewbit.task_quantizer(
        "rotation_lookup:levels=8", "float", "bits", H, 0.1, refit=refit, refit_pilots=500
    )
    graph, found = gr.top_block(), sink("u", 4)
    graph.connect(fewbit.sigmf_source(f"{recording}.sigmf-meta", "float", 12), receiver, found)
    graph.run()
    sent = sigmf.read_meta(f"{recording}_sent").read()
    return np.mean((rows(found, "u", 4) != sent)[PILOTS:]), receiver.counters()


def test_a_receiver_that_learns_from_the_recordings_pilots_errs_less(recording):
    """156,000 bits of error rates near .02: a standard error of 2 %."""
    designed, _ = error_rate(recording, "off")
    learned, counters = error_rate(recording, "on")
    assert counters["detector.pilots"] == PILOTS and counters["detector.refits"] == 2
    assert learned < 0.75 * designed


def test_the_recording_is_what_its_metadata_says(recording):
    read = sigmf.read_meta(recording)
    assert (read.samples, read.channels, len(read.pilots)) == (40_000, 12, PILOTS)
    sent = sigmf.read_meta(f"{recording}_sent").read()
    assert all(np.array_equal(sent[i], bits) for i, bits in read.pilots.items())
