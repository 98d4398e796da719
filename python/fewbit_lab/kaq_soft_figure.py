# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-soft`: what LLRs tell, and whether they are calibrated."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fewbit_lab import kaq_models, kaq_reference, results
from fewbit_lab import kaq_schemes as schemes
from fewbit_lab.figures import Run
from fewbit_lab.kaq_curves import Interval
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.kaq_soft_bits import EDGES, Bin, SoftBits, SoftBitTable
from fewbit_lab.monte_carlo import StopRule
from fewbit_lab.results import (
    Claim,
    Result,
    Series,
    all_hold,
    at_most,
    curve,
    interval_curve,
    within,
)

SNR_DB = tuple(2.5 * step for step in range(11))
SNR_LABEL, TOLD_LABEL = "SNR [dB]", "bits of a vector's 64 that its LLRs tell"
HELD_LABEL = "bits of a vector's 64 that its LLRs hold"
FORESEEN_LABEL, FOUND_LABEL = "error rate that LLRs foresee", "error rate found"

FLAGSHIP = schemes.ADMM_10
EPS = (schemes.EP, *schemes.EP_SLOWER)
DETECTORS = (
    schemes.LMMSE,
    schemes.KBEST_16,
    *EPS,
    schemes.ADMM_5,
    schemes.ADMM_10_FLOAT,
    FLAGSHIP,
)
CALIBRATION_SNR_DB = (10.0, 15.0, 20.0, 25.0)

#: A batch's vectors, and batches a point.
VECTORS, BATCHES = 4096, 16
VECTORS_QUICK, BATCHES_QUICK = 1024, 4

EP_SNR_DB, EP_BITS = 10.0, 1.0
#: As for error rates the reference states no number of samples: what it may have rounded, and this.
TOLD_FACTOR = 1.01
#: An LLR is calibrated where its error rate is what it foresees, within this factor; in bins of at
#: least so many errors.
CALIBRATION_FACTOR, CALIBRATION_ERRORS = 2.0, 100
DRAWN_ERRORS = 10


def soft_output(run: Run) -> Result:
    """Information over SNR of every detector's LLRs on the same vectors, and their calibration."""
    vectors, batches = (VECTORS_QUICK, BATCHES_QUICK) if run.quick else (VECTORS, BATCHES)
    detectors = kaq_models.specifications(run, DETECTORS)
    task = SoftBits(vectors, detectors)
    points = [{"snr_db": snr_db} for snr_db in SNR_DB]
    fingerprint = {"measure": repr(task), **kaq_models.fingerprint(detectors)}
    found = run.monte_carlo(points, task, StopRule(most=batches), fingerprint)
    table = SoftBitTable(dict(zip(SNR_DB, found, strict=True)))
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    result.series = [_over_snr(table, name, TOLD_LABEL, table.told) for name in detectors]
    result.series += [_over_snr(table, name, HELD_LABEL, table.held) for name in detectors]
    result.series += _reference() + _calibration(table, list(detectors))
    result.rows = [_row(table, name) for name in detectors]
    result.claims = all_claims(table)
    return result


# -- claims --------------------------------------------------------------------------------------


def all_claims(table: SoftBitTable) -> list[Claim]:
    claims = rows(table, schemes.LMMSE, "LMMSE") + rows(table, schemes.EP, "EP")
    claims += [no_less(table, schemes.LMMSE, snr, 0.0) for snr in SNR_DB]
    high = [snr for snr in SNR_DB if snr >= EP_SNR_DB]
    claims += [no_less(table, best_ep(table, snr), snr, EP_BITS) for snr in high]
    claims += [no_less(table, best_ep(table, snr, True), snr, EP_BITS, True) for snr in high]
    return claims + [calibrated(table, FLAGSHIP, snr_db) for snr_db in SNR_DB]


def rows(table: SoftBitTable, scheme: Scheme, row: str) -> list[Claim]:
    """A claim for each value that the reference states of a rival."""
    claims = []
    for snr_db, printed in kaq_reference.TOLD[row].items():
        text = f"{scheme.name}: LLRs hold {printed} bits at {snr_db:g} dB, as printed, within 1 %"
        found = table.held(scheme.name, snr_db)
        claims.append(within(text, found, kaq_reference.band(printed, TOLD_FACTOR)))
    return claims


