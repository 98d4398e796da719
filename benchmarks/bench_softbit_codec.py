# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The learned soft-bit codec beside torch eager with torchac, and beside onnxruntime.

One core, packets of 108 subcarriers x 6 LLRs, microseconds a packet. Every candidate is called
from Python, ours too. A value is the least of interleaved rounds, and the median stands beside it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from timing import Candidate, least, median, on_every_set, time_rounds

os.environ.setdefault("OMP_NUM_THREADS", "1")

BITS = 6
SUBCARRIERS = 108
BATCH = 64  # packets that the batched candidates take at once
REPOSITORY = Path(__file__).resolve().parent.parent


def find_bundle(folder: str) -> str:
    """A shipped K = 6 bundle with one context, or else one of random weights."""
    shipped = sorted((REPOSITORY / "models").glob("softbit_k6*.safetensors"))
    if shipped:
        return str(shipped[0])
    sys.path.insert(0, str(REPOSITORY / "tests" / "oracles"))
    import softbit_oracle

    path = Path(folder) / "random.safetensors"
    softbit_oracle.random_bundle(path, BITS)
    return str(path)


def some_llrs(packets: int) -> np.ndarray:
    """LLRs of Gray-mapped bits: the later ones of a symbol weaker, fading from packet to packet."""
    rng = np.random.default_rng(1)
    strength = np.array([8.0, 8.0, 4.0, 4.0, 2.0, 2.0]) * rng.rayleigh(
        1.0, (packets, SUBCARRIERS, 1)
    )
    signs = rng.choice([-1.0, 1.0], (packets, SUBCARRIERS, BITS))
    llrs = signs * strength + rng.normal(0, np.sqrt(2 * strength), strength.shape[:2] + (BITS,))
    return llrs.reshape(packets, -1).astype(np.float32)


class OurCodec:
    """The C++ codec on each instruction set, in turns."""

    def __init__(self, file: str, packet: np.ndarray) -> None:
        from gnuradio import fewbit

        self.codec = fewbit.algorithms.learned_codec(file)
        self.packet = packet
        self.body = self.codec.encode(packet)

    def encode(self) -> None:
        self.codec.encode(self.packet)

    def decode(self) -> None:
        self.codec.decode(self.body, self.packet.size)

    def network(self) -> None:
        self.codec.latents(self.packet[None])


class TorchCodec:
    """The same codec the way the paper's code runs it: torch eager, then torchac."""

    def __init__(self, file: str, llrs: np.ndarray) -> None:
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        self.torch = torch
        self.tensors = load_file(file)
        self.codebook = self.tensors["codebook"]
        self.step = (self.codebook[-1] - self.codebook[0]) / (len(self.codebook) - 1)
        cdf = self.tensors["cdf"][:, 0].numpy().astype(np.uint16).view(np.int16)
        self.cdf = torch.from_numpy(np.tile(cdf, (SUBCARRIERS, 1)))
        self.llrs = torch.from_numpy(llrs)

    def layers(self, part: str, value):
        linear = self.torch.nn.functional.linear
        for i in range(5):
            value = linear(
                value, self.tensors[f"{part}.{i}.weight"], self.tensors[f"{part}.{i}.bias"]
            )
            if i < 4:
                value = self.torch.relu(value)
        return value

    def latents(self, packets: int):
        soft_bits = self.torch.tanh(0.5 * self.llrs[:packets]).reshape(packets, -1, BITS)
        return self.torch.tanh(self.layers("encoder", soft_bits))

    def encode(self, backend, packets: int) -> list[bytes]:
        place = (self.latents(packets) - self.codebook[0]) / self.step
        index = self.torch.ceil(place - 0.5).clamp(0, len(self.codebook) - 1)
        symbols = index.to(self.torch.int16).reshape(packets, -1)
        return [backend.encode_cdf(self.cdf, packet) for packet in symbols]

    def decode(self, backend, bodies: list[bytes]):
        symbols = [backend.decode_cdf(self.cdf, body) for body in bodies]
        index = self.torch.stack(symbols).long().reshape(len(bodies), -1, 3)
        return 2 * self.layers("decoder", self.codebook[index])


