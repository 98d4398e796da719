# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tensors of failures a bundle of an unfolded detector may hold."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from mixture_llrs_oracle import asked, failures, passing

LOGARITHMS = (
    "output.spread.log",
    *(f"output.failure.{name}.log" for name in ("weight", "spread", "unseen")),
)
OUTPUTS = np.linspace(-4, 4, 80).reshape(10, 8)


def test_doubt_counts_for_nothing_beside_the_errors_foreseen(tmp_path):
    doubt = {"output.doubt.log": np.full(3, -2, np.float32)}
    _, alone, _ = asked(passing(failures()), OUTPUTS, 0.05, tmp_path)
    _, both, _ = asked(passing(failures() | doubt), OUTPUTS, 0.05, tmp_path)
    np.testing.assert_array_equal(alone, both)


def test_tables_without_the_errors_foreseen_count_for_nothing(tmp_path):
    tensors = failures()
    del tensors["output.foreseen.log"]
    _, plain, _ = asked(passing({}), OUTPUTS, 0.05, tmp_path)
    _, found, _ = asked(passing(tensors), OUTPUTS, 0.05, tmp_path)
    np.testing.assert_array_equal(plain, found)


def refused(tensors, folder, sentence):
    path = passing(tensors).write(folder / "net.safetensors")
    with pytest.raises(algorithms.bundle_error, match=sentence) as caught:
        algorithms.unfolded_detector(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["output.snr_db", *LOGARITHMS])
def test_refuses_the_errors_foreseen_without_its_tables(tmp_path, name):
    tensors = failures()
    del tensors[name]
    refused(tensors, tmp_path, f"tensor '{name}'.*missing")


@pytest.mark.parametrize("name", LOGARITHMS)
def test_refuses_tables_of_another_shape(tmp_path, name):
    tensors = failures()
    refused(
        tensors | {name: tensors[name].T.copy()}, tmp_path, rf"'{name}'.*\[4, 3\].*F32 \[3, 4\]"
    )


@pytest.mark.parametrize("name", LOGARITHMS)
@pytest.mark.parametrize("value", [30.01, -31, 1e30])
def test_refuses_logarithms_beyond_30(tmp_path, name, value):
    tensors = failures()
    tensors[name][1, 2] = value
    refused(tensors, tmp_path, f"'{name}', value 6 is .*expected a logarithm from -30 to 30")


@pytest.mark.parametrize("name", ["output.foreseen.log", "output.snr_db", *LOGARITHMS])
@pytest.mark.parametrize(("value", "said"), [(np.nan, "NaN"), (np.inf, "infinite")])
def test_refuses_what_is_not_finite(tmp_path, name, value, said):
    tensors = failures()
    tensors[name].flat[-1] = value
    refused(tensors, tmp_path, f"'{name}', value .*{said}")


@pytest.mark.parametrize("name", ["output.foreseen.log", "output.snr_db"])
def test_refuses_knots_that_do_not_rise(tmp_path, name):
    tensors = failures()
    tensors[name][2] = tensors[name][1]
    refused(tensors, tmp_path, f"'{name}', value 2 is .*expected more than the one before it")


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        (failures(foreseen=np.arange(65)), "'output.foreseen.log', knots is 65.*1 to 64"),
        (failures(snr_db=np.arange(1025)), "'output.snr_db', knots is 1025.*1 to 1024"),
        (failures(foreseen=()), "'output.foreseen.log', knots is 0.*1 to 64"),
        (failures() | {"output.foreseen.log": np.ones((2, 2), np.float32)}, "dimensions is 2"),
        (failures() | {"output.foreseen.log": np.arange(4, dtype=np.int32)}, "foreseen.log"),
    ],
    ids=["65", "1025", "none", "matrix", "integers"],
)
def test_refuses_other_knots(tmp_path, tensors, sentence):
    refused(tensors, tmp_path, sentence)
