# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a figure leaves behind: `results/<id>.json`, in one format for every figure.

A result holds `id`, `series` (`name`, `x`, `y`, `lo`, `hi`, `x_label`, `y_label`, `source`),
`claims` (`text`, `bound`, `value`, `holds`), `seed`, `command` and `versions`. `lo` and `hi` are
the 95 % confidence interval of `y` where there is one, else equal to `y`; infinite or NaN (null in
the file) where the run was too short for one.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import platform
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fewbit_lab import __version__
from fewbit_lab.errors import LabError

SOURCES = ("measured", "theory", "paper")


@dataclass(frozen=True)
class Series:
    """One curve. `source` says whether this run measured it, computed it, or took it from
    outside (`paper`: the paper, or a reference measurement; the name says which)."""

    name: str
    x: list[float]
    y: list[float]
    lo: list[float]
    hi: list[float]
    x_label: str
    y_label: str
    source: str = "measured"

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.y), len(self.lo), len(self.hi)}
        if len(lengths) != 1:
            raise ValueError(f"series {self.name}: x, y, lo and hi have lengths {sorted(lengths)}")
        if self.source not in SOURCES:
            raise ValueError(f"series {self.name}: source is {self.source!r}; expected {SOURCES}")


@dataclass(frozen=True)
class Claim:
    """One checked statement. `holds` is None where this run is too short to tell."""

    text: str
    bound: float | list[float]
    value: float | list[float] | None
    holds: bool | None


@dataclass
class Result:
    """A figure's numbers and what they show."""

    id: str
    series: list[Series] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    seed: int = 0
    command: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failed(self) -> list[Claim]:
        """The claims that this run refutes."""
        return [claim for claim in self.claims if claim.holds is False]


def curve(
    name: str,
    x: list[float],
    y: list[float],
    x_label: str,
    y_label: str,
    *,
    lo: list[float] | None = None,
    hi: list[float] | None = None,
    source: str = "measured",
) -> Series:
    """A Series whose interval may be left out where a value is exact."""
    low = list(y if lo is None else lo)
    high = list(y if hi is None else hi)
    return Series(name, list(x), list(y), low, high, x_label, y_label, source)


def interval_curve(
    name: str,
    x: Sequence[float],
    found: Iterable[tuple[float, float, float]],
    x_label: str,
    y_label: str,
    source: str = "measured",
) -> Series:
    """A Series of (value, low, high) at each x."""
    y, lo, hi = (list(column) for column in zip(*found, strict=True))
    return Series(name, list(x), y, lo, hi, x_label, y_label, source)


def all_hold(verdicts: Sequence[bool | None]) -> bool | None:
    """Of a claim of many parts: true where every part is, false where one is false, else
    undecided."""
    return False if False in verdicts else None if None in verdicts else True


def at_most(text: str, found: tuple[float, float, float], bound: float) -> Claim:
    """A claim value <= bound on `found` = (value, low, high), its 95 % limits.

    True where the whole interval is at or below the bound, False where it is above, else
    undecided (None): also where a limit is NaN. An exact number is its own interval.
    """
    _, low, high = found
    holds = True if high <= bound else False if low > bound else None
    return Claim(f"{text} (95 %: {low:.4g} .. {high:.4g})", bound, found[0], holds)


def within(text: str, found: tuple[float, float, float], bound: tuple[float, float]) -> Claim:
    """A claim bound[0] <= value <= bound[1]: True where the whole interval of `found` lies inside,
    False where all of it lies outside, else undecided. The band is fixed by who states the claim:
    a short run widens its interval, and so decides less, never more."""
    _, low, high = found
    holds = None
    if bound[0] <= low and high <= bound[1]:
        holds = True
    elif low > bound[1] or high < bound[0]:
        holds = False
    return Claim(f"{text} (95 %: {low:.4g} .. {high:.4g})", list(bound), found[0], holds)


def versions() -> dict[str, str]:
    """What a number depends on: this package, GNU Radio, numpy, Python, the processor's name."""
    found = {
        "fewbit": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    for name in ("numpy", "matplotlib"):
        try:
            found[name] = __import__(name).__version__
        except ImportError:
            found[name] = "absent"
    try:
        from gnuradio import gr

        found["gnuradio"] = str(gr.version())
    except ImportError:
        found["gnuradio"] = "absent"
    return found


def write_json(path: Path, content: Any) -> None:
    """Write all of it or nothing: a reader never sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise LabError(
            f"{path}: cannot be written ({error.strerror}); choose another --output"
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(_finite(content), file, indent=1, allow_nan=False)
            file.write("\n")
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write(result: Result, folder: Path) -> Path:
    """Write `<folder>/<id>.json` and return its path. Empty `rows` are left out."""
    content = dataclasses.asdict(result)
    if not content["rows"]:
        del content["rows"]
    path = folder / f"{result.id}.json"
    write_json(path, content)
    return path


def read(path: Path) -> Result:
    """Read what write() wrote. Raises LabError where the file is not such a result."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Result(
            id=content["id"],
            series=[Series(**{**s, **_nan(s)}) for s in content["series"]],
            claims=[Claim(**c) for c in content["claims"]],
            seed=content["seed"],
            command=content["command"],
            versions=content["versions"],
            rows=content.get("rows", []),
        )
    except OSError as error:
        raise LabError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(f"{path}: is not a result of `fewbit reproduce` ({error})") from error


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        return _finite(value.item())
    return value


def _nan(series: dict[str, Any]) -> dict[str, list[float]]:
    return {
        key: [math.nan if v is None else float(v) for v in series[key]]
        for key in ("x", "y", "lo", "hi")
    }
