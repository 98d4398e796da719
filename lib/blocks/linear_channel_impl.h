/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LINEAR_CHANNEL_IMPL_H
#define INCLUDED_FEWBIT_LINEAR_CHANNEL_IMPL_H

#include <gnuradio/fewbit/algorithms/link/linear_channel.h>
#include <gnuradio/fewbit/linear_channel.h>
#include <atomic>

namespace gr {
namespace fewbit {

//! In and Out: float or gr_complex.
template <typename In, typename Out>
class linear_channel_impl : public linear_channel
{
public:
    linear_channel_impl(const std::vector<gr_complex>& matrix,
                        std::size_t m,
                        std::size_t k,
                        double noise_variance,
                        double matrix_error,
                        std::uint64_t seed);

    void set_matrix(const std::vector<gr_complex>& matrix) override;
    std::vector<gr_complex> matrix() const override;
    std::size_t outputs() const override { return d_m; }
    std::size_t inputs() const override { return d_k; }
    void set_noise_variance(double noise_variance) override;
    double noise_variance() const override { return d_noise_variance; }
    void set_snr_db(double snr_db) override;
    void set_matrix_error(double e) override;
    void redraw_matrix() override;
    std::map<std::string, std::uint64_t> counters() const override;

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const std::size_t d_m, d_k;
    const std::uint64_t d_seed;
    std::uint64_t d_matrices = 1; // given so far: each has its own noise
    double d_matrix_error = 0.0;
    algorithms::linear_channel d_channel;
    std::atomic<double> d_noise_variance;  // read by others than work()
    double d_tagged_noise_variance = -1.0; // the last that was told
    std::atomic<std::uint64_t> d_vectors{0}, d_not_finite{0};
    const pmt::pmt_t d_key = pmt::mp("noise_variance");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LINEAR_CHANNEL_IMPL_H */
