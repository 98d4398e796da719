/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_DETECTOR_OUTPUT_H
#define INCLUDED_FEWBIT_BLOCKS_DETECTOR_OUTPUT_H

#include "blocks/frame_item.h"
#include <cstddef>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {

//! What a detector's items hold.
enum class detector_output { bits, llrs, posteriors, estimates, complex };

/*!
 * \param block whose parameter it is, for the sentence
 * \param classes 2^k; 0 where the task is estimation, which has no classes
 * \param outputs k
 * \throws std::invalid_argument when \p name is unknown or does not fit
 */
inline detector_output detector_output_named(const std::string& block,
                                             const std::string& name,
                                             std::size_t classes,
                                             std::size_t outputs)
{
    const auto refuse = [&](const std::string& expected) {
        throw std::invalid_argument(block + ": output is '" + name + "', expected " +
                                    expected);
    };
    if (name == "estimates")
        return detector_output::estimates;
    if (name == "complex") {
        if (outputs % 2 != 0)
            refuse("another one, as " + std::to_string(outputs) +
                   " real values are no complex ones");
        return detector_output::complex;
    }
    if (name != "bits" && name != "llrs" && name != "posteriors")
        refuse("'bits', 'llrs', 'posteriors', 'estimates' or 'complex'");
    if (classes == 0)
        refuse("'estimates' or 'complex', as the task is estimation");
    return name == "bits"   ? detector_output::bits
           : name == "llrs" ? detector_output::llrs
                            : detector_output::posteriors;
}

//! Bytes of an item.
inline int
detector_item_bytes(detector_output output, std::size_t classes, std::size_t outputs)
{
    switch (output) {
    case detector_output::bits:
        return frame_bytes(frame_item::byte, outputs);
    case detector_output::posteriors:
        return frame_bytes(frame_item::floating, classes);
    default: // as many floats, single or in pairs
        return frame_bytes(frame_item::floating, outputs);
    }
}

//! [Re; Im] of k/2 values each to k/2 complex ones, for n vectors.
inline void
interleave(const float* stacked, std::size_t n, std::size_t outputs, float* complex)
{
    const std::size_t half = outputs / 2;
    for (std::size_t v = 0; v < n; ++v, stacked += outputs, complex += outputs)
        for (std::size_t i = 0; i < half; ++i) {
            complex[2 * i] = stacked[i];
            complex[2 * i + 1] = stacked[half + i];
        }
}

//! The reverse, for vectors of n_real values.
inline void stack(const float* complex, std::size_t n, std::size_t n_real, float* stacked)
{
    const std::size_t half = n_real / 2;
    for (std::size_t v = 0; v < n; ++v, stacked += n_real, complex += n_real)
        for (std::size_t i = 0; i < half; ++i) {
            stacked[i] = complex[2 * i];
            stacked[half + i] = complex[2 * i + 1];
        }
}

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_DETECTOR_OUTPUT_H */
