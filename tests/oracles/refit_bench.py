# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random pilots and maps for tests of refits, and what least squares makes of them."""

import numpy as np
from gnuradio.fewbit import algorithms

LEVELS = [8, 4, 5, 2]


def pilots(n, k=3, levels=LEVELS, seed=1):
    """Codes, and targets that depend on them by some noisy affine map."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, levels, (n, len(levels))).astype(np.uint8)
    s = codes @ rng.normal(size=(len(levels), k)) + rng.normal(size=(n, k))
    return codes, s.astype(np.float32)


def estimator(powers=1, k=3, levels=LEVELS, seed=2):
    rng = np.random.default_rng(seed)
    adc = algorithms.scalar_adc.uniform(levels, 2)
    shape = (powers, k, len(levels))
    return adc, algorithms.digital_map.affine(
        adc, rng.normal(size=shape), rng.normal(size=shape[:2])
    )


def features(adc, codes, powers=1, gains=None):
    one = np.concatenate([adc.lookup(codes).astype(float), np.ones((len(codes), 1))], 1)
    gains = np.ones(len(codes)) if gains is None else gains
    return np.concatenate([one * gains[:, None].astype(float) ** -j for j in range(powers)], 1)


def solution(estimate):
    """[F, k] of a map, in the order of the features."""
    joined = np.concatenate([estimate.weight, estimate.bias[..., None]], -1)
    return joined.transpose(0, 2, 1).reshape(-1, joined.shape[1])


def lookup(levels=LEVELS, k=2, seed=4):
    """A lookup, and its probabilities, one block [M, 2^k] an ADC."""
    rng = np.random.default_rng(seed)
    blocks = [rng.dirichlet(np.ones(m), 2**k).T for m in levels]
    adc = algorithms.scalar_adc.uniform(levels, 2)
    table = np.log(np.concatenate(blocks))
    return algorithms.digital_map.lookup(adc, k, table), blocks


def class_pilots(n, levels=LEVELS, k=2, seed=5):
    """Classes and the codes that some other lookup would give."""
    rng = np.random.default_rng(seed)
    _, blocks = lookup(levels, k, seed=6)
    classes = rng.integers(0, 2**k, n).astype(np.uint8)
    codes = np.stack(
        [[rng.choice(m, p=b[:, c]) for c in classes] for m, b in zip(levels, blocks, strict=True)],
        1,
    )
    return codes.astype(np.uint8), classes, blocks