def no_less(
    table: SoftBitTable, than: Scheme, snr_db: float, most: float, by_vector: bool = False
) -> Claim:
    """What the flagship's LLRs tell as they are, less than what a rival's hold."""
    less = f"at most {most:g} bit of 64 less than" if most else "no less than"
    how = " by vector" if by_vector else ""
    text = f"{FLAGSHIP.name}: LLRs tell {less} those of {than.name} hold{how} at {snr_db:g} dB"
    bins = "by_vector" if by_vector else "fine"
    return at_most(text, table.less(FLAGSHIP.name, than.name, snr_db, bins), most)


def best_ep(table: SoftBitTable, snr_db: float, by_vector: bool = False) -> Scheme:
    """EP with the damping whose LLRs hold most at this SNR, on the figure's own vectors."""
    value = table.held_by_vector if by_vector else table.held
    known = [scheme for scheme in EPS if not math.isnan(value(scheme.name, snr_db)[0])]
    return max(known, key=lambda scheme: value(scheme.name, snr_db)[0], default=schemes.EP)


def calibrated(table: SoftBitTable, scheme: Scheme, snr_db: float) -> Claim:
    """In every bin the error rate is what the LLRs foresee, within a factor. True where all of the
    bins' intervals lie in the band, false where one of them lies outside."""
    text = f"{scheme.name}: error rate over what LLRs foresee at {snr_db:g} dB, by |LLR|"
    bound = (1.0 / CALIBRATION_FACTOR, CALIBRATION_FACTOR)
    bins = table.bins(scheme.name, snr_db)
    known = [one for one in bins if one.bits and one.found[0] * one.bits >= CALIBRATION_ERRORS]
    verdicts = [within("", _over(one), bound).holds for one in known]
    if not known:
        return Claim(f"{text} (no bin with {CALIBRATION_ERRORS} errors)", list(bound), None, None)
    worst = max((_over(one) for one in known), key=lambda found: abs(math.log(found[0])))
    limits = f"95 %: {worst[1]:.4g} .. {worst[2]:.4g}"
    return Claim(
        f"{text}, worst of {len(known)} bins ({limits})", list(bound), worst[0], all_hold(verdicts)
    )


def _over(one: Bin) -> Interval:
    rate, low, high = one.found
    return rate / one.foreseen, low / one.foreseen, high / one.foreseen


# -- curves --------------------------------------------------------------------------------------


def _over_snr(
    table: SoftBitTable, name: str, label: str, value: Callable[[str, float], Interval]
) -> Series:
    found = [value(name, snr_db) for snr_db in table.snr_db]
    return interval_curve(name, table.snr_db, found, SNR_LABEL, label)


def _reference() -> list[Series]:
    series = []
    for name, row in kaq_reference.TOLD.items():
        y = [kaq_reference.middle(printed) for printed in row.values()]
        x = list(row)
        series.append(curve(f"{name} (reference)", x, y, SNR_LABEL, HELD_LABEL, source="paper"))
    return series


def _calibration(table: SoftBitTable, names: list[str]) -> list[Series]:
    """Error rate over what LLRs foresee, a curve for each detector and SNR; bins of few errors
    are left to the rows."""
    series = []
    for snr_db in CALIBRATION_SNR_DB:
        for name in names:
            bins = [b for b in table.bins(name, snr_db) if b.found[0] * b.bits >= DRAWN_ERRORS]
            if not bins:
                continue
            x, found = [one.foreseen for one in bins], [one.found for one in bins]
            title = f"{name} at {snr_db:g} dB"
            series.append(interval_curve(title, x, found, FORESEEN_LABEL, FOUND_LABEL))
    return series


def _row(table: SoftBitTable, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "snr_db": table.snr_db,
        "told": [list(table.told(name, snr_db)) for snr_db in table.snr_db],
        "held": [list(table.held(name, snr_db)) for snr_db in table.snr_db],
        "held_by_vector": [
            list(table.held_by_vector(name, snr_db)) for snr_db in table.snr_db
        ],
        "vectors": [table.vectors(snr_db) for snr_db in table.snr_db],
        "llr_bins": list(EDGES),
        "calibration": [
            [[one.bits, one.foreseen, *one.found] for one in table.bins(name, snr_db)]
            for snr_db in table.snr_db
        ],
    }
