# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce tbq-estimation`: channel estimation from few bits (the paper's Fig. 5)."""

from __future__ import annotations

import math
from typing import Any

from fewbit_lab import results, task_chain, task_claims, task_models, task_reference
from fewbit_lab import task_schemes as schemes
from fewbit_lab.confidence import jackknife_interval, mean_interval
from fewbit_lab.figures import Run
from fewbit_lab.monte_carlo import StopRule
from fewbit_lab.results import Result, Series, curve, interval_curve
from fewbit_lab.task_curves import RATE_LABEL, Interval
from fewbit_lab.task_link import POWER
from fewbit_lab.task_measurements import MistakenSnr, SquaredErrors

MSE_LABEL = "mean square error"
PHASE_LABEL = "mean square error, 8 levels"
PHASE_BITS_LABEL = "bits of a phase shifter"

LEVELS = task_reference.ESTIMATION_LEVELS
MIXED_RATES = (0.4, 0.5, 0.6, 0.75, 0.9, 1.1, 1.25)
PHASE_BITS = (1, 2, 3, 4)
#: What printing the authors' results to four decimals may have rounded away.
ROUNDING = 0.5e-4
#: Where "any phase" stands on the axis of bits.
ANY_PHASE = 5

#: Realisations: 2^17, in batches for standard errors; BLMMSE alone has 2^20, since 1e-4 are wanted.
VECTORS, BATCHES = 1024, 128
VECTORS_QUICK, BATCHES_QUICK = 512, 16
BLMMSE_BATCHES, BLMMSE_BATCHES_QUICK = 1024, 16
#: Draws of a mistaken SNR, of 256 realisations each.
MISTAKEN_DRAWS, MISTAKEN_DRAWS_QUICK = 200, 16

#: Curves over M: their name and their models' variant.
CURVES = (
    ("closed form, moments known", "model"),
    ("closed form, 32768 samples", "closed"),
    ("learned, from the closed form", ""),
    ("learned, from random weights", "scratch"),
    ("hardware-limited, uniform ADCs", "linear"),
    ("closed form, SNR uncertain", "snr_closed"),
    ("learned, SNR uncertain", "snr"),
)
#: What is held to the target, and how closely; the first two to eta_sc and to the authors as well.
OWN = {
    "closed form, 32768 samples": task_claims.CLOSED_FORM_EXCESS,
    "learned, from the closed form": task_claims.TRAINED_EXCESS,
    "learned, from random weights": task_claims.TRAINED_EXCESS,
}
UNCERTAIN = ("closed form, SNR uncertain", "learned, SNR uncertain")
MIXED, LEARNED_MIXED = "closed form, mixed resolution", "learned, mixed resolution"
BLMMSE = "BLMMSE"
BLMMSE_MODEL = "task_estimation_blmmse_m2"
MISTAKEN = "hardware-limited, SNR mistaken"


def rate_of(levels: float) -> float:
    """Bits per real input of p = k = 80 ADCs, n = 240."""
    return math.log2(levels) / 3.0


class SquaredErrorTable:
    """Mean square errors of models measured on the same realisations."""

    def __init__(self, names: list[str], batches: list[dict[str, Any]]) -> None:
        self._columns = {
            name: [float(batch["mse"][number]) for batch in batches]
            for number, name in enumerate(names)
        }
        self.linear = mean_interval([float(batch["linear_mse"]) for batch in batches])

    def mse(self, model: str) -> Interval:
        """(mean, low, high); NaN where there is no such model."""
        if model not in self._columns:
            return (math.nan,) * 3
        return mean_interval(self._columns[model])

    def ratio(self, model: str, reference: str) -> Interval:
        """Of two models, on the same realisations: their common luck cancels."""
        if model not in self._columns or reference not in self._columns:
            return (math.nan,) * 3
        above, below = self._columns[model], self._columns[reference]
        every = sum(above) / sum(below)
        left_out = [
            (sum(above) - a) / (sum(below) - b) for a, b in zip(above, below, strict=True)
        ]
        return jackknife_interval(every, left_out)


def estimation(run: Run) -> Result:
    """Mean square error over rate: theory, designs, trained models, the authors' own results."""
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    files = task_models.find_or_make(run, _models())
    table = _measure(run, {name: file for name, file in files.items() if name != BLMMSE_MODEL})
    result.series += _theory() + _reference()
    for name, variant in CURVES:
        models = {m: schemes.estimation_model(m, variant) for m in LEVELS}
        result.series += _curve(name, {rate_of(m): table.mse(models[m]) for m in LEVELS})
    rates = {rate: table.mse(schemes.mixed_model(rate, "closed")) for rate in MIXED_RATES}
    result.series += _curve(MIXED, rates)
    result.series += _curve(LEARNED_MIXED, {0.5: table.mse(schemes.mixed_model(0.5))})
    result.series += _phase_series(table)
    blmmse = _blmmse(run, files[BLMMSE_MODEL])
    result.series += _curve(f"{BLMMSE}, simulated", {1.0: blmmse})
    mistaken = _mistaken(run)
    result.series += _curve(MISTAKEN, {rate_of(m): found for m, found in mistaken.items()})
    result.rows = _rows(table, mistaken)
    result.claims += _claims(table, blmmse)
    return result


