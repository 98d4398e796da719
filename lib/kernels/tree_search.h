/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_TREE_SEARCH_H
#define INCLUDED_FEWBIT_KERNELS_TREE_SEARCH_H

#include "aligned_vector.h"
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief Breadth-first search for the x that make ||z - R x||^2 small, R upper triangular: from
 * the last row to the first, the K best partial answers go on (K-Best; K = 1 is successive
 * cancellation). Sixteen vectors at once, each over its own R, a vector in each lane.
 *
 * Sums of squares are compared with their last bits replaced by a candidate's number: of two
 * that are that close (2^-17 for 16 survivors and 4 levels), either may be taken for the lesser.
 */
class tree_search
{
public:
    static constexpr std::size_t lanes = 16;
    static constexpr std::size_t max_survivors = 64;

    tree_search() = default;
    tree_search(std::size_t columns, unsigned axis_bits, std::size_t survivors);

    //! Floats of one record: gains, the rows of R from the diagonal on, the ridge.
    std::size_t record_floats() const noexcept { return d_record_floats; }
    //! Where R_ii is; R_i,i+1 and so on follow.
    std::size_t row(std::size_t i) const noexcept
    {
        return d_columns + i * (2 * d_columns - i + 1) / 2;
    }

    /*! \brief Search \p n <= 16 vectors.
     *
     * \param records of each vector: gains g [columns], rows of R, ridge. Row i's z, less what
     * is cancelled, is multiplied by g_i before it is decided (1: not at all)
     * \param z [n][stride]
     */
    void search(const float* const* records,
                const float* z,
                std::size_t stride,
                std::size_t n) noexcept;

    std::size_t survivors() const noexcept { return d_survivors; }
    //! Of the last search: ||z - R x||^2 - ridge ||x||^2 of survivor s; 1e29 or more where
    //! there are fewer.
    float metric(std::size_t vector, std::size_t s) const noexcept
    {
        return d_metrics[s * lanes + vector];
    }
    //! The survivor whose metric is least.
    std::size_t best(std::size_t vector) const noexcept
    {
        return static_cast<std::size_t>(d_best[vector]);
    }
    //! The level, from 0, of column i of survivor s.
    unsigned level(std::size_t vector, std::size_t s, std::size_t i) const noexcept
    {
        const std::size_t per_word = 32 / d_axis_bits;
        const std::uint32_t word =
            d_paths[((i / per_word) * d_padded + s) * lanes + vector];
        return word >> (i % per_word * d_axis_bits) & ((1u << d_axis_bits) - 1);
    }
    //! What row i was decided from, for the best survivor of the time: z less what was
    //! cancelled, times its gain.
    float decided_from(std::size_t vector, std::size_t i) const noexcept
    {
        return d_decided[i * lanes + vector];
    }

    //! What the kernel reads and writes.
    struct memory {
        std::size_t columns, survivors, padded;
        unsigned axis_bits;
        const float* records; // [record_floats][16]
        const float* z;       // [columns][16]
        float* metrics;       // [padded][16]
        std::uint32_t* paths; // [words][padded][16]
        std::uint32_t* other; // the same, for the next row
        float* decided;       // [columns][16]
        std::int32_t* best;   // [16]
    };

private:
    std::size_t d_columns = 0, d_survivors = 0, d_padded = 0, d_words = 0;
    unsigned d_axis_bits = 1;
    std::size_t d_record_floats = 0;
    aligned_vector<float> d_records, d_z, d_metrics, d_decided;
    aligned_vector<std::uint32_t> d_paths, d_other;
    aligned_vector<std::int32_t> d_best;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_TREE_SEARCH_H */
