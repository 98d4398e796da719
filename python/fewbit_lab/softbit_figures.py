# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The soft-bit system's figures: measured on the C++ classes, held against paper and rivals.

`fewbit_lab.figures` finds the functions here; each takes a Run and returns a Result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fewbit_lab import results, softbit_claims, softbit_reference
from fewbit_lab.confidence import mean_interval
from fewbit_lab.figures import Run
from fewbit_lab.monte_carlo import Coordinates, StopRule
from fewbit_lab.progress import Progress
from fewbit_lab.results import Result, Series, curve, interval_curve
from fewbit_lab.snr_loss import Loss
from fewbit_lab.softbit_link import LinkSetting
from fewbit_lab.softbit_measurements import (
    BlockErrors,
    StoredBytes,
    entropy_interval,
    need_codecs,
)
from fewbit_lab.softbit_paired import BLER_LABEL, CODED_BITS, SNR_LABEL, Batches, PairedErrors
from fewbit_lab.softbit_schemes import FLOAT, alpha_sweep, cost_schemes, paired_schemes

BITS_LABEL = "bits per LLR"
DEVIATION_LABEL = "standard deviation of z"

#: Draws of softbit-init: 400,000 give the variance a standard error of about .3 %.
DRAWS, DRAWS_QUICK = 2_000_000, 400_000

#: Batches of 250 packets at each SNR of softbit-bler: at least 20,000 packets where error rates of
#: .1 and .01 are crossed; where most packets fail, fewer say as much.
SNR_BATCHES = {10: 16, 11: 32, 12: 80, 13: 80, 14: 80, 15: 120, 16: 80}
#: Quick batches are of 50 packets: intervals need many batches rather than large ones.
SNR_BATCHES_QUICK = {10: 20, 11: 20, 12: 20, 13: 24, 14: 50, 15: 70, 16: 60}
PACKETS, PACKETS_QUICK = 250, 50


def _result(run: Run) -> Result:
    return Result(run.id, seed=run.seed, command=run.command, versions=results.versions())


def _fingerprint(measure: BlockErrors | StoredBytes, snr_db: list[float]) -> dict[str, Any]:
    """Everything that a batch depends on, but seed and coordinates: a model's content too. Raises
    LabError where a codec cannot be made."""
    return {"measure": repr(measure), "codecs": need_codecs(measure.schemes, snr_db)}


# -- Fig. 2: the latent at initialisation ------------------------------------------------------


def initialisation(run: Run) -> Result:
    """Var z at initialisation against Theorem 1, (8/5) K / (4K + 1), and its range by depth."""
    from fewbit_trainer.initialisation import initialisation_statistics

    result = _result(run)
    orders = [2, 4, 6, 8, 10]
    x = [float(order) for order in orders]
    x_label = "bits per symbol K"
    draws = DRAWS_QUICK if run.quick else DRAWS
    for depth in (1, 2, 3, 4):
        progress = Progress(f"{run.id} {depth} hidden")
        found = []
        for number, order in enumerate(orders):
            progress.update(number / len(orders))
            found.append(initialisation_statistics(order, depth, draws=draws, seed=run.seed))
        progress.close("done")
        name = f"{depth} hidden layer{'s' if depth > 1 else ''}"
        spread = [one.deviation for one in found]
        error = [1.96 * one.variance_error / (2.0 * one.deviation) for one in found]
        lo = [y - e for y, e in zip(spread, error, strict=True)]
        hi = [y + e for y, e in zip(spread, error, strict=True)]
        result.series.append(curve(name, x, spread, x_label, DEVIATION_LABEL, lo=lo, hi=hi))
        most = [one.percentile_99_9 for one in found]
        result.series.append(curve(name, x, most, x_label, "99.9 percentile of |z|"))
        if depth == 1:
            result.claims += [
                softbit_claims.theorem_1(order, one.variance, one.variance_error)
                for order, one in zip(orders, found, strict=True)
            ]
    theory = [math.sqrt(softbit_claims.theorem_1_variance(order)) for order in orders]
    result.series.append(curve("Theorem 1", x, theory, x_label, DEVIATION_LABEL, source="theory"))
    return result


