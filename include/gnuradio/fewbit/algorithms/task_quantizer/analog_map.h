/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ANALOG_MAP_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ANALOG_MAP_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/dense_layer.h>
#include <complex>
#include <cstddef>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What the gain in front of the ADCs follows.
enum class agc_mode {
    fixed, //!< nothing: g = 1
    block  //!< the power of each block of vectors
};

/*!
 * \brief The analog part of a task-based quantizer: antennas to ADC inputs.
 *
 *     v   = W_L relu(... relu(W_1 x + b_1) ...) + b_L
 *     z_d = g gain_d v_d,                                    d = 1 .. p
 *
 * One layer is a linear combiner (N. Shlezinger and Y. Eldar, "Deep Task-Based
 * Quantization", 2021). gain_d belongs to the design: it gives each ADC's input unit
 * variance. g is 1 with a fixed AGC; with a block AGC it is
 *
 *     g = 1 / sqrt(mean of (gain_d v_d)^2)
 *
 * over the p ADC inputs of all vectors of the block; a block whose mean square is 0, not
 * finite, or outside the normal range of float32 has g = 1.
 *
 * Values are float32. A map of one layer with at most \c exact_products products W is summed
 * from the bias over the inputs in ascending order, each product rounded (no fused
 * multiply-add): its results are the same bits on every processor. Larger maps use fused
 * multiply-add where there is one, and differ by rounding between processors.
 *
 * NaN and infinity in x pass through the sums by IEEE arithmetic and spoil no other vector,
 * but for g of their own block; relu(NaN) is 0.
 *
 * Immutable after construction: one object serves any number of threads.
 */
class FEWBIT_ALGORITHMS_API analog_map
{
public:
    static constexpr std::size_t max_width = 1024; //!< inputs and outputs of a layer
    static constexpr std::size_t max_layers = 8;
    static constexpr std::size_t exact_products = 1024;

    /*! \param layers at least one; each one's inputs are the outputs of the one before
     * \param gain gain_d > 0, one for each output of the last layer; empty: all 1
     * \param agc what g follows
     * \throws std::invalid_argument in one sentence for shapes that do not fit, values that
     * are not finite, gains that are not positive
     */
    explicit analog_map(std::vector<dense_layer> layers,
                        std::vector<float> gain = {},
                        agc_mode agc = agc_mode::fixed);
    ~analog_map();
    analog_map(const analog_map&);
    analog_map(analog_map&&) noexcept;
    analog_map& operator=(const analog_map&);
    analog_map& operator=(analog_map&&) noexcept;

    //! z = x, n inputs: what a receiver without a combiner has.
    static analog_map identity(std::size_t n);

    std::size_t inputs() const noexcept;  //!< n
    std::size_t outputs() const noexcept; //!< p, the ADCs
    const std::vector<dense_layer>& layers() const noexcept;
    const std::vector<float>& gain() const noexcept;
    agc_mode agc() const noexcept;

    /*! \brief ADC inputs of \p n_vectors vectors.
     *
     * \param x [n_vectors][n]
     * \param z receives [n_vectors][p]; may not overlap x
     * \param gains receives g of each vector [n_vectors]; null if nobody asks
     * \param block_len vectors of a block of the AGC, counted from the first one here; the
     * last block may be shorter; 0 counts as 1
     */
    void combine(const float* x,
                 std::size_t n_vectors,
                 float* z,
                 float* gains = nullptr,
                 std::size_t block_len = 1) const noexcept;

    /*! \brief The same for complex vectors of n/2 entries [n_vectors][n/2], each of which
     * stands for the real vector [Re; Im]. For even n only.
     */
    void combine(const std::complex<float>* x,
                 std::size_t n_vectors,
                 float* z,
                 float* gains = nullptr,
                 std::size_t block_len = 1) const noexcept;

private:
    friend class task_quantizer;
    struct design;
    void control_gain(float* z,
                      std::size_t n_vectors,
                      float* gains,
                      std::size_t block_len) const noexcept;

    std::shared_ptr<const design> d_design; // copies share it
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ANALOG_MAP_H */
