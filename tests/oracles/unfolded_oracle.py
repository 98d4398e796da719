# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The int8 arithmetic of docs/unfolded_detector.md in plain integers, one vector at a time.

Nothing here is shared with the trainer or with the C++ classes.
"""

from fractions import Fraction

import numpy as np

F = np.float32


def saturate(value):
    return max(-32768, min(32767, value))


def adds(a, b):
    return saturate(a + b)


def subs(a, b):
    return saturate(a - b)


def mulhrs(a, b):
    return (a * b + (1 << 14)) >> 15


def clamp(a, most):
    return min(max(a, -most), most)


def rhe(value):
    return int(np.rint(value))


def round16(product):
    return rhe(min(max(product, F(-32768)), F(32767)))


def codes_of(matrix, most):
    """Integer rows and float32 scales of a float32 matrix."""
    rows, scales = [], []
    for row in np.asarray(matrix, F):
        largest = F(np.max(np.abs(row)))
        if largest < F(1e-30):
            rows.append([0] * len(row))
            scales.append(F(0))
            continue
        factor = F(F(most) / largest)
        rows.append([clamp(rhe(F(entry * factor)), most) for entry in row])
        scales.append(F(largest / F(most)))
    return rows, scales


def exponent_of(channel, noise_variance, levels):
    """e of complex H [antennas][users] and sigma^2 a real dimension, in exact fractions."""
    energy = max(
        Fraction(levels**2 - 1, 3)
        * sum(Fraction(float(h.real)) ** 2 + Fraction(float(h.imag)) ** 2 for h in row)
        + Fraction(float(noise_variance))
        for row in channel
    )
    if energy == 0:
        return 40
    k = 0
    while energy >= Fraction(2) ** (k + 1):
        k += 1
    while energy < Fraction(2) ** k:
        k -= 1
    return clamp((23 - k) // 2, 40)


def limited(value, least, most=32767):
    return min(max(rhe(value), least), most)


class IntegerDetector:
    """One channel's. P, F as float32; e of the received vector; ``layers``: per denoiser a dict of
    w [N], step, and alpha, beta, kappa (admm); eta [K] (pgd)."""

    def __init__(self, keys, matrix, filter_, exponent, layers, eta=None):
        self.keys, self.exponent, self.layers, self.eta = keys, exponent, layers, eta
        self.fraction = keys["fraction_bits"]
        matrix = np.array(matrix, F)
        self.diagonal = None
        if keys["diagonal"] == "apart":
            self.diagonal = [min(rhe(F(m * F(32768))), 32767) for m in np.diag(matrix)]
            np.fill_diagonal(matrix, 0)
        self.matrix = codes_of(matrix, (1 << (keys["matrix_bits"] - 1)) - 1)
        self.filter = codes_of(filter_, min(65408 // np.shape(filter_)[1], 32767))
        self.levels = 1 << (keys["bits_per_symbol"] // 2)

    def shape(self, w):
        if self.keys["denoiser"] == "staircase":
            return [limited(F(4096) / max(F(x), F(0.125)), 1) for x in w]
        return [limited(F(x) * F(2**self.fraction), 0) for x in w]

    def denoise(self, r, g):
        if self.keys["denoiser"] == "soft_threshold":
            return subs(r, clamp(r, g))
        if self.keys["denoiser"] == "clip":
            return clamp(r, g)
        h, total = mulhrs(r, g), 0
        for m in range(2 - self.levels, self.levels, 2):
            centre = mulhrs(abs(m) << self.fraction, g) * (1 if m >= 0 else -1)
            total += clamp(subs(h, centre), 1 << (self.fraction - 3))
        return 8 * total

    def filtered(self, y):
        rows, scales = self.filter
        # Of a product beyond float32 infinity is left, which is clamped like every other.
        with np.errstate(over="ignore"):
            scaled = [F(F(value) * F(2.0**self.exponent)) for value in y]
        codes = [rhe(min(max(value, F(-32767)), F(32767))) for value in scaled]
        unit = F(2.0 ** (self.fraction - self.exponent))
        result = []
        for row, scale in zip(rows, scales, strict=True):
            total = sum(a * b for a, b in zip(row, codes, strict=True))
            assert abs(total) < 1 << 31
            result.append(round16(F(F(total) * F(scale * unit))))
        return result

    def product(self, values, divisor, unit, eta=None):
        most = (1 << (self.keys["activation_bits"] - 1)) - 1
        least = -128 if most == 127 else -most
        codes = [min(max(mulhrs(value, divisor), least), most) for value in values]
        result = []
        for row, scale in zip(*self.matrix, strict=True):
            factor = F(scale * unit)
            if eta is not None:
                factor = F(factor * F(eta))
            total = sum(a * b for a, b in zip(row, codes, strict=True))
            result.append(round16(F(F(total) * factor)))
        return result

    def __call__(self, y):
        """o, whole numbers in units of 2^-fraction_bits."""
        b = self.filtered(y)
        return self.admm(b) if self.keys["network"] == "admm" else self.pgd(b)

    def admm(self, b):
        r = b
        for layer in self.layers:
            divisor = limited(F(2.0 ** (18 - self.fraction)) / F(layer["step"]), 1)
            unit = F(F(2**18) / F(divisor))
            alpha, beta = (limited(F(layer[n]) * F(4096), 0) for n in ("alpha", "beta"))
            kappa = limited(F(layer["kappa"]) * F(32768), 0)
            shape = self.shape(layer["w"])
            z = [self.denoise(value, g) for value, g in zip(r, shape, strict=True)]
            u = [subs(value, answer) for value, answer in zip(r, z, strict=True)]
            v = [subs(mulhrs(a, alpha), mulhrs(c, beta)) for a, c in zip(z, u, strict=True)]
            p = self.product(v, divisor, unit)
            if self.diagonal is not None:
                p = [adds(value, 8 * clamp(mulhrs(own, m), 4095))
                     for value, own, m in zip(p, v, self.diagonal, strict=True)]  # fmt: skip
            r = [adds(adds(x, y), mulhrs(c, kappa)) for x, y, c in zip(b, p, u, strict=True)]
        return r

    def pgd(self, b):
        scaled = []
        for eta in self.eta:
            eta_q = limited(F(eta) * F(16384), 0)
            halves = [mulhrs(value, eta_q) for value in b]
            scaled.append([adds(half, half) for half in halves])
        r = scaled[0]
        for k, layer in enumerate(self.layers):
            shape = self.shape(layer["w"])
            x = [self.denoise(value, g) for value, g in zip(r, shape, strict=True)]
            if k + 1 == len(self.layers):
                return x
            divisor = limited(F(2.0 ** (15 - self.fraction)) / F(layer["step"]), 1)
            p = self.product(x, divisor, F(F(2**15) / F(divisor)), self.eta[k + 1])
            r = [adds(subs(a, c), e) for a, c, e in zip(x, p, scaled[k + 1], strict=True)]
        return None
