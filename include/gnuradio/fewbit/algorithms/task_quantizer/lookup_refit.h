/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOOKUP_REFIT_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOOKUP_REFIT_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How lookup_refit weighs its pilots.
struct FEWBIT_ALGORITHMS_API lookup_refit_settings {
    double forgetting = 1.0; //!< lambda in (0, 1]: a pilot's weight after each later one
    double prior = 4.0; //!< pilots of each class that the given table counts for, > 0
};

/*!
 * \brief Counts codes per class in pilots, for a lookup that follows drift.
 *
 *     P(code | class) ~ N(d, code, class) + prior ((1 - e) P_0(code | class) + e / M_d),
 *
 * scaled so that it adds up to 1 over the codes of an ADC. N counts pilots, P_0 is the table
 * that was given, scaled likewise, and e = .001 leaves no code impossible. A class that no pilot
 * shows keeps the table that was given, and so follows no drift.
 *
 * All memory is taken by the constructor: add() and solve() neither allocate nor throw; solve()
 * costs what digital_map::replace_lookup() does. For one thread at a time.
 */
class FEWBIT_ALGORITHMS_API lookup_refit
{
public:
    /*! \throws std::invalid_argument unless \p start is a lookup, and for settings out of
     * range */
    explicit lookup_refit(const digital_map& start,
                          const lookup_refit_settings& settings = {});
    ~lookup_refit();
    lookup_refit(lookup_refit&&) noexcept;
    lookup_refit& operator=(lookup_refit&&) noexcept;

    /*! \brief Take in pilots.
     * \param codes [n][p]
     * \param classes what was sent [n]
     * \returns how many were used: those whose class exists
     */
    std::size_t
    add(const std::uint8_t* codes, const std::uint8_t* classes, std::size_t n) noexcept;

    //! Put the table in place in \p map; too_few_pilots: none since reset().
    refit_status solve(digital_map& map) noexcept;

    void reset() noexcept;

    std::size_t adcs() const noexcept;     //!< p
    std::uint64_t pilots() const noexcept; //!< used since reset()

private:
    struct tables;
    std::unique_ptr<tables> d_tables;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOOKUP_REFIT_H */
