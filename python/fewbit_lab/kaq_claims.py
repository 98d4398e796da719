# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `kaq-ber` must show, checked against its own numbers."""

from __future__ import annotations

import math

from fewbit_lab import kaq_reference as reference
from fewbit_lab import kaq_schemes as schemes
from fewbit_lab.kaq_curves import BitErrorTable, Interval
from fewbit_lab.kaq_schemes import Scheme
from fewbit_lab.results import Claim, at_most, within

Bound = float | tuple[float, float]

FLAGSHIP = {15.0: 0.075, 20.0: 0.0075, 25.0: 6e-4}
FIVE_LAYERS = {15.0: 0.081, 20.0: 0.015, 25.0: 0.0016}
INT8_FACTOR = 1.05
FEW_BITS_FACTOR, FEW_BITS_SNR_DB = 1.3, 20.0
#: KAQ's gain on PGD-Net is its quantizers' range: float with that range errs no more than this.
CLIP_SNR_DB, CLIP_FACTOR = 25.0, 1.05
KBEST_16_SNR_DB, KBEST_16_BER = 20.0, 1.2e-4
#: The reference states no number of samples: ours must lie within a tenth of what it may have
#: rounded to its printed digits.
BER_FACTOR = 1.1


def all_claims(table: BitErrorTable) -> list[Claim]:
    claims = []
    for scheme in schemes.ALL:
        claims += rows(table, scheme)
    claims += bars(table, schemes.ADMM_10, FLAGSHIP) + bars(table, schemes.ADMM_5, FIVE_LAYERS)
    claims += bars(table, schemes.KBEST_16, {KBEST_16_SNR_DB: KBEST_16_BER})
    for int8, own in (
        (schemes.ADMM_5, schemes.ADMM_5_FLOAT),
        (schemes.ADMM_10, schemes.ADMM_10_FLOAT),
    ):
        claims += [times(table, int8, own, snr, INT8_FACTOR) for snr in FLAGSHIP]
    claims.append(times(table, schemes.PGD_FLOAT_CLIP, schemes.PGD_KAQ, CLIP_SNR_DB, CLIP_FACTOR))
    for scheme in schemes.FEW_BITS:
        if not scheme.model.endswith("_ptq"):
            claims.append(
                times(table, scheme, schemes.ADMM_5_FLOAT, FEW_BITS_SNR_DB, FEW_BITS_FACTOR)
            )
    return claims


def rows(table: BitErrorTable, scheme: Scheme) -> list[Claim]:
    """A claim for each error rate that the reference states of a scheme."""
    claims = []
    for snr_db, printed in (scheme.row.ber if scheme.row else {}).items():
        text = f"{scheme.name}: {printed} at {snr_db:g} dB, as printed, within a tenth"
        bound = reference.band(printed, BER_FACTOR)
        claims.append(judged(text, table.rate(scheme.name, snr_db), bound))
    return claims


def bars(table: BitErrorTable, scheme: Scheme, most: dict[float, float]) -> list[Claim]:
    claims = []
    for snr_db, bound in most.items():
        text = f"{scheme.name}: at most {bound:g} at {snr_db:g} dB"
        claims.append(judged(text, table.rate(scheme.name, snr_db), bound))
    return claims


def times(table: BitErrorTable, scheme: Scheme, than: Scheme, snr_db: float, most: float) -> Claim:
    """A scheme makes at most `most` times the errors of another, on the same vectors."""
    text = f"{scheme.name}: at most {most:g} times the errors of {than.name} at {snr_db:g} dB"
    return judged(text, table.ratio(scheme.name, than.name, snr_db), most)


def judged(text: str, found: Interval, bound: Bound) -> Claim:
    """At most a number or within a band; undecided where nothing was measured."""
    if math.isnan(found[0]):
        stated = list(bound) if isinstance(bound, tuple) else bound
        return Claim(f"{text} (not measured)", stated, None, None)
    if isinstance(bound, tuple):
        return within(text, found, bound)
    return at_most(text, found, bound)
