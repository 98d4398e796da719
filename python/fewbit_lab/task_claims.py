# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task-based quantization figures must show, checked against their own numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

from fewbit_lab import task_reference as reference
from fewbit_lab import task_schemes as schemes
from fewbit_lab.results import Claim, at_most, within
from fewbit_lab.task_curves import BitErrorTable, Interval, Place
from fewbit_lab.task_schemes import Scheme

#: Bars that are stricter than the paper's own results, and those of the designs without a network.
CLOSED_FORM_EXCESS, TRAINED_EXCESS = 0.01, 0.03
UNCERTAIN_MSE = {8: 0.030, 16: 0.018}
MIXED_MSE = 0.117
BLMMSE_TOLERANCE = 1e-4
LEARNED_DB = {1: 11.3, 2: 11.0}
LOOKUP_DB = {1: 10.8, 2: 10.3}
PILOTS_DB = 11.0
#: What "rather small" of the paper's Fig. 9 is taken for.
THRESHOLDS_DB = 0.5

#: The reference's bit error rates state no number of samples. Ours must lie within a tenth of each,
#: .04 dB on MAP's curve, and what printing it to its digits has rounded away.
BER_FACTOR = 1.1
#: How far the simulated error rate of the lookup may be from its exact formula, all SNRs together.
EXACT_TOLERANCE = 0.03
#: The measured MMSE may be this far from 1/98, relatively: so far is the link trusted.
LINK_TOLERANCE = 0.005


def worst(text: str, found: Mapping[int, Interval], bound: float) -> Claim:
    """value <= bound for every number of levels: holds where all of them hold, does not where one
    does not. The worst is named."""
    if not found or any(math.isnan(value) for value, _, _ in found.values()):
        missing = [f"M={m}" for m, (value, _, _) in found.items() if math.isnan(value)]
        return Claim(f"{text} (no model of {', '.join(missing) or 'any'})", bound, None, None)
    levels = max(found, key=lambda m: found[m][0])
    limits = found[levels][0], *(max(f[i] for f in found.values()) for i in (1, 2))
    return at_most(f"{text}; worst at M={levels}", limits, bound)


def rounding(printed: float, digits: int) -> float:
    """What printing to so many decimals may have rounded away."""
    return 0.5000001 * 10.0**-digits


# -- channel estimation --------------------------------------------------------------------------


def theory(mmse: float, eta_opt: Mapping[int, float], blmmse: float) -> list[Claim]:
    """The formulas give what the reference prints."""
    off = abs(mmse - reference.MMSE)
    claims = [at_most("MMSE is 1/98", (off, off, off), 1e-12)]
    apart = [abs(eta_opt[row.levels] - row.eta_opt) for row in reference.ESTIMATION]
    most = max(apart)
    text = "eta_opt is the reference's at every M, as printed to four decimals"
    claims.append(at_most(text, (most,) * 3, rounding(most, 4)))
    off = abs(blmmse - reference.BLMMSE)
    text = f"BLMMSE by its formula, {blmmse:.6f}, is off {reference.BLMMSE} by at most 1e-4"
    claims.append(at_most(text, (off, off, off), BLMMSE_TOLERANCE))
    return claims


def link(linear: Interval) -> Claim:
    relative = tuple(value / reference.MMSE for value in linear)
    text = "the simulated link's linear MMSE estimate has the MMSE without quantization"
    return within(text, relative, (1.0 - LINK_TOLERANCE, 1.0 + LINK_TOLERANCE))


def against_target(name: str, ratios: Mapping[int, Interval], excess: float) -> Claim:
    """`ratios`: mean square error over the Lloyd-Max target, by M."""
    text = f"{name}: within {excess:.0%} of the Lloyd-Max target at every M"
    return worst(text, ratios, 1.0 + excess)


def below(name: str, of: str, ratios: Mapping[int, Interval]) -> Claim:
    return worst(f"{name}: at or below {of} at every M", ratios, 1.0)


def uncertain(name: str, found: Mapping[int, Interval]) -> list[Claim]:
    claims = []
    for levels, bound in UNCERTAIN_MSE.items():
        text = f"{name}: mean square error at most {bound:g} at M={levels}"
        claims.append(_known(text, found.get(levels), bound))
    return claims


def mixed(name: str, found: Interval | None) -> Claim:
    text = f"{name}: mean square error at most {MIXED_MSE:g} at R=.5"
    return _known(text, found, MIXED_MSE)


def blmmse_simulated(found: Interval) -> Claim:
    bound = (reference.BLMMSE - BLMMSE_TOLERANCE, reference.BLMMSE + BLMMSE_TOLERANCE)
    return within("BLMMSE simulated is .10174, give or take 1e-4", found, bound)


def phase_shifters(loss: Interval | None) -> Claim:
    text = "phase shifters of 3 bits lose at most 2.5 % against the same design without constraint"
    return _known(text, loss, reference.PHASE_SHIFTER_LOSS)


def _known(text: str, found: Interval | None, bound: float) -> Claim:
    if found is None or math.isnan(found[0]):
        return Claim(f"{text} (no model)", bound, None, None)
    return at_most(text, found, bound)


