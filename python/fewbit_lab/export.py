# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fewbit export`: the networks of a learned soft-bit codec as ONNX, for other run times.

What stands between encoder and decoder (codebook, integer CDFs, contexts) stays in the bundle.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gnuradio.fewbit import algorithms

from fewbit_lab import __version__
from fewbit_lab.errors import LabError

LAYERS = 5
LATENTS = 3
#: What onnxruntime 1.14 and later read, released in 2023.
OPSET, IR_VERSION = 17, 8


def export(path: str | os.PathLike[str], folder: Path) -> list[Path]:
    """Write NAME.encoder.onnx and NAME.decoder.onnx into `folder`; returns their places.

    Raises `bundle_error` in one sentence when `path` is not a sound bundle of kind
    `softbit_codec`, and LabError where the onnx package is missing or nothing can be written.
    """
    written = []
    for half, model in (("encoder", encoder(path)), ("decoder", decoder(path))):
        place = folder / f"{Path(path).stem}.{half}.onnx"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place.write_bytes(model.SerializeToString())
        except OSError as error:
            raise LabError(
                f"{place}: cannot be written ({error.strerror}); choose another --output"
            ) from error
        written.append(place)
    return written


def encoder(path: str | os.PathLike[str], symbols: int | None = None) -> Any:
    """llrs [n, K] -> latents [n, 3]: tanh(L / 2), five layers with ReLU between, tanh.

    n is free, or `symbols`. LLRs are log P(b=1)/P(b=0); a NaN is the caller's to make 0.
    """
    graph = _Graph(path, symbols)
    halved = graph.node("Mul", ["llrs", graph.constant("half", 0.5)])
    last = graph.layers("encoder", graph.node("Tanh", [halved]))
    graph.node("Tanh", [last], "latents")
    return graph.model("llrs", graph.bits_per_symbol, "latents", LATENTS)


def decoder(path: str | os.PathLike[str], symbols: int | None = None) -> Any:
    """latents [n, 3] (entries of the codebook) -> llrs [n, K]: five layers with ReLU between,
    doubled (Lambda = tanh(a) = tanh(L / 2)), clipped to the bundle's `llr_clip`."""
    graph = _Graph(path, symbols)
    last = graph.layers("decoder", "latents")
    doubled = graph.node("Mul", [last, graph.constant("two", 2.0)])
    clip = float(graph.bundle.config["llr_clip"])
    limits = [graph.constant("lowest", -clip), graph.constant("highest", clip)]
    graph.node("Clip", [doubled, *limits], "llrs")
    return graph.model("latents", LATENTS, "llrs", graph.bits_per_symbol)


class _Graph:
    """An ONNX graph on its way, on the tensors of a bundle that the C++ reader has checked."""

    def __init__(self, path: str | os.PathLike[str], symbols: int | None) -> None:
        try:
            import onnx
        except ImportError as error:
            raise LabError(
                "fewbit export needs the package onnx, which is not installed; `pip install onnx`, "
                "or `make bench-packages` in the source tree"
            ) from error
        self.onnx = onnx
        self.bundle = algorithms.bundle.load(path, "softbit_codec")
        algorithms.learned_codec(os.fspath(path))  # checks every shape and number
        self.bits_per_symbol = int(self.bundle.config["bits_per_symbol"])
        self._symbols = "symbols" if symbols is None else symbols
        self._nodes: list[Any] = []
        self._tensors: list[Any] = []

    def node(self, kind: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        output = output or f"value_{len(self._nodes)}"
        self._nodes.append(self.onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: float) -> str:
        tensor = self.onnx.helper.make_tensor(name, self.onnx.TensorProto.FLOAT, [], [value])
        self._tensors.append(tensor)
        return name

    def layers(self, half: str, value: str) -> str:
        """The five layers, ReLU between them."""
        for number in range(LAYERS):
            if number:
                value = self.node("Relu", [value])
            operands = [self._weights(f"{half}.{number}.{part}") for part in ("weight", "bias")]
            value = self.node("Gemm", [value, *operands], transB=1)
        return value

    def model(self, source: str, width_in: int, sink: str, width_out: int) -> Any:
        helper, floats = self.onnx.helper, self.onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            self._nodes,
            f"fewbit_{sink}",
            [helper.make_tensor_value_info(source, floats, [self._symbols, width_in])],
            [helper.make_tensor_value_info(sink, floats, [self._symbols, width_out])],
            self._tensors,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="gr-fewbit",
            producer_version=__version__,
        )
        said = {
            "fewbit.kind": self.bundle.kind,
            "fewbit.bundle_id": f"{self.bundle.id:08x}",
            "fewbit.llr_sign": str(self.bundle.config["llr_sign"]),
        }
        helper.set_model_props(model, said)
        self.onnx.checker.check_model(model)
        return model

    def _weights(self, name: str) -> str:
        _, shape = self.bundle.tensors[name]
        values = self.bundle.f32(name, shape)
        self._tensors.append(self.onnx.numpy_helper.from_array(values, name))
        return name