def _models() -> list[str]:
    variants = [variant for _, variant in CURVES]
    return [
        *(schemes.estimation_model(m, variant) for m in LEVELS for variant in variants),
        *(schemes.mixed_model(rate, "closed") for rate in MIXED_RATES),
        schemes.mixed_model(0.5),
        *(_phase_model(bits) for bits in (*PHASE_BITS, ANY_PHASE)),
        BLMMSE_MODEL,
    ]


def _phase_model(bits: int) -> str:
    return f"task_estimation_m8_phase{'' if bits == ANY_PHASE else bits}_model"


def _measure(run: Run, files: dict[str, str]) -> SquaredErrorTable:
    names = sorted(files)
    vectors, batches = (VECTORS_QUICK, BATCHES_QUICK) if run.quick else (VECTORS, BATCHES)
    measure = SquaredErrors(vectors, tuple(files[name] for name in names))
    fingerprint = {"measure": repr(measure), "models": task_chain.identities(files)}
    found = run.monte_carlo([{"power": POWER}], measure, StopRule(most=batches), fingerprint)
    return SquaredErrorTable(names, found[0])


def _blmmse(run: Run, file: str) -> Interval:
    measure = SquaredErrors(VECTORS_QUICK if run.quick else VECTORS, (file,))
    batches = BLMMSE_BATCHES_QUICK if run.quick else BLMMSE_BATCHES
    fingerprint = {"measure": repr(measure), "models": task_chain.identities({BLMMSE: file})}
    point = {"power": POWER, "model": BLMMSE}
    found = run.monte_carlo([point], measure, StopRule(most=batches), fingerprint, part="blmmse")
    return SquaredErrorTable([BLMMSE], found[0]).mse(BLMMSE)


def _mistaken(run: Run) -> dict[int, Interval]:
    """The hardware-limited design where P is known with an error of variance P / 4."""
    measure = MistakenSnr(vectors=256)
    points = [{"power": POWER, "levels": m} for m in LEVELS]
    draws = MISTAKEN_DRAWS_QUICK if run.quick else MISTAKEN_DRAWS
    fingerprint = {"measure": repr(measure)}
    found = run.monte_carlo(points, measure, StopRule(most=draws), fingerprint, part="mistaken")
    return {
        m: mean_interval([b["mse"] for b in batches])
        for m, batches in zip(LEVELS, found, strict=True)
    }


# -- curves --------------------------------------------------------------------------------------


def _curve(name: str, found: dict[float, Interval]) -> list[Series]:
    """A measured curve over the rates where it has a value."""
    there = {rate: limits for rate, limits in found.items() if not math.isnan(limits[0])}
    if not there:
        return []
    return [interval_curve(name, list(there), there.values(), RATE_LABEL, MSE_LABEL)]


def targets() -> dict[int, float]:
    """The Lloyd-Max target of every number of levels."""
    from fewbit_trainer.task_quantizer.designs import theory
    from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

    return {m: theory.lloyd_max_target(ChannelEstimation(), m) for m in LEVELS}


def eta_sc() -> dict[int, float]:
    """The hardware-limited design's own formula."""
    from fewbit_trainer.task_quantizer.designs.hardware_limited import predicted_mse
    from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

    found = predicted_mse(ChannelEstimation().second_order(), LEVELS)
    return dict(zip(LEVELS, found, strict=True))


def _theory() -> list[Series]:
    from fewbit_trainer.task_quantizer.designs import theory
    from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

    model = ChannelEstimation()
    fine = [rate_of(2.0 + 0.25 * step) for step in range(65)]
    rates = [rate_of(m) for m in LEVELS]
    every = [
        ("MMSE without quantization", [fine[0], fine[-1]], [theory.mmse(model)] * 2),
        ("eta_opt, any quantizer", fine, [theory.eta_opt(model, rate) for rate in fine]),
        ("Lloyd-Max target", rates, list(targets().values())),
        ("eta_sc, the hardware-limited design's formula", rates, list(eta_sc().values())),
        (BLMMSE, list(task_reference.BLMMSE_RATES), [blmmse_exact()] * 2),
    ]
    return [curve(name, x, y, RATE_LABEL, MSE_LABEL, source="theory") for name, x, y in every]


def blmmse_exact() -> float:
    """BLMMSE's mean square error by its formula: one bit at every antenna from R = 1 on."""
    from fewbit_trainer.task_quantizer.designs.blmmse import blmmse_mse
    from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

    return blmmse_mse(ChannelEstimation().second_order(), 2)


