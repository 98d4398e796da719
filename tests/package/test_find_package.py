# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another CMake project finds the installed package, builds against it and runs."""

import subprocess
import sys
from pathlib import Path

import pytest

CONSUMER = Path(__file__).parent / "consumer"


def test_another_project_builds_against_the_installed_package(tmp_path):
    prefix = Path(sys.prefix)
    if not list(prefix.glob("lib/**/gnuradio-fewbitConfig.cmake")):
        pytest.skip("the package is not installed into this Python's environment")

    def run(*command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run("cmake", "-S", str(CONSUMER), "-B", str(tmp_path), f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", str(tmp_path))
    assert run(str(tmp_path / "consumer")).split() == ["324", "llr_compressor"]
