/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_SCALAR_ADC_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_SCALAR_ADC_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief A bank of p scalar ADCs, each with its own number of levels and thresholds.
 *
 *     code_d = number of thresholds t of ADC d with t <= z_d,      0 .. M_d - 1
 *     q_d    = level[d][code_d]
 *
 * with t_1 <= ... <= t_{M_d - 1}; equal thresholds leave a cell that never occurs. NaN has
 * code 0, +infinity M_d - 1, -infinity 0. Comparisons are exact: equal inputs have equal
 * codes on every processor.
 *
 * Immutable after construction: one object serves any number of threads.
 */
class FEWBIT_ALGORITHMS_API scalar_adc
{
public:
    static constexpr unsigned max_levels = 256; //!< of one ADC
    static constexpr std::size_t max_adcs = 1024;

    /*! \param levels M_d of each ADC, 2 .. 256
     * \param thresholds of ADC 0, then of ADC 1, ...: sum (M_d - 1) values, ascending
     * within an ADC
     * \param values level[d][code] likewise: sum M_d values; empty: the middles of the
     * cells, and for the outer cells as far beyond the last threshold as the middle of the
     * cell next to them is before it (with one threshold: 1)
     * \throws std::invalid_argument in one sentence
     */
    scalar_adc(std::vector<unsigned> levels,
               std::vector<float> thresholds,
               std::vector<float> values = {});
    ~scalar_adc();
    scalar_adc(const scalar_adc&);
    scalar_adc(scalar_adc&&) noexcept;
    scalar_adc& operator=(const scalar_adc&);
    scalar_adc& operator=(scalar_adc&&) noexcept;

    /*! \brief Uniform ADCs of M_d levels on [-support, support]: thresholds
     * -a + 2 a i / M, i = 1 .. M - 1; level of code c: -a + a (2 c + 1) / M.
     */
    static scalar_adc uniform(const std::vector<unsigned>& levels, double support);

    std::size_t adcs() const noexcept; //!< p
    const std::vector<unsigned>& levels() const noexcept;
    const std::vector<float>& thresholds() const noexcept;
    const std::vector<float>& values() const noexcept;
    //! Where ADC \p d begins in values(), and in any array that has a row for each code.
    std::size_t first_code(std::size_t d) const noexcept;
    //! The M_d - 1 thresholds of ADC \p d.
    const float* thresholds_of(std::size_t d) const noexcept;
    //! sum M_d: the rows of values() and of a lookup table.
    std::size_t total_levels() const noexcept;

    /*! \brief Codes of \p n_vectors vectors.
     * \param z ADC inputs [n_vectors][p]
     * \param codes receives [n_vectors][p]
     */
    void
    quantize(const float* z, std::size_t n_vectors, std::uint8_t* codes) const noexcept;

    /*! \brief The level of each code.
     * \param codes [n_vectors][p]; a code beyond an ADC's last counts as its last
     * \param q receives [n_vectors][p]
     */
    void
    lookup(const std::uint8_t* codes, std::size_t n_vectors, float* q) const noexcept;

private:
    friend class task_quantizer;
    struct design;

    std::shared_ptr<const design> d_design; // copies share it
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_SCALAR_ADC_H */
