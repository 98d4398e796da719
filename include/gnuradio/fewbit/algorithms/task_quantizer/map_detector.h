/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MAP_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MAP_DETECTOR_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief MAP detection of k BPSK users without quantization: what every detector that
 * quantizes is measured against.
 *
 * For x = H s + w, w Gaussian with variance v per real input, the score of class c with
 * symbols s is
 *
 *     log P(x | s) = -|x - H s|^2 / (2 v) + ... = (x . H s - |H s|^2 / 2) / v + const.
 *
 * Classes, bits, posteriors, LLRs and posterior means are those of digital_map: bit i of
 * the class is user i's, s_i = 1 - 2 b_i, LLRs positive for bit 1 and clipped to +-64, the
 * lowest class where equal.
 *
 * A vector that holds NaN or infinity, or overflows float32, says nothing: class 0, equal
 * posteriors, LLRs of 0.
 *
 * Immutable after construction: one object serves any number of threads.
 */
class FEWBIT_ALGORITHMS_API map_detector
{
public:
    /*! \param channel H [n][k], k at most 8, n at most 1024; for complex antennas
     * stacked()
     * \param noise_variance v of each real input
     * \throws std::invalid_argument in one sentence for other sizes, values that are not
     * finite, a noise variance that is not positive
     */
    map_detector(const matrix& channel, double noise_variance);
    ~map_detector();
    map_detector(const map_detector&);
    map_detector(map_detector&&) noexcept;
    map_detector& operator=(const map_detector&);
    map_detector& operator=(map_detector&&) noexcept;

    std::size_t inputs() const noexcept;  //!< n
    std::size_t outputs() const noexcept; //!< k
    std::size_t classes() const noexcept; //!< 2^k

    // x [n_vectors][n]
    //! [n_vectors]
    void
    classes(const float* x, std::size_t n_vectors, std::uint8_t* found) const noexcept;
    //! [n_vectors][k]
    void decide(const float* x, std::size_t n_vectors, std::uint8_t* bits) const noexcept;
    //! [n_vectors][2^k]
    void posteriors(const float* x, std::size_t n_vectors, float* p) const noexcept;
    //! [n_vectors][k]
    void llrs(const float* x, std::size_t n_vectors, float* llrs) const noexcept;
    //! Posterior means of the symbols [n_vectors][k].
    void estimate(const float* x, std::size_t n_vectors, float* s) const noexcept;

private:
    struct design;
    std::shared_ptr<const design> d_design; // copies share it
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MAP_DETECTOR_H */
