# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-ber`: uncoded bit errors of unfolded MIMO detectors and their rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fewbit_lab import kaq_claims, kaq_longer, kaq_models, results
from fewbit_lab import kaq_reference as reference
from fewbit_lab import kaq_schemes as schemes
from fewbit_lab.figures import Run
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.kaq_link import BitErrors, Effort, Parts
from fewbit_lab.kaq_longer import Question
from fewbit_lab.kaq_reference import Row
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.monte_carlo import StopRule
from fewbit_lab.results import Result, Series, interval_curve
from fewbit_lab.snr_loss import crossing

SNR_DB = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
SNR_LABEL, BER_LABEL = "SNR [dB]", "bit error rate"

#: At least 10.5 million bits a point, at most 67 million.
FULL = Effort(vectors=1 << 13, least=20, most=128, errors=20_000)
QUICK = Effort(vectors=1 << 11, least=4, most=16, errors=2_000)

#: Around K-Best 16's bar a full run measures more SNRs, of these detectors alone.
NEAR, NEAR_SNR_DB = "near", (18.0, 19.0, 21.0, 22.0)
NEAR_SCHEMES = (
    schemes.KBEST_4,
    schemes.KBEST_16,
    schemes.KBEST_64,
    schemes.EP,
    *schemes.EP_SLOWER,
    schemes.ADMM_10,
)
NEAR_EFFORT = Effort(vectors=1 << 13, least=20, most=64, errors=20_000)

#: What a full run goes on with until it is decided.
QUESTIONS = (
    Question("kbest16", schemes.KBEST_16, kaq_claims.KBEST_16_SNR_DB, kaq_claims.KBEST_16_BER),
    Question("admm5", schemes.ADMM_5, 25.0, kaq_claims.INT8_FACTOR, of=schemes.ADMM_5_FLOAT),
    Question("admm10", schemes.ADMM_10, 25.0, kaq_claims.INT8_FACTOR, of=schemes.ADMM_10_FLOAT),
)


def bit_error_rate(run: Run) -> Result:
    """Bit error rate over SNR of every detector, on the same vectors."""
    detectors = kaq_models.specifications(run, schemes.ALL)
    table = _measure(run, detectors)
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    result.series = [_measured(table, name) for name in detectors] + _reference()
    result.rows = [_row(table, name) for name in detectors]
    result.rows += [_bar_row(table, scheme) for scheme in (schemes.KBEST_16, schemes.KBEST_64)]
    result.claims = kaq_claims.all_claims(table)
    return result


def _measure(run: Run, detectors: dict[str, str]) -> BitErrorTable:
    """All detectors at SNR_DB; in a full run more of some."""
    effort = QUICK if run.quick else FULL
    points: list[dict[str, Any]] = [{"snr_db": snr_db} for snr_db in SNR_DB]
    rules: dict[str | None, StopRule] = {None: effort.rule}
    parts: dict[str, BitErrors] = {}

    def add(part: str, snr_db: Sequence[float], some: Sequence[str], rule: StopRule) -> None:
        few = {name: detectors[name] for name in some}
        parts[part] = BitErrors(FULL.vectors, schemes.ADMM_10.name, few)
        points.extend({"snr_db": snr, "part": part} for snr in snr_db)
        rules[part] = rule

    if not run.quick:
        near = [scheme.name for scheme in NEAR_SCHEMES if scheme.name in detectors]
        add(NEAR, NEAR_SNR_DB, near, NEAR_EFFORT.rule)
        for question in QUESTIONS:
            if set(question.names) <= detectors.keys():
                add(question.key, [question.snr_db], question.names, kaq_longer.rule(question))
    main = BitErrors(effort.vectors, schemes.ADMM_10.name, detectors)
    fingerprint = {
        "measure": repr(main),
        "parts": {part: sorted(task.detectors) for part, task in parts.items()},
        "looks": list(kaq_longer.LOOKS),
        **kaq_models.fingerprint(detectors),
    }
    found = run.monte_carlo(
        points, Parts(main, parts), lambda point: rules[point.get("part")], fingerprint
    )
    every: dict[float, list[Mapping[str, Any]]] = {}
    for point, batches in zip(points, found, strict=True):
        every.setdefault(point["snr_db"], []).extend(batches)
    return BitErrorTable(dict(sorted(every.items())))


def _known(table: BitErrorTable, name: str) -> list[float]:
    """The SNRs that a detector was measured at."""
    return [snr_db for snr_db in table.snr_db if table.vectors(name, snr_db)]


def _measured(table: BitErrorTable, name: str) -> Series:
    x = _known(table, name)
    rates = [table.rate(name, snr_db) for snr_db in x]
    return interval_curve(name, x, rates, SNR_LABEL, BER_LABEL)


def _row(table: BitErrorTable, name: str) -> dict[str, Any]:
    return table.row(name, _known(table, name))


def _bar_row(table: BitErrorTable, scheme: Scheme) -> dict[str, Any]:
    """Where a detector reaches the bar of K-Best 16."""
    x = _known(table, scheme.name)
    rates = [table.rate(scheme.name, snr_db) for snr_db in x]
    reached = list(crossing(x, rates, kaq_claims.KBEST_16_BER))
    return {"name": scheme.name, "reaches": kaq_claims.KBEST_16_BER, "at_db": reached}


def _reference() -> list[Series]:
    rows = [(scheme.name, scheme.row) for scheme in schemes.ALL if scheme.row is not None]
    rows += [(row.name, row) for row in (reference.ML, reference.ADMM_5, reference.ADMM_10)]
    return [_points(f"{name} (reference)", row) for name, row in rows]


def _points(name: str, row: Row) -> Series:
    """A row's values; a range's ends are its limits."""
    found = [(reference.middle(text), *_ends(text)) for text in row.ber.values()]
    return interval_curve(name, list(row.ber), found, SNR_LABEL, BER_LABEL, source="paper")


def _ends(printed: str) -> tuple[float, float]:
    ends = printed.split("-")
    return float(ends[0]), float(ends[-1])
