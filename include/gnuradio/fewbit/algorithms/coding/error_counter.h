/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_ERROR_COUNTER_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_ERROR_COUNTER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A rate between 0 and 1 and the interval that covers the true one with a given
//! confidence.
struct rate_estimate {
    double rate = 0.0; //!< NaN where nothing has been counted
    double low = 0.0;
    double high = 1.0;
};

/*!
 * \brief The Wilson score interval of k errors in n independent trials.
 *
 * The values p with |k/n - p| <= z sqrt(p (1 - p) / n), z the normal quantile of the
 * confidence (Wilson 1927). \p errors and \p trials may be fractional (effective trials).
 * For n = 0 the interval is [0, 1].
 * \throws std::invalid_argument when errors exceed trials, either is negative or NaN, or
 * the confidence is not between 0 and 1
 */
FEWBIT_ALGORITHMS_API rate_estimate wilson_interval(double errors,
                                                    double trials,
                                                    double confidence = 0.95);

/*!
 * \brief The Clopper-Pearson ("exact") interval: never covers less than it says.
 *
 * low and high are the a/2 and 1 - a/2 quantiles of Beta(k, n - k + 1) and Beta(k + 1, n
 * - k) (Clopper and Pearson 1934), a = 1 - confidence. For n = 0 the interval is [0, 1].
 * \throws std::invalid_argument as wilson_interval()
 */
FEWBIT_ALGORITHMS_API rate_estimate clopper_pearson_interval(std::uint64_t errors,
                                                             std::uint64_t trials,
                                                             double confidence = 0.95);

/*!
 * \brief Counts block errors and bit errors, and says how well it knows their rates.
 *
 * The interval of the block error rate is Clopper-Pearson's. That of the bit error rate
 * allows for errors that come in bursts, as they do behind a decoder: bits of one block
 * are not independent, so Wilson's interval is taken with bits / d trials, where
 *
 *     d = (variance of a block's bit errors) / (bits of a block x p (1 - p)),
 *
 * kept between 1 and the bits of a block, is the design effect estimated from the blocks (Kish 1965); with fewer than two blocks
 * in error, d is a block's bits, that is, whole blocks are counted.
 */
class FEWBIT_ALGORITHMS_API error_counter
{
public:
    //! Count a block of \p bits bits, \p bit_errors of them wrong (clipped to \p bits).
    void add(std::uint64_t bit_errors, std::uint64_t bits, bool block_error);

    //! Count a block of which only the verdict is known; no bits are counted.
    void add(bool block_error);

    void reset() { *this = error_counter(); }

    std::uint64_t blocks() const { return d_blocks; }
    std::uint64_t block_errors() const { return d_block_errors; }
    std::uint64_t bits() const { return d_bits; }
    std::uint64_t bit_errors() const { return d_bit_errors; }

    rate_estimate bler(double confidence = 0.95) const;
    rate_estimate ber(double confidence = 0.95) const;

private:
    double design_effect() const;

    std::uint64_t d_blocks = 0;
    std::uint64_t d_block_errors = 0;
    std::uint64_t d_blocks_with_bits = 0;
    std::uint64_t d_blocks_with_bit_errors = 0;
    std::uint64_t d_bits = 0;
    std::uint64_t d_bit_errors = 0;
    double d_sum_of_squares = 0.0; //!< of the blocks' bit errors
};

/*!
 * \brief When to stop counting: as soon as one of the limits that are set is met.
 */
struct FEWBIT_ALGORITHMS_API stop_rule {
    std::uint64_t min_errors = 0; //!< block errors; 0: no such limit
    std::uint64_t max_blocks = 0; //!< blocks; 0: no such limit
    //! The block error rate's interval, high minus low, over the rate; 0: no such limit.
    //! Needs at least one block error.
    double relative_width = 0.0;

    bool is_met(const error_counter& counter, double confidence = 0.95) const;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_ERROR_COUNTER_H */
