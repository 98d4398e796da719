# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the soft-bit figures must show, checked against their own numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

from fewbit_lab import softbit_reference
from fewbit_lab.results import Claim, Result, Series, at_most, within
from fewbit_lab.softbit_paired import PairedErrors

#: How far a row may lie from its reference value, whose own error is not stated: .05 dB of loss,
#: 3 % of bits (coders and their models differ). Fixed: a short run does not widen them.
LOSS_TOLERANCE_DB = 0.05
BITS_TOLERANCE = 0.03


def theorem_1_variance(order: int) -> float:
    """Theorem 1 of the paper (its eq. 6): Var z of one hidden layer, K bits per symbol."""
    return 8.0 / 5.0 * order / (4.0 * order + 1.0)


def theorem_1(order: int, found: float, error: float) -> Claim:
    """`error` is the variance's standard error."""
    theory = theorem_1_variance(order)
    text = f"Theorem 1, K={order}: the variance {found:.5f} is off {theory:.5f} by at most 1 %"
    off, half = abs(found / theory - 1.0), 1.96 * error / theory
    return at_most(text, (off, max(0.0, off - half), off + half), 0.01)


def block_error_rate(paired: PairedErrors, rows: list[dict[str, Any]]) -> list[Claim]:
    """The link is right, the learned codecs are as good as the paper's, the rivals not weak."""
    by_name = {row["name"]: row for row in rows}
    claims = [uncompressed(paired, point) for point in range(len(paired.snr_db))]
    for name in ("learned K=6", "learned K=6, contexts"):
        if name in by_name:
            claims += learned(by_name[name])
    for reference in softbit_reference.ROWS_64QAM:
        claims += rival(by_name[reference.name], reference)
    return claims


def uncompressed(paired: PairedErrors, point: int) -> Claim:
    """Our interval lies within a stated factor of the reference value, in odds."""
    snr = paired.snr_db[point]
    reference = softbit_reference.UNCOMPRESSED_BLER[point]
    rounding = softbit_reference.UNCOMPRESSED_ROUNDING[point]
    factor = softbit_reference.UNCOMPRESSED_ODDS
    bound = (
        _times_odds(reference - rounding, 1.0 / factor),
        _times_odds(reference + rounding, factor),
    )
    text = (
        f"uncompressed at {snr:g} dB: the odds of a block error are within a factor of {factor:g} "
        f"of the reference measurement's, {reference:g} as printed"
    )
    claim = within(text, paired.rate(0, point), bound)
    return _explained(claim, softbit_reference.UNCOMPRESSED_NOTES.get(snr, ""))


def _explained(claim: Claim, note: str) -> Claim:
    """A claim that does not hold says what is known of it. Its verdict stays."""
    if claim.holds is True or not note:
        return claim
    return dataclasses.replace(claim, text=f"{claim.text}; {note}")


def _times_odds(rate: float, factor: float) -> float:
    odds = factor * rate / (1.0 - rate)
    return odds / (1.0 + odds)


def learned(row: dict[str, Any]) -> list[Claim]:
    name = row["name"]
    return [
        at_most(
            f"{name} loses at most .18 dB at BLER .01",
            tuple(row["loss_db_at_bler_0.01"]),
            softbit_reference.PAPER_LOSS_DB,
        ),
        at_most(
            f"{name} stores at most 2.77 bits per LLR of real bytes, overhead in",
            tuple(row["bits_per_llr"]),
            softbit_reference.PAPER_BITS,
        ),
    ]


def rival(row: dict[str, Any], reference: softbit_reference.Row) -> list[Claim]:
    """A rival agrees with its reference values: bits at BLER .1, and loss there."""
    name = reference.name
    bits = _bits(row, "bits_per_llr_at_bler_0.1", name, reference.bits)
    claims = [_explained(bits, reference.note)]
    if reference.coded_bits is not None:
        key = "coded_bits_per_llr_at_bler_0.1"
        claims.append(_bits(row, key, f"{name}, coded", reference.coded_bits))
    loss = reference.loss_db
    text = f"{name}: loses {loss:g} dB at BLER .1, give or take {LOSS_TOLERANCE_DB:g}"
    bound = (loss - LOSS_TOLERANCE_DB, loss + LOSS_TOLERANCE_DB)
    return [*claims, within(text, tuple(row["loss_db_at_bler_0.1"]), bound)]


def _bits(row: dict[str, Any], key: str, name: str, reference: float) -> Claim:
    bound = (reference * (1.0 - BITS_TOLERANCE), reference * (1.0 + BITS_TOLERANCE))
    text = f"{name}: stores {reference:g} bits per LLR, give or take {BITS_TOLERANCE:.0%}"
    return within(text, tuple(row[key]), bound)


def cost(result: Result) -> list[Claim]:
    """The coder is near its bound where the link works, and never costs more than it saves."""
    series = {s.name: s for s in result.series}
    coded = series["learned K=6"]
    fixed = series["learned K=6, no coder"]
    text = "from 10 to 16 dB the coded bytes exceed the entropy at that SNR by at most 10 %"
    excess = _worst_excess(coded, series["learned K=6, entropy of the indices"], 10.0, 16.0)
    most = (max(coded.y), max(coded.lo), max(coded.hi))
    return [
        at_most(text, excess, 0.10),
        at_most("at no SNR the coder costs more than no coder", most, fixed.y[0]),
    ]


def _worst_excess(
    coded: Series, entropy: Series, first: float, last: float
) -> tuple[float, float, float]:
    """The largest relative excess over the SNRs first .. last, each limit from the worse limits."""
    used = [n for n, snr in enumerate(coded.x) if first <= snr <= last]
    value = max(coded.y[n] / entropy.y[n] for n in used) - 1.0
    low = max(coded.lo[n] / entropy.hi[n] for n in used) - 1.0
    high = max(coded.hi[n] / entropy.lo[n] for n in used) - 1.0
    return value, low, high


def tradeoff(paired: PairedErrors, rows: list[dict[str, Any]]) -> list[Claim]:
    """The rivals agree with their reference values; a larger alpha stores less and loses more."""
    by_name = {row["name"]: row for row in rows}
    claims = []
    for reference in softbit_reference.ROWS_256QAM:
        claims += rival(by_name[reference.name], reference)
    return claims + sweep(paired)


def sweep(paired: PairedErrors) -> list[Claim]:
    """Along alpha, each model against the next on the same packets, averaged over the SNRs."""
    models = [n for n, scheme in enumerate(paired.schemes) if "alpha=" in scheme.name]
    if len(models) < 2:
        text = "the alpha sweep trades bits for errors (no alpha sweep is installed)"
        return [Claim(text, 0.0, None, None)]
    claims = []
    for small, large in zip(models[:-1], models[1:], strict=True):
        names = f"{paired.schemes[small].name} to {paired.schemes[large].name}"
        for bits, text in (
            (True, f"{names}: the bits per LLR fall"),
            (False, f"{names}: the added block error rate rises"),
        ):
            less, more = (large, small) if bits else (small, large)
            claims.append(at_most(text, paired.difference(less, more, bits), 0.0))
    return claims