def _reference() -> list[Series]:
    known = task_reference.ESTIMATION
    x = [rate_of(row.levels) for row in known]
    own, unsure = [row.authors for row in known], [row.authors_uncertain for row in known]
    return [
        curve("the authors' learned", x, own, RATE_LABEL, MSE_LABEL, source="paper"),
        curve(
            "the authors' learned, SNR uncertain", x, unsure, RATE_LABEL, MSE_LABEL, source="paper"
        ),
    ]


def _phase_series(table: SquaredErrorTable) -> list[Series]:
    bits = [*PHASE_BITS, ANY_PHASE]
    found = [table.mse(_phase_model(b)) for b in bits]
    x, free = [float(b) for b in bits], table.mse(schemes.estimation_model(8, "model"))
    label = PHASE_BITS_LABEL
    return [
        interval_curve("phase shifters", x, found, label, PHASE_LABEL),
        curve(
            "closed form, no constraint",
            [x[0], x[-1]],
            [free[0]] * 2,
            label,
            PHASE_LABEL,
            lo=[free[1]] * 2,
            hi=[free[2]] * 2,
        ),
    ]


# -- what it shows -------------------------------------------------------------------------------


def _rows(table: SquaredErrorTable, mistaken: dict[int, Interval]) -> list[dict[str, Any]]:
    """A row for each number of levels: every curve's value with its limits, and their excess over
    the target."""
    target = targets()
    rows: list[dict[str, Any]] = []
    for m in LEVELS:
        row: dict[str, Any] = {"levels": m, "rate": rate_of(m), "target": target[m]}
        for name, variant in CURVES:
            found = table.mse(schemes.estimation_model(m, variant))
            if not math.isnan(found[0]):
                row[name] = list(found)
        row[MISTAKEN] = list(mistaken[m])
        rows.append(row)
    for rate in MIXED_RATES:
        rows.append({"rate": rate, MIXED: list(table.mse(schemes.mixed_model(rate, "closed")))})
    rows.append({"rate": 0.5, LEARNED_MIXED: list(table.mse(schemes.mixed_model(0.5)))})
    for bits in (*PHASE_BITS, ANY_PHASE):
        loss = table.ratio(_phase_model(bits), schemes.estimation_model(8, "model"))
        name = "any" if bits == ANY_PHASE else bits
        rows.append({"levels": 8, "phase_bits": name, "loss": [value - 1.0 for value in loss]})
    return rows


def scaled(found: Interval, factor: float) -> Interval:
    value, low, high = found
    return value * factor, low * factor, high * factor


def _claims(table: SquaredErrorTable, blmmse: Interval) -> list[results.Claim]:
    from fewbit_trainer.task_quantizer.designs import theory
    from fewbit_trainer.task_quantizer.designs.models import ChannelEstimation

    # The closed form of the model's moments has the target's error, exactly. What another design
    # has more is measured on the same realisations: their luck is common, and cancels.
    model, target, formula = ChannelEstimation(), targets(), eta_sc()
    known = task_reference.ESTIMATION
    opt = {row.levels: theory.eta_opt(model, rate_of(row.levels)) for row in known}
    claims = task_claims.theory(theory.mmse(model), opt, blmmse_exact())
    claims += [task_claims.link(table.linear), task_claims.blmmse_simulated(blmmse)]
    variants = {name: variant for name, variant in CURVES}
    for name, most in OWN.items():
        models = {m: schemes.estimation_model(m, variants[name]) for m in LEVELS}
        to_target = {
            m: table.ratio(models[m], schemes.estimation_model(m, "model")) for m in LEVELS
        }
        claims.append(task_claims.against_target(name, to_target, most))
        if variants[name] == "scratch":
            continue
        to_formula = {m: scaled(to_target[m], target[m] / formula[m]) for m in LEVELS}
        claims.append(task_claims.below(name, "eta_sc", to_formula))
        own = {row.levels: row.authors + ROUNDING for row in known if row.levels in models}
        to_own = {m: scaled(to_target[m], target[m] / value) for m, value in own.items()}
        text = "the authors' own results, as printed,"
        claims.append(task_claims.below(name, text, to_own))
    for name in UNCERTAIN:
        models = {m: schemes.estimation_model(m, variants[name]) for m in LEVELS}
        claims += task_claims.uncertain(name, {m: table.mse(models[m]) for m in LEVELS})
    for name, variant in ((MIXED, "closed"), (LEARNED_MIXED, "")):
        claims.append(task_claims.mixed(name, table.mse(schemes.mixed_model(0.5, variant))))
    loss = table.ratio(_phase_model(3), schemes.estimation_model(8, "model"))
    claims.append(task_claims.phase_shifters(tuple(value - 1.0 for value in loss)))
    return claims
