# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit evaluate`: any soft-bit codec on the link, beside uncompressed LLRs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fewbit_lab import monte_carlo
from fewbit_lab.errors import LabError
from fewbit_lab.model_files import find_model
from fewbit_lab.progress import Progress
from fewbit_lab.softbit_schemes import FLOAT, Scheme

if TYPE_CHECKING:
    from fewbit_lab.softbit_paired import PairedErrors

BATCH = 250


@dataclass(frozen=True)
class Evaluation:
    """What to evaluate, where, and for how long."""

    codecs: Sequence[str]
    """Bundle files, or specifications as make_softbit_codec() reads them."""
    snr_db: Sequence[float]
    packets: int = 2000
    profile: str = "EPA"
    bits_per_symbol: int = 6
    workers: int = 1
    scheduler: str | None = None
    seed: int = 1


def evaluate(asked: Evaluation) -> str:
    """Measure, and return the table. Every codec sees the same packets."""
    if asked.packets < 1:
        raise LabError(f"--packets is {asked.packets}; expected 1 or more")
    schemes = (FLOAT, *(_scheme(text) for text in asked.codecs))
    try:
        from fewbit_lab.softbit_link import LinkSetting
        from fewbit_lab.softbit_measurements import BlockErrors, codec_of, link_of
        from fewbit_lab.softbit_paired import PairedErrors
    except ImportError as error:
        raise LabError(f"{error}; `fewbit doctor` tells how to get it") from error
    setting = LinkSetting(bits_per_symbol=asked.bits_per_symbol, profile=asked.profile)
    try:
        link_of(setting)
        for scheme in schemes:
            _check_modulation(codec_of(scheme.specification), asked.bits_per_symbol)
    except (ValueError, RuntimeError) as error:
        raise LabError(str(error)) from error
    batch = min(BATCH, asked.packets)
    whole, rest = divmod(asked.packets, batch)
    points = [{"snr_db": snr} for snr in asked.snr_db]
    if rest:
        points += [{"snr_db": snr, "packets": rest} for snr in asked.snr_db]
    progress = Progress("evaluate")
    with monte_carlo.executor_for(asked.workers, asked.scheduler) as (executor, workers):
        found = monte_carlo.run(
            points,
            BlockErrors(setting, schemes, batch),
            lambda point: monte_carlo.StopRule(most=1 if "packets" in point else whole),
            seed=asked.seed,
            executor=executor,
            workers=workers,
            progress=progress,
        )
    progress.close("done")
    batches = [sum(found[at :: len(asked.snr_db)], []) for at in range(len(asked.snr_db))]
    return table(PairedErrors(asked.snr_db, schemes, batches))


def _check_modulation(codec: Any, bits_per_symbol: int) -> None:
    """A codec of another modulation would run, on LLRs that it was not made for."""
    if codec.llrs_per_symbol not in (1, bits_per_symbol):
        raise LabError(
            f"{codec.name}: is for {codec.llrs_per_symbol} bits per symbol, the link has "
            f"{bits_per_symbol}; say --bits-per-symbol {codec.llrs_per_symbol}"
        )


def snr_list(text: str) -> list[float]:
    """SNRs in dB, separated by commas."""
    try:
        snrs = [float(word) for word in text.split(",")]
    except ValueError:
        snrs = []
    if not snrs or not all(map(math.isfinite, snrs)):
        raise LabError(f"--snr is {text!r}; expected numbers with commas, such as 12,13.5")
    return snrs


def table(paired: PairedErrors) -> str:
    """A line for each codec and SNR."""
    width = max(len(scheme.name) for scheme in paired.schemes)
    lines = [f"{'codec':{width}}  SNR dB  bits/LLR  BLER (95 % interval)"]
    for number, scheme in enumerate(paired.schemes):
        bits = paired.bits(number)
        for point, snr in enumerate(paired.snr_db):
            rate, low, high = paired.rate(number, point)
            lines.append(
                f"{scheme.name:{width}}  {snr:6.2f}  {bits[point]:8.3f}  "
                f"{rate:.4g} ({low:.4g} .. {high:.4g})"
            )
    return "\n".join(lines)


def _scheme(text: str) -> Scheme:
    """A file is a bundle's codec; anything else is a specification."""
    if ":" in text or text == "float":
        return Scheme(text, "other", text)
    file = find_model(text, "a bundle, or a codec such as 'uniform:bits=4,clip=8'")
    return Scheme(file.stem, "learned", f"learned:{file}")
