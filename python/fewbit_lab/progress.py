# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line on the terminal: how far, how much longer."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """A progress line with the time left. On a terminal it is redrawn; in a log it is repeated
    every `every` seconds, so that a log stays readable."""

    def __init__(self, title: str, stream: TextIO | None = None, every: float = 10.0) -> None:
        self._title = title
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._every = 0.2 if self._terminal else every
        self._begin = time.monotonic()
        self._first: float | None = None
        self._last = -1e9
        self._width = 0

    def update(self, fraction: float, note: str = "") -> None:
        """Show `fraction` (0 to 1). What was there at the first call (a resumed run) is not
        counted as speed."""
        now = time.monotonic()
        if self._first is None:
            self._first = fraction
        if now - self._last < self._every and fraction < 1.0:
            return
        self._last = now
        gained = fraction - self._first
        left = (
            ""
            if gained <= 0.0
            else f"  {_clock((now - self._begin) * (1 - fraction) / gained)} left"
        )
        self._show(f"{self._title}  {100 * fraction:3.0f} %  {note}{left}")

    def close(self, note: str = "") -> None:
        """End the line with what was done and the time it took."""
        self._show(f"{self._title}  {note}  {_clock(time.monotonic() - self._begin)}")
        if self._terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _show(self, line: str) -> None:
        if self._terminal:
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
