# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit info FILE`: what a bundle holds, as text."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

from gnuradio.fewbit import algorithms

# Long texts of an unknown file are cut, so that a table stays a table.
_WIDEST = 100
# A longer list of numbers shows equal neighbours as one.
_LONGEST = 8


def describe(path: str | os.PathLike[str]) -> str:
    """Kind, size, configuration, measured figures and tensors of the bundle at `path`.

    Raises `gnuradio.fewbit.algorithms.bundle_error` (a ValueError) in one sentence when the file
    is not a sound bundle. The text is safe to show: what the file says is made printable.
    """
    model = algorithms.bundle.load(path)
    config = dict(model.config)
    measured = config.pop("measured", None)
    values = sum(math.prod(shape) for _, shape in model.tensors.values())
    head = [
        ("kind", f"{_printable(model.kind)}, format 1"),
        ("size", f"{model.file_bytes:,} bytes, {values:,} values"),
        ("id", f"{model.id:08x}"),
    ]
    if model.kind == "task_quantizer":
        head.append(("chain", _loaded(path, _chain)))
    if model.kind == "unfolded_detector":
        head.append(("detector", _loaded(path, _detector)))
    sections = [
        _printable(model.path),
        _table(head),
        "config\n" + _table([(_printable(key), _value(config[key])) for key in config]),
    ]
    if measured:
        sections.append("measured\n" + _measured(measured))
    tensors = [
        (_printable(name), f"{dtype} {list(shape)}")
        for name, (dtype, shape) in model.tensors.items()
    ]
    sections.append("tensors\n" + _table(tensors))
    return "\n".join(sections)


def _loaded(path: str | os.PathLike[str], describe_it: Callable[[str], str]) -> str:
    """What the class of its kind makes of the bundle in a line, or why it does not load."""
    try:
        return describe_it(str(path))
    except (ValueError, RuntimeError) as error:
        why = str(error).removeprefix(f"bundle '{path}': ")
        return f"does not load: {_printable(why)}"


def _detector(path: str) -> str:
    detector = algorithms.unfolded_detector(path)
    return (
        f"{detector.name}, {detector.antennas} antennas, {detector.users} users, "
        f"{detector.bits_per_symbol} bits a symbol"
    )


def _chain(path: str) -> str:
    chain = algorithms.task_quantizer(path)
    bits = chain.bits_per_vector
    return (
        f"{chain.inputs} inputs, {chain.adcs} ADCs, {chain.outputs} outputs; {bits:.4g} bits a "
        f"vector, {chain.rate:.3g} an input"
    )


def _measured(measured: Any) -> str:
    """A list of rows of figures as a table with a head, anything else as names and values."""
    if isinstance(measured, list) and all(isinstance(row, Mapping) for row in measured):
        names = list(dict.fromkeys(name for row in measured for name in row))
        rows = [[_printable(name) for name in names]]
        rows += [[_value(row[name]) if name in row else "" for name in names] for row in measured]
        widths = [max(len(row[i]) for row in rows) for i in range(len(names))]
        return "\n".join(
            "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        )
    if isinstance(measured, Mapping):
        return _table([(_printable(key), _value(value)) for key, value in measured.items()])
    return f"  {_value(measured)}"


def _table(rows: list[tuple[str, str]]) -> str:
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"  {name.ljust(width)}  {value}" for name, value in rows)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list) and len(value) > _LONGEST and not _nested(value):
        runs = [(len(list(run)), _value(one)) for one, run in itertools.groupby(value)]
        return _printable("[" + ", ".join(f"{n} x {v}" if n > 1 else v for n, v in runs) + "]")
    if isinstance(value, list):
        return _printable("[" + ", ".join(_value(inner) for inner in value) + "]")
    if isinstance(value, Mapping):
        return _printable(", ".join(f"{key}: {_value(inner)}" for key, inner in value.items()))
    return _printable(str(value))


def _nested(value: list[Any]) -> bool:
    return any(isinstance(inner, list | Mapping) for inner in value)


def _printable(text: str) -> str:
    """Without line ends or terminal commands, and not long."""
    shown = "".join(c if c.isprintable() else "?" for c in text[: _WIDEST + 1])
    return shown if len(shown) <= _WIDEST else shown[:_WIDEST] + "..."
