/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_DIGITAL_MAP_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_DIGITAL_MAP_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/dense_layer.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What is asked of the chain.
enum class quantizer_task {
    estimation, //!< k real numbers
    detection   //!< the bits of k BPSK users, 2^k classes
};

enum class digital_kind { affine, lookup, network };

/*!
 * \brief The digital part of a task-based quantizer: ADC codes to estimates or decisions.
 *
 * - affine (estimation): s = sum_j (1/g)^j (W_j q + b_j), j = 0 .. powers - 1, with q_d =
 *   level[d][code_d] and the AGC's gain g;
 * - lookup (detection): log P(c | class) = sum_d T[d][c_d][class];
 * - network: a = V_L relu(... relu(V_1 q + b_1) ...) + b_L, the estimate, or for detection
 *   the classes' logits.
 *
 * Detection: bit i of the class, least significant first, is user i's bit b_i, and its
 * symbol is s_i = 1 - 2 b_i; all classes are equally likely a priori. A decision is the most
 * probable class, the lowest number where equal. Posteriors are the softmax of the scores.
 * LLR_i = log P(b_i = 1) / P(b_i = 0), clipped to +-64 (positive = bit 1).
 *
 * Where the ADCs' cells, prod M_d, are at most \c max_cells, the answers of a detection map
 * are worked out once for every cell, and each answer is then one load.
 *
 * A code beyond an ADC's last counts as its last. Scores are float32; sums run over the ADCs
 * in ascending order.
 *
 * Const methods may run in any number of threads; replace_affine() and replace_lookup() must
 * not run beside them on the same object.
 */
class FEWBIT_ALGORITHMS_API digital_map
{
public:
    static constexpr float llr_limit = 64.0f;
    static constexpr std::size_t max_outputs = 1024;
    static constexpr std::size_t max_users = 8; //!< detection: at most 256 classes
    static constexpr unsigned max_powers = 8;
    static constexpr std::size_t max_cells = 65536;
    static constexpr float largest_score = 1e30f; //!< of a lookup, in magnitude

    /*! \brief An affine map for estimation.
     * \param adc what gives the codes: its levels are copied
     * \param outputs k
     * \param weight W [powers][k][p]
     * \param bias b [powers][k]
     * \throws std::invalid_argument in one sentence for wrong sizes and for values that
     * are not finite or, in a lookup, beyond +-largest_score; so do the other two
     */
    static digital_map affine(const scalar_adc& adc,
                              std::size_t outputs,
                              const std::vector<float>& weight,
                              const std::vector<float>& bias,
                              unsigned powers = 1);

    /*! \brief A lookup for detection.
     * \param log_likelihood T [sum M_d][2^k], the rows in the order of scalar_adc::values()
     */
    static digital_map lookup(const scalar_adc& adc,
                              std::size_t users,
                              const std::vector<float>& log_likelihood);

    //! A network, its last layer of k (estimation) or 2^k (detection) outputs.
    static digital_map
    network(const scalar_adc& adc, quantizer_task task, std::vector<dense_layer> layers);

    ~digital_map();
    digital_map(const digital_map&);
    digital_map(digital_map&&) noexcept;
    digital_map& operator=(const digital_map&);
    digital_map& operator=(digital_map&&) noexcept;

    digital_kind kind() const noexcept;
    quantizer_task task() const noexcept;
    std::size_t adcs() const noexcept;                    //!< p
    std::size_t outputs() const noexcept;                 //!< k: numbers, or users (bits)
    std::size_t classes() const noexcept;                 //!< 2^k; 0 for estimation
    unsigned powers() const noexcept;                     //!< of 1/g; 1 unless affine
    const std::vector<unsigned>& levels() const noexcept; //!< M_d
    const std::vector<float>& level_values() const noexcept;
    //! Whether every cell's answer has been worked out.
    bool has_joint_table() const noexcept;
    //! The parameters as given; empty for another kind.
    const std::vector<float>& weight() const noexcept;
    const std::vector<float>& bias() const noexcept;
    const std::vector<float>& log_likelihood() const noexcept;
    const std::vector<dense_layer>& layers() const noexcept;

    /*! \brief Estimates [n][k]; for detection the posterior means E[s_i] = P(b_i = 0) - P(b_i
     * = 1).
     * \param codes [n][p]
     * \param gains the AGC's g of each vector [n], null for 1; only an affine map of two
     * powers or more reads them, and one that is not positive and finite counts as 1
     */
    void estimate(const std::uint8_t* codes,
                  const float* gains,
                  std::size_t n,
                  float* s) const noexcept;

    // Detection; for estimation maps all outputs are 0.
    //! The most probable class of each vector [n].
    void classes(const std::uint8_t* codes,
                 std::size_t n,
                 std::uint8_t* most_probable) const noexcept;
    //! Its bits, unpacked [n][k], user 0 first.
    void
    decide(const std::uint8_t* codes, std::size_t n, std::uint8_t* bits) const noexcept;
    //! Probabilities [n][2^k].
    void posteriors(const std::uint8_t* codes,
                    std::size_t n,
                    float* probabilities) const noexcept;
    //! [n][k]
    void llrs(const std::uint8_t* codes, std::size_t n, float* llrs) const noexcept;

    /*! \brief Put other values of the same shapes in place: no allocation, for a refit while
     * running.
     * \param level_values null to leave them as they are
     * \returns false, and changes nothing, for a map of another kind or a value that is not
     * finite
     */
    bool replace_affine(const float* weight,
                        const float* bias,
                        const float* level_values = nullptr) noexcept;
    bool replace_lookup(const float* log_likelihood) noexcept;

private:
    friend class task_quantizer;
    struct design;
    explicit digital_map(std::unique_ptr<design> design);

    std::unique_ptr<design> d_design;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_DIGITAL_MAP_H */
