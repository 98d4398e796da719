# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mean squared error meter, against numpy."""

import numpy as np
import pytest
from gnuradio import fewbit, gr
from stream_bench import rows, sink, source


def measured(block, a, b):
    graph, kept = gr.top_block(), sink("f", 1)
    graph.connect(source(a), (block, 0))
    graph.connect(source(b), (block, 1))
    graph.connect(block, kept)
    graph.run()
    return rows(kept, "f", 1).ravel()


def pair(n, vlen, is_complex, seed=1):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n, vlen, 2 if is_complex else 1)).astype(np.float32)
    return (
        (a.view(np.complex64)[..., 0], b.view(np.complex64)[..., 0])
        if is_complex
        else (
            a[..., 0],
            b[..., 0],
        )
    )


@pytest.mark.parametrize("is_complex", [False, True])
def test_is_numpys_mean_over_items_and_real_entries(is_complex):
    a, b = pair(1050, 6, is_complex)
    block = fewbit.mse_meter("complex" if is_complex else "float", 6, 50)
    squares = np.abs(a - b).astype(float) ** 2 / (2 if is_complex else 1)
    means = squares.mean(1).reshape(21, 50)
    np.testing.assert_allclose(measured(block, a, b), means.mean(1), rtol=1e-5)
    report = block.report()
    assert report["items"] == 1050 and report["not_finite"] == 0
    assert report["mse"] == pytest.approx(means.mean(), rel=1e-5)
    half_width = 1.959964 * means.std() / np.sqrt(1050)
    assert report["mse_high"] - report["mse"] == pytest.approx(half_width, rel=1e-3)
    block.reset()
    assert block.report()["items"] == 0 and block.report()["mse"] == 0


def test_leaves_out_and_counts_what_is_not_finite():
    a, b = pair(8, 3, False)
    a[0:2] = np.nan
    a[5, 1] = np.inf
    block = fewbit.mse_meter("float", 3, 2)
    means = ((a - b).astype(float) ** 2).mean(1)
    expected = [0.0, means[2:4].mean(), means[4], means[6:8].mean()]
    np.testing.assert_allclose(measured(block, a, b), expected, rtol=1e-5)
    assert block.report()["not_finite"] == 3 and block.report()["items"] == 5


@pytest.mark.parametrize("make", [("byte", 1), ("float", 0), ("float", 1, 0), ("x", 1)])
def test_refuses_senseless_parameters(make):
    with pytest.raises(ValueError):
        fewbit.mse_meter(*make)
