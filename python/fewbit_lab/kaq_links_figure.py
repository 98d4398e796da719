# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit reproduce kaq-links`: detectors trained for other links, and their rivals there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fewbit_lab import kaq_models, results
from fewbit_lab import kaq_schemes as schemes
from fewbit_lab.figures import Run
from fewbit_lab.kaq_curves import BitErrorTable
from fewbit_lab.kaq_link import BitErrors, Effort, Link
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.results import Claim, Result, Series, all_hold, at_most, interval_curve

SNR_LABEL = "SNR [dB]"
RIVALS = (schemes.LMMSE, schemes.VBLAST, schemes.KBEST_16, schemes.EP)
INT8, FLOAT = "ADMM-10, int8", "ADMM-10, float"


@dataclass(frozen=True)
class Place:
    """A link, the network trained for it, and the SNRs where bit errors fall from many to few."""

    key: str
    title: str
    link: Link
    snr_db: tuple[float, ...]

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        model = f"kaq_admm10_{self.key}"
        return (*RIVALS, Scheme(FLOAT, model=model, float32=True), Scheme(INT8, model=model))

    @property
    def label(self) -> str:
        """Of a curve's y: what panel it stands in."""
        return f"bit error rate, {self.title}"


def _every_5_db(low: float, high: float) -> tuple[float, ...]:
    return tuple(low + 5.0 * step for step in range(round((high - low) / 5.0) + 1))


PLACES = (
    Place("corr5", "correlation .5", Link(correlation=0.5), _every_5_db(0, 30)),
    Place("corr9", "correlation .9", Link(correlation=0.9), _every_5_db(0, 40)),
    Place("8x8", "8 users, 8 antennas", Link(users=8, antennas=8), _every_5_db(0, 25)),
    Place("16x32", "16 users, 32 antennas", Link(antennas=32), _every_5_db(-5, 15)),
    Place("16x64", "16 users, 64 antennas", Link(antennas=64), _every_5_db(-10, 10)),
    Place("64qam", "64-QAM", Link(bits_per_symbol=6), _every_5_db(5, 30)),
    Place("qpsk", "QPSK", Link(bits_per_symbol=2), _every_5_db(-5, 15)),
)


#: 65,536 to 163,840 vectors a point.
FULL = Effort(vectors=1 << 12, least=16, most=40, errors=5_000)
QUICK = Effort(vectors=1 << 9, least=4, most=8, errors=500)


@dataclass(frozen=True)
class LinkBitErrors:
    """BitErrors of the link `coordinates["link"]`."""

    tasks: Mapping[str, BitErrors] = field(repr=False)

    def __call__(self, coordinates: Mapping[str, Any], seed: int) -> dict[str, Any]:
        return self.tasks[coordinates["link"]](coordinates, seed)


def other_links(run: Run) -> Result:
    """Bit error rate over SNR on every link."""
    effort = QUICK if run.quick else FULL
    tasks, fingerprint = {}, {}
    found_of = kaq_models.specifications_by(run, {p.key: p.schemes for p in PLACES})
    for place in PLACES:
        detectors = found_of[place.key]
        tasks[place.key] = BitErrors(effort.vectors, INT8, detectors, place.link)
        known = kaq_models.fingerprint(detectors, place.link)
        fingerprint[place.key] = {"measure": repr(tasks[place.key]), **known}
    points = [{"link": p.key, "snr_db": snr_db} for p in PLACES for snr_db in p.snr_db]
    found = iter(run.monte_carlo(points, LinkBitErrors(tasks), effort.rule, fingerprint))
    result = Result(run.id, seed=run.seed, command=run.command, versions=results.versions())
    for place in PLACES:
        table = BitErrorTable({snr_db: next(found) for snr_db in place.snr_db}, place.link)
        names = list(tasks[place.key].detectors)
        result.series += [_curve(place, table, name) for name in names]
        result.rows += [_row(place, table, name) for name in names]
        result.claims += [not_below_lmmse(place, table, name) for name in (INT8, FLOAT)]
    return result


def not_below_lmmse(place: Place, table: BitErrorTable, name: str) -> Claim:
    """At no SNR more errors than LMMSE on the same vectors: true where every SNR's interval says
    so, false where one says the opposite. SNRs where LMMSE makes hardly an error are left out."""
    text = f"{place.title}, {name}: at no SNR more errors than LMMSE"
    ratios = {snr: table.ratio(name, schemes.LMMSE.name, snr) for snr in table.snr_db}
    known = {snr: found for snr, found in ratios.items() if math.isfinite(found[1])}
    if not known:
        return Claim(f"{text} (not measured)", 1.0, None, None)
    verdicts = [at_most("", found, 1.0).holds for found in known.values()]
    worst = max(known, key=lambda snr: known[snr][0])
    value, low, high = known[worst]
    return Claim(
        f"{text}, worst at {worst:g} dB (95 %: {low:.4g} .. {high:.4g})",
        1.0,
        value,
        all_hold(verdicts),
    )


def _curve(place: Place, table: BitErrorTable, name: str) -> Series:
    rates = [table.rate(name, snr_db) for snr_db in table.snr_db]
    return interval_curve(name, table.snr_db, rates, SNR_LABEL, place.label)


def _row(place: Place, table: BitErrorTable, name: str) -> dict[str, Any]:
    return {"link": place.title, **table.row(name, table.snr_db)}
