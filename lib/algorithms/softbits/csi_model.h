/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_CSI_MODEL_H
#define INCLUDED_FEWBIT_SOFTBITS_CSI_MODEL_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief How a fading gain, in steps of some dB, changes from a subcarrier to the next.
 *
 * For each of eight correlations r between neighbours, P(change = k steps) follows from
 * the distribution of the log ratio w of two correlated exponential gains,
 *
 *     P(w <= x) = (1 + s / sqrt(s^2 + 1 - r^2)) / 2,  s = sinh(x / 2),
 *
 * and a start that is uniform within its step. 1 - r^2 is 6e-4 for EPA at 92.6 kHz (108
 * subcarriers over 10 MHz), .04 for EVA, .2 for ETU.
 *
 * Gains are smooth, which the pair of neighbours does not show: after a change in one
 * direction, a change in the other is only `turning` times as likely, and one in the same
 * direction likelier by as much as that loses. So there are three contexts: the last
 * change was down, none, up.
 */
class csi_model
{
public:
    static constexpr unsigned correlations = 8;
    static constexpr unsigned contexts = 3;

    //! \p largest_change in steps; \p step_db positive
    csi_model(unsigned largest_change, double step_db);

    static unsigned context(int last_change)
    {
        return last_change < 0 ? 0u : last_change == 0 ? 1u : 2u;
    }

    //! The CDF of change + largest_change, 2 largest_change + 1 symbols.
    const std::int32_t* cdf(unsigned correlation, unsigned context) const
    {
        return d_cdfs.data() + (correlation * contexts + context) * (d_symbols + 1);
    }

    unsigned symbols() const { return d_symbols; }

    //! The correlation under which \p levels (of \p n symbols) take the fewest bits.
    unsigned best_correlation(const std::uint16_t* levels, std::size_t n) const noexcept;

    //! All CDFs, for a codec's id.
    const std::vector<std::int32_t>& cdfs() const { return d_cdfs; }

private:
    unsigned d_symbols;
    std::vector<std::int32_t> d_cdfs;
    std::vector<float> d_bits; // [context][symbol][correlation]
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_CSI_MODEL_H */
