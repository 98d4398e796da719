# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIMO detectors in plain numpy, one vector at a time, written from their formulas."""

from itertools import product

import numpy as np
from unfolded_detector_oracle import axis_bits, real_form, stacked


def axis_levels(bits_per_symbol):
    levels = 2 ** (bits_per_symbol // 2)
    return np.arange(1 - levels, levels, 2)


def scale(bits_per_symbol):
    """The real model's units for one of a symbol of unit energy."""
    return np.sqrt(2 * (2**bits_per_symbol - 1) / 3)


def user_bits(values, bits_per_symbol):
    """The bits [users * K] of real symbols [2 users] of odd integers."""
    half = bits_per_symbol // 2
    index = np.rint((np.asarray(values) + 2**half - 1) / 2).astype(int)
    axis = axis_bits(half)[np.clip(index, 0, 2**half - 1)]
    users = len(values) // 2
    return np.stack([axis[:users], axis[users:]], -1).reshape(-1)


def labels_of(bits, bits_per_symbol):
    """Labels [..., users] of bits [..., users * K]."""
    weights = 1 << np.arange(bits_per_symbol)[::-1]
    return np.reshape(bits, (*bits.shape[:-1], -1, bits_per_symbol)) @ weights


def bits_of(labels, bits_per_symbol):
    bits = labels[..., None] >> np.arange(bits_per_symbol)[::-1] & 1
    return bits.reshape(*labels.shape[:-1], -1)


def linear(h, y, noise_variance, regularise):
    """Unbiased estimates [users] of unit-energy symbols, and their error variances."""
    h = h.astype(complex)
    rho = noise_variance if regularise else 0.0
    inverse = np.linalg.inv(h.conj().T @ h + rho * np.eye(h.shape[1]))
    gain = 1 - rho * np.diag(inverse).real
    error = noise_variance * np.diag(inverse).real / gain
    return inverse @ h.conj().T @ y / gain, error


def gaussian_llrs(symbols, variances, bits_per_symbol):
    """Exact LLRs [users * K] of symbols in complex Gaussian noise, clipped to +-64."""
    points = np.array([complex(*p) for p in product(axis_levels(bits_per_symbol), repeat=2)])
    bits = np.array([user_bits([p.real, p.imag], bits_per_symbol) for p in points])
    points = points / scale(bits_per_symbol)
    found = []
    for symbol, variance in zip(symbols, variances, strict=True):
        metric = -(np.abs(symbol - points) ** 2) / variance
        for bit in range(bits_per_symbol):
            ones = bits[:, bit] == 1
            found.append(np.logaddexp.reduce(metric[ones]) - np.logaddexp.reduce(metric[~ones]))
    return np.clip(found, -64, 64)


def all_vectors(users, bits_per_symbol):
    """Every x [L^(2 users), 2 users] of odd integers, and its bits."""
    xs = np.array(list(product(axis_levels(bits_per_symbol), repeat=2 * users)), float)
    return xs, np.array([user_bits(x, bits_per_symbol) for x in xs])


def maximum_likelihood(h, y, noise_variance, bits_per_symbol, vectors):
    """Bits of the least ||y - H x||^2, and max-log LLRs."""
    xs, bits = vectors
    c = scale(bits_per_symbol)
    distance = ((c * stacked(y) - xs @ real_form(h.astype(complex)).T) ** 2).sum(-1)
    distance = distance / (c**2 * noise_variance)  # 2 sigma^2 = c^2 v
    llrs = [distance[b == 0].min() - distance[b == 1].min() for b in bits.T]
    return bits[distance.argmin()], np.clip(llrs, -64, 64)


def expectation_propagation(h, y, noise_variance, bits_per_symbol, iterations, damping):
    """Cavity means and variances [2 users] after so many iterations, in double precision."""
    levels = axis_levels(bits_per_symbol)
    c = scale(bits_per_symbol)
    v = c**2 * noise_variance / 2
    h = real_form(h.astype(complex))
    gram, z = h.T @ h / v, h.T @ (c * stacked(y.astype(complex))) / v
    precision = np.full(len(gram), 1 / np.mean(levels**2.0))
    shift = np.zeros(len(gram))
    for k in range(iterations + 1):
        covariance = np.linalg.inv(gram + np.diag(precision))
        mu = covariance @ (z + shift)
        s = np.diag(covariance)
        cavity = s / (1 - s * precision)
        t = cavity * (mu / s - shift)
        if k == iterations:
            return t, cavity
        exponent = -((t[:, None] - levels) ** 2) / (2 * cavity[:, None])
        weights = np.exp(exponent - exponent.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mean = weights @ levels
        variance = np.maximum(weights @ levels**2 - mean**2, 1e-4)
        found = 1 / variance - 1 / cavity
        sound = found > 0
        new_shift = mean / variance - t / cavity
        precision = np.where(sound, precision + damping * (found - precision), precision)
        shift = np.where(sound, shift + damping * (new_shift - shift), shift)


def successive_cancellation(h, y, noise_variance, bits_per_symbol):
    """MMSE V-BLAST in the real model: the best estimate is decided and taken away, again and
    again; each time the smaller system's MMSE solution is computed anew. The decisions."""
    return cancellation_estimates(h, y, noise_variance, bits_per_symbol)[0]


def cancellation_estimates(h, y, noise_variance, bits_per_symbol):
    """Decisions, what each was made from, and that one's error variance, all [2 users]."""
    levels = axis_levels(bits_per_symbol)
    c, energy = scale(bits_per_symbol), np.mean(levels**2.0)
    h, r = real_form(h.astype(complex)), c * stacked(y.astype(complex))
    left, (found, estimates, variances) = list(range(h.shape[1])), np.zeros((3, h.shape[1]))
    while left:
        some = h[:, left]
        inverse = np.linalg.inv(some.T @ some + noise_variance * np.eye(len(left)))
        error = np.diag(inverse)
        best = int(np.flatnonzero(error <= error.min() * (1 + 1e-9))[0])
        gain = 1 - noise_variance * error[best]
        estimate = inverse[best] @ some.T @ r / gain
        symbol = levels[np.argmin(np.abs(levels - estimate))]
        found[left[best]], estimates[left[best]] = symbol, estimate
        variances[left[best]] = energy * noise_variance * error[best] / gain
        r = r - h[:, left[best]] * symbol
        del left[best]
    return found, estimates, variances


def axis_llrs(values, variances, bits_per_symbol):
    """Exact LLRs [users * K] of real symbols in Gaussian noise, [2 users] each, clipped to +-64."""
    half, users = bits_per_symbol // 2, len(values) // 2
    metric = -((values[:, None] - axis_levels(bits_per_symbol)) ** 2) / (2 * variances[:, None])
    found = np.empty((2 * users, half))
    for k in range(half):
        ones = axis_bits(half)[:, k] == 1
        found[:, k] = np.logaddexp.reduce(metric[:, ones], -1)
        found[:, k] -= np.logaddexp.reduce(metric[:, ~ones], -1)
    return np.clip(np.stack([found[:users], found[users:]], -1).reshape(-1), -64, 64)


def list_llrs(found, distances, noise_variance, bits_per_symbol):
    """Max-log LLRs from a list of x and their ||c y - H x||^2; the worst of the list stands for a
    bit's value that none has."""
    bits = np.array([user_bits(x, bits_per_symbol) for x in found])
    least = [
        [np.min(distances[bits[:, k] == value], initial=np.inf) for value in (0, 1)]
        for k in range(bits.shape[1])
    ]
    least = np.where(np.isinf(least), distances.max(), least)
    factor = 1 / (scale(bits_per_symbol) ** 2 * noise_variance)  # 2 sigma^2 = c^2 v
    return np.clip(factor * (least[:, 0] - least[:, 1]), -64, 64)
