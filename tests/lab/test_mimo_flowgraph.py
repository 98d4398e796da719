# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit detect`: the flowgraph's error rates are those of the classes on links of their own."""

import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from fewbit_lab.command import main
from fewbit_lab.mimo_flowgraph import MimoSetting, run_link
from gnuradio.fewbit import algorithms


def class_error_rate(detector, setting, seed):
    rng = np.random.default_rng(seed)
    k, bits_each, n = setting.users, setting.bits_per_symbol, setting.vectors
    bits = rng.integers(0, 2, (n, k * bits_each), dtype=np.uint8)
    noise = 10 ** (-setting.snr_db / 10)
    channel = algorithms.mimo_channel(setting.antennas, k, noise, setting.block_len, seed=seed)
    y, h = channel.apply(algorithms.qam_mapper(bits_each).map(bits))
    made = algorithms.make_detector(detector, setting.antennas, k, bits_each)
    made.prepare(h, noise)
    return np.mean((made.llrs(y) > 0) != bits)


@pytest.mark.parametrize("detector", ["lmmse", "kbest:k=4"])
def test_error_rates_are_the_classes(detector):
    """Two samples of 4000 channels; errors of a channel's 16 bits at worst all together, so that
    the deviation of their difference is at most sqrt(2 p (1 - p) / 4000): four of them."""
    setting = MimoSetting(12.0, 4000, 4, 4, 4, 1)
    found = run_link(detector, setting)
    expected = class_error_rate(detector, setting, 77)
    assert abs(found.bit_errors - expected) < 4 * np.sqrt(2 * expected * (1 - expected) / 4000)
    rate, low, high = found.vector_errors
    assert found.detections_per_second > 0
    assert found.vectors == 4000 and found.bit_errors <= rate and low < rate < high


def test_vectors_follow_from_the_seed():
    once, again, other = (
        run_link("lmmse", MimoSetting(15.0, 505, 4, 4, 2, 10, seed)) for seed in (1, 1, 2)
    )
    assert once.vectors == 500 and once.bit_errors == again.bit_errors != other.bit_errors


def test_prints_a_line_for_each_detector_and_snr(capsys):
    assert main(["detect", "zf", "ep:iterations=5", "--snr", "5,40", "--vectors", "100"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[2:]] == [
        [name, snr] for snr in ("5.00", "40.00") for name in ("zf", "ep:iterations=5")
    ]


def test_says_how_many_searches_ended_at_their_limit(capsys):
    arguments = "--antennas 8 --users 8 --vectors 50 --snr 5"
    assert main(["detect", "sphere:nodes=64", "zf", *arguments.split()]) == 0
    cut, plain = capsys.readouterr().out.split("sphere:nodes=64")[1].split("zf")
    count = re.search(r"of 50 vectors: cut_short (\d+)", cut)
    assert count and 1 <= int(count[1]) <= 50
    assert "of 50 vectors" not in plain


def test_takes_snrs_below_zero_as_they_are_written(capsys):
    for words in (["--snr", "-5,40"], ["--snr=-5,40"]):
        assert main(["detect", "zf", *words, "--vectors", "100"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[1] for line in lines[2:]] == ["-5.00", "40.00"]


def test_refuses_a_detector_before_it_measures_another(capsys):
    assert main(["detect", "lmmse", "magic", "--snr", "20", "--vectors", "100"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "'magic' is not a kind" in captured.err


def test_a_file_that_is_not_there_was_looked_for_among_the_models_too(capsys):
    assert main(["detect", "unfolded:kaq_admm55", "--vectors", "100"]) == 2
    assert "no file 'kaq_admm55', nor a model of that name in " in capsys.readouterr().err


def test_an_interruption_ends_it_and_prints_no_line_of_part_of_the_vectors():
    """Exhaustive search of two million vectors takes minutes; each line is printed once measured,
    and the table's head before anything is."""
    words = ["detect", "ml", "--users", "4", "--antennas", "4", "--vectors", "2000000"]
    command = [sys.executable, "-m", "fewbit_lab", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        head = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=60)
    assert b"detections/s" in head[1] and rest == b""
    assert process.returncode == 130 and b"interrupted" in said
