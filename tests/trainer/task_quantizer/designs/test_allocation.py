# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixed resolution: no allocation of a small case is better; half a bit per input."""

from collections import Counter
from itertools import product
from math import log2

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.allocation import allocate_levels, floor_rule
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation
from fewbit_trainer.task_quantizer.designs.theory import lloyd_max_target
from fewbit_trainer.task_quantizer.lloyd_max import lloyd_max


def cost(levels: list[int], variances: list[float]) -> float:
    return sum(v * lloyd_max(m).distortion for m, v in zip(levels, variances, strict=True))


@pytest.mark.parametrize(
    "variances", [[1.0] * 4, [1.0, 1.0, 0.3, 0.3], [2.0, 0.9, 0.35, 0.1]], ids=str
)
@pytest.mark.parametrize("bits", [4.0, 5.3, 6.0, 7.9, 10.4])
def test_is_as_good_as_any_other(bits: float, variances: list[float]) -> None:
    """Every allocation of 2 to 12 levels to 4 ADCs; within .5 % where the search is caught."""
    found = allocate_levels(bits, variances, most_levels=12)
    assert sum(log2(m) for m in found) <= bits + 1e-9
    best = min(
        cost(list(levels), variances)
        for levels in product(range(2, 13), repeat=4)
        if np.prod(levels) <= 2**bits * (1 + 1e-9)
    )
    assert cost(found, variances) <= best * 1.005


def test_half_a_bit_per_input_is_68_adcs_of_3_levels() -> None:
    """.11608; the rate's straight line between 2 and 3 levels would be .11568."""
    found = allocate_levels(120, [1.0] * 80)
    assert Counter(found) == {3: 68, 2: 12}
    assert lloyd_max_target(ChannelEstimation(), found) == pytest.approx(0.11608, abs=5e-6)
    floor = floor_rule(120, 80)
    assert floor == [2] * 80
    assert lloyd_max_target(ChannelEstimation(), floor) == pytest.approx(0.1882, abs=5e-5)


@pytest.mark.parametrize("levels", [2, 3, 5, 8, 16])
def test_a_budget_of_equal_levels_is_spent_at_least_as_well(levels: int) -> None:
    found = allocate_levels(10 * log2(levels), [1.0] * 10)
    assert cost(found, [1.0] * 10) <= cost([levels] * 10, [1.0] * 10) + 1e-12


def test_refuses_less_than_a_bit_each_and_variances_that_are_none() -> None:
    with pytest.raises(ValueError, match="79 bits for 80 ADCs; use at least one bit for each"):
        allocate_levels(79, [1.0] * 80)
    with pytest.raises(ValueError, match="positive and finite"):
        allocate_levels(79, [1.0, np.nan])
