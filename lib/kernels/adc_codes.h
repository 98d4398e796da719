/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_ADC_CODES_H
#define INCLUDED_FEWBIT_KERNELS_ADC_CODES_H

#include "aligned_vector.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief Codes of a bank of scalar ADCs, the number of thresholds <= z, for vectors one after
 * another in memory.
 *
 * ADCs lie in lanes as they lie in memory: the thresholds are laid out once for as many
 * vectors as fill whole vector registers. Banks whose thresholds would take more than
 * max_table floats that way, or with an ADC of more than max_counted levels, are searched by
 * halves instead, one value at a time. Both compare alike: codes do not depend on the
 * instruction set.
 */
class adc_codes
{
public:
    static constexpr unsigned max_counted = 64;
    static constexpr std::size_t max_table = 65536;

    adc_codes() = default;
    //! \p levels M_d, 2 to 256; \p thresholds of ADC 0, then ADC 1, ..., ascending.
    adc_codes(const std::vector<unsigned>& levels, const float* thresholds);

    //! \p z [n_vectors][p] to \p codes [n_vectors][p]; NaN has code 0.
    void find(const float* z, std::size_t n_vectors, std::uint8_t* codes) const noexcept;

    //! How the kernel reads the bank.
    struct table {
        std::size_t period = 0; // ADC inputs until the pattern repeats: whole registers
        std::size_t rows = 0;   // thresholds of the finest ADC
        aligned_vector<float> thresholds;  // [rows][period], infinite where there is none
        aligned_vector<std::int32_t> last; // last code [period]
    };

private:
    std::uint8_t search(float z, std::size_t adc) const noexcept;

    table d_table;
    std::vector<unsigned> d_levels;
    std::vector<std::size_t> d_first; // threshold of each ADC
    std::vector<float> d_thresholds;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_ADC_CODES_H */
