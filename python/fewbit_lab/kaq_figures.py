# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-ber`: uncoded bit errors of unfolded MIMO detectors and their rivals."""

from __future__ import annotations

from fewbit_lab import kaq_claims, kaq_models, results
from fewbit_lab import kaq_reference as reference
from fewbit_lab import kaq_schemes as schemes
from fewbit_lab.figures import Run
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.kaq_link import BitErrors, Effort
from fewbit_lab.kaq_reference import Row
from fewbit_lab.results import Result, Series, curve

SNR_DB = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
SNR_LABEL, BER_LABEL = "SNR [dB]", "bit error rate"


#: At least 10.5 million bits a point, at most 67 million.
FULL = Effort(vectors=1 << 13, least=20, most=128, errors=20_000)
QUICK = Effort(vectors=1 << 11, least=4, most=16, errors=2_000)


def bit_error_rate(run: Run) -> Result:
    """Bit error rate over SNR of every detector, on the same vectors."""
    effort = QUICK if run.quick else FULL
    detectors = kaq_models.specifications(run, schemes.ALL)
    task = BitErrors(effort.vectors, schemes.ADMM_10.name, detectors)
    fingerprint = {"measure": repr(task), **kaq_models.fingerprint(detectors)}
    points = [{"snr_db": snr_db} for snr_db in SNR_DB]
    found = run.monte_carlo(points, task, effort.rule, fingerprint)
    table = BitErrorTable(dict(zip(SNR_DB, found, strict=True)))
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    result.series = [_measured(table, name) for name in detectors] + _reference()
    result.rows = [
        {
            "name": name,
            "snr_db": table.snr_db,
            "ber": [list(table.rate(name, snr_db)) for snr_db in table.snr_db],
            "vectors": [table.vectors(snr_db) for snr_db in table.snr_db],
        }
        for name in detectors
    ]
    result.claims = kaq_claims.all_claims(table)
    return result


def _measured(table: BitErrorTable, name: str) -> Series:
    rates = [table.rate(name, snr_db) for snr_db in table.snr_db]
    y, lo, hi = (list(column) for column in zip(*rates, strict=True))
    return curve(name, table.snr_db, y, SNR_LABEL, BER_LABEL, lo=lo, hi=hi)


def _reference() -> list[Series]:
    rows = [(scheme.name, scheme.row) for scheme in schemes.ALL if scheme.row is not None]
    rows += [
        (row.name, row)
        for row in (reference.ML, reference.ADMM_5, reference.ADMM_10, reference.PGD_CLIP)
    ]
    return [_points(f"{name} (reference)", row) for name, row in rows]


def _points(name: str, row: Row) -> Series:
    """A row's values; a range's ends are its limits."""
    columns = [(reference.middle(text), *_ends(text)) for text in row.ber.values()]
    y, lo, hi = (list(column) for column in zip(*columns, strict=True))
    return curve(name, list(row.ber), y, SNR_LABEL, BER_LABEL, lo=lo, hi=hi, source="paper")


def _ends(printed: str) -> tuple[float, float]:
    ends = printed.split("-")
    return float(ends[0]), float(ends[-1])
