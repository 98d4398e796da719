# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Max-MI codebooks in a codec: against numpy's search and the codebook's own probabilities."""

import numpy as np
import pytest
from fewbit_trainer.max_mi import MaxMiConfig, ScalarCodebook, design, rayleigh_llrs, write_codebook
from gnuradio import fewbit

make = fewbit.algorithms.make_softbit_codec
CONFIG = MaxMiConfig(bits_per_symbol=6, bits=3, snr_db=(10.0, 14.0), symbols=20_000, bins=256)


@pytest.fixture(scope="module")
def book() -> ScalarCodebook:
    return design(CONFIG)


@pytest.fixture(scope="module")
def path(book, tmp_path_factory) -> str:
    pytest.importorskip("safetensors")
    return str(write_codebook(tmp_path_factory.mktemp("books") / "b.safetensors", book, CONFIG))


def packet(seed: int = 1, snr_db: float = 14.0) -> np.ndarray:
    return rayleigh_llrs(6, snr_db, 108, np.random.default_rng(seed)).ravel().astype(np.float32)


def indices(book: ScalarCodebook, entry: int, llrs: np.ndarray) -> np.ndarray:
    columns = llrs.reshape(-1, 6).T
    return np.stack(
        [np.searchsorted(book.thresholds[entry, k], c) for k, c in enumerate(columns)], axis=1
    )


@pytest.mark.parametrize(
    ("snr", "entry"), [("", 1), (",snr=10", 0), (",snr=11.9", 0), (",snr=12.1", 1)]
)
def test_decodes_to_the_level_of_the_cell(book, path, snr, entry) -> None:
    llrs = packet()
    codec = make(f"max-mi:{path},bits=3{snr}")
    found = indices(book, entry, llrs)
    expected = np.stack([book.levels[entry, k][found[:, k]] for k in range(6)], axis=1)
    assert np.array_equal(codec.decode(codec.encode(llrs), 648), expected.ravel())


def test_bodies_are_as_long_as_the_codebook_says(book, path) -> None:
    """-log2 of the integer probabilities, and at most 2 bytes for the end of a stream."""
    codec = make(f"max-mi:{path},snr=14")
    for seed in range(20):
        llrs = packet(seed)
        found = indices(book, 1, llrs)
        counts = np.diff(book.cdf[1], axis=1)
        bits = sum(np.sum(16 - np.log2(counts[k][found[:, k]])) for k in range(6))
        assert bits / 8 <= len(codec.encode(llrs)) <= bits / 8 + 2


def test_special_values_and_damage(path) -> None:
    codec = make(f"max-mi:{path}")
    ugly = packet()
    ugly[:4] = [np.nan, np.inf, -np.inf, 3e38]
    plain = ugly.copy()
    plain[:4] = [0, 1e9, -1e9, 1e9]
    body = codec.encode(ugly)
    assert body == codec.encode(plain)
    for wrong in (b"", body[:-1], body[:20], body + b"\0\0"):
        with pytest.raises(ValueError, match="cannot be one of 648 LLRs"):
            codec.decode(wrong, 648)
    rng = np.random.default_rng(3)
    for _ in range(300):
        damaged = bytearray(body)
        damaged[rng.integers(len(body))] ^= int(rng.integers(1, 256))
        try:
            assert np.isfinite(codec.decode(bytes(damaged), 648)).all()
        except ValueError:
            pass
    assert codec.encode(ugly[:0]) == b""
    with pytest.raises(ValueError, match="multiple of 6"):
        codec.encode(ugly[:8])


def test_ids_and_clones(path) -> None:
    codec = make(f"max-mi:{path}")
    assert codec.id == codec.clone().id == make(f"max-mi:{path},snr=14").id
    assert codec.id != make(f"max-mi:{path},snr=10").id
    assert codec.clone().encode(packet()) == codec.encode(packet())


def test_refuses_what_is_no_such_bundle(path, tmp_path) -> None:
    with pytest.raises(ValueError, match="bits is '9'"):
        make(f"max-mi:{path},bits=9")
    with pytest.raises(Exception, match="bits.*3.*4"):
        make(f"max-mi:{path},bits=4")
    for snr in ("9.9", "14.1", "-3"):
        with pytest.raises(ValueError, match=f"is {snr} dB, expected 10 dB to 14 dB"):
            make(f"max-mi:{path},snr={snr}")
    with pytest.raises(Exception, match="nowhere"):
        make("max-mi:nowhere.safetensors")
    with pytest.raises(ValueError, match="missing"):
        make("max-mi")
    truncated = tmp_path / "t.safetensors"
    truncated.write_bytes(open(path, "rb").read()[:-100])
    with pytest.raises(Exception, match="t.safetensors"):
        make(f"max-mi:{truncated}")


@pytest.mark.parametrize(
    ("name", "bits_per_symbol", "snr_db", "at_most"),
    [
        ("k6_b2", 6, 13, 1.95),
        ("k6_b3", 6, 13, 2.85),
        ("k6_b4", 6, 13, 3.75),
        ("k4_b3", 4, 7, 2.97),
        ("k8_b3", 8, 18, 2.85),
    ],
)
def test_the_shipped_codebooks_work(name, bits_per_symbol, snr_db, at_most) -> None:
    codec = make(f"max-mi:max_mi_{name}.safetensors,snr={snr_db}")
    rng = np.random.default_rng(4)
    llrs = rayleigh_llrs(bits_per_symbol, snr_db, 648 // bits_per_symbol * 20, rng)
    llrs = llrs.reshape(20, 648).astype(np.float32)
    decoded, sizes = codec.round_trip(llrs)
    assert sizes.mean() * 8 / 648 < at_most
    certain = np.abs(llrs) > 2
    assert np.array_equal(np.sign(decoded[certain]), np.sign(llrs[certain]))
