/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_SCORES_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_SCORES_H

#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Scores of up to 64 vectors, side by side, and the answers that follow from them; see
 * kernels/class_answers.h for what they are. Lives on the stack.
 */
class class_scores
{
public:
    static constexpr std::size_t max_columns = 64;
    static constexpr std::size_t max_users = 8;

    //! \param columns 16 or 64: how many vectors there is room for
    class_scores(std::size_t users, std::size_t columns) noexcept
        : d_users(users), d_columns(columns)
    {
    }

    std::size_t users() const noexcept { return d_users; }
    std::size_t classes() const noexcept { return std::size_t{1} << d_users; }
    std::size_t columns() const noexcept { return d_columns; }
    //! [class][columns], to be filled before anything is asked.
    float* data() noexcept { return d_scores; }
    //! Fill from rows [n][class].
    void set_rows(const float* rows, std::size_t n) noexcept;

    // Of the first n vectors.
    void classes(std::size_t n, std::uint8_t* found) const noexcept;   //!< [n]
    void bits(std::size_t n, std::uint8_t* bits) const noexcept;       //!< [n][k]
    void llrs(std::size_t n, float limit, float* llrs) const noexcept; //!< [n][k]
    void posteriors(std::size_t n, float* p) noexcept; //!< [n][2^k]; destroys the scores

private:
    alignas(64) float d_scores[max_columns << max_users];
    std::size_t d_users;
    std::size_t d_columns;
};

//! The class' bits [users], a byte each.
inline void
to_bits(std::uint8_t most_probable, std::size_t users, std::uint8_t* bits) noexcept
{
    for (std::size_t i = 0; i < users; i++)
        bits[i] = most_probable >> i & 1;
}

//! LLRs of n bits to posterior means of their symbols, in place: P(0) - P(1) = -tanh(LLR/2).
void to_means(float* llrs, std::size_t n) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_SCORES_H */
