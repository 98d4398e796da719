# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unfolded detectors in numpy, written from docs/unfolded_detector.md, and bundles of them."""

import json
from dataclasses import dataclass, field

import numpy as np
from softbit_oracle import write_safetensors


@dataclass
class Network:
    """A bundle's configuration and tensors."""

    network: str = "admm"
    denoiser: str = "staircase"
    tau: str = "per_coordinate"
    arithmetic: str = "int8"
    layers: int = 5
    users: int = 16
    antennas: int = 16
    bits_per_symbol: int = 4
    matrix_bits: int = 8
    activation_bits: int = 8
    filter_bits: int = 0
    input_bits: int = 0
    fraction_bits: int = 9
    diagonal: str = "inside"
    snr_db: tuple = (0.0, 10.0, 25.0)
    seed: int = 1
    tensors: dict = field(default_factory=dict)

    def __post_init__(self):
        rng = np.random.default_rng(self.seed)
        s, k, d = len(self.snr_db), self.layers, self.denoisers

        def around(values, *shape):
            return np.log(values * rng.uniform(0.8, 1.25, shape)).astype(np.float32)

        sigma2 = (self.levels**2 - 1) / 3 * 10 ** (-np.array(self.snr_db) / 10)
        width = {"staircase": 0.3, "posterior_mean": 0.3, "clip": self.levels - 1.0}
        t = {
            "snr_db": np.array(self.snr_db, np.float32),
            "denoiser.constant.log": around(width.get(self.denoiser, 0.05), s, d),
            "output.constant.log": around(0.05, s),
            "output.slope.log": around(1.0, s),
            "step.alpha": rng.uniform(0.0, 0.02, d).astype(np.float32),
            "step.gamma": rng.uniform(0.05, 0.08, d).astype(np.float32),
        }
        if self.tau == "per_coordinate":
            t["denoiser.slope.log"] = around(0.5, s, d)
        if self.network == "admm":
            t["rho.log"] = around(0.5 * sigma2, s)
            t["gain.estimate.log"] = around(1.1, s, d)
            t["gain.dual.log"] = around(1.3, s, d)
            t["memory.log"] = around(0.7, s, d)
        else:
            t["eta.log"] = around(0.3, s, k)
        self.tensors = t | self.tensors

    @property
    def denoisers(self):
        return self.layers - (self.network == "admm")

    @property
    def levels(self):
        return 2 ** (self.bits_per_symbol // 2)

    @property
    def scale2(self):
        return 2 * (self.levels**2 - 1) / 3

    @property
    def thresholds(self):
        return np.arange(2 - self.levels, self.levels, 2)

    def config(self):
        keys = (
            "network denoiser tau arithmetic layers users antennas bits_per_symbol matrix_bits "
            "activation_bits filter_bits input_bits fraction_bits diagonal seed"
        )
        config = {key: getattr(self, key) for key in keys.split()}
        return config | {
            "llr_sign": "positive_is_1",
            "method": "random scalars",
            "snr_db": [self.snr_db[0], self.snr_db[-1]],
            "data": "none",
            "measured": {},
        }

    def write(self, path, config=None, kind="unfolded_detector"):
        metadata = {
            "fewbit.kind": kind,
            "fewbit.format": "1",
            "fewbit.config": json.dumps(self.config() if config is None else config),
        }
        write_safetensors(path, self.tensors, metadata)
        return path

    def known(self, noise_variance):
        """No less noise than the last of several knots has."""
        least = 10 ** (-self.snr_db[-1] / 10) if len(self.snr_db) > 1 else 0.0
        return max(noise_variance, least)

    def scalars(self, noise_variance):
        """At this noise variance, in double precision."""
        knots = np.array(self.snr_db)
        snr = np.inf if noise_variance == 0 else 1 / noise_variance
        db = np.clip(10 * np.log10(snr), knots[0], knots[-1])

        def at(name):
            table = self.tensors[name].astype(float)
            table = table.reshape(len(knots), -1)
            return np.exp([np.interp(db, knots, column) for column in table.T])

        step = self.tensors["step.alpha"] * np.sqrt(1 / snr) + self.tensors["step.gamma"]
        slope = at("denoiser.slope.log") if self.tau == "per_coordinate" else 0.0
        admm = self.network == "admm"
        return {
            "rho": at("rho.log")[0] if admm else None,
            "alpha": np.minimum(at("gain.estimate.log"), 8) if admm else None,
            "beta": np.minimum(at("gain.dual.log"), 8) if admm else None,
            "kappa": np.minimum(at("memory.log"), 1) if admm else None,
            "eta": at("eta.log") if self.network == "pgd" else None,
            "constant": at("denoiser.constant.log"),
            "slope": slope * np.ones(self.denoisers),
            "step": np.maximum(step.astype(float), 1e-3),
            "output": (at("output.slope.log")[0], at("output.constant.log")[0]),
        }


def real_form(matrix):
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])


