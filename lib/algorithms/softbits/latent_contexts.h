/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_LATENT_CONTEXTS_H
#define INCLUDED_FEWBIT_SOFTBITS_LATENT_CONTEXTS_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Which CDF codes a latent, from the indices that were coded before it.
 *
 * Latent l's score is the sum of table rows 0..2 at the former subcarrier's three indices
 * (or the start score at the first subcarrier) and of rows 3+j at this subcarrier's
 * latents j < l, added in that order in float32: any other order could round to another
 * context. Its context is the number of thresholds that are not above the score.
 */
class latent_contexts
{
public:
    static constexpr std::size_t n_latents = 3;

    //! One context for all: the paper's codec.
    latent_contexts() = default;

    //! \p table [3][6][levels], \p thresholds [3][contexts - 1], \p start [3]
    latent_contexts(unsigned levels,
                    unsigned contexts,
                    const float* table,
                    const float* thresholds,
                    const float* start);

    unsigned contexts() const { return d_contexts; }

    /*! \brief The scores while a packet is walked through.
     *
     * context(l) before latent l is coded, coded(l, index) after it.
     */
    class walk
    {
    public:
        explicit walk(const latent_contexts& model)
            : d_model(model), d_scores(model.d_start)
        {
        }

        unsigned context(std::size_t latent) const
        {
            return d_model.context(latent, d_scores[latent]);
        }

        void coded(std::size_t latent, unsigned index)
        {
            d_indices[latent] = index;
            if (latent + 1 < n_latents)
                return d_model.add(d_scores, n_latents + latent, index);
            d_scores = d_model.row(0, d_indices[0]);
            d_model.add(d_scores, 1, d_indices[1]);
            d_model.add(d_scores, 2, d_indices[2]);
        }

    private:
        const latent_contexts& d_model;
        std::array<float, 4> d_scores;
        std::array<unsigned, n_latents> d_indices{};
    };

private:
    using scores =
        std::array<float, 4>; // of the three latents; the fourth fills the vector

    const scores& row(std::size_t row, unsigned index) const
    {
        return d_rows[row * d_levels + index];
    }

    void add(scores& sums, std::size_t at, unsigned index) const
    {
        const scores& addend = row(at, index);
        for (std::size_t l = 0; l < sums.size(); l++)
            sums[l] += addend[l];
    }

    unsigned context(std::size_t latent, float score) const
    {
        const float* threshold = d_thresholds.data() + latent * d_thresholds_stride;
        unsigned passed = 0;
        for (std::size_t i = 0; i < d_thresholds_stride; i += 4)
            for (std::size_t j = 0; j < 4; j++)
                passed += threshold[i + j] <= score;
        return passed;
    }

    unsigned d_levels = 0;
    unsigned d_contexts = 1;
    scores d_start{};
    std::vector<scores> d_rows; // [row][index]: the table with the latents innermost
    std::size_t d_thresholds_stride = 0;
    std::vector<float>
        d_thresholds; // [latent][stride], filled up with NaN, which no score passes
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_LATENT_CONTEXTS_H */
