# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model-based task quantizers against their reference values (fewbit_lab/task_reference.py).

    python3 benchmarks/task_quantizer_designs.py [--only estimation detection] [--quick]

Prints found and reference, with one standard error behind what was simulated; errors without one
are exact. Needs numpy only. About 10 minutes on one core, a minute with --quick.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

import numpy as np
from fewbit_lab import task_reference as reference
from fewbit_trainer.task_quantizer.designs.allocation import allocate_levels
from fewbit_trainer.task_quantizer.designs.blmmse import blmmse, blmmse_mse
from fewbit_trainer.task_quantizer.designs.closed_form import (
    closed_form,
    closed_form_from_samples,
)
from fewbit_trainer.task_quantizer.designs.drift import (
    drift_figures,
    drifted,
    refit_from_pilots,
)
from fewbit_trainer.task_quantizer.designs.gaussian_codes import affine_mse
from fewbit_trainer.task_quantizer.designs.hardware_limited import hardware_limited
from fewbit_trainer.task_quantizer.designs.measure import (
    Measured,
    chain_detector,
    map_error_rate,
    map_error_rate_uncertain,
    measure_ber,
    measure_mse,
)
from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation, SymbolDetection
from fewbit_trainer.task_quantizer.designs.phase_shifters import phase_shifters
from fewbit_trainer.task_quantizer.designs.pilots import estimate_channel
from fewbit_trainer.task_quantizer.designs.quantized_map import (
    quantized_map,
    quantized_map_error_rate,
)
from fewbit_trainer.task_quantizer.designs.rotation_lookup import rotation_lookup
from fewbit_trainer.task_quantizer.designs.theory import eta_opt, lloyd_max_target, mmse, rate

MODEL = ChannelEstimation()
MOMENTS = MODEL.second_order()
ADCS = MODEL.outputs


def show(found: Measured, digits: int = 5) -> str:
    return f"{found.value:.{digits}f} +- {found.error:.{digits}f}"


