# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation and lookup hybrid: its exact BER, reference figures, pilots, CSI uncertainty."""

import numpy as np
import pytest
from fewbit_trainer.task_quantizer.designs.cells import bitwise_error_rate
from fewbit_trainer.task_quantizer.designs.measure import (
    chain_detector,
    map_error_rate,
    map_error_rate_uncertain,
    measure_ber,
)
from fewbit_trainer.task_quantizer.designs.models import SymbolDetection
from fewbit_trainer.task_quantizer.designs.pilots import estimate_channel
from fewbit_trainer.task_quantizer.designs.rotation_lookup import (
    RotationDetector,
    rotation_lookup,
    rotation_of,
)
from scipy.stats import special_ortho_group


@pytest.fixture(scope="module")
def at_10_65_db() -> RotationDetector:
    return rotation_lookup(SymbolDetection(10.65), [8] * 4, seed=1, starts=12)


def test_eight_levels_reach_1e_3_at_10_65_db(at_10_65_db: RotationDetector) -> None:
    assert at_10_65_db.exact_error_rate() < 1e-3


def test_simulated_ber_is_the_exact_one(at_10_65_db: RotationDetector) -> None:
    """300,000 vectors, 4 standard errors of 3 %; and at 8 dB, where the design is mistaken."""
    detector = chain_detector(at_10_65_db.chain())
    for snr, count in ((10.65, 300_000), (8.0, 50_000)):
        model = SymbolDetection(snr)
        found = measure_ber(detector, model, count, np.random.default_rng(1))
        exact = at_10_65_db.exact_error_rate(model)
        assert abs(found.value - exact) < 4 * found.error
        assert found.error < 0.05 * exact


def test_the_combiner_is_a_rotation_of_the_signal_space(at_10_65_db: RotationDetector) -> None:
    combiner = at_10_65_db.combiner
    np.testing.assert_allclose(combiner @ combiner.T, np.eye(4), atol=1e-10)
    channel = SymbolDetection().channel
    projected = combiner.T @ (combiner @ channel)
    np.testing.assert_allclose(projected, channel, atol=1e-10)


def test_no_random_rotation_does_better(at_10_65_db: RotationDetector) -> None:
    rotations = special_ortho_group(4, seed=2).rvs(200)
    rates = [
        bitwise_error_rate(
            RotationDetector(
                at_10_65_db.model, rotation @ at_10_65_db.combiner, at_10_65_db.thresholds
            ).tables()
        )
        for rotation in rotations
    ]
    assert min(rates) > at_10_65_db.exact_error_rate()


def test_every_threshold_by_itself_gains_a_little(at_10_65_db: RotationDetector) -> None:
    model = SymbolDetection(10.65)
    uniform = rotation_lookup(model, [8] * 4, seed=3, starts=2)
    free = rotation_lookup(model, [8] * 4, seed=3, starts=2, thresholds="optimised")
    assert 0.7 < free.exact_error_rate() / uniform.exact_error_rate() < 1.0


def test_many_levels_come_near_map() -> None:
    """4 ADCs of 64 levels at 10.23 dB; found .00095 where MAP has .00090."""
    model = SymbolDetection(10.23)
    found = rotation_lookup(model, [64] * 4, seed=1, starts=2).tables()
    assert bitwise_error_rate(found) < 1e-3
    best = map_error_rate(model, 200_000, np.random.default_rng(4))
    assert bitwise_error_rate(found) > best.value - 4 * best.error


def test_two_hundred_pilots_reach_1e_3_at_11_db() -> None:
    model = SymbolDetection(11.0)
    rates = []
    for trial in range(3):
        rng = np.random.default_rng([5, trial])
        believed = estimate_channel(*model.draw(200, rng), 4)
        detector = rotation_lookup(believed, [8] * 4, trial, starts=4)
        rates.append(detector.exact_error_rate(model))
    assert np.mean(rates) < 1e-3


def test_uncertain_training_beats_map_with_the_same_uncertainty() -> None:
    """At 10 dB, 4 draws of 10 frames of 500: at least 2.9 times below MAP over 400 frames."""
    model = SymbolDetection(10.0)
    rates = []
    for trial in range(4):
        rng = np.random.default_rng([6, trial])
        believed = estimate_channel(*model.draw_uncertain(10, 500, rng), 4)
        detector = rotation_lookup(believed, [8] * 4, trial, starts=2)
        rates.append(detector.exact_error_rate(model))
    reference = map_error_rate_uncertain(model, 400, 500, np.random.default_rng(7))
    assert np.mean(rates) * 2.9 < reference.value - 2 * reference.error


def test_mixed_levels_and_the_chain_s_shape() -> None:
    detector = rotation_lookup(SymbolDetection(9.0), [4, 2, 8, 5], starts=1)
    chain = detector.chain()
    assert chain.level_counts == [4, 2, 8, 5]
    assert chain.digital.log_likelihood.shape == (19, 16)
    x, _ = SymbolDetection(9.0).draw(20_000, np.random.default_rng(8))
    z, _ = chain.adc_inputs(x)
    np.testing.assert_allclose(np.var(z, axis=0), 1, atol=0.05)


def test_rotations_are_rotations() -> None:
    rotation = rotation_of(np.random.default_rng(9).uniform(-3, 3, 6), 4)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(4), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_refuses_what_gives_no_design() -> None:
    model = SymbolDetection(10.0)
    with pytest.raises(ValueError, match="levels has 3 entries; use one each of 4 users"):
        rotation_lookup(model, [8] * 3)
    with pytest.raises(ValueError, match="thresholds is 'learned'"):
        rotation_lookup(model, [8] * 4, thresholds="learned")
    with pytest.raises(ValueError, match="columns are dependent"):
        rotation_lookup(SymbolDetection(10.0, np.ones((12, 4))), [8] * 4)
