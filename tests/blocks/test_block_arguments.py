# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that an unsigned parameter cannot hold: a sentence, the same for every block."""

import numpy as np
import pytest
from gnuradio import fewbit

HARQ = {"users": 1, "processes": 1}
#: What a block needs besides its defaults.
NEEDED = {
    "harq_transmitter": HARQ,
    "harq_buffer": {**HARQ, "n_llrs": 648},
    "hybrid_combiner": {"design": "none"},
    "digital_detector": {"design": "none"},
    "learned_adc": {"design": "none"},
    "linear_channel": {"matrix": [[1]]},
    "task_quantizer": {"design": "none"},
}
#: Unsigned parameters by block, from the public headers' make().
UNSIGNED = {
    "deinterleaver": ["n", "seed"],
    "error_meter": [
        "max_attempts", "min_errors", "max_blocks", "report_every", "table_size", "block_bits",
        "window",
    ],
    "frame_to_pdu": ["vlen"],
    "harq_buffer": [
        "users", "processes", "n_llrs", "budget_bytes", "interleaver_seed", "max_transmissions",
        "max_pending", "stats_every",
    ],
    "harq_transmitter": [
        "users", "processes", "payload_bits", "n_packets", "max_attempts", "seed",
    ],
    "interleaver": ["n", "seed"],
    "hybrid_combiner": ["block_len"],
    "digital_detector": ["refit_pilots"],
    "known_pilots": ["vlen", "period"],
    "ldpc_decoder": ["max_iterations"],
    "learned_adc": ["seed"],
    "linear_channel": ["seed"],
    "llr_compressor": ["stats_every"],
    "llr_decompressor": ["max_llrs"],
    "ofdm_demodulator": ["n_subcarriers", "span", "fft_length", "cyclic_prefix", "window_advance"],
    "ofdm_modulator": ["n_subcarriers", "span", "fft_length", "cyclic_prefix"],
    "mimo_channel": ["antennas", "users", "block_len", "seed"],
    "mse_meter": ["vlen", "n_items"],
    "pdu_impairments": ["seed"],
    "pdu_to_frame": ["vlen"],
    "pilot_tagger": ["vlen", "n_pilots", "period"],
    "qam_mapper": ["n_bits", "bits_per_symbol"],
    "soft_demapper": ["n_subcarriers", "bits_per_symbol"],
    "task_quantizer": ["block_len", "refit_pilots", "seed"],
    "tdl_channel": ["block_length", "n_subcarriers", "span", "fft_length", "seed"],
    "unfolded_detector": ["antennas", "users", "bits_per_symbol", "block_len"],
}  # fmt: skip
EACH = [(block, name) for block, names in UNSIGNED.items() for name in names]


@pytest.mark.parametrize(("block", "name"), EACH)
@pytest.mark.parametrize(
    ("value", "shown"),
    [(-1, "-1"), (2**64, str(2**64)), (-(2**20_000), "a number of 20001 bits")],
    ids=["negative", "65 bits", "too long to print"],
)
def test_refuses_what_an_unsigned_parameter_cannot_hold(block, name, value, shown):
    arguments = {**NEEDED.get(block, {}), name: value}
    expected = f"^{block}: {name} is {shown}, expected a whole number from 0 to [0-9]+$"
    with pytest.raises(ValueError, match=expected):
        getattr(fewbit, block)(**arguments)


@pytest.mark.parametrize("value", [648.0, "648", None, [648]])
def test_what_is_no_whole_number_is_an_argument_of_a_wrong_type(value):
    with pytest.raises(TypeError):
        fewbit.interleaver(value)


def test_the_largest_number_that_fits_is_taken():
    assert fewbit.interleaver(8, 2**64 - 1) and fewbit.error_meter(report_every=2**32 - 1)


def test_whole_numbers_of_numpy_are_taken():
    assert fewbit.ldpc_decoder(max_iterations=np.int16(7)).max_iterations() == 7
    assert fewbit.ldpc_decoder("802.11n-648-1/2", "min-sum", np.uint64(9)).max_iterations() == 9


@pytest.mark.parametrize(
    ("block", "arguments", "setter", "name"),
    [
        ("ldpc_decoder", {}, "set_max_iterations", "max_iterations"),
        ("harq_transmitter", HARQ, "set_max_attempts", "max_attempts"),
        ("harq_buffer", {**HARQ, "n_llrs": 648}, "forget", "user"),
    ],
)
def test_setters_refuse_alike(block, arguments, setter, name):
    made = getattr(fewbit, block)(**arguments)
    with pytest.raises(ValueError, match=f"^{block}.{setter}: {name} is -3, expected a whole"):
        getattr(made, setter)(-3)
