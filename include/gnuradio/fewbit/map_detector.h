/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_MAP_DETECTOR_H
#define INCLUDED_FEWBIT_MAP_DETECTOR_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/gr_complex.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief MAP detection of BPSK users without quantization: the bound for every receiver
 * that quantizes.
 * \ingroup fewbit
 *
 * \details
 * Input: items of n antenna values x = H s + w. Output, one item for each, by \p output:
 * "bits", "llrs", "posteriors", "estimates" (posterior means of the symbols) or "complex"
 * (the same as k/2 complex values), as digital_detector has them
 * (algorithms::map_detector). Tags stay on their item.
 *
 * The noise variance is E|w_i|^2 of an antenna value, and what the latest of
 * set_noise_variance() and a stream tag \c noise_variance (a number, valid from its item
 * on) said. A tag that is no positive number is ignored, counted in bad_tags and logged
 * once. Bits do not depend on it. Vectors that hold NaN or infinity say nothing (bits 0,
 * LLRs 0, equal posteriors); they are counted and logged once.
 */
class FEWBIT_API map_detector : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<map_detector> sptr;

    /*!
     * \param channel H, row by row [n][k]; k at most 8
     * \param n, k antennas and users
     * \param type of the antenna values: "float" or "complex"; for float, H's real part
     * counts
     * \param noise_variance E|w_i|^2, positive
     * \param output what comes out
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::vector<gr_complex>& channel,
                     std::size_t n,
                     std::size_t k,
                     const std::string& type = "float",
                     double noise_variance = 0.1,
                     const std::string& output = "bits");

    //! Another H of the same size, from the next item on. \throws std::invalid_argument
    virtual void set_channel(const std::vector<gr_complex>& channel) = 0;
    //! \throws std::invalid_argument unless positive and finite
    virtual void set_noise_variance(double noise_variance) = 0;
    virtual double noise_variance() const = 0;
    //! Set the noise variance to 10^(-snr_db / 10).
    virtual void set_snr_db(double snr_db) = 0;

    virtual std::map<std::string, std::uint64_t>
    counters() const = 0; //!< vectors, not_finite, bad_tags
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_MAP_DETECTOR_H */
