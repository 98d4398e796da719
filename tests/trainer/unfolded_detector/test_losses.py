# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is minimised, against sums over bits and symbols written out in numpy."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fewbit_trainer.unfolded_detector import training  # noqa: E402
from fewbit_trainer.unfolded_detector.channels import Received  # noqa: E402
from fewbit_trainer.unfolded_detector.config import (  # noqa: E402
    DetectorScheduleConfig,
    LinkConfig,
    NetworkConfig,
    QuantizationConfig,
    UnfoldedDetectorConfig,
)
from fewbit_trainer.unfolded_detector.kernel_distance import square_mmd  # noqa: E402
from fewbit_trainer.unfolded_detector.network import Output  # noqa: E402

LEVELS = np.array([-3.0, -1.0, 1.0, 3.0])
BITS = np.array([[1, 1], [1, 0], [0, 0], [0, 1]])  # TS 38.211, 5.1, of one axis
LINK = LinkConfig(users=2, antennas=2)


def config(kind="admm", loss="mean_square", **quantization):
    return UnfoldedDetectorConfig(
        link=LINK,
        network=NetworkConfig(kind=kind, layers=3, knots_db=(10.0,)),
        quantization=QuantizationConfig(**quantization),
        schedule=DetectorScheduleConfig(loss=loss, steps=3, channels=8, vectors=4),
    )


def example(doubt=None):
    """An output of 3 channels with 5 vectors each, and what was sent, in double."""
    rng = np.random.default_rng(2)
    levels = rng.integers(0, 4, (3, 5, 4))
    o = torch.from_numpy(LEVELS[levels] + rng.normal(size=levels.shape))
    variance = torch.from_numpy(rng.uniform(0.3, 1.5, (3, 4)))
    nothing = torch.zeros(3)
    received = Received(nothing, nothing, torch.from_numpy(levels), nothing)
    return Output(o.requires_grad_(), variance.requires_grad_(), doubt, []), received


def posteriors(output):
    """Of the levels [3, 5, 4, 4]."""
    o, variance = output.o.detach().numpy(), output.variance.detach().numpy()
    q = np.exp(-((o[..., None] - LEVELS) ** 2) / (2 * variance[:, None, :, None]))
    return q / q.sum(-1, keepdims=True)


@pytest.mark.parametrize("doubt", [None, 0.02])
def test_the_cross_entropy_is_that_of_the_bits_sent(doubt):
    output, received = example(None if doubt is None else torch.full((3,), doubt).double())
    q, sent = posteriors(output), BITS[received.levels.numpy()]
    of_one = np.stack([q[..., BITS[:, k] == 1].sum(-1) for k in range(2)], -1)
    right = np.where(sent == 1, of_one, 1 - of_one)
    right = (right + (doubt or 0)) / (1 + 2 * (doubt or 0))
    loss = training.loss_of(output, received, config(loss="cross_entropy"))
    assert float(loss.detach()) == pytest.approx(-np.log(right).mean(), rel=1e-6)


@pytest.mark.parametrize("kind", ["admm", "pgd"])
def test_the_mean_square_is_of_the_answer_and_variances_are_fitted_beside(kind):
    """ADMM's answer is the posterior mean of its output, PGD's the output. The variances' part
    adds nothing, has the gradient of log nu + (o - x)^2 / nu, and draws no output."""
    output, received = example()
    x, o = LEVELS[received.levels.numpy()], output.o.detach().numpy()
    answer = (posteriors(output) * LEVELS).sum(-1) if kind == "admm" else o
    loss = training.loss_of(output, received, config(kind))
    assert float(loss.detach()) == pytest.approx(((answer - x) ** 2).mean(), rel=1e-6)
    loss.backward()
    nu = output.variance.detach().numpy()[:, None, :]
    fit = (1 / nu - (o - x) ** 2 / nu**2).sum(1) / o.size
    np.testing.assert_allclose(output.variance.grad.numpy(), fit, rtol=1e-6)
    if kind == "pgd":
        np.testing.assert_allclose(output.o.grad.numpy(), 2 * (o - x) / o.size, rtol=1e-6)


def test_the_distances_of_all_layers_are_added():
    rng = torch.Generator().manual_seed(1)
    pairs = [tuple(torch.randn(3, 5, 4, generator=rng) for _ in range(2)) for _ in range(2)]
    model = training.new_state(config()).model
    with torch.no_grad():
        model.kde_bandwidth.copy_(torch.tensor([0.7, 2.0]))
    output = Output(pairs[0][0], pairs[0][0], None, pairs)
    rows = [[part.flatten(0, 1) for part in pair] for pair in pairs]
    expected = sum(square_mmd(*rows[k], torch.tensor((0.7, 2.0)[k])) for k in range(2))
    found = training.distribution_loss(model, output).detach()
    assert float(found) == pytest.approx(float(expected.detach()))


KAQ = {"arithmetic": "quantized", "training": "straight_through", "activation_bits": 4}