# -- Fig. 3: block error rate ------------------------------------------------------------------


def block_error_rate(run: Run) -> Result:
    """Block error rate of every codec on the same packets, 64-QAM over EPA."""
    schemes = paired_schemes(6)
    packets = PACKETS_QUICK if run.quick else PACKETS
    measure = BlockErrors(LinkSetting(bits_per_symbol=6), schemes, packets)
    snr_db = softbit_reference.SNR_DB
    points = [{"snr_db": snr} for snr in snr_db]
    fingerprint = _fingerprint(measure, snr_db)
    found = run.monte_carlo(points, measure, _bler_effort(run.quick), fingerprint)
    result = _result(run)
    paired = PairedErrors(snr_db, schemes, found)
    result.series += paired.curves()
    result.series.append(
        curve(
            "uncompressed, reference measurement",
            snr_db,
            softbit_reference.UNCOMPRESSED_BLER,
            SNR_LABEL,
            BLER_LABEL,
            source="paper",
        )
    )
    targets = [0.1, 0.01]
    losses = paired.losses(targets, run.seed)
    for number, target in enumerate(targets):
        result.series += _loss_series(paired, [loss[number] for loss in losses], target)
    result.rows = paired.table(losses, targets)
    result.claims += softbit_claims.block_error_rate(paired, result.rows)
    return result


def _bler_effort(quick: bool) -> Callable[[Coordinates], StopRule]:
    batches = SNR_BATCHES_QUICK if quick else SNR_BATCHES
    return lambda point: StopRule(most=batches[int(point["snr_db"])])


def _loss_series(paired: PairedErrors, losses: list[Loss], target: float) -> list[Series]:
    """Loss over bits per LLR, a point a scheme, with the paper's point and the bound."""
    label = f"loss at block error rate {target:g} [dB]"
    series = []
    for number, (scheme, loss) in enumerate(zip(paired.schemes, losses, strict=True)):
        if scheme is FLOAT:
            continue
        x = [paired.mean_bits(number)]
        series.append(
            curve(scheme.name, x, [loss.db], BITS_LABEL, label, lo=[loss.low], hi=[loss.high])
        )
        if scheme.coded:
            x = [paired.mean_bits(number, coded=True)]
            name = f"{scheme.name}, coded"
            series.append(
                curve(name, x, [loss.db], BITS_LABEL, label, lo=[loss.low], hi=[loss.high])
            )
    if target == 0.01:
        x, y = [softbit_reference.PAPER_BITS], [softbit_reference.PAPER_LOSS_DB]
        series.append(curve("the paper's codec", x, y, BITS_LABEL, label, source="paper"))
    else:
        bits, db = (list(column) for column in zip(*softbit_reference.BOUND_64QAM, strict=True))
        series.append(
            curve(
                "bound, CSI free (reference values)", bits, db, BITS_LABEL, label, source="theory"
            )
        )
    return series


# -- Fig. 4: bits per LLR over SNR -------------------------------------------------------------


