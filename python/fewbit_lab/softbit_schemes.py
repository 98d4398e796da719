# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The codecs that the soft-bit figures set side by side."""

from __future__ import annotations

from dataclasses import dataclass

from fewbit_lab.model_files import models_path

#: The max-MI codebooks that are shipped, by bits per symbol.
MAX_MI_BITS = {4: (3,), 6: (2, 3, 4), 8: (3,)}


@dataclass(frozen=True)
class Scheme:
    """One codec of a figure. `coded` is a codec with the same LLRs and a smaller body, where a
    scheme stores either packed or range-coded; `uncoded_bits` is what an LLR takes without any
    entropy coder (None where the scheme has no such form).

    `{snr}` in a specification stands for the SNR of the point in dB: such a scheme has a table for
    each SNR, and its receiver knows the SNR.
    """

    name: str
    family: str
    specification: str
    coded: str | None = None
    uncoded_bits: float | None = None

    def at(self, snr_db: float) -> str:
        """The codec at an SNR, as make_softbit_codec() reads it."""
        return self.specification.replace("{snr}", f"{snr_db:g}")

    def coded_at(self, snr_db: float) -> str | None:
        """The range-coded one, or None."""
        return None if self.coded is None else self.coded.replace("{snr}", f"{snr_db:g}")


FLOAT = Scheme("uncompressed", "float", "float", uncoded_bits=32.0)


def learned(bits_per_symbol: int, file: str, name: str) -> Scheme:
    """A bundle's codec: three 6-bit indices a symbol before coding."""
    return Scheme(name, "learned", f"learned:{file}", uncoded_bits=18.0 / bits_per_symbol)


def uniform(bits: int, clip: float, bits_per_symbol: int = 6) -> Scheme:
    """Equal steps, packed; range-coded with a model of this modulation at each SNR."""
    packed = f"uniform:bits={bits},clip={clip:g}"
    coded = f"{packed},coded=1,bits_per_symbol={bits_per_symbol},snr={{snr}}"
    return Scheme(f"uniform {bits} bit", "uniform", packed, coded, float(bits))


def max_mi(bits_per_symbol: int, bits: int, snr_db: int | None = None) -> Scheme:
    """A codebook for each SNR, as in the paper; with `snr_db`, that one's codebook at every SNR."""
    file = f"max_mi_k{bits_per_symbol}_b{bits}.safetensors"
    text = f"max-mi:{file},bits={bits},snr={'{snr}' if snr_db is None else snr_db}"
    name = f"max-MI {bits} bit"
    if snr_db is not None:
        name += f", codebook of {snr_db} dB"
    return Scheme(name, "max-mi", text, uncoded_bits=float(bits))


def iq_csi(bits_per_symbol: int, step: float, csi: float) -> Scheme:
    text = f"iq-csi:bits_per_symbol={bits_per_symbol},step={step:g},csi={csi:g}"
    return Scheme(f"I/Q {step:g} sigma, CSI {csi:g} dB", "iq-csi", text)


def iq_csi_fixed(bits_per_symbol: int) -> Scheme:
    """No coder at all: K/2 + 2 bits each of I and Q, and 4 of CSI."""
    text = f"iq-csi:bits_per_symbol={bits_per_symbol},fixed=1"
    bits = (bits_per_symbol + 8.0) / bits_per_symbol
    return Scheme("I/Q and CSI, fixed length", "iq-csi", text, uncoded_bits=bits)


def paired_schemes(bits_per_symbol: int) -> tuple[Scheme, ...]:
    """What softbit-bler decodes on the same packets; the first is the reference."""
    k = bits_per_symbol
    return (
        FLOAT,
        *learned_schemes(k),
        uniform(4, 8.0, k),
        uniform(6, 16.0, k),
        uniform(8, 32.0, k),
        *(max_mi(k, bits) for bits in MAX_MI_BITS[k]),
        iq_csi(k, 0.25, 0.75),
        iq_csi(k, 0.5, 1.5),
        iq_csi(k, 0.7, 2.0),
        iq_csi_fixed(k),
    )


def cost_schemes(bits_per_symbol: int) -> tuple[Scheme, ...]:
    """What softbit-cost shows: one of each kind, at about equal loss."""
    k = bits_per_symbol
    single = {4: 7, 6: 13, 8: 18}[k]
    return (
        *learned_schemes(k),
        max_mi(k, 3),
        max_mi(k, 3, single),
        uniform(4, 8.0, k),
        iq_csi(k, 0.5, 1.5),
    )


def learned_schemes(bits_per_symbol: int) -> tuple[Scheme, ...]:
    """The shipped codec of the paper's kind, and the one with contexts where it is installed."""
    k = bits_per_symbol
    plain = learned(k, f"softbit_k{k}.safetensors", f"learned K={k}")
    file = f"softbit_k{k}_context.safetensors"
    if not (models_path() / file).is_file():
        return (plain,)
    return (plain, learned(k, file, f"learned K={k}, contexts"))


def alpha_sweep(bits_per_symbol: int) -> tuple[Scheme, ...]:
    """The installed models of the rate-distortion sweep, alpha ascending, if there are any: files
    named softbit_k8_alpha_010.safetensors for alpha = .010."""
    files = sorted(models_path().glob(f"softbit_k{bits_per_symbol}_alpha_*.safetensors"))
    return tuple(
        learned(bits_per_symbol, file.name, f"learned alpha=.{file.stem.rsplit('_', 1)[1]}")
        for file in files
    )