def onnx_network(file: str, packet: np.ndarray) -> dict[str, Callable[[], object]]:
    """The encoder network, LLRs to latents, in onnxruntime on one thread."""
    import onnxruntime
    from fewbit_lab.export import encoder

    model = encoder(file, SUBCARRIERS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {"llrs": packet.reshape(SUBCARRIERS, BITS)}
    binding = session.io_binding()
    binding.bind_cpu_input("llrs", feed["llrs"])
    binding.bind_ortvalue_output(
        "latents", onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((SUBCARRIERS, 3), np.float32))
    )
    return {
        "": lambda: session.run(None, feed),
        ", bound buffers": lambda: session.run_with_iobinding(binding),
    }


def check_agreement(ours: OurCodec, torch_codec: TorchCodec, backend) -> None:
    """The candidates must do the same work: same latents, and bodies that decode alike."""
    latents = ours.codec.latents(ours.packet[None])[0]
    worst = np.abs(latents - torch_codec.latents(1)[0].numpy()).max()
    if worst > 1e-5:
        raise RuntimeError(f"latents differ from torch's by {worst}")
    expected = torch_codec.decode(backend, [ours.body])[0].reshape(-1).numpy()
    clip = ours.codec.llr_clip
    if not np.allclose(
        ours.codec.decode(ours.body, ours.packet.size), expected.clip(-clip, clip), atol=1e-3
    ):
        raise RuntimeError("decoded LLRs differ from torch's")


def row(name: str, candidates: Mapping[str, Candidate], rounds: int, limit: str) -> dict:
    """A row of results/bench.json; `median` holds the medians of ours and peers alike."""
    from gnuradio.fewbit import algorithms

    sets = algorithms.instruction_sets()
    timing = time_rounds(candidates, rounds)
    values = least(timing)
    return {
        "name": name,
        "unit": "us",
        "ours": {c: v for c, v in values.items() if c in sets},
        "peers": {c: v for c, v in values.items() if c not in sets},
        "limit": limit,
        "median": median(timing),
    }


def rows(quick: bool = False) -> list[dict]:
    """Encode, decode and network alone: microseconds a packet by candidate."""
    rounds = 40 if quick else 400
    llrs = some_llrs(BATCH)
    with tempfile.TemporaryDirectory() as folder:
        file = find_bundle(folder)
        ours = OurCodec(file, llrs[0])
        torch_codec = TorchCodec(file, llrs)
        onnx = onnx_network(file, llrs[0])
    import onnxruntime
    import torchac_backends

    backends = torchac_backends.backends()
    check_agreement(ours, torch_codec, backends["at -O3"])
    encode, decode = on_every_set(ours.encode), on_every_set(ours.decode)
    network = on_every_set(ours.network)
    version = torch_codec.torch.__version__
    for built, backend in backends.items():
        for packets in (1, BATCH):
            bodies = torch_codec.encode(backend, packets)
            name = f"torch {version} + {torchac_backends.INSTALLED} {built}, {packets} at a time"
            encode[name] = Candidate(partial(torch_codec.encode, backend, packets), packets)
            decode[name] = Candidate(partial(torch_codec.decode, backend, bodies), packets)
    for packets in (1, BATCH):
        name = f"torch {version}, {packets} at a time"
        network[name] = Candidate(partial(torch_codec.latents, packets), packets)
    for how, call in onnx.items():
        network[f"onnxruntime {onnxruntime.__version__}{how}"] = Candidate(call)

    hidden = 4 * BITS
    products = SUBCARRIERS * (BITS * hidden + 3 * hidden**2 + 3 * hidden)
    work = f"{products} multiply-adds"
    what = f"({SUBCARRIERS} x {BITS} LLRs)"
    timed = {"encode": encode, "decode": decode, "network": network}
    return [
        row(f"softbit {name} {what}", candidates, rounds, work)
        for name, candidates in timed.items()
    ]


if __name__ == "__main__":
    for found in rows("--quick" in sys.argv):
        print(f"{found['name']}, {found['unit']} a packet: least, median; {found['limit']}")
        for candidate, least in {**found["ours"], **found["peers"]}.items():
            print(f"  {candidate:62} {least:8.2f} {found['median'][candidate]:8.2f}")