def cost(run: Run) -> Result:
    """Bits per LLR over SNR: coded bytes, without the coder, and the entropy of the indices."""
    schemes = cost_schemes(6)
    packets = 10 if run.quick else 50
    measure = StoredBytes(LinkSetting(bits_per_symbol=6), schemes, packets)
    snr_db = [float(snr) for snr in range(0, 31, 5 if run.quick else 2)]
    points = [{"snr_db": snr} for snr in snr_db]
    stop = StopRule(most=20)
    found = run.monte_carlo(points, measure, stop, _fingerprint(measure, snr_db))
    result = _result(run)
    for number, scheme in enumerate(schemes):
        result.series.append(_bits_curve(scheme.name, snr_db, found, "bytes", number))
        if scheme.coded:
            name = f"{scheme.name}, coded"
            result.series.append(_bits_curve(name, snr_db, found, "coded_bytes", number))
        elif scheme.uncoded_bits and "codebook of" not in scheme.name:
            flat = [scheme.uncoded_bits] * len(snr_db)
            name = f"{scheme.name}, no coder"
            result.series.append(curve(name, snr_db, flat, SNR_LABEL, BITS_LABEL, source="theory"))
        if scheme.family == "learned":
            name = f"{scheme.name}, entropy of the indices"
            limits = [_entropy(batches, scheme.name) for batches in found]
            result.series.append(interval_curve(name, snr_db, limits, SNR_LABEL, BITS_LABEL))
    for name, bits in softbit_reference.PAPER_AVERAGE_BITS.items():
        ends = [softbit_reference.SNR_DB[0], softbit_reference.SNR_DB[-1]]
        result.series.append(curve(name, ends, [bits] * 2, SNR_LABEL, BITS_LABEL, source="paper"))
    result.claims += softbit_claims.cost(result)
    return result


def _bits_curve(
    name: str, snr_db: list[float], found: list[Batches], kind: str, number: int
) -> Series:
    """Bits per LLR with the interval of the mean over batches."""
    intervals = [
        mean_interval([8.0 * b[kind][number] / (CODED_BITS * b["packets"]) for b in batches])
        for batches in found
    ]
    return interval_curve(name, snr_db, intervals, SNR_LABEL, BITS_LABEL)


def _entropy(batches: Batches, name: str, bits_per_symbol: int = 6) -> tuple[float, float, float]:
    """The order-0 entropy of the indices at this SNR, in bits per LLR: no coder that treats the
    latents as independent, and knows the SNR, can do with less."""
    found = entropy_interval(np.array([b["histograms"][name] for b in batches]))
    bits, low, high = (one / bits_per_symbol for one in found)
    return bits, low, high


# -- Fig. 5: rate against distortion -----------------------------------------------------------


def tradeoff(run: Run) -> Result:
    """Added block error rate over bits per LLR, 256-QAM, for the alpha sweep and the rivals."""
    schemes = (*paired_schemes(8), *alpha_sweep(8))
    packets = PACKETS_QUICK if run.quick else PACKETS
    measure = BlockErrors(LinkSetting(bits_per_symbol=8), schemes, packets)
    snr_db = [16.0, 17.0, 18.0, 19.0]
    points = [{"snr_db": snr} for snr in snr_db]
    stop = StopRule(most=20 if run.quick else 40)
    found = run.monte_carlo(points, measure, stop, _fingerprint(measure, snr_db))
    result = _result(run)
    paired = PairedErrors(snr_db, schemes, found)
    for point, snr in enumerate(snr_db):
        label = f"{snr:g} dB (uncompressed: {paired.rate(0, point)[0]:.3g})"
        result.series += _added_errors(paired, point, label)
    result.rows = paired.table(paired.losses([0.1], run.seed), [0.1])
    result.claims += softbit_claims.tradeoff(paired, result.rows)
    return result


def _added_errors(paired: PairedErrors, point: int, label: str) -> list[Series]:
    """The alpha sweep as one curve, every other scheme as a point."""
    series = []
    sweep: list[tuple[float, tuple[float, float, float]]] = []
    for number, scheme in enumerate(paired.schemes):
        if scheme is FLOAT:
            continue
        added = paired.added_rate(number, point)
        bits = paired.bits(number)[point]
        if "alpha=" in scheme.name:
            sweep.append((bits, added))
            continue
        series.append(interval_curve(scheme.name, [bits], [added], BITS_LABEL, label))
    if sweep:
        sweep.sort()
        x, found = [bits for bits, _ in sweep], [added for _, added in sweep]
        series.append(interval_curve("learned, alpha sweep", x, found, BITS_LABEL, label))
    return series
