# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Gaussian's best quantizers, against published values and against sampled data."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.lloyd_max import ScalarQuantizer, lloyd_max, uniform


# J. Max, "Quantizing for minimum distortion", 1960, table I: the mean square error.
@pytest.mark.parametrize(
    ("levels", "distortion"),
    [(2, 0.3634), (3, 0.1902), (4, 0.1175), (5, 0.07994), (6, 0.05798), (8, 0.03454),
     (10, 0.02293), (12, 0.01634), (16, 0.009497), (18, 0.007594), (32, 0.002499)],
)  # fmt: skip
def test_distortion_is_max_s(levels, distortion):
    assert lloyd_max(levels).distortion == pytest.approx(distortion, rel=2.5e-3)


@pytest.mark.parametrize("levels", [2, 3, 8, 37, 256])
def test_levels_are_centroids_and_thresholds_are_midway(levels):
    design = lloyd_max(levels)
    np.testing.assert_allclose(
        design.thresholds, 0.5 * (design.levels[1:] + design.levels[:-1]), atol=1e-12
    )
    np.testing.assert_allclose(design.levels, -design.levels[::-1], atol=1e-12)
    assert (np.diff(design.levels) > 0).all()
    value = np.random.default_rng(1).standard_normal(400_000)
    code = np.searchsorted(design.thresholds, value)
    error = (value - design.levels[code]) ** 2
    assert abs(error.mean() - design.distortion) < 4.0 * error.std() / np.sqrt(value.size)


@pytest.mark.parametrize("levels", [3, 8])
def test_no_other_quantizer_is_better(levels):
    design = lloyd_max(levels)
    rng = np.random.default_rng(2)
    for _ in range(50):
        moved = ScalarQuantizer(
            np.sort(design.thresholds + 0.05 * rng.standard_normal(levels - 1)),
            design.levels + 0.05 * rng.standard_normal(levels),
        )
        assert moved.distortion > design.distortion


# J. Max, 1960, table II: steps and errors of the best uniform quantizers.
@pytest.mark.parametrize(
    ("levels", "step", "distortion"),
    [(2, 1.596, 0.3634), (4, 0.9957, 0.1188), (7, 0.6508, 0.04686), (16, 0.3352, 0.01154)],
)
def test_uniform_quantizers_have_the_published_error(levels, step, distortion):
    quantizer = uniform(levels, levels * step / 2)
    np.testing.assert_allclose(np.diff(quantizer.levels), step)
    assert quantizer.distortion == pytest.approx(distortion, rel=1e-3)


def test_uniform_thresholds_are_as_agreed():
    np.testing.assert_allclose(uniform(4, 2.0).thresholds, [-1, 0, 1])
    np.testing.assert_allclose(uniform(2, 2.0).thresholds, [0])


@pytest.mark.parametrize("support", [0.0, -1.0, np.nan, np.inf])
def test_refuses_a_support_that_is_no_width(support):
    with pytest.raises(ValueError, match="support is .*; use a positive number"):
        uniform(4, support)


@pytest.mark.parametrize("levels", [1, 0, 257])
def test_refuses_other_numbers_of_levels(levels):
    with pytest.raises(ValueError, match=f"of {levels} levels was asked for, expected 2 to 256"):
        lloyd_max(levels)
