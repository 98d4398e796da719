/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_CHANNEL_FACTORS_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_CHANNEL_FACTORS_H

#include "algorithms/detection/real_channel.h"
#include "kernels/channel_qr.h"
#include <algorithm>
#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Channels as tree searches want them: the QR of [s H; sqrt(ridge) I] in V-BLAST's order,
 * eight channels at once.
 */
class channel_factors
{
public:
    static constexpr std::size_t lanes = kernels::channel_qr::lanes;
    using units = std::array<channel_units, lanes>;

    explicit channel_factors(const detector_size& size);

    /*! \brief Factor \p count channels; those that are unusable, or turn out so, come along.
     *
     * \param h [count][m][k]
     * \param noise_variances [count]
     * \param count channels
     * \param usable [count]: set to 0 where numbers leave their range
     * \param keep called as keep(first, n, units), after which the next ones come: lane l holds
     * channel first + l
     */
    template <class Keep>
    void factor(const std::complex<float>* h,
                const float* noise_variances,
                std::size_t count,
                std::uint8_t* usable,
                Keep keep) noexcept
    {
        const std::size_t values = d_size.antennas * d_size.users;
        for (std::size_t first = 0; first < count; first += lanes) {
            const std::size_t n = std::min(lanes, count - first);
            const units found = factor_lanes(
                h + first * values, noise_variances + first, n, usable + first);
            keep(first, n, found);
        }
    }

    //! Of the lanes' channels.
    const kernels::channel_qr& qr() const noexcept { return d_qr; }
    //! s c Q^T column by column, to \p filters [n][2 m][padded].
    void put_filters(std::size_t n,
                     const units& of,
                     std::size_t padded,
                     float* filters) const noexcept;
    //! Rows of R from the diagonal on, to \p rows, which are \p stride floats apart by lane.
    void put_rows(std::size_t n, float* rows, std::size_t stride) const noexcept;
    //! Which column of H stands at each place, to \p places [n][2 k].
    void put_order(std::size_t n, std::uint16_t* places) const noexcept;

private:
    units factor_lanes(const std::complex<float>* h,
                       const float* noise_variances,
                       std::size_t n,
                       std::uint8_t* usable) noexcept;

    detector_size d_size;
    kernels::channel_qr d_qr;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_CHANNEL_FACTORS_H */
