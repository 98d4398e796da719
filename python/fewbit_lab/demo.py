# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit demo`: the HARQ link on compressed soft bits, codec after codec, no display, no torch."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fewbit_lab import results
from fewbit_lab.errors import LabError
from fewbit_lab.progress import Progress
from fewbit_lab.results import Claim, Result, interval_curve
from fewbit_lab.softbit_schemes import FLOAT, Scheme, iq_csi, learned_schemes, max_mi, uniform

if TYPE_CHECKING:
    from fewbit_lab.harq_flowgraph import HarqOutcome

SNR_DB = (4.0, 7.0, 10.0, 13.0)
BLOCKS = 1000
SNR_LABEL = "SNR [dB]"


@dataclasses.dataclass(frozen=True)
class Row:
    """One codec at one SNR."""

    codec: str
    snr_db: float
    outcome: HarqOutcome


@dataclasses.dataclass(frozen=True)
class Case:
    """A codec, and how it stores a block that was sent more than once."""

    scheme: Scheme
    storage: str

    @property
    def name(self) -> str:
        return f"{self.scheme.name} ({'sum' if self.storage == 'combined' else 'each'})"


def codec_cases() -> tuple[Case, ...]:
    """What the demo compares: uncompressed, what receivers store today, rivals, the networks.

    The scalar codecs store the sum of a block's transmissions. The others are made for the LLRs of
    one transmission and store each; the first of them also stores the sum, to show what that costs.
    Max-MI has one codebook, of 13 dB: sums outgrow the codebook of the SNR they are received at.
    """
    plain, *contexts = learned_schemes(6)
    return (
        *(
            Case(s, "combined")
            for s in (FLOAT, uniform(8, 32.0), uniform(4, 8.0), max_mi(6, 3, 13))
        ),
        Case(plain, "combined"),
        *(Case(s, "per_transmission") for s in (plain, *contexts, iq_csi(6, 0.5, 1.5))),
    )


def demo(output: Path, *, quick: bool = False, seed: int = 1, command: str = "") -> int:
    """Run every codec at every SNR, print the table, write demo.json and demo.png."""
    try:
        from fewbit_lab.harq_flowgraph import HarqLinkSetting, run_link
    except ImportError as error:
        raise LabError(
            f"the blocks cannot be imported ({error}); `fewbit doctor` tells how to get them"
        ) from error
    blocks = 100 if quick else BLOCKS
    cases = [(case, snr) for case in codec_cases() for snr in SNR_DB]
    print(
        f"HARQ link: 300 payload bits + CRC-24A, LDPC (648,324), 64-QAM, OFDM, EPA fading; "
        f"{blocks} blocks for each of {len(cases)} cases.\n"
        "The buffer stores the (sum) of a block's transmissions, or (each)."
    )
    rows: list[Row] = []
    progress = Progress("demo")
    begin = time.monotonic()
    for number, (case, snr) in enumerate(cases):

        def report(share: float, n: int = number, name: str = case.name, at: float = snr) -> None:
            progress.update((n + share) / len(cases), f"{name}, {at:g} dB")

        setting = HarqLinkSetting(
            codec=case.scheme.at(snr),
            storage=case.storage,
            snr_db=snr,
            n_blocks=blocks,
            seed=seed,
        )
        try:
            rows.append(Row(case.name, snr, run_link(setting, report)))
        except TimeoutError as error:
            raise LabError(f"{case.name}, {snr:g} dB: {error}") from error
    progress.close(f"{len(cases)} runs")
    print(table(rows))
    result = summary(rows, seed, command)
    path = results.write(result, output)
    print(f"wrote {path}{_draw(result, path.with_suffix('.png'))}")
    print(f"{sum(row.outcome.blocks for row in rows)} blocks in {time.monotonic() - begin:.0f} s")
    for claim in result.failed:
        print(f"DOES NOT HOLD {claim.text}: {claim.value} blocks are not accounted for")
    return 1 if result.failed else 0


def table(rows: Sequence[Row]) -> str:
    """The table that the demo prints."""
    width = max(len(row.codec) for row in rows)
    heads = ("SNR", "BLER,", "BLER,", "sent", "throughput", "bits/LLR", "peak buffer", "speed")
    units = ("dB", "first", "HARQ", "/block", "bit/symbol", "stored", "bytes", "kbit/s")
    columns = (6, 7, 7, 7, 11, 9, 12, 8)
    lines = [
        f"{first:{width}}" + "".join(f"{w:>{c}}" for w, c in zip(words, columns, strict=True))
        for first, words in (("", heads), ("codec", units))
    ]
    for row in rows:
        o = row.outcome
        lines.append(
            f"{row.codec:{width}}{row.snr_db:6.1f}{o.first_bler:7.3f}{o.harq_bler:7.3f}"
            f"{o.transmissions / o.blocks:7.2f}{o.throughput:11.3f}{o.bits_per_llr:9.3f}"
            f"{o.peak_bytes:12d}{o.kilobits_per_second:8.1f}"
        )
    return "\n".join(lines)


def summary(rows: Sequence[Row], seed: int, command: str) -> Result:
    """The same as series, and what the demo shows."""
    result = Result("demo", seed=seed, command=command, versions=results.versions())
    measures = (
        ("block error rate, first transmission", lambda o: (o.first_bler, *o.first_interval)),
        ("block error rate after HARQ", lambda o: (o.harq_bler, *o.harq_interval)),
        ("throughput [bit/symbol]", lambda o: (o.throughput,) * 3),
        ("bits per stored LLR", lambda o: (o.bits_per_llr,) * 3),
        ("peak buffer [bytes]", lambda o: (float(o.peak_bytes),) * 3),
    )
    for label, measure in measures:
        for codec in dict.fromkeys(row.codec for row in rows):
            mine = [row for row in rows if row.codec == codec]
            x, found = [row.snr_db for row in mine], [measure(row.outcome) for row in mine]
            result.series.append(interval_curve(codec, x, found, SNR_LABEL, label))
    result.rows = [
        {"codec": row.codec, "snr_db": row.snr_db, **dataclasses.asdict(row.outcome)}
        for row in rows
    ]
    lost = sum(abs(row.outcome.unaccounted) for row in rows)
    text = "every block sent is delivered once by the receiver, or given up by the sender"
    result.claims.append(Claim(text, 0, lost, lost == 0))
    return result


def _draw(result: Result, path: Path) -> str:
    try:
        from fewbit_lab import plots
    except ImportError:
        return " (no picture: matplotlib is not installed)"
    plots.demo(result, path)
    return f" and {path}"
