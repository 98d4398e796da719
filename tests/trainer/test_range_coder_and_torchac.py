# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The range coder against torchac itself: the same bytes, and each decodes the other's.

`python tests/trainer/test_range_coder_and_torchac.py` writes the streams that
tests/algorithms/coding/test_range_coder.py compares with where there is no torch.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
with warnings.catch_warnings():  # of its invalid escape sequence
    warnings.simplefilter("ignore")
    torchac = pytest.importorskip("torchac")

from gnuradio.fewbit import algorithms  # noqa: E402

GOLDEN = Path(__file__).parents[1] / "algorithms" / "coding" / "torchac_streams.json"


def torchac_cdfs(cdfs: np.ndarray, n: int) -> "torch.Tensor":
    """torchac's form: 16 bits (65536 wraps to 0), one row for each symbol."""
    rows = cdfs[np.arange(n) % len(cdfs)]
    return torch.from_numpy(rows.astype(np.uint16).view(np.int16))


def torchac_encode(symbols: np.ndarray, cdfs: np.ndarray) -> bytes:
    return torchac.encode_int16_normalized_cdf(
        torchac_cdfs(cdfs, len(symbols)), torch.from_numpy(symbols.astype(np.int16))
    )


def torchac_decode(stream: bytes, cdfs: np.ndarray, n: int) -> np.ndarray:
    return torchac.decode_int16_normalized_cdf(torchac_cdfs(cdfs, n), stream).numpy()


def sparse_cdf(levels: int, random: np.random.Generator) -> np.ndarray:
    """65536 counts: one for each symbol, the rest to a few of them or spread over all."""
    counts = np.ones(levels, dtype=np.int64)
    holders = random.integers(1, levels, endpoint=True)
    which = random.choice(levels, size=min(holders, random.integers(1, 9)), replace=False)
    weights = random.dirichlet(np.full(len(which), random.choice([0.05, 1.0, 50.0])))
    counts[which] += np.floor(weights * (65536 - levels)).astype(np.int64)
    counts[random.choice(which)] += 65536 - counts.sum()
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def random_stream(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Symbols and their CDFs: one, several in turn, or one for each symbol."""
    levels = int(np.round(np.exp(random.uniform(np.log(2), np.log(256)))))
    n = int(np.round(np.exp(random.uniform(0, np.log(2000)))))
    period = int(random.choice([1, 3, min(n, 40)]))
    cdfs = np.stack([sparse_cdf(levels, random) for _ in range(period)])
    if random.random() < 0.5:  # as often as the CDFs say
        counts = random.integers(0, 65536, size=n)
        rows = cdfs[np.arange(n) % period]
        symbols = (rows[:, 1:-1] <= counts[:, None]).sum(axis=1)
    else:  # improbable ones, too: long streams
        symbols = random.integers(0, levels, size=n)
    return symbols.astype(np.int16), cdfs


def test_ten_thousand_streams_are_torchacs_bytes_and_each_decodes_the_others():
    random = np.random.default_rng(20261122)
    alphabets, lengths = set(), set()
    for _ in range(10_000):
        symbols, cdfs = random_stream(random)
        n = len(symbols)
        tables = [algorithms.cdf_table(row) for row in cdfs]
        theirs = torchac_encode(symbols, cdfs)
        ours = algorithms.range_encode(symbols, tables)
        assert ours == theirs
        assert algorithms.range_encode(symbols, cdfs) == theirs
        assert np.array_equal(algorithms.range_decode(theirs, tables, n), symbols)
        assert np.array_equal(algorithms.range_decode(theirs, cdfs, n), symbols)
        assert np.array_equal(torchac_decode(ours, cdfs, n), symbols)
        alphabets.add(cdfs.shape[1] - 1)
        lengths.add(n)
    assert min(alphabets) == 2 and max(alphabets) == 256
    assert min(lengths) == 1 and max(lengths) > 1900


def test_damaged_and_truncated_streams_decode_to_what_torchac_makes_of_them():
    random = np.random.default_rng(7)
    for _ in range(300):
        symbols, cdfs = random_stream(random)
        n = len(symbols)
        stream = bytearray(torchac_encode(symbols, cdfs))
        stream[random.integers(len(stream))] ^= 1 << random.integers(8)
        damaged = bytes(stream[: random.integers(len(stream), endpoint=True)])
        tables = [algorithms.cdf_table(row) for row in cdfs]
        assert np.array_equal(
            algorithms.range_decode(damaged, tables, n), torchac_decode(damaged, cdfs, n)
        )


def test_no_symbols_take_one_byte_as_with_torchac():
    cdfs = np.array([[0, 30000, 65536]], dtype=np.int32)
    none = np.zeros(0, dtype=np.int16)
    assert algorithms.range_encode(none, cdfs) == torchac_encode(none, cdfs) == b"\x40"


def golden_streams() -> list[dict]:
    random = np.random.default_rng(648)
    streams = []
    while len(streams) < 40:
        symbols, cdfs = random_stream(random)
        if len(symbols) <= 250 and cdfs.size <= 600:
            stream = torchac_encode(symbols, cdfs)
            streams.append(
                {
                    "cdfs": cdfs.tolist(),
                    "symbols": symbols.tolist(),
                    "stream": stream.hex(),
                }
            )
    return streams


def test_the_kept_streams_are_torchacs():
    for kept in json.loads(GOLDEN.read_text()):
        cdfs = np.array(kept["cdfs"], dtype=np.int32)
        assert torchac_encode(np.array(kept["symbols"]), cdfs).hex() == kept["stream"]


if __name__ == "__main__":
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in golden_streams())
    GOLDEN.write_text(f"[\n{rows}\n]\n")
