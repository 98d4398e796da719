/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ADC_IMPAIRMENTS_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ADC_IMPAIRMENTS_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class random_source;

//! What is wrong with a bank of ADCs; all zero: nothing. In units of the ADCs' inputs.
struct FEWBIT_ALGORITHMS_API adc_impairment_settings {
    double offset_deviation = 0; //!< of each ADC's threshold offset o_d, drawn once
    double gain_deviation = 0;   //!< of each ADC's gain error e_d, drawn once
    double jitter = 0;           //!< deviation of the sampling instant, in vector periods
    double noise_deviation = 0;  //!< of the noise at each ADC's input
    std::uint64_t seed = 1;
};

/*!
 * \brief The faults of a bank of ADCs, applied to their inputs in front of an ideal
 * scalar_adc.
 *
 *     z'_d(t) = (1 + e_d) (z_d(t) + tau_d(t) (z_d(t) - z_d(t - 1))) - o_d + w_d(t)
 *
 * o_d ~ N(0, offset_deviation^2): all thresholds of ADC d are o_d too high. e_d ~ N(0,
 * gain_deviation^2). Both stay as they were drawn from the seed, or as they were set.
 * tau_d(t) ~ N(0, jitter^2) times the first difference is what a late sample adds to first
 * order; the first vector has no difference. w_d(t) ~ N(0, noise_deviation^2).
 *
 * NaN and infinity pass through and spoil no other vector: a difference to them counts as 0.
 * For one stream: it remembers the last vector.
 */
class FEWBIT_ALGORITHMS_API adc_impairments
{
public:
    /*! \param adcs p, at least 1
     * \throws std::invalid_argument for a deviation that is negative or not finite */
    explicit adc_impairments(std::size_t adcs,
                             const adc_impairment_settings& settings = {});
    ~adc_impairments();
    adc_impairments(adc_impairments&&) noexcept;
    adc_impairments& operator=(adc_impairments&&) noexcept;

    std::size_t adcs() const noexcept { return d_offsets.size(); }
    const std::vector<float>& offsets() const noexcept { return d_offsets; } //!< o_d
    const std::vector<float>& gain_errors() const noexcept
    {
        return d_gain_errors;
    } //!< e_d

    /*! \brief Put given faults in place of those drawn: [p] each.
     * \throws std::invalid_argument for another number, or a value that is not finite */
    void set_offsets(const std::vector<float>& offsets);
    void set_gain_errors(const std::vector<float>& errors);
    //! \throws std::invalid_argument when negative or not finite
    void set_jitter(double deviation);
    void set_noise_deviation(double deviation);

    //! \p n_vectors vectors [n_vectors][p]; \p out may be \p z.
    void apply(const float* z, std::size_t n_vectors, float* out) noexcept;

private:
    float gaussian() noexcept;

    std::vector<float> d_offsets;
    std::vector<float> d_gain_errors;
    float d_jitter;
    float d_noise;
    std::vector<float> d_last; // the vector before, once there is one
    bool d_has_last = false;
    std::unique_ptr<random_source> d_random;
    float d_spare = 0; // second of a pair of Gaussians
    bool d_has_spare = false;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ADC_IMPAIRMENTS_H */
