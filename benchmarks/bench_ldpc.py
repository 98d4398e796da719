# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDPC: our decoders and encoder against gr-fec's, in the same run, on the same words and one core.

The code is the 802.11n (648, 324) one, the words are BPSK over white noise at Eb/N0 = 2 dB, and
both decoders stop at a codeword or after 50 iterations. Times are processor time, so that other
programs on the machine do not count. gr-fec's belief propagation runs in the
flowgraph that its users run (vector_source -> fec.decoder -> vector_sink); of the inputs and
noise settings that it can be given, the fastest one that decodes is taken.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gnuradio import blocks, fec, gr
from gnuradio.fewbit import algorithms
from timing import Candidate, least, on_every_set, time_rounds

CODE = "802.11n-648-1/2"
EBN0_DB = 2.0
MAX_ITERATIONS = 50


@contextmanager
def one_core() -> Iterator[None]:
    """Every thread that is started inside shares one core: a flowgraph has one a block."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def noisy(codewords: np.ndarray) -> np.ndarray:
    """LLRs (positive = bit 1) of codewords after the channel."""
    variance = 10 ** (-EBN0_DB / 10)  # rate 1/2: Es = Eb/2
    noise = np.random.default_rng(2).normal(size=codewords.shape) * variance**0.5
    return (2 * (2.0 * codewords - 1 + noise) / variance).astype(np.float32)


def write_alist(file: Path) -> None:
    """The parity-check matrix in MacKay's format, which gr-fec reads."""
    code = algorithms.ldpc_code(CODE)
    z, shifts = code.lifting, code.shifts
    h = np.zeros((shifts.shape[0] * z, shifts.shape[1] * z), int)
    for i, j in zip(*np.nonzero(shifts >= 0), strict=True):
        block = np.roll(np.eye(z, dtype=np.uint8), shifts[i, j], axis=1)
        h[i * z : (i + 1) * z, j * z : (j + 1) * z] = block
    lines = [f"{h.shape[1]} {h.shape[0]}", f"{h.sum(0).max()} {h.sum(1).max()}"]
    lines += [" ".join(map(str, h.sum(0))), " ".join(map(str, h.sum(1)))]
    for matrix in (h.T, h):
        widest = int(matrix.sum(1).max())
        for line in matrix:
            ones = (np.nonzero(line)[0] + 1).tolist()
            lines.append(" ".join(map(str, ones + [0] * (widest - len(ones)))))
    file.write_text("\n".join(lines) + "\n", encoding="ascii")


def run_flowgraph(source: gr.basic_block, coder: gr.basic_block) -> np.ndarray:
    top = gr.top_block()
    sink = blocks.vector_sink_b()
    top.connect(source, coder, sink)
    top.run()
    return np.array(sink.data(), np.uint8)


def gr_fec_settings(alist: str) -> dict[str, Callable[[], object]]:
    """gr-fec's belief propagation with the noise deviations that make sense; newer versions take
    none."""
    try:
        fec.ldpc_decoder.make(alist, 0.5, MAX_ITERATIONS)
    except TypeError:
        return {"": lambda: fec.ldpc_decoder.make(alist, MAX_ITERATIONS)}
    sigma = 10 ** (-EBN0_DB / 20)
    return {
        f" sigma={s:.4f}": lambda s=s: fec.ldpc_decoder.make(alist, s, MAX_ITERATIONS)
        for s in (0.5**0.5, sigma)
    }


