/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_LINEAR_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_LINEAR_DETECTOR_H

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What a linear_detector minimises.
enum class linear_kind { zero_forcing, lmmse };

/*!
 * \brief Linear detection: x = W y, W = D^-1 (H^H H + rho I)^-1 H^H, D diagonal.
 *
 * LMMSE: rho is the noise variance v. D_ii = 1 - rho A_ii, A = (H^H H + rho I)^-1, takes
 * the bias away; the error's variance is then rho A_ii / (1 - rho A_ii).
 *
 * Zero forcing: rho = 1e-6 of the mean of the diagonal of H^H H, which float32 still
 * resolves and which makes an answer of a singular channel; the variance is (v + rho) A_ii.
 * LMMSE takes no rho below that either.
 *
 * LLRs are exact for a Gaussian error of that variance, each user by itself. A user whose
 * column of H is zero has symbols 0 and LLRs 0.
 */
class FEWBIT_ALGORITHMS_API linear_detector : public detector
{
public:
    //! \throws std::invalid_argument for sizes out of range
    linear_detector(linear_kind kind, const detector_size& size);
    ~linear_detector() override;

    std::string name() const override;

private:
    struct parts;

    void make_room(std::size_t channels) override;
    void prepare_channels(const std::complex<float>* h,
                          const float* noise_variances,
                          std::size_t count,
                          std::uint8_t* usable) noexcept override;
    void detect_vectors(const vectors& some) noexcept override;

    linear_kind d_kind;
    std::unique_ptr<parts> d_parts;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_LINEAR_DETECTOR_H */
