/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_MSE_METER_IMPL_H
#define INCLUDED_FEWBIT_MSE_METER_IMPL_H

#include <gnuradio/fewbit/mse_meter.h>

namespace gr {
namespace fewbit {

class mse_meter_impl : public mse_meter
{
public:
    mse_meter_impl(int item_bytes, std::size_t n_entries, unsigned n_items);

    void reset() override;
    std::map<std::string, double> report() const override;

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    float error_of(const float* a, const float* b);

    const std::size_t d_n_entries; // real ones, of an item
    const unsigned d_n_items;
    float d_shown = 0.0f;
    std::uint64_t d_items = 0; // since the reset, as all that follows
    std::uint64_t d_not_finite = 0;
    double d_sum = 0.0, d_sum_of_squares = 0.0; // of the items' errors
    const pmt::pmt_t d_reset_port = pmt::mp("reset");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_MSE_METER_IMPL_H */
