# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-bits`: ADMM-Net with 4 to 6 bits, where quantization costs something."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fewbit_lab import kaq_models, results
from fewbit_lab import kaq_reference as reference
from fewbit_lab import kaq_schemes as schemes
from fewbit_lab.figures import Run
from fewbit_lab.kaq_claims import Bound, judged
from fewbit_lab.kaq_curves import BitErrorTable, Interval
from fewbit_lab.kaq_link import BitErrors, Effort
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.results import Claim, Result, Series, curve, interval_curve

BITS_LABEL, TIMES_LABEL = "bits", "bit errors over float's"
SNR_DB = (15.0, 20.0, 25.0)
BITS, WHOLE = (4, 5, 6), 8
HOW = ("ptq", "qat", "kaq")
BASE, INT8 = schemes.ADMM_5_FLOAT, schemes.ADMM_5

#: At the SNR where the reference states what 4 bits cost.
CLAIM_SNR_DB = 20.0
TRAINED_FACTOR = 1.3
#: The reference states no number of samples: ours within a tenth of what it may have rounded.
REFERENCE_FACTOR = 1.1

#: 164,000 vectors a point (10.5 million bits) to a million.
FULL = Effort(vectors=1 << 13, least=20, most=128, errors=20_000)
QUICK = Effort(vectors=1 << 11, least=4, most=16, errors=2_000)


@dataclass(frozen=True)
class What:
    """What is quantised to few bits, the rest to 8; `width` fills in the models' names."""

    key: str
    title: str
    width: str
    held: bool = True
    """Whether 4 bits are held to TRAINED_FACTOR."""

    def model(self, bits: int, how: str) -> str:
        return f"kaq_admm5_{self.width.format(bits)}_{how}"

    def scheme(self, bits: int, how: str) -> Scheme:
        return Scheme(f"{self.title}, {bits} bits, {how.upper()}", model=self.model(bits, how))

    def label(self, snr_db: float) -> str:
        """Of a curve's y: what panel it stands in."""
        return f"{TIMES_LABEL} at {snr_db:g} dB; {self.title}"


MATRIX = What("matrix", "matrix", "w{}a8")
VECTORS = What("vectors", "layers' vectors", "w8a{}")
ALL = What("all", "matrix, filter and all vectors", "all{}", held=False)
WHATS = (MATRIX, VECTORS, ALL)
#: The matrix' diagonal with 16 bits of its own.
APART = What("apart", "matrix, diagonal apart", "w{}a8_apart", held=False)
SCHEMES = (
    BASE,
    INT8,
    *(what.scheme(bits, how) for what in WHATS for bits in BITS for how in HOW),
    *(APART.scheme(4, how) for how in HOW),
)


def few_bits(run: Run) -> Result:
    """Bit errors over those of the float network, on the same vectors."""
    effort = QUICK if run.quick else FULL
    detectors = kaq_models.specifications(run, SCHEMES)
    task = BitErrors(effort.vectors, BASE.name, detectors)
    fingerprint = {"measure": repr(task), **kaq_models.fingerprint(detectors)}
    points = [{"snr_db": snr_db} for snr_db in SNR_DB]
    found = run.monte_carlo(points, task, effort.rule, fingerprint)
    table = BitErrorTable(dict(zip(SNR_DB, found, strict=True)))
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    for snr_db in SNR_DB:
        result.series += [one for what in WHATS for one in _curves(table, what, snr_db)]
    result.series += _reference({one.y_label for one in result.series})
    result.rows = [_row(table, name) for name in detectors]
    result.claims = all_claims(table)
    return result


# -- claims --------------------------------------------------------------------------------------


def all_claims(table: BitErrorTable) -> list[Claim]:
    claims = []
    for what, printed in ((MATRIX, reference.PTQ_MATRIX_4), (VECTORS, reference.PTQ_VECTORS_4)):
        text = f"{what.title}, 4 bits, PTQ: {printed} times float's errors, as printed, in a tenth"
        found = _times_float(table, what, 4, "ptq")
        claims.append(_judged(text, found, reference.band(printed, REFERENCE_FACTOR)))
    for what in WHATS:
        for how in ("qat", "kaq") if what.held else ():
            text = f"{what.title}, 4 bits, {how.upper()}: at most 1.3 times float's errors"
            claims.append(_judged(text, _times_float(table, what, 4, how), TRAINED_FACTOR))
    for what in WHATS:
        for above, below in (("qat", "ptq"), ("kaq", "ptq"), ("kaq", "qat")):
            text = (
                f"{what.title}, 4 bits: {above.upper()} makes no more errors than {below.upper()}"
            )
            names = (what.scheme(4, above).name, what.scheme(4, below).name)
            claims.append(_judged(text, table.ratio(*names, CLAIM_SNR_DB), 1.0))
    return claims


def _times_float(table: BitErrorTable, what: What, bits: int, how: str) -> Interval:
    return table.ratio(what.scheme(bits, how).name, BASE.name, CLAIM_SNR_DB)


def _judged(text: str, found: Interval, bound: Bound) -> Claim:
    return judged(f"{text} at {CLAIM_SNR_DB:g} dB", found, bound)


# -- curves --------------------------------------------------------------------------------------


def _curves(table: BitErrorTable, what: What, snr_db: float) -> list[Series]:
    """Over bits, 8 of them being the shipped int8 network, quantised afterwards."""
    series = []
    for how in HOW:
        found = {b: table.ratio(what.scheme(b, how).name, BASE.name, snr_db) for b in BITS}
        if how == "ptq":
            found[WHOLE] = table.ratio(INT8.name, BASE.name, snr_db)
        series += _over_bits(how.upper(), found, what.label(snr_db))
    if what is MATRIX:
        for how in HOW:
            found = {4: table.ratio(APART.scheme(4, how).name, BASE.name, snr_db)}
            series += _over_bits(f"{how.upper()}, diagonal apart", found, what.label(snr_db))
    return series


def _over_bits(name: str, found: dict[int, Interval], label: str) -> list[Series]:
    there = {bits: limits for bits, limits in found.items() if not math.isnan(limits[0])}
    if not there:
        return []
    return [interval_curve(name, list(map(float, there)), there.values(), BITS_LABEL, label)]


def _reference(panels: set[str]) -> list[Series]:
    """Beside what was measured: where nothing was, there is no panel."""
    series = []
    for what, printed in ((MATRIX, reference.PTQ_MATRIX_4), (VECTORS, reference.PTQ_VECTORS_4)):
        y, label = [reference.middle(printed)], what.label(CLAIM_SNR_DB)
        if label not in panels:
            continue
        series.append(curve("PTQ (reference)", [4.0], y, BITS_LABEL, label, source="paper"))
    return series


def _row(table: BitErrorTable, name: str) -> dict[str, Any]:
    row = table.row(name, table.snr_db)
    times = [list(table.ratio(name, BASE.name, snr_db)) for snr_db in table.snr_db]
    if any(math.isfinite(value) for value, _, _ in times):
        row["times_float"] = times
    return row
