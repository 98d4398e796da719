/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_OFDM_MODULATOR_IMPL_H
#define INCLUDED_FEWBIT_OFDM_MODULATOR_IMPL_H

#include <gnuradio/fewbit/algorithms/link/subcarrier_map.h>
#include <gnuradio/fewbit/ofdm_modulator.h>
#include <gnuradio/fft/fft.h>

namespace gr {
namespace fewbit {

class ofdm_modulator_impl : public ofdm_modulator
{
public:
    ofdm_modulator_impl(const algorithms::subcarrier_map& map, std::size_t cyclic_prefix);

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const algorithms::subcarrier_map d_map;
    const std::size_t d_cyclic_prefix;
    gr::fft::fft_complex_rev d_fft;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_OFDM_MODULATOR_IMPL_H */
