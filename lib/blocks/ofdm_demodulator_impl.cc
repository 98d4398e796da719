/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/ofdm_demodulator_impl.h"

#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cmath>
#include <complex>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {

namespace {

unsigned samples_of(const algorithms::subcarrier_map& map,
                    std::size_t cyclic_prefix,
                    std::size_t window_advance)
{
    if (cyclic_prefix > map.fft_length() || window_advance > cyclic_prefix)
        throw std::invalid_argument(
            "ofdm_demodulator: cyclic_prefix is " + std::to_string(cyclic_prefix) +
            " and window_advance " + std::to_string(window_advance) +
            " samples, expected the prefix at most the FFT length " +
            std::to_string(map.fft_length()) + " and the advance at most the prefix");
    return static_cast<unsigned>(map.fft_length() + cyclic_prefix);
}

} // namespace

ofdm_demodulator::sptr ofdm_demodulator::make(std::size_t n_subcarriers,
                                              std::size_t span,
                                              std::size_t fft_length,
                                              std::size_t cyclic_prefix,
                                              std::size_t window_advance)
{
    return gnuradio::make_block_sptr<ofdm_demodulator_impl>(
        algorithms::subcarrier_map(n_subcarriers, span, fft_length),
        cyclic_prefix,
        window_advance);
}

ofdm_demodulator_impl::ofdm_demodulator_impl(const algorithms::subcarrier_map& map,
                                             std::size_t cyclic_prefix,
                                             std::size_t window_advance)
    : gr::sync_decimator("ofdm_demodulator",
                         gr::io_signature::make(1, 1, sizeof(gr_complex)),
                         gr::io_signature::make(
                             1,
                             1,
                             static_cast<int>(sizeof(gr_complex) * map.n_subcarriers())),
                         samples_of(map, cyclic_prefix, window_advance)),
      d_map(map),
      d_window_begin(cyclic_prefix - window_advance),
      d_fft(static_cast<int>(map.fft_length()))
{
    const auto n = static_cast<double>(map.fft_length());
    for (const int k : map.indices()) {
        const double angle = 2.0 * M_PI * k * static_cast<double>(window_advance) / n;
        d_turn.push_back(gr_complex(std::polar(1.0 / std::sqrt(n), angle)));
    }
}

int ofdm_demodulator_impl::work(int noutput_items,
                                gr_vector_const_void_star& input_items,
                                gr_vector_void_star& output_items)
{
    const auto* in = static_cast<const gr_complex*>(input_items[0]);
    auto* out = static_cast<gr_complex*>(output_items[0]);
    const std::size_t n = d_map.n_subcarriers();
    for (int item = 0; item < noutput_items; ++item) {
        std::copy_n(in + d_window_begin, d_map.fft_length(), d_fft.get_inbuf());
        d_fft.execute();
        d_map.collect(d_fft.get_outbuf(), out);
        for (std::size_t i = 0; i < n; ++i)
            out[i] *= d_turn[i];
        in += decimation();
        out += n;
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr
