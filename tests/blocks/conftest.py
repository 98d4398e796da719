# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles of random weights for tests of blocks."""

import pytest
from task_quantizer_oracle import random_bundle


@pytest.fixture
def bundle(tmp_path):
    """Writes a bundle of random weights: bundle(seed=2, digital="affine", ...) -> its path."""

    def write(**how):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        random_bundle(path, **how)
        return str(path)

    return write
