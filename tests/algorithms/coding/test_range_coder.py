# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The range coder where there is no torch: streams kept from torchac 0.9.3, and bad arguments."""

import json
from pathlib import Path

import numpy as np
import pytest
import softbit_oracle as oracle
from gnuradio.fewbit import algorithms

STREAMS = json.loads((Path(__file__).parent / "torchac_streams.json").read_text())
CDF = np.array([0, 10, 40000, 65536], dtype=np.int32)


@pytest.mark.parametrize("case", range(len(STREAMS)))
def test_writes_and_reads_the_streams_kept_from_torchac(case):
    kept = STREAMS[case]
    cdfs = np.array(kept["cdfs"], dtype=np.int32)
    symbols = np.array(kept["symbols"], dtype=np.int16)
    stream = bytes.fromhex(kept["stream"])
    tables = [algorithms.cdf_table(row) for row in cdfs]
    for form in (cdfs, tables):
        assert algorithms.range_encode(symbols, form) == stream
        assert np.array_equal(algorithms.range_decode(stream, form, len(symbols)), symbols)


@pytest.mark.parametrize(
    "cdf", [[0, 21845, 43691, 65536], [0, 1, 32768, 32769, 65536], [0, 32767, 32769, 65536]]
)
def test_a_carry_goes_through_any_number_of_bytes(cdf):
    """Symbols about the middle keep the interval there; the last one settles all bits at once."""
    cdf = np.array(cdf, dtype=np.int32)
    for middle in (1, 2):
        for n in [*range(60), 500]:
            for last in range(len(cdf) - 1):
                symbols = np.array([middle] * n + [last])
                expected = oracle.code(symbols.tolist(), [cdf] * (n + 1))
                assert algorithms.range_encode(symbols, cdf) == expected


def test_a_stream_takes_little_more_than_the_entropy():
    # Shannon: no fewer bits than -sum log2 P; the coder's loss is the last byte and rounding.
    random = np.random.default_rng(3)
    symbols = np.searchsorted(CDF, random.integers(0, 65536, 100_000), side="right") - 1
    bits = -np.log2(np.diff(CDF) / 65536)[symbols].sum()
    size = 8 * len(algorithms.range_encode(symbols, CDF))
    assert bits <= size + 8  # what the rounding of a bound may give away either way
    assert size <= bits * (1 + 1e-4) + 16


def test_one_cdf_or_one_for_each_symbol_in_turn():
    other = np.array([0, 1, 2, 65536], dtype=np.int32)
    symbols = np.array([0, 1, 2, 2, 1, 0, 1])
    once = algorithms.range_encode(symbols, CDF)
    assert once == algorithms.range_encode(symbols, [algorithms.cdf_table(CDF)])
    assert once == algorithms.range_encode(symbols, np.tile(CDF, (7, 1)))
    turns = algorithms.range_encode(symbols, np.stack([CDF, other]))
    each = np.stack([CDF, other, CDF, other, CDF, other, CDF])
    assert turns == algorithms.range_encode(symbols, each)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint8])
def test_takes_symbols_of_any_integer_type(dtype):
    symbols = np.array([0, 1, 2, 1], dtype=dtype)
    stream = algorithms.range_encode(symbols, CDF)
    assert algorithms.range_decode(stream, CDF, 4).tolist() == [0, 1, 2, 1]


@pytest.mark.parametrize(
    ("symbols", "cdfs", "words"),
    [
        ([0, 3], CDF, "symbol 1 is 3, expected 0 to 2"),
        ([-1], CDF, "symbol 0 is -1"),
        ([0.0], CDF, "expected integers"),
        ([[0]], CDF, "2 dimensions"),
        ([0], [0, 10, 10, 65536], "entry 2 is 10, expected more than its left neighbour 10"),
        ([0], [1, 65536], "entry 0 is 1, expected 0"),
        ([0], [0, 65535], "entry 1 is 65535, expected 65536"),
        ([0], [65536], "1 entries found"),
        ([0], np.zeros((0, 4), dtype=np.int32), "0 CDFs found"),
        ([0], np.float32([0, 65536]), "expected integers"),
        ([0, 2**32 + 1], CDF, "value 4294967297 found, expected one that fits 32 bits"),
        (np.array([2**63 + 1], np.uint64), CDF, "fits 32 bits"),
        (np.array([2**64 - 1], np.uint64), CDF, "symbol 0 is -1"),
        ([0], [0, 10, 2**32 + 65536], "value 4295032832 found"),
    ],
)
def test_refuses_in_a_sentence(symbols, cdfs, words):
    with pytest.raises(ValueError, match=words):
        algorithms.range_encode(np.array(symbols), np.array(cdfs))


def test_refuses_none_among_the_tables():
    tables = [algorithms.cdf_table(np.array(CDF)), None]
    with pytest.raises(TypeError, match="CDF 1 is None"):
        algorithms.range_encode(np.array([0, 0]), tables)
    with pytest.raises(TypeError, match="CDF 1 is None"):
        algorithms.range_decode(b"a", tables, 2)


def test_an_empty_stream_is_all_zeros():
    assert algorithms.range_decode(b"", CDF, 5).tolist() == [0] * 5
    assert algorithms.range_decode(b"\0" * 9, CDF, 5).tolist() == [0] * 5
