# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""unfolded_detector against numpy written from docs/unfolded_detector.md."""

import numpy as np
import pytest
from gnuradio.fewbit import algorithms
from unfolded_detector_oracle import (
    Network,
    axis_bits,
    llrs,
    prepare,
    real_form,
    run_float,
    run_int8,
)

SETS = algorithms.instruction_sets()


NO_DOT = "AVX3 without VNNI"


@pytest.fixture
def instruction_set(request):
    algorithms.use_dot_product_instruction(request.param != NO_DOT)
    algorithms.use_instruction_set(request.param.split()[0])
    yield request.param
    algorithms.use_instruction_set("")
    algorithms.use_dot_product_instruction(True)


every_set = pytest.mark.parametrize(
    "instruction_set", SETS + [NO_DOT] * ("AVX3" in SETS), indirect=True
)

SHAPES = [
    {},
    {"layers": 10},
    {"users": 3, "antennas": 5, "layers": 3},
    {"users": 1, "antennas": 1, "layers": 2},
    {"users": 16, "antennas": 64, "bits_per_symbol": 2},
    {"users": 20, "antennas": 33, "bits_per_symbol": 6},
    {"users": 40, "antennas": 48, "layers": 3},
]
KINDS = [
    {"network": "admm", "denoiser": "staircase"},
    {"network": "admm", "denoiser": "staircase", "diagonal": "apart"},
    {"network": "admm", "denoiser": "clip", "tau": "scalar"},
    {"network": "pgd", "denoiser": "staircase"},
    {"network": "pgd", "denoiser": "soft_threshold", "tau": "scalar", "fraction_bits": 8},
]


def link(net, channels, block_len, noise_variance=0.03, seed=3):
    rng = np.random.default_rng(seed)
    bits = rng.integers(
        0, 2, (channels * block_len, net.users * net.bits_per_symbol), dtype=np.uint8
    )
    x = algorithms.qam_mapper(net.bits_per_symbol).map(bits)
    channel = algorithms.mimo_channel(
        net.antennas, net.users, noise_variance=noise_variance, block_len=block_len, seed=seed
    )
    y, h = channel.apply(x)
    return bits, y, h


def loaded(net, tmp_path):
    return algorithms.unfolded_detector(net.write(tmp_path / "net.safetensors"))


@every_set
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: "-".join(map(str, k.values())))
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "-".join(map(str, s.values())))
def test_integers_are_those_of_the_document(tmp_path, instruction_set, shape, kind):
    """Bit for bit, from the prepared channel on; 7 vectors a channel, 3 channels."""
    net = Network(**shape, **kind)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 3, 7)
    assert detector.prepare(h, 0.03) == 0
    found = detector.outputs(y, 7)
    for c in range(3):
        some = slice(7 * c, 7 * c + 7)
        expected = run_int8(net, detector.prepared(c), y[some])
        np.testing.assert_array_equal(found[some] * 2**net.fraction_bits, expected)


@every_set
@pytest.mark.parametrize("size", [8, 16])
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: "-".join(map(str, k.values())))
def test_large_values_saturate_alike(tmp_path, instruction_set, kind, size):
    """Ten to ten thousand times the noise and signal that the network is meant for."""
    net = Network(users=size, antennas=size, **kind)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 2, 21, noise_variance=2.0)
    detector.prepare(np.float32(3) * h, 2.0)
    for scale in (10, 100, 10000):
        found = detector.outputs(np.float32(scale) * y, 21)
        expected = [
            run_int8(net, detector.prepared(c), np.float32(scale) * y[21 * c : 21 * c + 21])
            for c in range(2)
        ]
        np.testing.assert_array_equal(found * 2**net.fraction_bits, np.concatenate(expected))


