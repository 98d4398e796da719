# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The coder's tables: integer CDFs and contexts."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.code_length import (  # noqa: E402
    code_bits,
    context_of_index,
    count_tables,
    integer_cdf,
)


@pytest.mark.parametrize("levels", [2, 3, 64, 256])
def test_cdfs_are_strictly_increasing_from_0_to_65536(levels):
    rng = np.random.default_rng(levels)
    ugly = [
        np.zeros(levels),
        np.eye(levels)[0] * 1e12,
        np.full(levels, 1e-30),
        rng.integers(0, 5, levels),
        rng.lognormal(0.0, 5.0, levels),
    ]
    cdf = integer_cdf(np.array(ugly))
    assert cdf.dtype == np.int32
    assert cdf.shape == (len(ugly), levels + 1)
    assert (cdf[:, 0] == 0).all()
    assert (cdf[:, -1] == 65536).all()
    assert (np.diff(cdf, axis=1) >= 1).all()


def test_cdfs_follow_the_counts():
    """Largest remainder: no frequency is off by more than one part, beside the floor of one."""
    counts = np.random.default_rng(1).integers(1, 1000, 64)
    parts = np.diff(integer_cdf(counts)) - 1
    exact = counts / counts.sum() * (65536 - 64)
    assert np.abs(parts - exact).max() < 1.0


@pytest.mark.parametrize("counts", [[-1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_refuses_counts_that_are_none(counts):
    with pytest.raises(ValueError, match="finite and not negative"):
        integer_cdf(np.array(counts))


def _correlated_indices(rng, packets, subcarriers):
    first = np.clip(30 + np.cumsum(rng.integers(-1, 2, (packets, subcarriers)), axis=1), 0, 63)
    others = first[..., None] + rng.integers(-3, 4, (packets, subcarriers, 2))
    return np.concatenate([first[..., None], np.clip(others, 0, 63)], axis=-1)


def test_contexts_by_the_letter_of_the_contract():
    """A plain loop over docs/architecture.md's sentences."""
    rng = np.random.default_rng(2)
    indices = _correlated_indices(rng, 20, 12)
    tables = count_tables(indices, 64, 9)
    chosen = context_of_index(tables, indices)
    assert tables.contexts == 9
    for packet in range(20):
        for n in range(12):
            for latent in range(3):
                score = 0.0
                if n == 0:
                    score += tables.context_start[latent]
                else:
                    for j in range(3):
                        score += tables.context_table[latent, j, indices[packet, n - 1, j]]
                for j in range(latent):
                    score += tables.context_table[latent, 3 + j, indices[packet, n, j]]
                expected = sum(t <= score for t in tables.context_thresholds[latent])
                assert chosen[packet, n, latent] == expected
    assert (np.diff(tables.context_thresholds, axis=1) > 0).all()
    assert not tables.context_table[:, 3 + 2].any()
    assert not tables.context_table[0, 3:].any()


def test_code_length_is_the_conditional_entropy():
    """Uniform over 3 and 7 values given the context; 300,000 indices, tables cost a little."""
    rng = np.random.default_rng(3)
    indices = _correlated_indices(rng, 1000, 100)
    tables = count_tables(indices, 64, 65)
    bits = code_bits(tables, indices)[:, 1:].mean(axis=(0, 1))
    assert bits[0] == pytest.approx(np.log2(3), rel=0.05)
    assert bits[1:] == pytest.approx([np.log2(7)] * 2, rel=0.05)
    plain = code_bits(count_tables(indices, 64, 1), indices).mean()
    assert bits.mean() < 0.6 * plain


def test_one_context_needs_no_tables():
    indices = np.random.default_rng(4).integers(0, 64, (5, 7, 3))
    tables = count_tables(indices, 64, 1)
    assert tables.cdf.shape == (3, 1, 65)
    assert list(tables.tensors()) == ["cdf"]


def test_what_was_never_seen_can_still_be_coded():
    tables = count_tables(np.full((3, 4, 3), 10), 64, 9)
    bits = code_bits(tables, np.random.default_rng(5).integers(0, 64, (2, 6, 3)))
    assert np.isfinite(bits).all()
    assert bits.max() <= 16.0
