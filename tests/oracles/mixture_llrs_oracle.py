# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LLRs of two Gaussians by the errors that an output foresees, in numpy, double precision or
better, written from docs/unfolded_detector.md; and networks whose outputs a test chooses."""

import numpy as np
from gnuradio.fewbit import algorithms
from unfolded_detector_oracle import Network, axis_bits

SNR_DB, FORESEEN = (5.0, 12.0, 30.0), (-6.0, -3.0, -2.0, -1.0)


def failures(snr_db=SNR_DB, foreseen=FORESEEN, seed=5, **filled):
    """A bundle's tensors, random, or filled with a value of the table's name: spread, weight,
    wide, unseen."""
    rng = np.random.default_rng(seed)
    shape = (len(snr_db), len(foreseen))
    names = {
        "spread": ("output.spread.log", -1, 1),
        "weight": ("output.failure.weight.log", -8, 2),
        "wide": ("output.failure.spread.log", 0, 5),
        "unseen": ("output.failure.unseen.log", -20, -3),
    }
    tensors = {name: rng.uniform(low, high, shape) for name, low, high in names.values()}
    tensors |= {names[key][0]: np.full(shape, value) for key, value in filled.items()}
    tensors |= {"output.snr_db": snr_db, "output.foreseen.log": foreseen}
    return {name: np.array(values, np.float32) for name, values in tensors.items()}


def log_rho(net, o, error, noise_variance):
    """Of outputs [vectors, N]: [vectors]."""
    slope, constant = net.scalars(net.known(noise_variance))["output"]
    variance = np.maximum(slope * error + constant, 1e-12)
    with np.errstate(invalid="ignore", over="ignore"):
        margins = np.min([np.abs(o - m) for m in net.thresholds], axis=0)
        shares = 1 / (1 + np.exp(2 * margins.astype(np.longdouble) / variance))
    shares = np.where(np.isfinite(o), shares, 0.5)
    return np.log(np.maximum(shares.mean(-1), 1e-30)).astype(float)


def interpolated(table, snr_knots, foreseen_knots, db, foreseen):
    """exp of the table [SNRs, rhos], linear both ways, at one SNR and log rho [vectors]."""
    of_snr = [np.interp(db, snr_knots, column) for column in table.astype(float).T]
    return np.exp(np.interp(foreseen, foreseen_knots, of_snr))


def mixture_llrs(net, o, error, noise_variance):
    """LLRs [vectors, users * bits] of outputs [vectors, N] over a channel of errors e_i [N]."""
    o, t = o.astype(np.longdouble), net.tensors  # squares of 1e13 take more than a double's digits
    known = net.known(noise_variance)
    db = 10 * np.log10(np.inf if known == 0 else 1 / known)
    foreseen = log_rho(net, o, error, noise_variance)

    def at(name):
        values = t[name], t["output.snr_db"], t["output.foreseen.log"], db, foreseen
        return interpolated(*values)[:, None, None]

    slope, constant = net.scalars(known)["output"]
    variance = np.maximum(at("output.spread.log") * (slope * error + constant)[:, None], 1e-12)
    wide = variance * (1 + at("output.failure.spread.log"))
    levels = np.arange(1 - net.levels, net.levels, 2)
    squares = (o[..., None] - levels) ** 2
    log_p = np.logaddexp(
        -squares / (2 * variance),
        np.log(at("output.failure.weight.log")) - squares / (2 * wide),
    )
    log_p = log_p - np.logaddexp.reduce(log_p, -1, keepdims=True)
    log_unseen = np.log(at("output.failure.unseen.log"))[..., 0]
    half, users = net.bits_per_symbol // 2, net.users
    found = np.empty((len(o), users, net.bits_per_symbol))
    with np.errstate(invalid="ignore"):
        for bit in range(half):
            one = axis_bits(half)[:, bit] == 1
            of_one, of_zero = (np.logaddexp.reduce(log_p[..., b], -1) for b in (one, ~one))
            of_axis = np.logaddexp(of_one, log_unseen) - np.logaddexp(of_zero, log_unseen)
            found[..., 2 * bit] = of_axis[:, :users]
            found[..., 2 * bit + 1] = of_axis[:, users:]
    found[np.isnan(found)] = 0
    return np.clip(found, -64, 64).reshape(len(o), -1)


def passing(tensors, **changes):
    """A network in float32 that hands on what it receives where H is the unit matrix: W = 1, M next
    to 0."""
    settings = {"users": 4, "bits_per_symbol": 4, "snr_db": (0.0, 10.0, 25.0), **changes}
    knots = len(settings["snr_db"])
    few, layer = (knots,), (knots, 1)
    tensors = {
        name: np.full(shape, value, np.float32)
        for name, shape, value in (
            ("rho.log", few, -30),
            ("denoiser.constant.log", layer, 30),
            ("gain.estimate.log", layer, 0),
            ("gain.dual.log", layer, 0),
            ("memory.log", layer, -30),
        )
    } | tensors
    return Network(
        denoiser="clip", tau="scalar", arithmetic="float32", layers=2,
        antennas=settings["users"], tensors=tensors, **settings,
    )  # fmt: skip


def asked(net, o, noise_variance, folder):
    """What a passing network says of outputs [vectors, N]: outputs, LLRs, and e_i [N]."""
    detector = algorithms.unfolded_detector(net.write(folder / "net.safetensors"))
    detector.prepare(np.eye(net.users, dtype=np.complex64), noise_variance)
    y = (o[:, : net.users] + 1j * o[:, net.users :]) / np.sqrt(net.scale2)
    y = y.astype(np.complex64)
    error = np.full(2 * net.users, net.scale2 * net.known(noise_variance) / 2)
    return detector.outputs(y, 0), detector.llrs(y, 0), error
