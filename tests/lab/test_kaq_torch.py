# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""torch at its best, which times are set beside, computes the networks that it says."""

import numpy as np
import pytest
from fewbit_lab.errors import LabError
from fewbit_lab.kaq_link import draw
from fewbit_lab.kaq_network import Prepared, Scalars, layers, real_vectors
from fewbit_lab.kaq_torch import TorchInPlace, by_channel, in_turn
from gnuradio.fewbit import find_model

pytest.importorskip("torch")
VECTORS, SNR_DB = 512, 20.0


@pytest.mark.parametrize("name", ["kaq_admm5", "kaq_pgd_paper"])
@pytest.mark.parametrize("channels", [1, 64, VECTORS])
def test_it_decides_as_the_network_on_numpys_arrays(name, channels):
    drawn = draw(VECTORS, SNR_DB, seed=4)
    scalars = Scalars.of(find_model(f"{name}.safetensors"), SNR_DB)
    prepared = Prepared.of(scalars, drawn.h[:channels], drawn.noise_variance)
    call = TorchInPlace(scalars, prepared, drawn.y)
    first, again = call().numpy().copy(), call().numpy()
    assert np.array_equal(first, again)  # it works in place, and leaves what it was given
    each = np.arange(VECTORS) % channels
    spread = Prepared(prepared.filter[each], prepared.matrix[each], prepared.widths[:, each])
    o = layers(scalars, spread, real_vectors(scalars, drawn.y))
    expected = np.searchsorted([-2, 0, 2], o, side="right")
    # Sums in another order move a value past a threshold now and then: 16,384 of them.
    assert np.mean(in_turn(first) != expected) < 2e-4


def test_vectors_by_channel_come_back_in_turn():
    y = np.arange(24).reshape(12, 2)
    assert by_channel(y, 4)[1, :, 0].tolist() == [2, 10, 18]
    assert np.array_equal(in_turn(by_channel(y, 4)), y)


def test_a_denoiser_without_a_form_in_torch_is_refused():
    drawn = draw(2, SNR_DB, seed=4)
    scalars = Scalars.of(find_model("kaq_pgd_paper_box.safetensors"), SNR_DB)
    prepared = Prepared.of(scalars, drawn.h, drawn.noise_variance)
    with pytest.raises(LabError, match="denoiser clip is not written out in torch"):
        TorchInPlace(scalars, prepared, drawn.y)
