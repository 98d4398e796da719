# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loss in dB of the shipped soft-bit codecs, with intervals; the cards' figures come from here.

    python3 benchmarks/softbit_loss.py --bits-per-symbol 8 --packets 12000

The link of docs/figures.md (EPA at unit mean power per packet, 802.11n (648,324), sum-product, 50
iterations, a random interleaver for each packet); every codec sees the same packets. A loss is the
difference in SNR to uncompressed LLRs at a block error rate, log BLER interpolated, with its 95 %
interval from a paired bootstrap. Bits per LLR: whole bytes of bodies, where uncompressed LLRs fail
one time in ten.
"""

from __future__ import annotations

import argparse

from fewbit_lab import monte_carlo
from fewbit_lab.progress import Progress
from fewbit_lab.snr_loss import Loss
from fewbit_lab.softbit_link import LinkSetting
from fewbit_lab.softbit_measurements import BlockErrors, codec_of
from fewbit_lab.softbit_paired import PairedErrors
from fewbit_lab.softbit_schemes import FLOAT, Scheme, iq_csi, learned_schemes

BATCH = 250
TARGETS = [0.1, 0.01]
#: On both sides of block error rates of .1 and .01 (16-QAM, 64-QAM, 256-QAM).
SNR_DB = {
    4: [7.0, 8.0, 9.0, 10.0, 11.0],
    6: [12.0, 13.0, 14.0, 15.0, 16.0],
    8: [16.0, 17.0, 18.0, 19.0, 20.0],
}


def measure(
    bits_per_symbol: int, schemes: tuple[Scheme, ...], options: argparse.Namespace
) -> PairedErrors:
    """Block errors of all schemes on the same packets."""
    snr_db = SNR_DB[bits_per_symbol]
    progress = Progress(f"{2**bits_per_symbol}-QAM")
    with monte_carlo.executor_for(options.workers) as (executor, workers):
        found = monte_carlo.run(
            [{"snr_db": snr} for snr in snr_db],
            BlockErrors(LinkSetting(bits_per_symbol=bits_per_symbol), schemes, BATCH),
            monte_carlo.StopRule(most=-(-options.packets // BATCH)),
            seed=options.seed,
            executor=executor,
            workers=workers,
            progress=progress,
        )
    progress.close("done")
    return PairedErrors(snr_db, schemes, found)


def text(loss: Loss) -> str:
    return f"{loss.db:.3f} ({loss.low:.3f} .. {loss.high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bits-per-symbol", type=int, default=6, choices=[4, 6, 8])
    parser.add_argument("--packets", type=int, default=12000, help="per SNR")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    k = options.bits_per_symbol
    schemes = (FLOAT, *learned_schemes(k), iq_csi(k, 0.5, 1.5))
    paired = measure(k, schemes, options)
    rates = ", ".join(
        f"{paired.rate(0, point)[0]:.4g} at {snr:g} dB" for point, snr in enumerate(paired.snr_db)
    )
    print(
        f"{2**k}-QAM, {options.packets} packets a point; uncompressed block error rate: {rates}\n"
    )
    print("| codec | id | bits per LLR | loss at BLER .1, dB | at .01 |\n|-|-|-|-|-|")
    for number, (scheme, losses) in enumerate(
        zip(schemes, paired.losses(TARGETS, options.seed), strict=True)
    ):
        if scheme is not FLOAT:
            columns = [
                scheme.name,
                f"{codec_of(scheme.specification).id:08x}",
                f"{paired.bits_at(number, 0.1):.3f}",
                *(text(loss) for loss in losses),
            ]
            print(f"| {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
