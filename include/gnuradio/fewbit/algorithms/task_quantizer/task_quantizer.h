/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_TASK_QUANTIZER_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_TASK_QUANTIZER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/bundle.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/analog_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

namespace kernels {
class cell_finder;
} // namespace kernels

namespace algorithms {

class column_chain;

/*!
 * \brief A receiver that quantizes for its task: analog map, scalar ADCs, digital map.
 *
 *     x in R^n -> analog map -> z in R^p -> p ADCs -> codes -> digital map -> s or bits
 *
 * docs/task_quantizer.md has the equations. The three parts can be had and run one by one;
 * the methods here run all of them in one pass, a few vectors at a time, and give the same
 * results bit for bit.
 *
 * A vector that holds NaN or infinity gets whatever its codes (see analog_map, scalar_adc)
 * mean: it spoils no other vector, but for the gain of its own AGC block.
 *
 * Const methods may run in any number of threads.
 */
class FEWBIT_ALGORITHMS_API task_quantizer
{
public:
    /*! \brief Load the bundle \p file, a path or the name of an installed model (find_model()).
     * \throws bundle_error in one sentence when it is not a sound bundle of kind
     * task_quantizer
     */
    explicit task_quantizer(const std::string& file);
    explicit task_quantizer(const bundle& file);

    /*! \brief Of parts.
     * \param method how it was designed, for people
     * \throws std::invalid_argument when the parts' sizes do not fit one another
     */
    task_quantizer(analog_map analog,
                   scalar_adc adc,
                   digital_map digital,
                   bool complex_inputs = false,
                   std::string method = "");

    const analog_map& analog() const noexcept { return d_analog; }
    const scalar_adc& adc() const noexcept { return d_adc; }
    const digital_map& digital() const noexcept { return d_digital; }
    quantizer_task task() const noexcept { return d_digital.task(); }
    bool complex_inputs() const noexcept { return d_complex_inputs; }
    const std::string& method() const noexcept { return d_method; }
    std::size_t inputs() const noexcept { return d_analog.inputs(); }    //!< n
    std::size_t adcs() const noexcept { return d_adc.adcs(); }           //!< p
    std::size_t outputs() const noexcept { return d_digital.outputs(); } //!< k
    double bits_per_vector() const noexcept;                             //!< sum log2 M_d
    double rate() const noexcept; //!< R = bits_per_vector() / n

    //! The same chain with another part; the same refusals as the constructor's.
    void set_adc(scalar_adc adc);
    void set_digital(digital_map digital);

    // x [n_vectors][n]; block_len is the AGC's, as in analog_map::combine().
    //! Codes [n_vectors][p] and, unless null, the AGC's gains [n_vectors].
    void codes(const float* x,
               std::size_t n_vectors,
               std::uint8_t* codes,
               float* gains = nullptr,
               std::size_t block_len = 1) const noexcept;
    //! Estimates [n_vectors][k]; for detection the posterior means.
    void estimate(const float* x,
                  std::size_t n_vectors,
                  float* s,
                  std::size_t block_len = 1) const noexcept;
    //! Detection; all 0 for an estimator: classes [n_vectors], bits [n_vectors][k],
    //! posteriors [n_vectors][2^k], LLRs [n_vectors][k].
    void classes(const float* x,
                 std::size_t n_vectors,
                 std::uint8_t* classes,
                 std::size_t block_len = 1) const noexcept;
    void decide(const float* x,
                std::size_t n_vectors,
                std::uint8_t* bits,
                std::size_t block_len = 1) const noexcept;
    void posteriors(const float* x,
                    std::size_t n_vectors,
                    float* probabilities,
                    std::size_t block_len = 1) const noexcept;
    void llrs(const float* x,
              std::size_t n_vectors,
              float* llrs,
              std::size_t block_len = 1) const noexcept;

private:
    void fit_parts();
    std::shared_ptr<const kernels::cell_finder> cells_of_parts() const;
    std::shared_ptr<const column_chain> columns_of_parts() const;
    template <class Use>
    void in_cells(const float* x, std::size_t n_vectors, Use use) const noexcept;
    template <class Use>
    void in_blocks(const float* x,
                   std::size_t n_vectors,
                   std::size_t block_len,
                   Use use) const noexcept;

    analog_map d_analog;
    scalar_adc d_adc;
    digital_map d_digital;
    bool d_complex_inputs = false;
    std::string d_method;
    std::shared_ptr<const kernels::cell_finder> d_cells; // null: codes are needed
    std::shared_ptr<const column_chain> d_columns;       // likewise, for estimates
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_TASK_QUANTIZER_H */
