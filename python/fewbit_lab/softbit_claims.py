# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the soft-bit figures must show, checked against their own numbers."""

from __future__ import annotations

import math
from typing import Any

from fewbit_lab import softbit_reference
from fewbit_lab.confidence import wilson
from fewbit_lab.results import Claim, Result, at_most
from fewbit_lab.softbit_paired import PairedErrors

#: By how much a row may differ from the independent measurement, whose own error is not stated:
#: .03 dB of loss beyond our interval, 3 % of bits (coders and their models differ).
LOSS_TOLERANCE_DB = 0.03
BITS_TOLERANCE = 0.03


def theorem_1_variance(order: int) -> float:
    """Theorem 1 of the paper (its eq. 6): Var z of one hidden layer, K bits per symbol."""
    return 8.0 / 5.0 * order / (4.0 * order + 1.0)


def theorem_1(order: int, found: float) -> Claim:
    theory = theorem_1_variance(order)
    text = f"Theorem 1, K={order}: the variance {found:.5f} is off {theory:.5f} by at most 1 %"
    return at_most(text, abs(found / theory - 1.0), 0.01)


def block_error_rate(paired: PairedErrors, rows: list[dict[str, Any]]) -> list[Claim]:
    """The link is right, the learned codec is as good as the paper's, the rivals are not weak."""
    by_name = {row["name"]: row for row in rows}
    claims = [uncompressed(paired, point) for point in range(len(paired.snr_db))]
    claims += learned(by_name["learned K=6"])
    for reference in softbit_reference.ROWS_64QAM:
        claims += rival(by_name[reference.name], reference)
    return claims


def uncompressed(paired: PairedErrors, point: int) -> Claim:
    """Agreement within both measurements' 95 % intervals."""
    snr = paired.snr_db[point]
    reference = softbit_reference.UNCOMPRESSED_BLER[point]
    packets = softbit_reference.UNCOMPRESSED_PACKETS
    rate, low, high = paired.rate(0, point)
    reference_low, reference_high = wilson(round(reference * packets), packets)
    holds = low <= reference_high and reference_low <= high
    text = f"uncompressed at {snr:g} dB: found {rate:.4g}, published {reference:g}"
    return Claim(text, [reference_low, reference_high], [low, high], holds)


def learned(row: dict[str, Any]) -> list[Claim]:
    loss, low, _ = row["loss_db_at_bler_0.01"]
    return [
        at_most(
            "learned K=6 loses at most .18 dB at BLER .01",
            loss,
            softbit_reference.PAPER_LOSS_DB,
            low=low,
        ),
        at_most(
            "learned K=6 stores at most 2.77 bits per LLR of real bytes, overhead in",
            row["bits_per_llr"],
            softbit_reference.PAPER_BITS,
        ),
    ]


def rival(row: dict[str, Any], reference: softbit_reference.Row) -> list[Claim]:
    """A rival agrees with the independent measurement: bits at BLER .1, and loss there."""
    claims = [_bits(row, "bits_per_llr_at_bler_0.1", reference.name, reference.bits)]
    if reference.coded_bits is not None:
        key = "coded_bits_per_llr_at_bler_0.1"
        claims.append(_bits(row, key, f"{reference.name}, coded", reference.coded_bits))
    loss, low, high = row["loss_db_at_bler_0.1"]
    text = f"{reference.name}: loses {reference.loss_db:g} dB at BLER .1"
    if not math.isfinite(loss):
        return [*claims, Claim(text, reference.loss_db, None, None)]
    bound = [low - LOSS_TOLERANCE_DB, high + LOSS_TOLERANCE_DB]
    holds = bound[0] <= reference.loss_db <= bound[1]
    return [*claims, Claim(f"{text} (found {loss:.3f})", bound, reference.loss_db, holds)]


def _bits(row: dict[str, Any], key: str, name: str, reference: float) -> Claim:
    found = row[key]
    bound = [reference * (1.0 - BITS_TOLERANCE), reference * (1.0 + BITS_TOLERANCE)]
    text = f"{name}: stores {reference:g} bits per LLR"
    return Claim(text, bound, found, bool(bound[0] <= found <= bound[1]))


def cost(result: Result) -> list[Claim]:
    """The coder is near its bound where the link works, and never costs more than it saves."""
    series = {s.name: s for s in result.series}
    coded = series["learned K=6"]
    entropy = series["learned K=6, entropy of the indices"]
    fixed = series["learned K=6, no coder"]
    excess = {
        snr: found / bound - 1.0
        for snr, found, bound in zip(coded.x, coded.y, entropy.y, strict=True)
    }
    text = "from 10 to 16 dB the coded bytes exceed the entropy at that SNR by at most 10 %"
    worst = max(value for snr, value in excess.items() if 10.0 <= snr <= 16.0)
    return [
        at_most(text, worst, 0.10),
        at_most("at no SNR the coder costs more than no coder", max(coded.y), fixed.y[0]),
    ]


def tradeoff(paired: PairedErrors, rows: list[dict[str, Any]]) -> list[Claim]:
    """The rivals agree with their measurement; along the sweep, more bits never lose more."""
    sweep = [n for n, s in enumerate(paired.schemes) if "alpha=" in s.name]
    by_name = {row["name"]: row for row in rows}
    claims = []
    for reference in softbit_reference.ROWS_256QAM:
        claims += rival(by_name[reference.name], reference)
    if len(sweep) >= 2:
        for point, snr in enumerate(paired.snr_db):
            ordered = sorted(sweep, key=lambda n, p=point: paired.bits(n)[p])
            few, many = ordered[0], ordered[-1]
            low_rate = paired.added_rate(few, point)
            high_rate = paired.added_rate(many, point)
            text = f"at {snr:g} dB the sweep's largest model adds no more errors than its smallest"
            holds = high_rate[1] <= low_rate[2]
            claims.append(Claim(text, low_rate[2], high_rate[0], holds))
    return claims