def after_an_epoch(**quantization):
    state = training.new_state(config(**KAQ, **quantization))
    training.train_epoch(state, state_config := state.model.config, None)
    return state.model, state_config


def test_what_is_not_asked_for_is_not_trained():
    """Steps that are not learned stay as they were found, and so do their alphas; a kernel's
    bandwidth is trained with the MMD alone."""
    fixed, _ = after_an_epoch(learned_step=False, mmd_weight=0.1)
    found = training.new_state(fixed.config).model
    training.find_steps(found, fixed.config)
    assert torch.equal(fixed.gamma, found.gamma) and not fixed.alpha.any()
    assert fixed.log_bandwidth.any()
    learned, _ = after_an_epoch()
    assert not torch.equal(learned.gamma, found.gamma) and not learned.alpha.any()
    assert not learned.log_bandwidth.any()
    dynamic, settings = after_an_epoch(dynamic_step=True)
    start = training.new_state(settings).model
    training.find_steps(start, settings)
    assert not torch.equal(dynamic.alpha, start.alpha)


def test_the_mmd_changes_what_is_learned():
    without, _ = after_an_epoch()
    with_it, _ = after_an_epoch(mmd_weight=5.0)
    assert not torch.equal(without.gamma, with_it.gamma)


def test_bandwidths_stay_within_a_factor_of_four():
    model = training.new_state(config()).model
    with torch.no_grad():
        model.log_bandwidth.copy_(torch.tensor([9.0, -9.0]))
    found = [float(model.bandwidth(k).detach()) for k in range(2)]
    assert found == pytest.approx([4.0, 0.25], rel=1e-3)


def test_a_batch_of_fixed_samples_keeps_each_sample_together():
    """Every epoch goes once through all of them, in an order of its own."""
    samples = UnfoldedDetectorConfig(
        link=LINK, schedule=DetectorScheduleConfig(samples=32, channels=8, vectors=1)
    )
    fixed = training.fixed_samples(samples)
    seen = []
    batch = training.batches(samples, fixed, torch.Generator().manual_seed(3))
    for number in range(training.steps_of_epoch(samples)):
        some = batch(number)
        for row in range(8):
            place = int((fixed.y == some.y[row]).all(-1).all(-1).nonzero())
            seen.append(place)
            assert torch.equal(some.channel[row], fixed.channel[place])
            assert torch.equal(some.levels[row], fixed.levels[place])
            assert some.snr_db[row] == fixed.snr_db[place]
    assert sorted(seen) == list(range(32)) != seen


def test_snrs_are_drawn_in_the_range_or_among_the_points():
    generator = torch.Generator().manual_seed(1)
    ranged = UnfoldedDetectorConfig(link=LinkConfig(snr_db=(3.0, 9.0)))
    found = training.draw_snrs(ranged, 4000, generator)
    assert 3.0 <= float(found.min()) < 3.1 and 8.9 < float(found.max()) <= 9.0
    assert float(found.mean()) == pytest.approx(6.0, abs=0.12)  # four standard errors
    pointed = UnfoldedDetectorConfig(link=LinkConfig(snr_points_db=(1.0, 5.0, 7.0)))
    assert set(training.draw_snrs(pointed, 200, generator).tolist()) == {1.0, 5.0, 7.0}


def test_steps_move_in_proportion_to_their_size():
    """Adam's first step is the learning rate, times a twentieth where steps are as small."""
    state = training.new_state(config(**KAQ))
    before = training.new_state(state.model.config).model
    training.find_steps(before, before.config)
    one = dataclasses.replace(
        before.config, schedule=dataclasses.replace(before.config.schedule, steps=1)
    )
    training.train_epoch(state, one, None)
    moved = (state.model.gamma - before.gamma).abs().max().detach()
    rate = one.schedule.learning_rate
    assert float(moved) == pytest.approx(rate * float(before.step_scale), rel=1e-3)


def test_gains_stay_within_what_16_bits_hold():
    settings = config(loss="cross_entropy")
    state = training.new_state(settings)
    with torch.no_grad():
        state.model.scalars.tables["kappa"].fill_(1.0)  # logarithms: e, far beyond
        state.model.scalars.tables["alpha"].fill_(9.0)
    training.train_epoch(state, settings, None)
    assert float(state.model.scalars.tables["kappa"].detach().max()) <= 0.0
    assert float(state.model.scalars.tables["alpha"].detach().max()) <= np.log(8.0) + 1e-6


def test_a_network_trained_in_float_has_its_steps_found_at_the_end(tmp_path):
    settings = config(loss="cross_entropy", arithmetic="int8")
    settings = dataclasses.replace(
        settings, schedule=dataclasses.replace(settings.schedule, epochs=1)
    )
    model = training.run_training(settings, tmp_path / "checkpoint.pt").model
    found = model.gamma.clone()
    training.find_steps(model, settings)
    assert torch.equal(found, model.gamma) and len(set(found.tolist())) == 2
