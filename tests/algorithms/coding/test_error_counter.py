# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error rates and their intervals against scipy's."""

import math

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from scipy import stats

clopper_pearson_interval = algorithms.clopper_pearson_interval
error_counter = algorithms.error_counter
stop_rule = algorithms.stop_rule
wilson_interval = algorithms.wilson_interval

CASES = [
    (0, 1),
    (1, 1),
    (0, 10),
    (10, 10),
    (3, 10),
    (1, 1000),
    (999, 1000),
    (25, 100_000),
    (50, 100),
]


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize(
    ("interval", "method"), [(wilson_interval, "wilson"), (clopper_pearson_interval, "exact")]
)
def test_intervals_equal_scipys(interval, method, confidence):
    for errors, trials in CASES:
        ours = interval(errors, trials, confidence)
        theirs = stats.binomtest(errors, trials).proportion_ci(confidence, method=method)
        assert ours.rate == errors / trials
        assert ours.low == pytest.approx(theirs.low, rel=1e-9, abs=1e-12)
        assert ours.high == pytest.approx(theirs.high, rel=1e-9, abs=1e-12)


def test_nothing_counted_is_nothing_known():
    for estimate in (clopper_pearson_interval(0, 0), error_counter().bler(), error_counter().ber()):
        assert math.isnan(estimate.rate)
        assert (estimate.low, estimate.high) == (0.0, 1.0)


@pytest.mark.parametrize("bad", [(2, 1, 0.95), (0, 1, 0.0), (0, 1, 1.0), (0, 1, math.nan)])
def test_refuses_what_is_no_proportion(bad):
    for interval in (wilson_interval, clopper_pearson_interval):
        with pytest.raises(ValueError, match="expected"):
            interval(*bad)
    with pytest.raises(ValueError, match="expected"):
        wilson_interval(-1.0, 10.0)


def test_counts_blocks_and_bits():
    counter = error_counter()
    counter.add(bit_errors=3, bits=100, block_error=True)
    counter.add(bit_errors=0, bits=100, block_error=False)
    counter.add(block_error=True)
    assert (counter.blocks, counter.block_errors) == (3, 2)
    assert (counter.bits, counter.bit_errors) == (200, 3)
    assert counter.bler().rate == pytest.approx(2 / 3)
    assert counter.ber().rate == pytest.approx(0.015)
    counter.add(bit_errors=500, bits=100, block_error=True)  # no more errors than bits
    assert counter.bit_errors == 103
    counter.reset()
    assert (counter.blocks, counter.bits) == (0, 0)


def count(bit_errors, bits):
    counter = error_counter()
    for errors in bit_errors:
        counter.add(int(errors), bits, bool(errors))
    return counter


def test_independent_bits_give_wilsons_interval():
    bits, blocks = 300, 2000
    errors = np.random.default_rng(1).binomial(bits, 0.05, blocks)
    ours = count(errors, bits).ber()
    plain = wilson_interval(errors.sum(), bits * blocks)
    assert ours.high - ours.low == pytest.approx(plain.high - plain.low, rel=0.06)


def test_the_bit_error_rates_interval_covers_bursts():
    """Blocks are wrong with probability .1, and then half their bits are: coverage is 95 %.

    400 trials: the standard error of the coverage is 1.1 %; the bound is three of them.
    """
    rng = np.random.default_rng(2)
    bits, blocks, trials, covered = 300, 200, 400, 0
    for _ in range(trials):
        wrong = rng.random(blocks) < 0.1
        interval = count(np.where(wrong, rng.binomial(bits, 0.5, blocks), 0), bits).ber()
        covered += interval.low <= 0.05 <= interval.high
    assert abs(covered / trials - 0.95) < 0.033


def test_no_error_bounds_the_bit_error_rate_by_blocks():
    ours = count([0] * 100, 300).ber()
    assert ours.high == pytest.approx(wilson_interval(0, 100).high)


def test_a_stop_rule_stops_at_the_first_limit_met():
    counter = error_counter()
    assert not stop_rule(0, 0, 0.0).is_met(counter)
    for _ in range(9):
        counter.add(True)
    assert not stop_rule(min_errors=10, max_blocks=10).is_met(counter)
    counter.add(False)
    assert stop_rule(min_errors=10, max_blocks=10).is_met(counter)
    counter.add(True)
    assert stop_rule(min_errors=10).is_met(counter)
    width = (counter.bler().high - counter.bler().low) / counter.bler().rate
    assert stop_rule(relative_width=width * 1.01).is_met(counter)
    assert not stop_rule(relative_width=width * 0.99).is_met(counter)
