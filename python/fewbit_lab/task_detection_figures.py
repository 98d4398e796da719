# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce tbq-detection-r1`, `-r2`, `tbq-uniform`, `tbq-rate-8db` and `-12db`: symbol
detection from few bits (the paper's Figs. 7 to 11)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gnuradio.fewbit import algorithms

from fewbit_lab import results, task_chain, task_claims, task_models, task_receivers
from fewbit_lab import task_reference as reference
from fewbit_lab import task_schemes as schemes
from fewbit_lab.figures import Run
from fewbit_lab.results import Result, Series, curve
from fewbit_lab.task_curves import (
    BER_LABEL,
    RATE_LABEL,
    SNR_LABEL,
    USERS,
    BitErrorTable,
    Interval,
    Place,
    measure,
)
from fewbit_lab.task_schemes import Scheme

SNR_DB = tuple(float(snr) for snr in range(6, 15))
RATES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0)
EXACT = "rotation and lookup, exact formula"


def detection_r1(run: Run) -> Result:
    """Bit error rate over SNR at R = 1: 4 ADCs of 8 levels."""
    return _over_snr(run, 1.0)


def detection_r2(run: Run) -> Result:
    """Bit error rate over SNR at R = 2: 8 ADCs of 8 levels, or 4 of 64."""
    return _over_snr(run, 2.0)


def uniform(run: Run) -> Result:
    """Learned against uniform thresholds against passing gradient, R = 1."""
    places = [Place(1.0, snr) for snr in SNR_DB]
    result, table, _ = _measured(run, schemes.THRESHOLDS, places, over_snr=True)
    result.rows = _snr_rows(table)
    result.claims += [
        task_claims.better(table, one, schemes.PASSING, places, "at every SNR")
        for one in (schemes.LEARNED, schemes.UNIFORM)
    ]
    result.claims.append(task_claims.thresholds_gain(table))
    return result


def rate_8db(run: Run) -> Result:
    """Bit error rate over the rate at 8 dB."""
    return _over_rate(run, 8.0)


def rate_12db(run: Run) -> Result:
    """Bit error rate over the rate at 12 dB."""
    return _over_rate(run, 12.0)


# -- over SNR ------------------------------------------------------------------------------------


def _over_snr(run: Run, rate: float) -> Result:
    places = [Place(rate, snr) for snr in SNR_DB]
    result, table, files = _measured(run, schemes.OVER_SNR, places, over_snr=True)
    lookup = _in_run(run, schemes.LOOKUP)
    exact = {place: _exact(files, lookup, place) for place in places}
    y = [exact[place] for place in places]
    result.series.append(curve(EXACT, table.x, y, SNR_LABEL, BER_LABEL, source="theory"))
    result.series += _reference(rate, {series.name for series in result.series})
    result.rows = [*_snr_rows(table), _exact_row(table, y)]
    number = int(rate)
    claims = task_claims.rows(table, schemes.MAP, reference.MAP, rate)
    claims += task_claims.rows(table, schemes.QMAP, reference.QUANTIZED_MAP[number], rate)
    if number == 1:
        claims += task_claims.rows(table, schemes.MAP_CSI, reference.MAP_UNCERTAIN, rate)
    claims.append(task_claims.reached(table, schemes.LEARNED, task_claims.LEARNED_DB[number]))
    claims.append(task_claims.reached(table, lookup, task_claims.LOOKUP_DB[number]))
    if number == 1:
        claims.append(task_claims.reached(table, schemes.LOOKUP_PILOTS, task_claims.PILOTS_DB))
    claims.append(task_claims.lookup_is_exact(_counted_over_expected(table, lookup, exact)))
    if schemes.QMAP_BEST in table.schemes:
        claims.append(
            task_claims.better(table, schemes.LEARNED, schemes.QMAP_BEST, places, "at every SNR")
        )
    claims.append(task_claims.csi_gain(table, rate))
    claims.append(
        task_claims.better(
            table, schemes.LEARNED_CSI, schemes.MAP_CSI, places, "at every SNR, CSI uncertain both"
        )
    )
    result.claims += claims
    return result


def _reference(rate: float, measured: set[str]) -> list[Series]:
    """Reference values of the schemes that were measured (a quick run leaves some out), and what
    the paper's text says of 1e-3."""
    number = int(rate)
    known = [
        (schemes.MAP, reference.MAP),
        (schemes.MAP_CSI, reference.MAP_UNCERTAIN),
        (schemes.QMAP, reference.QUANTIZED_MAP[number]),
        (schemes.LEARNED_PAPER, reference.LEARNED_PAPER[number]),
    ]
    if number == 1:
        known += [
            (schemes.LEARNED, reference.LEARNED),
            (schemes.PASSING, reference.PASSING_GRADIENT),
        ]
    found = []
    for scheme, row in known:
        if scheme.name not in measured:
            continue
        points = zip(reference.DETECTION_SNR_DB, row.ber or (), strict=True)
        x, y = zip(*((snr, ber) for snr, ber in points if ber > 0.0), strict=True)
        name = f"{scheme.name} (reference)"
        found.append(curve(name, list(x), list(y), SNR_LABEL, BER_LABEL, source="paper"))
    for name, row in (("MAP", reference.MAP), ("learned", reference.LEARNED_PAPER[number])):
        if row.paper_db is not None:
            x, y = [row.paper_db], [reference.TARGET_BER]
            found.append(curve(f"the paper's {name}", x, y, SNR_LABEL, BER_LABEL, source="paper"))
    return found


