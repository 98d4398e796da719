/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_IQ_CSI_TABLES_H
#define INCLUDED_FEWBIT_SOFTBITS_IQ_CSI_TABLES_H

#include <gnuradio/fewbit/algorithms/softbits/iq_csi_codec.h>

#include "csi_model.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Everything of iq_csi_codec that does not change: the levels of the gain-to-noise
 * ratio, and for each the cells of I (and Q), their probabilities and their LLRs.
 *
 * Level 0 is the erased symbol: it has one cell, of LLRs 0.
 */
class iq_csi_tables
{
public:
    explicit iq_csi_tables(const iq_csi_settings& settings);

    unsigned csi_levels() const { return static_cast<unsigned>(d_levels.size()); }

    //! The level of a gain-to-noise ratio; NaN and what is below the lowest are erased.
    unsigned csi_level(float gain_to_noise) const noexcept;

    //! The number of cells of I at a level.
    unsigned cells(unsigned csi) const noexcept { return d_levels[csi].cells; }

    //! The cell of I (or Q); NaN counts as 0.
    unsigned cell(unsigned csi, float amplitude) const noexcept;

    //! The integer CDF of a level's cells.
    const std::int32_t* cdf(unsigned csi) const noexcept
    {
        return d_cdfs.data() + d_levels[csi].first_cdf;
    }

    //! The K/2 LLRs of a cell.
    const float* llrs(unsigned csi, unsigned cell) const noexcept
    {
        return d_llrs.data() + d_levels[csi].first_llr + std::size_t{cell} * d_bits;
    }

    const csi_model& changes() const { return d_changes; }

    //! The CDF of the first symbol's level, and of the choice among
    //! csi_model::correlations.
    const std::vector<std::int32_t>& first_level_cdf() const { return d_first_level_cdf; }
    const std::vector<std::int32_t>& correlation_cdf() const { return d_correlation_cdf; }

    //! Hash of the kind and of every table.
    std::uint32_t id() const { return d_id; }

private:
    struct level {
        unsigned cells = 1;
        float cells_per_unit = 0.0f;
        std::size_t first_cdf = 0;
        std::size_t first_llr = 0;
    };

    void add_level(const iq_csi_settings& settings, double gain_to_noise_db);
    void add_cells(const level& added, double gain_to_noise_db, double csi_step_db);
    std::uint32_t hash(const iq_csi_settings& settings) const;

    unsigned d_bits; // of one dimension
    double d_lowest_db;
    double d_csi_step_db;
    std::vector<level> d_levels;
    std::vector<std::int32_t> d_cdfs;
    std::vector<float> d_llrs;
    csi_model d_changes;
    std::vector<std::int32_t> d_first_level_cdf;
    std::vector<std::int32_t> d_correlation_cdf;
    std::uint32_t d_id;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_IQ_CSI_TABLES_H */
