# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a trained model as a bundle: one `.safetensors` file (docs/bundle.md).

What this writes, `gr::fewbit::algorithms::bundle` reads; both check everything. Needs numpy and
safetensors, not torch.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from .bundle_kinds import CHECKS, BundleError, Draft

__all__ = ["FORMAT", "BundleError", "write_bundle"]

FORMAT = "1"

# The reader's limits.
_MAX_FILE_BYTES = 16 << 20
_MAX_HEADER_BYTES = 1 << 20
_MAX_CONFIG_DEPTH = 16


def write_bundle(
    path: str | os.PathLike[str],
    kind: str,
    tensors: Mapping[str, NDArray[Any]],
    config: Mapping[str, Any],
) -> Path:
    """Check the model and write it to `path`; returns `path`.

    `kind` is "softbit_codec", "scalar_codebook", "task_quantizer" or "unfolded_detector";
    `tensors` are float32 and int32 arrays; `config` is what JSON can say, with finite numbers.
    Equal arguments give equal bytes on any machine. A reader never sees half a file, and what stood
    at `path` before stays if the model is refused.

    Raises `BundleError` in one sentence when the reader would refuse the bundle, or when the kind
    asks for other tensors or another configuration.
    """
    path = Path(path)
    draft = Draft(str(path), tensors, config)
    if kind not in CHECKS:
        raise draft.refusal("the kind", repr(kind), " or ".join(repr(k) for k in CHECKS))
    text = _config_text(draft)
    _check_tensors(draft)
    CHECKS[kind](draft)
    metadata = {"fewbit.kind": kind, "fewbit.format": FORMAT, "fewbit.config": text}
    content = _serialize(draft, metadata)
    _write_whole(path, content)
    return path


def _config_text(draft: Draft) -> str:
    _check_json(draft, "config", draft.config, 1)
    return json.dumps(draft.config, allow_nan=False)  # in the order given, which people chose


def _check_json(draft: Draft, where: str, value: Any, depth: int) -> None:
    """Refuse what JSON would lose or change: keys that are no text, tuples aside, NaN."""
    if depth > _MAX_CONFIG_DEPTH:
        raise draft.refusal(where, "nested deeper", f"at most {_MAX_CONFIG_DEPTH} levels")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise draft.refusal(f"a key of {where}", repr(key), "text")
            _check_json(draft, f"{where} '{key}'", inner, depth + 1)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check_json(draft, f"{where}[{index}]", inner, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise draft.refusal(where, repr(value), "a finite number")
    elif value is not None and not isinstance(value, str | bool | int | float):
        found = f"of type {type(value).__name__}"
        raise draft.refusal(where, found, "text, a number, a list or a dict")


def _check_tensors(draft: Draft) -> None:
    for name, values in draft.tensors.items():
        field = f"tensor '{name}'"
        if not isinstance(name, str) or name == "__metadata__":
            raise draft.refusal(field, "no name", "text, not '__metadata__'")
        if not isinstance(values, np.ndarray):
            raise draft.refusal(field, f"of type {type(values).__name__}", "a numpy array")
        if values.dtype not in (np.float32, np.int32):
            raise draft.refusal(field, str(values.dtype), "float32 or int32")
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            raise draft.refusal(
                f"{field}, value {[int(i) for i in bad[0]]}",
                str(values[tuple(bad[0])]),
                "a finite number",
            )


def _serialize(draft: Draft, metadata: dict[str, str]) -> bytes:
    arrays = {
        name: np.ascontiguousarray(values).reshape(values.shape)
        for name, values in draft.tensors.items()
    }
    packed = safetensors.numpy.save(arrays, metadata)
    # safetensors writes the metadata in the order of a hash map, which changes from run to run.
    length = int.from_bytes(packed[:8], "little")
    header = json.loads(packed[8 : 8 + length])
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the data are aligned, as safetensors has them
    content = len(text).to_bytes(8, "little") + text + packed[8 + length :]
    for field, size, most in (
        ("the header", len(text), _MAX_HEADER_BYTES),
        ("the file", len(content), _MAX_FILE_BYTES),
    ):
        if size > most:
            raise draft.refusal(field, f"{size} bytes long", f"at most {most} bytes")
    return content


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside `path`, then rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)  # mkstemp's files are their owner's only
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