def _in_run(run: Run, scheme: Scheme) -> Scheme:
    """A quick run's lookup comes from a short search."""
    return schemes.LOOKUP_QUICK if run.quick and scheme is schemes.LOOKUP else scheme


def _left_out(run: Run, scheme: Scheme, places: Sequence[Place]) -> bool:
    """ADCs of two levels have no support to choose; a quick run designs no lookup of many levels
    from pilots."""
    if scheme is schemes.QMAP_BEST:
        return all(place.rate < math.log2(3) for place in places)
    slow = scheme in (schemes.LOOKUP_PILOTS, schemes.LOOKUP_CSI)
    return run.quick and slow and places[0].rate > 1.0


def _measured(
    run: Run, compared: Sequence[Scheme], places: Sequence[Place], *, over_snr: bool
) -> tuple[Result, BitErrorTable, dict[str, str]]:
    """The result with a curve for each scheme that has models."""
    compared = [_in_run(run, s) for s in compared if not _left_out(run, s, places)]
    names = [
        model
        for place in places
        for scheme in compared
        for model in scheme.models(place.rate, place.snr_db)
    ]
    files = task_models.find_or_make(run, names)
    identities = task_chain.identities(files)
    label = SNR_LABEL if over_snr else RATE_LABEL
    axis = _snr if over_snr else _rate
    table = measure(run, compared, places, files, identities, axis, label)
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    for scheme in compared:
        result.series += table.series(scheme)
    return result, table, files


def _snr(place: Place) -> float:
    return place.snr_db


def _rate(place: Place) -> float:
    return place.rate


def _exact(files: dict[str, str], lookup: Scheme, place: Place) -> float:
    """The lookup's error rate by the sum over its cells, worked out when it was designed; NaN where
    there are too many cells."""
    if lookup is schemes.LOOKUP_QUICK:
        levels = min(schemes.lookup_levels(place.rate))
        return task_receivers.fixed_search(levels, place.snr_db)[1]
    (name,) = lookup.models(place.rate, place.snr_db)
    figures = algorithms.bundle.load(files[name]).config.get("measured", [])
    return float(figures[0]["ber"]) if figures else math.nan


def _counted_over_expected(
    table: BitErrorTable, lookup: Scheme, exact: dict[Place, float]
) -> Interval:
    """Errors counted over errors expected, all places together: rare errors' count has the variance
    of the vectors' wrong bits squared."""
    errors = squares = expected = 0.0
    for place, rate in exact.items():
        found = table.sums(lookup, place)
        if not math.isnan(rate):
            errors += found["errors"]
            squares += found["squares"]
            expected += rate * USERS * found["vectors"]
    if not expected:
        return (math.nan,) * 3
    half = 1.96 * math.sqrt(squares)
    return errors / expected, (errors - half) / expected, (errors + half) / expected


def _snr_rows(table: BitErrorTable) -> list[dict[str, Any]]:
    """A row a scheme: its error rates, their draws, and where it reaches 1e-3."""
    rows = []
    for scheme in table.schemes:
        found = {place: table.rate(scheme, place) for place in table.places}
        if all(math.isnan(rate[0]) for rate in found.values()):
            continue
        row: dict[str, Any] = {
            "name": scheme.name,
            "snr_db": table.x,
            "ber": [list(rate) for rate in found.values()],
            "vectors": [table.sums(scheme, place)["vectors"] for place in table.places],
            "snr_db_at_1e-3": list(table.snr_reaching(scheme, reference.TARGET_BER)),
        }
        if scheme.draws > 1:
            row["draws"] = [table.rates_of_draws(scheme, place) for place in table.places]
            row["snr_db_at_1e-3_of_draws"] = table.draws_reaching(scheme, reference.TARGET_BER)
        rows.append(row)
    return rows


def _exact_row(table: BitErrorTable, y: list[float]) -> dict[str, Any]:
    from fewbit_lab.task_curves import crossing

    at = crossing(table.x, [(rate, rate, rate) for rate in y], reference.TARGET_BER)
    return {"name": EXACT, "snr_db": table.x, "ber": y, "snr_db_at_1e-3": at[0]}


# -- over the rate -------------------------------------------------------------------------------


def _over_rate(run: Run, snr_db: float) -> Result:
    places = [Place(rate, snr_db) for rate in RATES]
    result, table, _ = _measured(run, schemes.OVER_RATE, places, over_snr=False)
    result.rows = [
        {
            "name": scheme.name,
            "rate": table.x,
            "ber": [list(table.rate(scheme, place)) for place in places],
        }
        for scheme in table.schemes
    ]
    low = [place for place in places if place.rate <= 2.0]
    claims = [
        (schemes.LEARNED, schemes.QMAP, low, "at every rate up to 2"),
        (schemes.LEARNED, schemes.QMAP_BEST, low, "at every rate up to 2"),
        (schemes.LEARNED, schemes.PASSING, places, "at every rate"),
        (_in_run(run, schemes.LOOKUP), schemes.LEARNED, places, "at every rate", 1.1),
        (schemes.LEARNED_CSI, schemes.MAP_CSI, places, "at every rate, CSI uncertain both"),
    ]
    result.claims += [task_claims.better(table, *claim) for claim in claims]
    return result