def stacked(y):
    return np.concatenate([y.real, y.imag], -1)


@dataclass
class Prepared:
    """P, F, e and the scalars of a channel [R, N]."""

    matrix: np.ndarray
    filter: np.ndarray
    error: np.ndarray
    scalars: dict


def prepare(net, h, noise_variance):
    h = real_form(h.astype(complex))
    noise_variance = net.known(noise_variance)
    s = net.scalars(noise_variance)
    sigma2 = net.scale2 * noise_variance / 2
    gram = h.T @ h
    if net.network == "pgd":
        return Prepared(gram, h.T, sigma2 / np.maximum(np.diag(gram), 1e-12), s)
    inverse = np.linalg.inv(gram + s["rho"] * np.eye(len(gram)))
    return Prepared(s["rho"] * inverse, inverse @ h.T, sigma2 * np.diag(inverse), s)


def _denoise(net, r, w):
    if net.denoiser == "clip":
        return np.clip(r, -w, w)
    if net.denoiser == "soft_threshold":
        return r - np.clip(r, -w, w)
    if net.denoiser == "posterior_mean":
        levels = np.arange(1 - net.levels, net.levels, 2)
        exponent = -((r[..., None] - levels) ** 2) / (2 * w[..., None])
        q = np.exp(exponent - exponent.max(-1, keepdims=True))
        return (q * levels).sum(-1) / q.sum(-1)
    w = np.maximum(w, 1 / 8)
    return sum(np.clip((r - m) / w, -1, 1) for m in net.thresholds)


def _rows_rounded(matrix, bits):
    most = 2 ** (bits - 1) - 1
    step = np.abs(matrix).max(-1, keepdims=True) / most
    return step * np.clip(np.rint(matrix / step), -most, most)


def run_float(net, h, noise_variance, y):
    """Outputs [vectors, N] in double precision, rounded where the arithmetic is "quantized"."""
    p = prepare(net, h, noise_variance)
    quantized = net.arithmetic == "quantized"
    matrix, filter_, apart = p.matrix, p.filter, 0.0
    if quantized and net.matrix_bits:
        if net.diagonal == "apart":
            apart = np.diag(matrix)
            matrix = matrix - np.diag(apart)
        matrix = _rows_rounded(matrix, net.matrix_bits)
    if quantized and net.filter_bits:
        filter_ = _rows_rounded(filter_, net.filter_bits)
    x = np.sqrt(net.scale2) * stacked(y.astype(complex))
    if quantized and net.input_bits:
        x = _rows_rounded(x, net.input_bits)

    def rounded(v, k):
        if not quantized or not net.activation_bits:
            return v
        most, step = 2 ** (net.activation_bits - 1) - 1, p.scalars["step"][k]
        return step * np.clip(np.rint(v / step), -most, most)

    b = x @ filter_.T
    eta = p.scalars["eta"]
    r = b if net.network == "admm" else eta[0] * b
    for k in range(net.denoisers):
        w = p.scalars["slope"][k] * p.error + p.scalars["constant"][k]
        z = _denoise(net, r, np.broadcast_to(w, r.shape))
        if net.network == "admm":
            u = r - z
            v = p.scalars["alpha"][k] * z - p.scalars["beta"][k] * u
            r = b + rounded(v, k) @ matrix.T + apart * v + p.scalars["kappa"][k] * u
            continue
        z = rounded(z, k)
        if k + 1 == net.denoisers:
            return z
        r = z + eta[k + 1] * (b - z @ matrix.T)
    return r