@every_set
@pytest.mark.parametrize("fraction_bits", [6, 12])
@pytest.mark.parametrize("gain", [0.01, 1.0, 7.99])
def test_extreme_gains_of_a_layer_saturate_alike(tmp_path, instruction_set, fraction_bits, gain):
    """The widest and the narrowest stairs, gains and units, 16 x 16, in all of int16's range."""
    knots = np.full((3, 4), np.log(gain), np.float32)
    widths = np.log(np.tile(np.float32([0.01, 0.2, 3.0, 1e4]), (3, 1)))
    net = Network(
        fraction_bits=fraction_bits,
        tensors={
            "gain.estimate.log": knots,
            "gain.dual.log": knots,
            "denoiser.constant.log": widths,
        },
    )
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 2, 17, noise_variance=0.1)
    detector.prepare(h, 0.1)
    for scale in (1, 5, 50):
        found = detector.outputs(np.float32(scale) * y, 17)
        expected = [
            run_int8(net, detector.prepared(c), np.float32(scale) * y[17 * c : 17 * c + 17])
            for c in range(2)
        ]
        np.testing.assert_array_equal(found * 2**net.fraction_bits, np.concatenate(expected))


@every_set
def test_one_channel_for_all_and_channels_for_each_have_the_same_answers(tmp_path, instruction_set):
    """Vectors run in groups, over one record or over several; the labels are of the outputs."""
    net = Network()
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 1, 29)
    detector.prepare(np.repeat(h, 29, 0), 0.03)
    each = detector.outputs(y, 1), detector.labels(y, 1)
    detector.prepare(h, 0.03)
    one = detector.outputs(y, 0), detector.labels(y, 0)
    expected = run_int8(net, detector.prepared(0), y)
    for o, labels in (one, each):
        np.testing.assert_array_equal(o * 2**net.fraction_bits, expected)
        np.testing.assert_array_equal(labels, detector.detect(y, 0)[0])
    index = sum((one[0] >= m).astype(int) for m in net.thresholds)
    axis = axis_bits(2)[index]
    bits = np.stack([axis[:, :16], axis[:, 16:]], -1).reshape(29, 16, 4)
    np.testing.assert_array_equal(one[1], bits @ np.array([8, 4, 2, 1]))


