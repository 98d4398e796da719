/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_OFDM_DEMODULATOR_IMPL_H
#define INCLUDED_FEWBIT_OFDM_DEMODULATOR_IMPL_H

#include <gnuradio/fewbit/algorithms/link/subcarrier_map.h>
#include <gnuradio/fewbit/ofdm_demodulator.h>
#include <gnuradio/fft/fft.h>
#include <vector>

namespace gr {
namespace fewbit {

class ofdm_demodulator_impl : public ofdm_demodulator
{
public:
    ofdm_demodulator_impl(const algorithms::subcarrier_map& map,
                          std::size_t cyclic_prefix,
                          std::size_t window_advance);

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const algorithms::subcarrier_map d_map;
    const std::size_t d_window_begin; // from the symbol's first sample
    std::vector<gr_complex>
        d_turn; // [subcarrier]: scale and phase of the window's advance
    gr::fft::fft_complex_fwd d_fft;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_OFDM_DEMODULATOR_IMPL_H */
