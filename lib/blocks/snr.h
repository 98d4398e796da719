/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_SNR_H
#define INCLUDED_FEWBIT_BLOCKS_SNR_H

#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {

/*! \brief The noise variance at an SNR over unit signal power; +infinity: 0.
 * \throws std::invalid_argument for NaN and -infinity
 */
inline double noise_variance_at(const char* block, double snr_db)
{
    if (!(snr_db > -INFINITY))
        throw std::invalid_argument(std::string(block) + ": snr_db is " +
                                    (std::isnan(snr_db) ? "NaN" : "-infinity") +
                                    ", expected a number of dB");
    return std::pow(10.0, -snr_db / 10.0);
}

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_SNR_H */