def theory(vectors: int) -> None:
    """Fig. 5's curves, the closed form from samples, the hardware-limited design simulated."""
    print(f"MMSE {mmse(MODEL):.6f}; below: found (reference)")
    print("M   R      eta_opt          target           eta_sc           closed form, samples")
    known = {row.levels: row for row in reference.ESTIMATION}
    x, s = MODEL.draw(1 << 15, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    for m in reference.ESTIMATION_LEVELS:
        row = known.get(m)
        columns = [
            (eta_opt(MODEL, rate(MODEL, m)), row and row.eta_opt),
            (lloyd_max_target(MODEL, m), row and row.lloyd_max),
            (hardware_limited(MOMENTS, m).predicted_mse, row and row.eta_sc),
        ]
        text = "  ".join(f"{a:.5f} ({b or '-':<6})" for a, b in columns)
        chain = closed_form_from_samples(x, s, [m] * ADCS)
        found = measure_mse(chain, MODEL, vectors, rng)
        loss = 100 * (affine_mse(MOMENTS, chain) / lloyd_max_target(MODEL, m) - 1)
        print(f"{m:<3} {rate(MODEL, m):.3f}  {text}  {show(found)}; exact: {loss:+.2f} %")


def hardware(vectors: int) -> None:
    print("hardware-limited: M, eta_sc, with dither, without dither (exact), with P +- 25 %")
    for row in reference.ESTIMATION:
        design = hardware_limited(MOMENTS, row.levels)
        rng = np.random.default_rng([3, row.levels])
        dithered = measure_mse(lambda x, d=design, r=rng: d.simulate(x, r), MODEL, vectors, rng)
        exact = affine_mse(MOMENTS, design.chain(MOMENTS))
        noisy = []
        for power in np.maximum(0.4, 4 + rng.standard_normal(200)):
            believed = ChannelEstimation(power=float(power)).second_order()
            chain = hardware_limited(believed, row.levels).chain(believed)
            noisy.append(affine_mse(MOMENTS, chain))
        mean = Measured(float(np.mean(noisy)), float(np.std(noisy) / np.sqrt(len(noisy))))
        predicted = f"{row.levels:<3} {design.predicted_mse:.4f}"
        print(f"{predicted}  {show(dithered)}  {exact:.5f}  {show(mean)}")


def rivals_and_variants(vectors: int) -> None:
    rng = np.random.default_rng(4)
    found = measure_mse(blmmse(MOMENTS, 2), MODEL, vectors, rng)
    print(
        f"BLMMSE {blmmse_mse(MOMENTS, 2):.6f}, simulated {show(found)} ({reference.BLMMSE}); "
        f"3 and 4 levels {blmmse_mse(MOMENTS, 3):.5f} {blmmse_mse(MOMENTS, 4):.5f}"
    )
    x, s = MODEL.draw(1 << 15, rng, rng.uniform(1, 10, 1 << 15))
    for row in reference.ESTIMATION:
        m = row.levels
        with_agc = closed_form_from_samples(x, s, [m] * ADCS, block_agc=True)
        without = closed_form_from_samples(x, s, [m] * ADCS)
        print(
            f"SNR uncertain, M = {m}: block AGC {show(measure_mse(with_agc, MODEL, vectors, rng))} "
            f"({reference.UNCERTAIN_BLOCK_AGC.get(m, '-')}), "
            f"none {show(measure_mse(without, MODEL, vectors, rng))} "
            f"(authors' {row.authors_uncertain})"
        )
    levels = allocate_levels(reference.MIXED_RATE * MODEL.inputs, [1.0] * ADCS)
    found = measure_mse(closed_form(MOMENTS, levels), MODEL, vectors, rng)
    print(
        f"mixed, R = .5: {lloyd_max_target(MODEL, levels):.5f}, simulated {show(found)} "
        f"({reference.MIXED}); {dict(Counter(levels))}"
    )
    for bits in (None, 4, 3, 2, 1):
        chain = phase_shifters(MODEL, [8] * ADCS, bits)
        loss = 100 * (affine_mse(MOMENTS, chain) / lloyd_max_target(MODEL, 8) - 1)
        found = measure_mse(chain, MODEL, vectors, rng)
        print(f"phase shifters of {bits or 'any'} bits, M = 8: {loss:+.2f} %, {show(found)}")


def drift(draws: int) -> None:
    chain = closed_form(MOMENTS, [8] * ADCS)
    cases = (
        ("offset .1", {"threshold_offset": 0.1}, reference.DRIFT_OFFSET_REFITTED),
        ("gain .1", {"gain_error": 0.1}, reference.DRIFT_GAIN_REFITTED),
    )
    for name, kind, known in cases:
        figures = [
            drift_figures(MOMENTS, chain, np.random.default_rng([5, i]), **kind)
            for i in range(draws)
        ]
        rows = np.array([[f.drifted, f.refitted, f.relevelled] for f in figures])
        mean, spread = rows.mean(axis=0), rows.std(axis=0, ddof=1)
        print(
            f"drift, {name}: not refitted {mean[0]:.5f}, refitted {mean[1]:.5f} ({known}), levels "
            f"too {mean[2]:.5f}; from draw to draw {spread[0]:.5f} {spread[1]:.5f} {spread[2]:.5f}"
        )
        moved = drifted(chain, np.random.default_rng([5, 0]), **kind)
        for pilots in (500, 1000, 2000, 4000, 16000):
            samples = MODEL.draw(pilots, np.random.default_rng(6))
            found = [
                affine_mse(MOMENTS, refit_from_pilots(moved, *samples, levels_too=too))
                for too in (False, True)
            ]
            print(f"  {pilots} pilots: {found[0]:.5f}, levels too {found[1]:.5f}")


def rivals(vectors: int, frames: int) -> None:
    for i, snr in enumerate(reference.DETECTION_SNR_DB):
        model, rng = SymbolDetection(snr), np.random.default_rng([7, i])
        best = map_error_rate(model, vectors, rng)
        mistaken = map_error_rate_uncertain(model, frames, 100, np.random.default_rng([11, i]))
        rows = [
            f"MAP {show(best, 6)} ({_at(reference.MAP, i)})",
            f"CSI error {show(mistaken, 4)} ({_at(reference.MAP_UNCERTAIN, i)})",
        ]
        for r in (1, 2):
            exact = quantized_map_error_rate(model, 2**r)
            rows.append(f"QMAP R={r} {exact:.5f} ({_at(reference.QUANTIZED_MAP[r], i)})")
        three = measure_ber(chain_detector(quantized_map(model, 8)), model, vectors // 8, rng)
        print(f"{snr:g} dB: " + ", ".join([*rows, f"R=3 {show(three)}"]))
    found = map_error_rate(SymbolDetection(10.16), vectors, np.random.default_rng(8))
    print(f"MAP at 10.16 dB: {show(found, 6)} (1e-3)")


def _at(row: reference.DetectionRow, point: int) -> float:
    assert row.ber is not None
    return row.ber[point]


def crossing(rate_at: Callable[[float], float], low: float, high: float) -> float:
    """The SNR at which a falling log error rate, taken for straight between two SNRs, is 1e-3."""
    a, b = np.log10(rate_at(low)), np.log10(rate_at(high))
    return low + (high - low) * (a + 3) / (a - b)


def hybrid(starts: int, trials: int, vectors: int) -> None:
    def known(snr: float, levels: int, thresholds: str = "uniform") -> float:
        design = rotation_lookup(
            SymbolDetection(snr), [levels] * 4, seed=1, starts=starts, thresholds=thresholds
        )
        return design.exact_error_rate()

    for snr in (6.0, 8.0, 10.0, 12.0, 14.0):
        print(f"rotation and lookup, 4 x 8 levels, {snr:g} dB: {known(snr, 8):.6f}")
    for levels, thresholds, low, high in (
        (8, "uniform", 10.45, 10.65),
        (8, "optimised", 10.45, 10.65),
        (64, "uniform", 10.15, 10.3),
    ):
        at = crossing(lambda snr, m=levels, t=thresholds: known(snr, m, t), low, high)
        print(f"4 ADCs of {levels} levels, thresholds {thresholds}: 1e-3 at {at:.2f} dB")
    design = rotation_lookup(SymbolDetection(10.65), [8] * 4, seed=1, starts=starts)
    found = measure_ber(
        chain_detector(design.chain()), design.model, vectors, np.random.default_rng(9)
    )
    print(f"10.65 dB: exact {design.exact_error_rate():.6f}, simulated {show(found, 6)}")

    def trained(snr: float, samples: int, variance: float) -> Measured:
        rates = []
        for trial in range(trials):
            model, rng = SymbolDetection(snr), np.random.default_rng([10, samples, trial])
            if variance:
                drawn = model.draw_uncertain(10, samples // 10, rng, variance)
            else:
                drawn = model.draw(samples, rng)
            believed = estimate_channel(*drawn, 4)
            found = rotation_lookup(believed, [8] * 4, trial, max(2, starts // 4))
            rates.append(found.exact_error_rate(model))
        return Measured(float(np.mean(rates)), float(np.std(rates, ddof=1) / np.sqrt(trials)))

    for samples in (50, 100, 200):
        print(f"{samples} pilots, 11 dB: {show(trained(11.0, samples, 0.0), 6)}")
    for snr in reference.DETECTION_SNR_DB:
        print(f"5000 samples of uncertain CSI, {snr:g} dB: {show(trained(snr, 5000, 0.2), 6)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=("estimation", "detection"))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    quick = options.quick
    only = options.only or ("estimation", "detection")
    if "estimation" in only:
        vectors = 1 << (11 if quick else 15)
        theory(vectors)
        hardware(vectors)
        rivals_and_variants(vectors)
        drift(3 if quick else 20)
    if "detection" in only:
        rivals(200_000 if quick else 8_000_000, 1000 if quick else 32_000)
        hybrid(2 if quick else 24, 2 if quick else 20, 200_000 if quick else 4_000_000)


if __name__ == "__main__":
    main()