# -- symbol detection ----------------------------------------------------------------------------


def rows(
    table: BitErrorTable, scheme: Scheme, row: reference.DetectionRow, rate: float
) -> list[Claim]:
    """A claim for each error rate that the reference states."""
    claims = []
    for snr_db, printed in zip(reference.DETECTION_SNR_DB, row.ber or (), strict=True):
        if not printed or Place(rate, snr_db) not in table.places:
            continue
        digits = len(f"{printed:.6f}".rstrip("0").split(".")[1])
        apart = rounding(printed, digits)
        bound = ((printed - apart) / BER_FACTOR, (printed + apart) * BER_FACTOR)
        text = f"{row.name}: {printed:g} at {snr_db:g} dB, as printed, within a tenth"
        claim = within(text, table.rate(scheme, Place(rate, snr_db)), bound)
        if claim.holds is not True and row.note:
            claim = dataclasses.replace(claim, text=f"{claim.text}; {row.note}")
        claims.append(claim)
    return claims


def reached(table: BitErrorTable, scheme: Scheme, bound: float) -> Claim:
    """The SNR at which a curve falls to 1e-3."""
    text = f"{scheme.name}: 1e-3 at {bound:g} dB or less"
    return _known(text, table.snr_reaching(scheme, reference.TARGET_BER), bound)


def lookup_is_exact(ratio: Interval) -> Claim:
    """`ratio`: errors counted over errors expected, all SNRs together."""
    text = (
        "rotation and lookup: the simulated bit errors, all SNRs together, are those of the exact "
        f"formula, give or take {EXACT_TOLERANCE:.0%}"
    )
    return within(text, ratio, (1.0 - EXACT_TOLERANCE, 1.0 + EXACT_TOLERANCE))


def csi_gain(table: BitErrorTable, rate: float, snr_db: float = 10.0) -> Claim:
    """How many times MAP with a CSI error errs as often as the network trained under it."""
    place = Place(rate, snr_db)
    learned = table.rate(schemes.LEARNED_CSI, place)
    text = (
        "learned, CSI uncertain: errs at least 2.9 times less than MAP with the same uncertainty "
        "at 10 dB (share of MAP's errors)"
    )
    share = quotient(learned, table.rate(schemes.MAP_CSI, place))
    return _known(text, share, 1.0 / reference.UNCERTAIN_GAIN)


def thresholds_gain(table: BitErrorTable) -> Claim:
    """The paper: learned thresholds add little to uniform ones (its Fig. 9)."""
    text = f"learned thresholds gain at most {THRESHOLDS_DB:g} dB over uniform ones at 1e-3"
    fine = table.snr_reaching(schemes.LEARNED, reference.TARGET_BER)
    plain = table.snr_reaching(schemes.UNIFORM, reference.TARGET_BER)
    if not all(math.isfinite(value) for value in (*fine, *plain)):
        return Claim(f"{text} (not reached, or no model)", THRESHOLDS_DB, None, None)
    gain = plain[0] - fine[0]
    below = math.hypot(plain[0] - plain[1], fine[2] - fine[0])
    above = math.hypot(plain[2] - plain[0], fine[0] - fine[1])
    return at_most(text, (gain, gain - below, gain + above), THRESHOLDS_DB)


def quotient(above: Interval, below: Interval) -> Interval:
    """above / below of independent estimates; the relative half widths add up in quadrature. Where
    one of them is 0, as of no errors, what the limits allow."""
    if not (above[0] > 0.0 and below[0] > 0.0):
        value, low, high = (
            a / b if b > 0.0 else math.inf
            for a, b in zip(above, (below[0], below[2], below[1]), strict=True)
        )
        return value, low, high
    value = above[0] / below[0]
    low = math.hypot((above[0] - above[1]) / above[0], (below[2] - below[0]) / below[0])
    high = math.hypot((above[2] - above[0]) / above[0], (below[0] - below[1]) / below[0])
    return value, value * (1.0 - low), value * (1.0 + high)


def better(
    table: BitErrorTable,
    scheme: Scheme,
    than: Scheme,
    places: Iterable[Place],
    where: str,
    most: float = 1.0,
) -> Claim:
    """A scheme errs at most `most` times as often as another at every place: undecided while a
    place lacks a model, unless one that has them refutes it."""
    how = "less than" if most == 1.0 else f"at most {most:g} times as often as"
    text = f"{scheme.name} errs {how} {than.name} {where}"
    pairs = [(table.rate(scheme, place), table.rate(than, place)) for place in places]
    found = [quotient(*pair) for pair in pairs if not any(math.isnan(one[0]) for one in pair)]
    if not found:
        return Claim(f"{text} (no model)", most, None, None)
    value, low, high = (max(ratio[i] for ratio in found) for i in range(3))
    if len(found) < len(pairs):
        text += f" (no model at {len(pairs) - len(found)} of {len(pairs)})"
        high = math.inf
    return at_most(text, (value, low, high), most)