@every_set
@pytest.mark.parametrize("bits", [4, 5, 8])
@pytest.mark.parametrize("diagonal", ["inside", "apart"])
def test_prepared_integers_are_the_matrices_rounded(tmp_path, instruction_set, bits, diagonal):
    """Within one unit, as the document allows; the scales to float32's precision."""
    net = Network(matrix_bits=bits, users=6, antennas=9, diagonal=diagonal, layers=4)
    detector = loaded(net, tmp_path)
    _, _, h = link(net, 20, 1)
    detector.prepare(h, 0.03)
    for c in (0, 15, 16, 19):
        p, q = prepare(net, h[c], 0.03), detector.prepared(c)
        matrix = p.matrix - (np.diag(np.diag(p.matrix)) if diagonal == "apart" else 0)
        for name, exact, most, off in (
            ("matrix", matrix, 2 ** (bits - 1) - 1, 0.51),
            ("filter", p.filter, 65408 // 18, 0.55),
        ):
            scale = np.abs(exact).max(-1) / most
            np.testing.assert_allclose(q[name + "_scale"], scale, rtol=2e-5)
            assert np.abs(q[name] - np.rint(exact / scale[:, None])).max() <= 1
            assert np.abs(q[name] - exact / scale[:, None]).max() < off
        if diagonal == "apart":
            m = np.minimum(np.rint(2**15 * np.diag(p.matrix)), 32767)
            assert np.abs(q["diagonal"] - m).max() <= 1
        w = np.outer(p.scalars["slope"], p.error) + p.scalars["constant"][:, None]
        gains = np.clip(np.rint(4096 / np.maximum(w, 1 / 8)), 1, 32767)
        assert np.abs(q["gains"] - gains).max() <= 1
        for row, (name, one) in enumerate((("alpha", 2**12), ("beta", 2**12), ("kappa", 2**15))):
            exact = np.clip(np.rint(one * p.scalars[name]), 0, 32767)
            assert np.abs(q["layer_gains"][row] - exact).max() <= 1
        steps = np.clip(np.rint(2.0 ** (18 - net.fraction_bits) / p.scalars["step"]), 1, 32767)
        assert np.abs(q["steps"] - steps).max() <= 1


@every_set
@pytest.mark.parametrize("network", ["admm", "pgd"])
@pytest.mark.parametrize("denoiser", ["soft_threshold", "clip", "posterior_mean", "staircase"])
@pytest.mark.parametrize("shape", SHAPES[:3] + SHAPES[5:6], ids=str)
def test_floats_are_those_of_the_document(tmp_path, instruction_set, shape, network, denoiser):
    net = Network(**shape, network=network, denoiser=denoiser, arithmetic="float32")
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 2, 6)
    detector.prepare(h, 0.03)
    found = detector.outputs(y, 6)
    expected = np.concatenate([run_float(net, h[c], 0.03, y[6 * c : 6 * c + 6]) for c in range(2)])
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("diagonal", ["inside", "apart"])
@pytest.mark.parametrize("network", ["admm", "pgd"])
def test_quantized_values_are_rounded_where_the_document_says(tmp_path, network, diagonal):
    """A value at the edge between two steps may fall either way: 1 in 100 outputs may differ."""
    if network == "pgd" and diagonal == "apart":
        pytest.skip("pgd has no diagonal apart")
    net = Network(network=network, diagonal=diagonal, arithmetic="quantized", matrix_bits=4,
                  activation_bits=6, filter_bits=8, input_bits=8, layers=3)  # fmt: skip
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 4, 25)
    detector.prepare(h, 0.03)
    found = detector.outputs(y, 25)
    expected = [run_float(net, h[c], 0.03, y[25 * c : 25 * c + 25]) for c in range(4)]
    off = np.abs(found - np.concatenate(expected)) > 2e-3
    assert off.mean() < 0.01


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
@pytest.mark.parametrize("bits_per_symbol", [2, 4, 6])
def test_answers_follow_from_the_outputs(tmp_path, arithmetic, bits_per_symbol):
    net = Network(arithmetic=arithmetic, bits_per_symbol=bits_per_symbol, users=5, antennas=8)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 3, 40)
    detector.prepare(h, 0.03)
    labels, symbols, soft, erased = detector.detect(y, 40)
    o = detector.outputs(y, 40)
    assert erased == 0
    expected = (o[:, :5] + 1j * o[:, 5:]) / np.sqrt(net.scale2)
    np.testing.assert_allclose(symbols, expected, rtol=1e-6, atol=1e-7)

    index = sum((o >= m).astype(int) for m in net.thresholds)
    axis = axis_bits(bits_per_symbol // 2)[index]
    bits = np.stack([axis[:, :5], axis[:, 5:]], -1).reshape(len(o), 5, bits_per_symbol)
    weights = 1 << np.arange(bits_per_symbol)[::-1]
    np.testing.assert_array_equal(labels, bits @ weights)

    for c in range(3):
        some, p = slice(40 * c, 40 * c + 40), prepare(net, h[c], 0.03)
        slope, constant = p.scalars["output"]
        variance = np.broadcast_to(slope * p.error + constant, o[some].shape)
        exact = llrs(net, o[some].astype(float), variance)
        np.testing.assert_allclose(soft[some], exact, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
def test_llrs_allow_for_the_share_of_failures_that_the_bundle_states(tmp_path, arithmetic):
    """log((P1 + doubt) / (P0 + doubt)); the share is interpolated in its logarithm."""
    doubt = {"output.doubt.log": np.log(np.array([1e-1, 1e-2, 1e-4], np.float32))}
    plain, doubting = Network(arithmetic=arithmetic), Network(arithmetic=arithmetic, tensors=doubt)
    noise_variance = 10**-1.6  # 6/15 of the way from 10 to 25 dB
    _, y, h = link(plain, 2, 30, noise_variance)
    found = []
    for net in (plain, doubting):
        detector = loaded(net, tmp_path)
        detector.prepare(h, noise_variance)
        found.append(detector.llrs(y, 30).astype(float))
    share = 10 ** (-2 - 0.4 * 2)
    one, zero = 1 / (1 + np.exp(-found[0])), 1 / (1 + np.exp(found[0]))
    expected = np.log((one + share) / (zero + share))
    np.testing.assert_allclose(found[1], expected, rtol=1e-4, atol=1e-5)
    assert np.abs(found[1]).max() < np.log(1 + 1 / share) + 1e-5


def test_int8_errs_hardly_more_than_float(tmp_path):
    """The same scalars and vectors: int8's errors within 6 % of float's, about 7000 bits."""
    errors = {}
    for arithmetic in ("int8", "float32"):
        net = Network(arithmetic=arithmetic)
        detector = loaded(net, tmp_path)
        bits, y, h = link(net, 2000, 1, noise_variance=10**-1.5)
        detector.prepare(h, 10**-1.5)
        errors[arithmetic] = np.sum((detector.llrs(y) > 0) != bits)
    assert errors["float32"] > 5000
    assert errors["int8"] == pytest.approx(errors["float32"], rel=0.06)


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
def test_channels_and_vectors_do_not_meet(tmp_path, arithmetic):
    """One at a time, all at once, from a place within a block: the same answers."""
    net = Network(arithmetic=arithmetic, users=4, antennas=4)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 37, 3)
    variances = np.linspace(0.01, 0.5, 37).astype(np.float32)
    detector.prepare(h, variances)
    whole = detector.outputs(y, 3)
    for c in (0, 17, 36):
        detector.prepare(h[c], variances[c])
        some = slice(3 * c, 3 * c + 3)
        np.testing.assert_array_equal(detector.outputs(y[some], 0), whole[some])


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
def test_what_is_not_finite_is_erased_and_counted(tmp_path, arithmetic):
    net = Network(arithmetic=arithmetic, users=4, antennas=4)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 6, 2)
    detector.prepare(h, 0.1)
    sound = detector.detect(y, 2)
    h[1, 2, 3], h[4] = np.nan, 1e30
    y[0, 1] = np.inf
    assert detector.prepare(h, [0.1, 0.1, 0.1, np.nan, 0.1, -1.0]) == 4
    labels, symbols, soft, erased = detector.detect(y, 2)
    assert erased == 9
    left = [1, 4, 5]
    for found, before in zip((labels, symbols, soft), sound, strict=False):
        np.testing.assert_array_equal(found[left], before[left])
        assert not np.delete(found, left, axis=0).any()