def llrs(net, o, variance):
    """Exact LLRs of outputs [vectors, N], user by user, clipped to +-64."""
    half, users = net.bits_per_symbol // 2, net.users
    levels = np.arange(1 - net.levels, net.levels, 2)
    exponent = -((o[..., None] - levels) ** 2) / (2 * variance[..., None])
    found = np.empty((len(o), users, net.bits_per_symbol))
    for bit in range(half):
        ones = axis_bits(half)[:, bit] == 1
        of_axis = np.logaddexp.reduce(exponent[..., ones], -1) - np.logaddexp.reduce(
            exponent[..., ~ones], -1
        )
        found[..., 2 * bit] = of_axis[:, :users]
        found[..., 2 * bit + 1] = of_axis[:, users:]
    return np.clip(found, -64, 64).reshape(len(o), -1)


def axis_bits(half):
    """Bits [levels, half] of the ascending levels -(L-1) .. L-1: 3GPP TS 38.211, 5.1."""
    found = {}
    for value in range(2**half):
        bits = [value >> (half - 1 - i) & 1 for i in range(half)]
        amplitude = 0
        for i in reversed(range(half)):
            amplitude = (1 - 2 * bits[i]) * (2 ** (half - 1 - i) - amplitude)
        found[amplitude] = bits
    return np.array([found[level] for level in sorted(found)])


def _mulhrs(a, b):
    return (a * b + 2**14) >> 15


def _saturated(a):
    return np.clip(a, -32768, 32767)


def _round16(p):
    return np.rint(np.clip(p, np.float32(-32768), np.float32(32767))).astype(np.int64)


def run_int8(net, channel, y):
    """Codes int64 [vectors, N] from a channel's integers (unfolded_detector.prepared())."""
    f32 = np.float32
    f = net.fraction_bits
    c = f32(np.sqrt(net.scale2))
    x = stacked((c * y).astype(np.complex64))
    e = channel["exponent"]
    y_q = np.clip(np.rint(x * f32(2.0**e)), -32767, 32767).astype(np.int64)
    most = 2 ** (net.activation_bits - 1) - 1
    least = -128 if net.activation_bits == 8 else -most
    matrix, filter_ = channel["matrix"].astype(np.int64), channel["filter"].astype(np.int64)
    gains = channel["gains"].astype(np.int64)
    sums = y_q @ filter_.T
    assert np.abs(sums).max() < 2**31
    b = _round16(sums.astype(f32) * (channel["filter_scale"] * f32(2.0 ** (f - e))))

    def denoise(r, g):
        if net.denoiser == "clip":
            return np.clip(r, -g, g)
        if net.denoiser == "soft_threshold":
            return _saturated(r - np.clip(r, -g, g))
        h, step = _mulhrs(r, g), 2 ** (f - 3)
        centres = [np.sign(m) * _mulhrs(abs(int(m)) << f, g) for m in net.thresholds]
        return 8 * sum(np.clip(_saturated(h - one), -step, step) for one in centres)

    def product(v, k, times=None):
        codes = np.clip(_mulhrs(v, int(channel["steps"][k])), least, most)
        unit = f32(2**18 if net.network == "admm" else 2**15) / f32(channel["steps"][k])
        scale = channel["matrix_scale"] * unit
        if times is not None:
            scale = scale * times
        return _round16((codes @ matrix.T).astype(f32) * scale)

    if net.network == "admm":
        r = b
        for k in range(net.denoisers):
            alpha, beta, kappa = channel["layer_gains"][:, k].astype(np.int64)
            z = denoise(r, gains[k])
            u = _saturated(r - z)
            v = _saturated(_mulhrs(z, alpha) - _mulhrs(u, beta))
            p = product(v, k)
            if net.diagonal == "apart":
                own = _mulhrs(v, channel["diagonal"].astype(np.int64))
                p = _saturated(p + 8 * np.clip(own, -4095, 4095))
            r = _saturated(_saturated(b + p) + _mulhrs(u, kappa))
        return r
    etas = np.clip(np.rint(channel["etas"] * f32(2**14)), -32767, 32767).astype(np.int64)
    first = [_saturated(2 * _mulhrs(b, int(eta))) for eta in etas]
    r = first[0]
    for k in range(net.layers):
        z = denoise(r, gains[k])
        if k + 1 == net.layers:
            return z
        r = _saturated(_saturated(z - product(z, k, channel["etas"][k + 1])) + first[k + 1])
