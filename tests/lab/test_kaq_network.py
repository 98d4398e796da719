# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks written out on arrays decide as the C++ classes, in half precision nearly so."""

import numpy as np
import pytest
from fewbit_lab import kaq_link, kaq_models
from fewbit_lab.figures import Run
from fewbit_lab.kaq_network import LEAST_STEP, Scalars, WrittenOut, in_half
from gnuradio.fewbit import algorithms, find_model

VECTORS, SNR_DB = 1000, 20.0


@pytest.fixture(scope="module")
def drawn():
    return kaq_link.draw(VECTORS, SNR_DB, seed=3)


def labels_of(detector, drawn):
    detector.prepare(drawn.h, drawn.noise_variance)
    return np.asarray(detector.labels(drawn.y, 1))


def in_class(file, drawn):
    return labels_of(algorithms.make_detector(f"unfolded:{file}", 16, 16, 4), drawn)


def float_file(name, folder):
    pytest.importorskip("safetensors")  # writes it
    run = Run("test", True, 1, "", folder)
    return str(kaq_models.twin(run, folder.__class__(find_model(f"{name}.safetensors")), "float32"))


@pytest.mark.parametrize("name", ["kaq_admm5", "kaq_admm10", "kaq_pgd_paper"])
def test_in_float32_they_decide_as_the_class(tmp_path, drawn, name):
    file = float_file(name, tmp_path)
    ours = labels_of(WrittenOut(file, "float32", 4), drawn)
    # Sums in another order move a value past a threshold now and then: 16,000 symbols.
    assert np.mean(ours != in_class(file, drawn)) < 2e-4


def test_half_precision_is_numpys():
    rng = np.random.default_rng(6)
    values = rng.normal(size=200_000) * 2.0 ** rng.uniform(-30, 15, 200_000)
    whole = np.arange(4097) / 2048.0  # half of them half way between two of binary16
    a = np.concatenate([values, whole, -whole, [0.0, 65504.0, 2.0**-14, 2.0**-24, 2.0**-25]])
    a = a[np.abs(a) <= 65504.0].astype(np.float32)
    assert np.array_equal(in_half(a), a.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("name", ["kaq_admm5", "kaq_pgd_paper"])
def test_half_precision_moves_few_decisions(tmp_path, drawn, name):
    file = float_file(name, tmp_path)
    half = labels_of(WrittenOut(file, "float16", 4), drawn)
    assert 0.0 < np.mean(half != in_class(file, drawn)) < 5e-3


def test_the_quantizers_range_alone_decides_nearly_as_the_quantised_network(drawn):
    """KAQ's steps are a fiftieth of a level: rounding to them moves a decision in a hundred."""
    file = find_model("kaq_pgd_paper_kaq.safetensors")
    clipped = labels_of(WrittenOut(file, "clipped", 4), drawn)
    without = labels_of(WrittenOut(file, "float32", 4), drawn)
    quantised = in_class(file, drawn)
    assert np.mean(clipped != quantised) < 0.03 < 0.15 < np.mean(without != quantised)


def test_scalars_between_knots_are_interpolated_in_logarithms():
    file = find_model("kaq_admm5.safetensors")
    at = {snr: Scalars.of(file, snr) for snr in (15.0, 17.5, 20.0, 99.0, 25.0)}
    assert at[17.5].rho == pytest.approx(np.sqrt(at[15.0].rho * at[20.0].rho))
    assert at[99.0].rho == at[25.0].rho
    assert np.all(at[99.0].step >= LEAST_STEP)


def test_a_block_of_vectors_over_one_channel_is_refused(drawn):
    detector = WrittenOut(find_model("kaq_pgd_paper.safetensors"), "float32", 4)
    detector.prepare(drawn.h, drawn.noise_variance)
    with pytest.raises(ValueError, match="block_len is 2; expected 1"):
        detector.labels(drawn.y, 2)
