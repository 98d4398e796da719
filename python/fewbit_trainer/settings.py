# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed settings from YAML: frozen dataclasses, nested by tables; every mistake one sentence."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")


class ConfigError(ValueError):
    """A configuration that cannot be used; the message is one sentence."""


def read_yaml(path: str | Path) -> Any:
    """What a YAML file holds; raises ConfigError naming the file."""
    try:
        return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: is not YAML ({reason})") from error


def build(cls: type[T], data: Any, where: str = "") -> T:
    """``cls`` from nested tables; raises ConfigError for an unknown setting or a wrong type."""
    if not isinstance(data, dict):
        raise ConfigError(f"{where or 'the file'} is {data!r}, expected a table of settings")
    types_of = typing.get_type_hints(cls)
    unknown = [key for key in data if key not in types_of]
    if unknown:
        known = ", ".join(types_of)
        place = f"{where}.{unknown[0]}" if where else str(unknown[0])
        raise ConfigError(f"{place} is no known setting, expected one of {known}")
    values = {}
    for key, value in data.items():
        place = f"{where}.{key}" if where else key
        if dataclasses.is_dataclass(types_of[key]):
            values[key] = build(typing.cast(type[Any], types_of[key]), value, place)
        else:
            values[key] = _value(value, types_of[key], place)
    return cls(**values)


def lookup(config: Any, path: str) -> Any:
    """The value at a dotted path."""
    value = config
    for part in path.split("."):
        value = getattr(value, part)
    return value


def check_choices(config: Any, choices: Mapping[str, tuple[Any, ...]]) -> None:
    """Raises ConfigError unless the value at each path is one of its choices."""
    for path, known in choices.items():
        value = lookup(config, path)
        if value not in known:
            listed = ", ".join(str(c) for c in known)
            raise ConfigError(f"{path} is {value!r}, expected one of {listed}")


def check_positive(config: Any, paths: Iterable[str]) -> None:
    """Raises ConfigError unless the value at each path is more than 0."""
    for path in paths:
        value = lookup(config, path)
        if not value > 0:
            raise ConfigError(f"{path} is {value!r}, expected more than 0")


def check_not_negative(config: Any, paths: Iterable[str]) -> None:
    """Raises ConfigError unless the value at each path is 0 or more."""
    for path in paths:
        value = lookup(config, path)
        if not value >= 0:
            raise ConfigError(f"{path} is {value!r}, expected 0 or more")


def check_ranges(config: Any, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raises ConfigError unless the value at each path is from its least to its greatest."""
    for path, (least, greatest) in ranges.items():
        value = lookup(config, path)
        if not least <= value <= greatest:
            raise ConfigError(f"{path} is {value!r}, expected {least} to {greatest}")


def check_filled(config: Any, paths: Iterable[str]) -> None:
    """Raises ConfigError unless the list at each path has an entry."""
    for path in paths:
        if not lookup(config, path):
            raise ConfigError(f"{path} is an empty list, expected at least one entry")


def check_seed(config: Any) -> None:
    """Raises ConfigError for a seed that some generator would refuse."""
    if not 0 <= config.seed < 2**31:
        raise ConfigError(f"seed is {config.seed}, expected 0 to 2^31 - 1")


def override(data: Any, assignments: Iterable[str]) -> Any:
    """``data`` with each ``path.to.setting=VALUE`` (VALUE as YAML) in place; raises ConfigError."""
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        parts = path.strip().split(".")
        if not equals or not all(parts):
            raise ConfigError(f"--set {assignment!r} is no assignment, expected path.to.setting=1")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ConfigError(f"--set {assignment!r} has a value that is not YAML") from error
        data = replaced(data, parts, value)
    return data


def replaced(data: Any, parts: list[str], value: Any) -> Any:
    """``data`` with ``value`` at the path ``parts``; tables that are missing come into being."""
    table = dict(data) if isinstance(data, dict) else {}
    first, rest = parts[0], parts[1:]
    table[first] = replaced(table.get(first), rest, value) if rest else value
    return table


def to_dict(config: Any) -> dict[str, Any]:
    """The configuration as plain lists and dicts, ready for YAML or JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(v) for key, v in value.items()}
        if isinstance(value, list | tuple):
            return [plain(v) for v in value]
        return value

    return typing.cast(dict[str, Any], plain(dataclasses.asdict(config)))


def _type_name(expected: Any) -> str:
    names = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}
    if typing.get_origin(expected) is tuple:
        arguments = typing.get_args(expected)
        of = {int: "integers", float: "numbers", str: "texts"}[arguments[0]]
        return f"a list of {of}" if arguments[-1] is ... else f"a list of {len(arguments)} {of}"
    return names[expected]


def _scalar(value: Any, expected: Any, where: str) -> Any:
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise ConfigError(f"{where} is {value!r}, expected {_type_name(expected)}")
    if expected is float and not abs(value) < 1e300:
        raise ConfigError(f"{where} is {value!r}, expected a finite number")
    return value


def _value(value: Any, expected: Any, where: str) -> Any:
    if typing.get_origin(expected) is tuple:
        arguments = typing.get_args(expected)
        open_ended = arguments[-1] is Ellipsis or isinstance(arguments[-1], types.EllipsisType)
        wrong_length = not open_ended and isinstance(value, list) and len(value) != len(arguments)
        if not isinstance(value, list) or wrong_length:
            raise ConfigError(f"{where} is {value!r}, expected {_type_name(expected)}")
        return tuple(_scalar(v, arguments[0], f"{where}[{i}]") for i, v in enumerate(value))
    return _scalar(value, expected, where)
