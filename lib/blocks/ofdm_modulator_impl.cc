/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/ofdm_modulator_impl.h"

#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {

namespace {

unsigned samples_of(const algorithms::subcarrier_map& map, std::size_t cyclic_prefix)
{
    if (cyclic_prefix > map.fft_length())
        throw std::invalid_argument("ofdm_modulator: cyclic_prefix is " +
                                    std::to_string(cyclic_prefix) +
                                    " samples, expected at most the FFT length " +
                                    std::to_string(map.fft_length()));
    return static_cast<unsigned>(map.fft_length() + cyclic_prefix);
}

} // namespace

ofdm_modulator::sptr ofdm_modulator::make(std::size_t n_subcarriers,
                                          std::size_t span,
                                          std::size_t fft_length,
                                          std::size_t cyclic_prefix)
{
    return gnuradio::make_block_sptr<ofdm_modulator_impl>(
        algorithms::subcarrier_map(n_subcarriers, span, fft_length), cyclic_prefix);
}

ofdm_modulator_impl::ofdm_modulator_impl(const algorithms::subcarrier_map& map,
                                         std::size_t cyclic_prefix)
    : gr::sync_interpolator("ofdm_modulator",
                            gr::io_signature::make(1,
                                                   1,
                                                   static_cast<int>(sizeof(gr_complex) *
                                                                    map.n_subcarriers())),
                            gr::io_signature::make(1, 1, sizeof(gr_complex)),
                            samples_of(map, cyclic_prefix)),
      d_map(map),
      d_cyclic_prefix(cyclic_prefix),
      d_fft(static_cast<int>(map.fft_length()))
{
}

int ofdm_modulator_impl::work(int noutput_items,
                              gr_vector_const_void_star& input_items,
                              gr_vector_void_star& output_items)
{
    const auto* in = static_cast<const gr_complex*>(input_items[0]);
    auto* out = static_cast<gr_complex*>(output_items[0]);
    const std::size_t n = d_map.fft_length();
    const float scale = 1.0f / std::sqrt(static_cast<float>(n));
    for (unsigned left = static_cast<unsigned>(noutput_items) / interpolation(); left > 0;
         --left) {
        d_map.place(in, d_fft.get_inbuf());
        d_fft.execute();
        gr_complex* const symbol = out + d_cyclic_prefix;
        std::transform(d_fft.get_outbuf(),
                       d_fft.get_outbuf() + n,
                       symbol,
                       [scale](gr_complex x) { return scale * x; });
        std::copy(symbol + n - d_cyclic_prefix, symbol + n, out);
        in += d_map.n_subcarriers();
        out += n + d_cyclic_prefix;
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr
