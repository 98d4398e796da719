# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of antenna vectors, after SigMF 1.0 (https://sigmf.org).

A recording is a pair of files: NAME.sigmf-data holds the samples, the antennas (channels)
interleaved sample by sample, and NAME.sigmf-meta says what they are. Pilots are annotations of
one sample with what was sent there, under the extension `fewbit`: `fewbit:symbols` (numbers,
complex ones stacked [Re; Im]) or `fewbit:bits`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

VERSION = "1.0.0"
#: What can be read: numpy's type of one value, and whether a sample is complex.
DATATYPES: Mapping[str, tuple[str, bool]] = {
    "cf32_le": ("<f4", True),
    "rf32_le": ("<f4", False),
    "ci16_le": ("<i2", True),
    "ri16_le": ("<i2", False),
}
LARGEST_META = 64 << 20  #: bytes; a larger one is refused unread
MOST_CHANNELS = 1024
_LARGEST_NUMBER = float(np.finfo(np.float32).max)


class SigmfError(ValueError):
    """Why a recording is refused, in one sentence."""


@dataclass(frozen=True)
class Recording:
    """What a .sigmf-meta file says, as far as a receiver needs it."""

    data: Path
    datatype: str
    channels: int
    sample_rate: float
    """Vectors a second; 0 where the file does not tell."""
    samples: int
    """Whole vectors in the data file."""
    pilots: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    """What was sent, by the number of the vector; ascending."""
    pilots_are_bits: bool = False
    description: str = ""

    @property
    def is_complex(self) -> bool:
        """Whether a sample has two parts."""
        return DATATYPES[self.datatype][1]

    @property
    def sample_bytes(self) -> int:
        """Bytes of one channel's sample."""
        value, is_complex = DATATYPES[self.datatype]
        return np.dtype(value).itemsize * (2 if is_complex else 1)

    def read(self) -> np.ndarray:
        """All vectors [samples, channels] as float32 or complex64; integers over 32768."""
        value, is_complex = DATATYPES[self.datatype]
        parts = 2 if is_complex else 1
        raw = np.fromfile(self.data, value, self.samples * self.channels * parts)
        scaled = raw.astype(np.float32) / np.float32(1.0 if value == "<f4" else 32768.0)
        vectors = scaled.reshape(self.samples, self.channels, parts)
        return vectors.view(np.complex64)[..., 0] if is_complex else vectors[..., 0]


def read_meta(path: str | Path) -> Recording:
    """Read NAME.sigmf-meta (or NAME, or NAME.sigmf-data). Raises SigmfError."""
    meta, data = _files_of(path)
    content = _load(meta)
    where = f"recording {meta}"
    properties = _object(content.get("global"), where, "global")
    datatype = properties.get("core:datatype")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        raise SigmfError(
            f"{where}: core:datatype is {datatype!r}, expected one of {', '.join(DATATYPES)}"
        )
    channels = properties.get("core:num_channels", 1)
    if not _is_count(channels) or not 1 <= channels <= MOST_CHANNELS:
        raise SigmfError(
            f"{where}: core:num_channels is {channels!r}, expected 1 to {MOST_CHANNELS}"
        )
    _refuse_headers(content, properties, where)
    rate = properties.get("core:sample_rate", 0.0)
    if not _is_number(rate) or rate < 0:
        raise SigmfError(f"{where}: core:sample_rate is {rate!r}, expected a number from 0 up")
    pilots, are_bits = _pilots(content.get("annotations", []), where)
    found = Recording(data, datatype, channels, float(rate), 0, pilots, are_bits)
    try:
        samples = data.stat().st_size // (found.sample_bytes * channels)
    except OSError as error:
        raise SigmfError(f"{where}: {data} cannot be read ({error.strerror})") from None
    if pilots and max(pilots) >= samples:
        raise SigmfError(
            f"{where}: a pilot is at sample {max(pilots)}, and {data.name} holds {samples}"
        )
    description = str(properties.get("core:description", ""))
    return Recording(data, datatype, channels, float(rate), samples, pilots, are_bits, description)


def write_meta(
    path: str | Path,
    datatype: str,
    channels: int,
    sample_rate: float,
    description: str = "",
    pilots: Mapping[int, Sequence[float]] | None = None,
    pilots_are_bits: bool = False,
) -> Path:
    """Write NAME.sigmf-meta for a NAME.sigmf-data that something else writes; returns its path.

    A sample rate of 0 is not known, and left out.
    """
    meta, _ = _files_of(path)
    key = "fewbit:bits" if pilots_are_bits else "fewbit:symbols"
    convert = int if pilots_are_bits else float
    content = {
        "global": {
            "core:datatype": datatype,
            "core:version": VERSION,
            "core:num_channels": channels,
            **({"core:sample_rate": float(sample_rate)} if sample_rate else {}),
            "core:description": description,
            "core:recorder": "gr-fewbit",
            "core:extensions": [{"name": "fewbit", "version": "1.0.0", "optional": True}],
        },
        "captures": [{"core:sample_start": 0}],
        "annotations": [
            {
                "core:sample_start": int(position),
                "core:sample_count": 1,
                "core:label": "pilot",
                key: [convert(value) for value in sent],
            }
            for position, sent in sorted((pilots or {}).items())
        ],
    }
    meta.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return meta


def _files_of(path: str | Path) -> tuple[Path, Path]:
    name = Path(path)
    if name.suffix in (".sigmf-meta", ".sigmf-data"):
        name = name.with_suffix("")
    return (
        name.with_name(name.name + ".sigmf-meta"),
        name.with_name(name.name + ".sigmf-data"),
    )


def _load(meta: Path) -> Mapping:
    try:
        if meta.stat().st_size > LARGEST_META:
            raise SigmfError(f"recording {meta}: larger than {LARGEST_META >> 20} MiB")
        content = json.loads(meta.read_text(encoding="utf-8"))
    except OSError as error:
        raise SigmfError(f"recording {meta} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or a number too long
        raise SigmfError(f"recording {meta} is not JSON ({error})") from None
    return _object(content, f"recording {meta}", "the whole")


def _object(value: object, where: str, name: str) -> Mapping:
    if not isinstance(value, dict):
        raise SigmfError(f"{where}: {name} is no JSON object")
    return value


def _refuse_headers(content: Mapping, properties: Mapping, where: str) -> None:
    """Data files with anything but samples in them, or of another name."""
    captures = content.get("captures", [])
    has_header = isinstance(captures, list) and any(
        isinstance(c, dict) and c.get("core:header_bytes", 0) for c in captures
    )
    if has_header or "core:trailing_bytes" in properties or "core:dataset" in properties:
        raise SigmfError(
            f"{where}: describes a non-conforming dataset, expected one of samples alone"
        )


def _pilots(annotations: object, where: str) -> tuple[dict[int, tuple[float, ...]], bool]:
    if not isinstance(annotations, list):
        raise SigmfError(f"{where}: annotations is no list")
    found: dict[int, tuple[float, ...]] = {}
    kinds = set()
    for annotation in annotations:
        for key in ("fewbit:bits", "fewbit:symbols"):
            if isinstance(annotation, dict) and key in annotation:
                start, sent = annotation.get("core:sample_start"), annotation[key]
                are_sound = _are_bits if key == "fewbit:bits" else _are_numbers
                if not _is_count(start) or start in found or not are_sound(sent):
                    raise SigmfError(
                        f"{where}: a pilot's core:sample_start or {key} is not as expected: "
                        "another number from 0 up for each, and a list of numbers (bits: 0 or 1)"
                    )
                found[start] = tuple(float(value) for value in sent)
                kinds.add(key)
    if len(kinds) > 1 or len({len(sent) for sent in found.values()}) > 1:
        raise SigmfError(f"{where}: pilots differ in length or kind")
    return dict(sorted(found.items())), kinds == {"fewbit:bits"}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    """One that float32 can hold."""
    is_real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_real and abs(value) <= _LARGEST_NUMBER


def _are_numbers(values: object) -> bool:
    return isinstance(values, list) and bool(values) and all(map(_is_number, values))


def _are_bits(values: object) -> bool:
    return _are_numbers(values) and set(values) <= {0, 1}
