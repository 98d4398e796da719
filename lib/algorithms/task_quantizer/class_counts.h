/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_COUNTS_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_COUNTS_H

#include "algorithms/task_quantizer/pilot_weights.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief How often each code of each ADC came with each class, in pilots of which older ones
 * may count less. All memory is taken by the constructor.
 */
class class_counts
{
public:
    //! \param lookup whose ADCs and classes are counted
    class_counts(const std::string& who, const digital_map& lookup, double forgetting);

    const scalar_adc& adc() const noexcept { return d_adc; }
    std::size_t classes() const noexcept { return d_classes; }
    std::uint64_t pilots() const noexcept { return d_pilots; }
    //! Whether \p map is a lookup of that shape.
    bool fit(const digital_map& map) const noexcept;

    std::size_t
    add(const std::uint8_t* codes, const std::uint8_t* classes, std::size_t n) noexcept;
    void reset() noexcept;

    //! Where the column of ADC d and a class begins in a table [sum M_d][2^k]; its codes are
    //! classes() apart.
    std::size_t column(std::size_t d, std::size_t class_) const noexcept
    {
        return d_adc.first_code(d) * d_classes + class_;
    }
    //! The count there, in pilots as new as the last one.
    double at(std::size_t index) const noexcept
    {
        return d_counts[index] / d_weights.newest();
    }

    /*! \brief log P(code | class) ~ count + prior, scaled to 1 over the codes of an ADC.
     * \param prior pseudo-counts, positive [sum M_d][2^k]
     */
    void smooth(const std::vector<double>& prior,
                std::vector<float>& table) const noexcept;

private:
    scalar_adc d_adc;
    std::size_t d_classes;
    std::vector<double> d_counts; // [sum M_d][2^k]
    pilot_weights d_weights;
    std::uint64_t d_pilots = 0;
};

/*! \brief A table of log-likelihoods as probabilities that add up to \p total over the codes
 * of an ADC, a small share of it spread evenly over all codes, so that none is impossible.
 */
std::vector<double> pseudo_counts(const digital_map& lookup, double total);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_COUNTS_H */