@pytest.mark.parametrize("arithmetic", ["int8", "float32"])
def test_degenerate_channels_have_finite_answers(tmp_path, arithmetic):
    """Zero, singular, badly scaled (condition 1e8), without noise: finite LLRs."""
    net = Network(arithmetic=arithmetic, users=4, antennas=4)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 5, 1)
    h[0] = 0
    h[1, :, 1] = h[1, :, 0]
    h[2] *= np.array([1, 1e-4, 1e4, 1])
    h[3] *= 1e-10
    assert detector.prepare(h, [0.1, 0.1, 0.1, 0.1, 0.0]) == 0
    labels, symbols, soft, erased = detector.detect(y)
    assert erased == 0
    assert np.isfinite(symbols).all() and np.isfinite(soft).all() and labels.max() < 16


def test_vectors_without_a_channel_are_erased(tmp_path):
    net = Network(users=2, antennas=2)
    detector = loaded(net, tmp_path)
    _, y, h = link(net, 4, 1)
    detector.prepare(h[:2], 0.1)
    assert detector.detect(y, 1)[3] == 2
    with pytest.raises(ValueError, match="3 vectors for 2 channels"):
        detector.labels(y[:3])


def test_refuses_what_does_not_fit(tmp_path):
    net = Network(users=3, antennas=4)
    detector = loaded(net, tmp_path)
    with pytest.raises(ValueError, match="no channel is prepared"):
        detector.labels(np.zeros((1, 4)))
    with pytest.raises(ValueError, match=r"h is \[3, 3\], expected \[channels, 4, 3\]"):
        detector.prepare(np.zeros((3, 3)), 0.1)
    with pytest.raises(ValueError, match="found 2 noise variances for 1 channels"):
        detector.prepare(np.zeros((4, 3)), [0.1, 0.2])
    detector.prepare(np.ones((4, 3)), 0.1)
    with pytest.raises(ValueError, match=r"y is \[1, 3\], expected \[..., 4\]"):
        detector.labels(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="no prepared int8 channel 1"):
        detector.prepared(1)
    path = tmp_path / "net.safetensors"
    with pytest.raises(ValueError, match="the network is for 4 antennas, 3 users"):
        algorithms.make_detector(f"unfolded:{path}", 4, 4, 4)
    assert algorithms.make_detector(f"unfolded:{path}", 4, 3, 4).name == "admm-5-int8"


