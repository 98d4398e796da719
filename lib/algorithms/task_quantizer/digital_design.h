/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_DIGITAL_DESIGN_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_DIGITAL_DESIGN_H

#include "algorithms/task_quantizer/joint_table.h"
#include "algorithms/task_quantizer/row_network.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What a digital_map is made of.
struct digital_map::design {
    digital_kind kind = digital_kind::affine;
    quantizer_task task = quantizer_task::estimation;
    scalar_adc adc;            // its levels' numbers; their values are these:
    std::vector<float> values; // [sum M_d]
    std::size_t outputs = 0;
    std::size_t classes = 0;
    unsigned powers = 1;
    std::vector<float> weight, bias;
    std::vector<float> log_likelihood;
    std::vector<dense_layer> layers;
    std::vector<row_network> networks; // affine: one a power; network: one
    joint_table joint;

    explicit design(const scalar_adc& adc_) : adc(adc_), values(adc_.values()) {}

    //! The level values of codes [n][p].
    void look_up(const std::uint8_t* codes, std::size_t n, float* q) const noexcept;
    //! Vectors that pass through a map together.
    std::size_t chunk() const noexcept;
    //! Affine and network: the last layer's outputs for up to chunk() vectors.
    void run(std::size_t network,
             const std::uint8_t* codes,
             std::size_t n,
             float* y) const noexcept;
    void estimate_affine(const std::uint8_t* codes,
                         const float* gains,
                         std::size_t n,
                         float* s) const noexcept;
    //! Detection: the scores of up to scores.columns() vectors, without the table.
    void find_scores(const std::uint8_t* codes,
                     std::size_t n,
                     class_scores& scores) const noexcept;
    //! use(first vector, vectors, scores) for all vectors, a few at a time.
    template <class Use>
    void for_scores(const std::uint8_t* codes, std::size_t n, Use use) const noexcept;

    void fill_joint_table() noexcept;
    void fill_joint_table(std::size_t cell, std::size_t n, class_scores& scores) noexcept;
    //! The cell of each of \p n vectors.
    void cells_of(const std::uint8_t* codes,
                  std::size_t n,
                  std::uint32_t* cells) const noexcept;
    //! Calls use(first vector, vectors, cells) for all of \p n vectors.
    template <class Use>
    void for_cells(const std::uint8_t* codes, std::size_t n, Use use) const noexcept;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_DIGITAL_DESIGN_H */
