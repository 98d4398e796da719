# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uniform LLRs: the integers, their packing, their range coding, and damaged bodies."""

import numpy as np
import pytest
from fewbit_trainer.max_mi import rayleigh_llrs
from gnuradio import fewbit

make = fewbit.algorithms.make_softbit_codec
PACKED = [(bits, clip) for bits in range(2, 9) for clip in (8.0, 16.0)]


def integers(llrs: np.ndarray, bits: int, clip: float) -> np.ndarray:
    """The oracle: numpy's own rounding, in the codec's precision."""
    largest = 2 ** (bits - 1) - 1
    steps = llrs.astype(np.float32) * (np.float32(largest) / np.float32(clip))
    return np.clip(np.rint(steps), -largest, largest).astype(int)


def packet(n: int = 648, seed: int = 1) -> np.ndarray:
    llrs = rayleigh_llrs(6, 13.0, -(-n // 6), np.random.default_rng(seed))
    return llrs.ravel()[:n].astype(np.float32)


@pytest.mark.parametrize(("bits", "clip"), PACKED)
@pytest.mark.parametrize("n", [1, 7, 8, 9, 648])
def test_packs_the_rounded_llrs_most_significant_bit_first(bits, clip, n) -> None:
    llrs = packet(n)
    codes = integers(llrs, bits, clip) + 2 ** (bits - 1) - 1
    unpacked = (codes[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    codec = make(f"uniform:bits={bits},clip={clip}")
    body = codec.encode(llrs)
    assert body == np.packbits(unpacked.astype(np.uint8).ravel()).tobytes()
    assert len(body) == codec.max_body_bytes(n) == (n * bits + 7) // 8


@pytest.mark.parametrize("coded", [0, 1])
@pytest.mark.parametrize(("bits", "clip"), PACKED)
def test_decodes_to_the_nearest_multiple_of_the_step(bits, clip, coded) -> None:
    llrs = packet()
    codec = make(f"uniform:bits={bits},clip={clip},coded={coded}")
    expected = integers(llrs, bits, clip) * clip / (2 ** (bits - 1) - 1)
    decoded = codec.decode(codec.encode(llrs), len(llrs))
    np.testing.assert_allclose(decoded, expected, rtol=1e-6)


@pytest.mark.parametrize("coded", [0, 1])
def test_keeps_zero_and_turns_nan_into_it_and_infinity_into_the_clip(coded) -> None:
    ugly = np.array([0, np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40], np.float32)
    codec = make(f"uniform:bits=4,clip=8,coded={coded}")
    decoded = codec.decode(codec.encode(ugly), len(ugly))
    assert list(decoded) == [0, 0, 8, -8, 8, -8, 0]


@pytest.mark.parametrize(("bits", "clip"), [(4, 8.0), (6, 16.0)])
def test_coded_bodies_take_little_more_than_the_entropy(bits, clip) -> None:
    """Less than a byte a packet (.6 and .7 found): the coder's end, and a model made from other
    LLRs. The entropy is of the empirical distribution at each bit position, an estimate that is
    low by about (cells - 1) / (2 symbols ln 2) bits: .0002 to .0011 here, a tenth of a byte."""
    packets = np.stack([packet(seed=seed) for seed in range(400)])
    _, sizes = make(f"uniform:bits={bits},clip={clip},coded=1").round_trip(packets)
    found = integers(packets.reshape(-1, 6), bits, clip)
    entropies = []
    for position in found.T:
        p = np.unique(position, return_counts=True)[1] / len(position)
        entropies.append(-np.sum(p * np.log2(p)))
    excess_bytes = sizes.mean() - np.mean(entropies) * 648 / 8
    assert 0 < excess_bytes < 1.0


def test_a_body_of_another_size_is_refused() -> None:
    llrs = packet()
    for coded in (0, 1):
        codec = make(f"uniform:bits=4,clip=8,coded={coded}")
        body = codec.encode(llrs)
        for wrong in (b"", body[:-1], body[:40], body + b"\0\0"):
            with pytest.raises(ValueError, match="cannot be one of 648 LLRs"):
                codec.decode(wrong, 648)
        assert codec.encode(llrs[:0]) == b""
        assert len(codec.decode(b"", 0)) == 0
        with pytest.raises(ValueError):
            codec.decode(b"\0", 0)


@pytest.mark.parametrize("text", ["uniform:bits=5,clip=8", "uniform:bits=6,clip=16,coded=1"])
def test_a_flipped_byte_decodes_to_finite_llrs_or_is_refused(text) -> None:
    rng = np.random.default_rng(2)
    codec = make(text)
    body = codec.encode(packet())
    for _ in range(300):
        damaged = bytearray(body)
        damaged[rng.integers(len(body))] ^= int(rng.integers(1, 256))
        try:
            assert np.isfinite(codec.decode(bytes(damaged), 648)).all()
        except ValueError:
            pass


def test_ids_and_clones() -> None:
    texts = [
        "uniform:bits=4,clip=8",
        "uniform:bits=4,clip=8.5",
        "uniform:bits=5,clip=8",
        "uniform:bits=4,clip=8,coded=1",
        "uniform:bits=4,clip=8,coded=1,snr=15",
        "uniform:bits=4,clip=8,coded=1,bits_per_symbol=4",
    ]
    llrs = packet()
    ids = set()
    for text in texts:
        codec = make(text)
        clone = codec.clone()
        assert clone.id == codec.id == make(text).id
        assert clone.encode(llrs) == codec.encode(llrs)
        ids.add(codec.id)
    assert len(ids) == len(texts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("uniform:bits=4", "'clip' is missing"),
        ("uniform:clip=4", "'bits' is missing"),
        ("uniform:bits=1,clip=8", "expected a number from 2 to 8"),
        ("uniform:bits=9,clip=8", "expected a number from 2 to 8"),
        ("uniform:bits=4,clip=0", "clip is '0'"),
        ("uniform:bits=4,clip=nan", "clip is 'nan'"),
        ("uniform:bits=4,clip=8,snr=10", "no option 'snr'"),
        ("uniform:bits=4,clip=8,coded=1,bits_per_symbol=5", "expected 2, 4, 6 or 8"),
    ],
)
def test_refuses_settings_out_of_range(text, says) -> None:
    with pytest.raises(ValueError, match=says):
        make(text)
