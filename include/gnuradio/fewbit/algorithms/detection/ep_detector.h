/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_EP_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_EP_DETECTOR_H

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Expectation propagation in the real model (Cespedes, Olmos, Sanchez-Fernandez and
 * Perez-Cruz, IEEE Trans. Commun. 62(8), 2014).
 *
 * Each iteration inverts a matrix per vector; kernels/expectation.h has the equations. What
 * the other symbols and y say of a symbol is Gaussian: its mean is the soft symbol (not
 * biased), and the LLRs are exact for its mean and variance. Where the iteration settles on a
 * wrong answer that variance is far too small: a decoder should not believe large LLRs.
 *
 * A share of 0.3 to 0.5 suits low SNR, 0.05 to 0.1 high (docs/unfolded_detector.md).
 */
class FEWBIT_ALGORITHMS_API ep_detector : public detector
{
public:
    static constexpr std::size_t max_iterations = 100;
    static constexpr double usual_damping = 0.3;

    /*! \param size of the problem
     * \param iterations updates of the symbols' Gaussians
     * \param damping the new value's share in an update, above 0 to 1: 1 is no damping at all
     * \throws std::invalid_argument for sizes, iterations or damping out of range */
    ep_detector(const detector_size& size,
                std::size_t iterations = 10,
                double damping = usual_damping);
    ~ep_detector() override;

    std::string name() const override;

private:
    struct parts;

    void make_room(std::size_t channels) override;
    void prepare_channels(const std::complex<float>* h,
                          const float* noise_variances,
                          std::size_t count,
                          std::uint8_t* usable) noexcept override;
    void detect_vectors(const vectors& some) noexcept override;

    std::unique_ptr<parts> d_parts;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_EP_DETECTOR_H */
