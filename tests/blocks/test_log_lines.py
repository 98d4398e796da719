# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block's log lines name the block once: GNU Radio puts its name before each line."""

import ctypes

import pytest
from gnuradio import fewbit


def _refused(setter, *values):
    with pytest.raises(ValueError):
        setter(*values)


def _refusals(name, bundle):
    """What this block refuses in a sentence that begins with its name, and the rest of it."""
    if name == "unfolded_detector":
        block = fewbit.unfolded_detector("lmmse", 4, 4, 4)
        _refused(block.set_noise_variance, -1.0)
        return block, "noise_variance is -1"
    if name == "hybrid_combiner":
        block = fewbit.hybrid_combiner(bundle())
        _refused(block.set_gain, [])
        return block, "gain has no values"
    if name == "learned_adc":
        block = fewbit.learned_adc(bundle())
        _refused(block.set_design, bundle(levels=(8,) * 5))
        return block, "the new design has 5 ADCs"
    if name == "digital_detector":
        block = fewbit.digital_detector(bundle())
        _refused(block.set_forgetting, 2.0)
        return block, "forgetting is 2"
    block = fewbit.task_quantizer(bundle())
    assert not block.request_design(bundle(levels=(8,) * 5))
    return block, "the new design is of"


BLOCKS = (
    "unfolded_detector",
    "hybrid_combiner",
    "learned_adc",
    "digital_detector",
    "task_quantizer",
)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_refusal_is_logged_with_the_blocks_name_once(name, bundle, capfd):
    _, sentence = _refusals(name, bundle)
    ctypes.CDLL(None).fflush(None)  # the log is written by C
    lines = "".join(capfd.readouterr()).splitlines()
    (line,) = (line for line in lines if sentence in line)
    assert line.count(name) == 1, line
