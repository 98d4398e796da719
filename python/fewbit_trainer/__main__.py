# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m fewbit_trainer CONFIG.yaml``: train, harden, write a bundle."""

from __future__ import annotations

import argparse
import sys
import time

from .config import ConfigError, load_config
from .run import train
from .training import EpochReport


class ProgressLine:
    """Prints progress and the estimated time left, at most every ``interval_s``."""

    def __init__(self, interval_s: float = 5.0) -> None:
        self._interval_s = interval_s
        self._printed = 0.0

    def __call__(self, report: EpochReport) -> None:
        now = time.monotonic()
        if now - self._printed < self._interval_s and report.epoch < report.epochs:
            return
        self._printed = now
        minutes, seconds = divmod(round(report.remaining_s), 60)
        sys.stderr.write(
            f"epoch {report.epoch}/{report.epochs}  loss {report.loss:.5f}  "
            f"distortion {report.distortion:.5f}  rate {report.rate:.3f}  "
            f"left {minutes}:{seconds:02d}\n"
        )
        sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 on success, 2 for a configuration that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m fewbit_trainer", description=__doc__)
    parser.add_argument("config", help="YAML configuration")
    parser.add_argument("--output", help="bundle to write (runs/NAME.safetensors)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    parser.add_argument("--seed", type=int, help="replaces the configuration's seed")
    parser.add_argument("--log-dir", help="folder for TensorBoard files")
    options = parser.parse_args(arguments)
    try:
        config = load_config(options.config)
        result = train(
            config, options.output, options.resume, options.seed, ProgressLine(), options.log_dir
        )
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for figure in result.measured:
        rate = figure.get("coded_bits_per_llr", figure["ideal_bits_per_llr"])
        sys.stdout.write(
            f"{figure['snr_db']:5.1f} dB  {rate:.3f} bits/LLR  "
            f"{figure['information_loss']:.5f} bits lost/LLR\n"
        )
    sys.stdout.write(f"{result.bundle}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
