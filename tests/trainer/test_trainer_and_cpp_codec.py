# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped bundles: the trainer's hardened codec and the C++ one do the same."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
algorithms = pytest.importorskip("gnuradio.fewbit").algorithms
safetensors = pytest.importorskip("safetensors")

from fewbit_trainer.hardening import divergence_bits, load_codec  # noqa: E402
from fewbit_trainer.links import draw_packets, exact_llrs  # noqa: E402

MODELS = sorted((Path(__file__).parents[2] / "models").glob("softbit_k*.safetensors"))


def bundle_config(path):
    """The JSON that a bundle carries."""
    with safetensors.safe_open(str(path), framework="numpy") as file:
        return json.loads(file.metadata()["fewbit.config"])


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


def _card(path):
    """The sweep over alpha shares one card."""
    return path.with_name(re.sub(r"_alpha_\d+$", "_alpha", path.stem) + ".md")


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_shipped_models_are_the_ones_that_their_cards_describe(path):
    """A swapped, damaged or retrained bundle has another id() than its card says."""
    config = bundle_config(path)
    assert config["training"]["name"] == path.stem
    assert config["contexts"] == (25 if path.stem.endswith("_context") else 1)
    assert path.stat().st_size < 200_000
    rows = [row for row in _card(path).read_text().splitlines() if f"`{path.name}`" in row]
    assert any(f"`{algorithms.learned_codec(str(path)).id:08x}`" in row for row in rows)


def _found(path, snr_db, packets):
    """Coded bits and information lost per LLR by the C++ codec, a value a packet."""
    link = bundle_config(path)["training"]["link"]
    llrs = draw_packets(
        np.random.default_rng(11), link["bits_per_symbol"], "epa", packets, link["subcarriers"],
        (snr_db, snr_db), link["spacing_hz"], normalise=True,
    ).llrs.reshape(packets, -1)  # fmt: skip
    decoded, sizes = algorithms.learned_codec(str(path)).round_trip(llrs.astype(np.float32))
    lost = [divergence_bits(a, b) for a, b in zip(llrs, decoded.astype(float), strict=True)]
    return 8.0 * sizes / llrs.shape[1], np.array(lost)


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_shipped_models_do_what_they_were_measured_to(path):
    """The bundle's own figures, of 400 packets, against 200 others: 4 standard errors of the
    difference, a few parts in a thousand of the bits and of the order of .01 of the loss."""
    config = bundle_config(path)
    measured = config["measured"]
    packets, before = 200, config["training"]["hardening"]["measure_packets"]
    for figure in (measured[0], measured[len(measured) // 2], measured[-1]):
        bits, lost = _found(path, figure["snr_db"], packets)
        for found, expected in (
            (bits, figure["coded_bits_per_llr"]),
            (lost, figure["information_loss"]),
        ):
            error = np.std(found, ddof=1) * np.sqrt(1.0 / packets + 1.0 / before)
            assert error < 0.02 * expected
            assert np.mean(found) == pytest.approx(expected, abs=4.0 * error + 1e-5)


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
