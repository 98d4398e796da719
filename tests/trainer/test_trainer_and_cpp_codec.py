# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped bundles: the trainer's hardened codec and the C++ one do the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
algorithms = pytest.importorskip("gnuradio.fewbit").algorithms
safetensors_numpy = pytest.importorskip("safetensors.numpy")

from fewbit_trainer.code_length import code_bits  # noqa: E402
from fewbit_trainer.hardening import divergence_bits, load_codec  # noqa: E402
from fewbit_trainer.links import draw_packets, exact_llrs  # noqa: E402

MODELS = sorted((Path(__file__).parents[2] / "models").glob("softbit_k*.safetensors"))


def _packets(bits_per_symbol):
    subcarriers = 648 // bits_per_symbol
    snr_db = {4: 7.0, 6: 13.0, 8: 19.0}[bits_per_symbol]
    return draw_packets(
        np.random.default_rng(8), bits_per_symbol, "epa", 60, subcarriers, (snr_db, snr_db),
        9e6 / subcarriers, normalise=True,
    ).llrs  # fmt: skip


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_torch_and_cpp_agree(path):
    ours = load_codec(path)
    theirs = algorithms.learned_codec(str(path))
    llrs = _packets(ours.model.bits_per_symbol).astype(np.float32)
    flat = llrs.reshape(len(llrs), -1)
    with torch.no_grad():
        latents = ours.model.encode(torch.tanh(0.5 * torch.from_numpy(llrs))).numpy()
    np.testing.assert_allclose(theirs.latents(flat), latents, atol=1e-5)
    indices = theirs.indices(flat)
    step = ours.model.step
    position = (latents - float(ours.model.codebook[0])) / step
    tie = np.abs(position - np.floor(position) - 0.5) < 1e-5 / step
    np.testing.assert_array_equal(indices[~tie], ours.encode(llrs)[~tie])
    decoded = theirs.decode_indices(indices)
    expected = ours.decode(indices.astype(np.int64)).reshape(len(llrs), -1)
    np.testing.assert_allclose(decoded, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_shipped_models_are_small_and_useful(path):
    """Not the figures of the cards: a bound that a damaged or swapped bundle would break."""
    assert path.stat().st_size < 200_000
    assert path.with_suffix(".md").is_file()
    assert path.with_suffix(".md").is_file()
    codec = load_codec(path)
    llrs = _packets(codec.model.bits_per_symbol)
    indices = codec.encode(llrs)
    bits = code_bits(codec.tables, indices).sum() / llrs.size
    assert bits < 2.77
    assert divergence_bits(llrs, codec.decode(indices)) < 0.015


@pytest.mark.parametrize("bits_per_symbol", [2, 4, 6, 8])
def test_the_two_links_give_the_same_llrs(bits_per_symbol):
    """The same physics written twice: complex64 in, so a part in 1e5 of the largest metric."""
    rng = np.random.default_rng(9)
    y = (rng.standard_normal(500) + 1j * rng.standard_normal(500)).astype(np.complex64)
    h = (rng.standard_normal(500) + 1j * rng.standard_normal(500)).astype(np.complex64)
    demapper = algorithms.soft_demapper(bits_per_symbol, "exact")
    theirs = demapper.demap(y, h, 0.3).reshape(500, bits_per_symbol)
    ours = exact_llrs(y.astype(complex), h.astype(complex), 0.3, bits_per_symbol)
    np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-3)


def test_the_trainer_never_imports_gnuradio():
    code = (
        "import sys, fewbit_trainer.run, fewbit_trainer.initialisation; "
        "sys.exit('gnuradio' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