@pytest.mark.parametrize("name", ["k=2,x.safetensors", "a,,b.safetensors", "a=1,a=2", "x:y,z"])
def test_all_that_follows_the_colon_is_the_files_name(name, tmp_path):
    Network(users=3, antennas=4).write(tmp_path / name)
    made = algorithms.make_detector(f" unfolded : {tmp_path / name} ", 4, 3, 4)
    assert made.name == "admm-5-int8"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"network": "amp"}, "'network'.*'amp'.*admm, pgd"),
        ({"layers": 1}, "layers"),
        ({"users": 129}, "users"),
        ({"bits_per_symbol": 3}, "bits_per_symbol"),
        ({"denoiser": "posterior_mean"}, "one that int8 arithmetic has"),
        ({"matrix_bits": 3}, "'matrix_bits' is 3, expected 4 to 8"),
        ({"activation_bits": 0}, "'activation_bits' is 0, expected 4 to 8 for int8"),
        ({"input_bits": 8}, "'input_bits' is 8, expected 0 for int8, which has 16 bits there"),
        ({"filter_bits": 4}, "'filter_bits' is 4, expected 0 for int8"),
        ({"fraction_bits": 13}, "fraction_bits"),
        ({"bits_per_symbol": 8, "fraction_bits": 12}, "fraction_bits"),
        ({"diagonal": "apart", "network": "pgd"}, "'inside' for pgd"),
        ({"llr_sign": "positive_is_0"}, "llr_sign"),
        ({"layers": 6}, "gain.estimate.log"),
    ],
)
def test_refuses_other_configurations(tmp_path, change, sentence):
    net = Network()
    path = net.write(tmp_path / "net.safetensors", net.config() | change)
    with pytest.raises(algorithms.bundle_error, match=sentence):
        algorithms.unfolded_detector(path)


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("snr_db", [0.0, 10.0, 10.0], "'snr_db', value 2"),
        ("rho.log", [0.0, 31.0, 0.0], "'rho.log', value 1 is 31"),
        ("rho.log", [0.0, 1.0], "rho.log"),
        ("step.alpha", [0.0], "step.alpha"),
    ],
)
def test_refuses_other_tensors(tmp_path, name, values, sentence):
    net = Network(tensors={name: np.array(values, np.float32)})
    path = net.write(tmp_path / "net.safetensors")
    with pytest.raises(algorithms.bundle_error, match=sentence):
        algorithms.unfolded_detector(path)


def test_refuses_another_kind(tmp_path):
    path = Network().write(tmp_path / "net.safetensors", kind="task_quantizer")
    with pytest.raises(algorithms.bundle_error, match="unfolded_detector"):
        algorithms.unfolded_detector(path)


def test_real_form_is_the_complex_product():
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2))
    vector = rng.normal(size=2) + 1j * rng.normal(size=2)
    product = matrix @ vector
    np.testing.assert_allclose(
        real_form(matrix) @ np.concatenate([vector.real, vector.imag]),
        np.concatenate([product.real, product.imag]),
    )