def gr_fec_decode(alist: str, bits: np.ndarray, llrs: np.ndarray) -> dict[str, float]:
    """Microseconds a word of the fastest setting that decodes at least nine words of ten."""
    symbols = llrs * 10 ** (-EBN0_DB / 10) / 2
    inputs = {"LLR": llrs, "-LLR": -llrs, "symbols": symbols, "-symbols": -symbols}
    timings: dict[str, float] = {}
    for setting, make in gr_fec_settings(alist).items():
        for what, values in inputs.items():
            source = blocks.vector_source_f(values.ravel().tolist())
            decoder = fec.decoder(make(), gr.sizeof_float, gr.sizeof_char)
            start = time.process_time()
            out = run_flowgraph(source, decoder)
            spent = (time.process_time() - start) / len(bits) * 1e6
            decoded = out[: out.size // 324 * 324].reshape(-1, 324)
            wrong = (decoded != bits[: len(decoded)]).any(axis=1).mean()
            if len(decoded) > 0.9 * len(bits) and wrong < 0.1:
                timings[f"gr-fec {gr.version()}{setting}, input {what}"] = round(spent, 1)
    if not timings:
        return {}
    best = min(timings, key=timings.__getitem__)
    return {best: timings[best]}


def gr_fec_encode(alist: str, bits: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """gr-fec's codewords (of the same code; its information stands elsewhere in them) and its
    microseconds a word."""
    coder = fec.encoder(fec.ldpc_encoder_make(alist), gr.sizeof_char, gr.sizeof_char)
    source = blocks.vector_source_b(bits.ravel().tolist())
    start = time.process_time()
    codewords = run_flowgraph(source, coder).reshape(-1, 648)
    spent = (time.process_time() - start) / len(bits) * 1e6
    if not algorithms.ldpc_code(CODE).is_codeword(codewords).all():
        raise RuntimeError("gr-fec's encoder works on another code")
    return codewords, {f"gr-fec {gr.version()}": round(spent, 1)}


def least_us(candidates: Mapping[str, Candidate], rounds: int) -> dict[str, float]:
    """Microseconds of the processor a word."""
    return least(time_rounds(candidates, rounds, time.process_time))


def decode_us(algorithm: str, llrs: np.ndarray, rounds: int) -> dict[str, float]:
    """The same of our decoder, on every instruction set."""
    decoder = algorithms.ldpc_decoder(CODE, algorithm, MAX_ITERATIONS)
    return least_us(on_every_set(lambda: decoder.decode(llrs), len(llrs)), rounds)


def rows(quick: bool = False) -> list[dict]:
    """Decode (int8 and float) and encode: microseconds a word of 648 bits."""
    count, rounds = (200, 5) if quick else (1000, 25)
    bits = np.random.default_rng(1).integers(0, 2, (count, 324), dtype=np.uint8)
    encoder = algorithms.ldpc_encoder(CODE)
    with one_core(), tempfile.TemporaryDirectory() as folder:
        alist = Path(folder) / "code.alist"
        write_alist(alist)
        codewords, encode = gr_fec_encode(str(alist), bits)
        llrs = noisy(codewords)
        decode = gr_fec_decode(str(alist), bits, llrs)
        min_sum = decode_us("min-sum", llrs, rounds)
        sum_product = decode_us("sum-product", llrs[:200], min(rounds, 5))
        encode_us = least_us({"portable": Candidate(lambda: encoder.encode(bits), count)}, rounds)
    iterations = algorithms.ldpc_decoder(CODE).decode(llrs)[1].mean()
    name = f"LDPC (648, 324) decode, Eb/N0 {EBN0_DB:g} dB, at most {MAX_ITERATIONS} iterations"
    return [
        {
            "name": f"{name}, int8 min-sum",
            "unit": "us",
            "ours": min_sum,
            "peers": decode,
            "limit": f"{iterations:.1f} iterations of 88 edges, 4 stores of a vector each: "
            f"{iterations * 88 * 4:.0f} cycles of one store port",
        },
        {
            "name": f"{name}, float sum-product",
            "unit": "us",
            "ours": sum_product,
            "peers": decode,
            "limit": None,
        },
        {
            "name": "LDPC (648, 324) encode",
            "unit": "us",
            "ours": encode_us,
            "peers": encode,
            "limit": None,
        },
    ]


if __name__ == "__main__":
    import json

    print(json.dumps(rows(), indent=2))
