/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/linear_channel_impl.h"

#include "blocks/finite_vectors.h"
#include "blocks/frame_item.h"
#include "blocks/snr.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <stdexcept>
#include <type_traits>

namespace gr {
namespace fewbit {

namespace {

template <typename T>
constexpr bool is_complex = std::is_same_v<T, gr_complex>;

template <typename T>
int item_bytes(std::size_t vlen)
{
    return frame_bytes(is_complex<T> ? frame_item::complex : frame_item::floating, vlen);
}

template <typename Out>
algorithms::linear_channel channel_of(const std::vector<gr_complex>& matrix,
                                      std::size_t m,
                                      std::size_t k,
                                      double noise_variance,
                                      std::uint64_t seed)
{
    if constexpr (is_complex<Out>) {
        return algorithms::linear_channel(matrix, m, k, noise_variance, seed);
    } else {
        std::vector<float> real(matrix.size());
        for (std::size_t i = 0; i < matrix.size(); ++i)
            real[i] = matrix[i].real();
        return algorithms::linear_channel(real, m, k, noise_variance, seed);
    }
}

} // namespace

linear_channel::sptr linear_channel::make(const std::vector<gr_complex>& matrix,
                                          std::size_t m,
                                          std::size_t k,
                                          const std::string& type,
                                          double noise_variance,
                                          double matrix_error,
                                          std::uint64_t seed)
{
    if (type == "complex")
        return gnuradio::make_block_sptr<linear_channel_impl<gr_complex, gr_complex>>(
            matrix, m, k, noise_variance, matrix_error, seed);
    if (type == "float")
        return gnuradio::make_block_sptr<linear_channel_impl<float, float>>(
            matrix, m, k, noise_variance, matrix_error, seed);
    if (type == "float_to_complex")
        return gnuradio::make_block_sptr<linear_channel_impl<float, gr_complex>>(
            matrix, m, k, noise_variance, matrix_error, seed);
    throw std::invalid_argument("linear_channel: type is '" + type +
                                "', expected 'complex', 'float' or 'float_to_complex'");
}

template <typename In, typename Out>
linear_channel_impl<In, Out>::linear_channel_impl(const std::vector<gr_complex>& matrix,
                                                  std::size_t m,
                                                  std::size_t k,
                                                  double noise_variance,
                                                  double matrix_error,
                                                  std::uint64_t seed)
    : gr::sync_block("linear_channel",
                     gr::io_signature::make(1, 1, item_bytes<In>(k)),
                     gr::io_signature::make(1, 1, item_bytes<Out>(m))),
      d_m(m),
      d_k(k),
      d_seed(seed),
      d_channel(channel_of<Out>(matrix, m, k, noise_variance, seed)),
      d_noise_variance(noise_variance)
{
    if (matrix_error != 0.0)
        set_matrix_error(matrix_error);
}

// --- settings ---

template <typename In, typename Out>
void linear_channel_impl<In, Out>::set_matrix(const std::vector<gr_complex>& matrix)
{
    auto channel =
        channel_of<Out>(matrix, d_m, d_k, d_noise_variance, d_seed + d_matrices);
    gr::thread::scoped_lock guard(d_setlock);
    ++d_matrices;
    channel.set_noise_variance(d_noise_variance);
    if (d_matrix_error != 0.0)
        channel.perturb(d_matrix_error);
    std::swap(d_channel, channel);
}

template <typename In, typename Out>
std::vector<gr_complex> linear_channel_impl<In, Out>::matrix() const
{
    gr::thread::scoped_lock guard(const_cast<linear_channel_impl*>(this)->d_setlock);
    return d_channel.matrix();
}

template <typename In, typename Out>
void linear_channel_impl<In, Out>::set_noise_variance(double noise_variance)
{
    gr::thread::scoped_lock guard(d_setlock);
    d_channel.set_noise_variance(noise_variance);
    d_noise_variance = noise_variance;
}

template <typename In, typename Out>
void linear_channel_impl<In, Out>::set_snr_db(double snr_db)
{
    set_noise_variance(noise_variance_at("linear_channel", snr_db));
}

template <typename In, typename Out>
void linear_channel_impl<In, Out>::set_matrix_error(double e)
{
    gr::thread::scoped_lock guard(d_setlock);
    if (e == 0.0)
        d_channel.restore();
    else
        d_channel.perturb(e);
    d_matrix_error = e;
}

template <typename In, typename Out>
void linear_channel_impl<In, Out>::redraw_matrix()
{
    gr::thread::scoped_lock guard(d_setlock);
    if (d_matrix_error != 0.0)
        d_channel.perturb(d_matrix_error);
}

template <typename In, typename Out>
std::map<std::string, std::uint64_t> linear_channel_impl<In, Out>::counters() const
{
    return {{"vectors", d_vectors}, {"not_finite", d_not_finite}};
}

// --- the stream ---

template <typename In, typename Out>
bool linear_channel_impl<In, Out>::start()
{
    d_tagged_noise_variance = -1.0; // who listens may be new, or may have missed a tag
    return block::start();
}

template <typename In, typename Out>
int linear_channel_impl<In, Out>::work(int noutput_items,
                                       gr_vector_const_void_star& input_items,
                                       gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto n_vectors = static_cast<std::size_t>(noutput_items);
    if (d_tagged_noise_variance != d_noise_variance) {
        d_tagged_noise_variance = d_noise_variance;
        add_item_tag(0, nitems_written(0), d_key, pmt::from_double(d_noise_variance));
    }
    const std::uint64_t found =
        count_not_finite(static_cast<const float*>(input_items[0]),
                         n_vectors,
                         d_k * (is_complex<In> ? 2 : 1));
    if (found > 0 && d_not_finite.fetch_add(found) == 0)
        d_logger->warn("a vector holds NaN or infinity; it is sent as it is, and further "
                       "ones are counted silently");
    d_channel.apply(static_cast<const In*>(input_items[0]),
                    n_vectors,
                    static_cast<Out*>(output_items[0]));
    d_vectors += n_vectors;
    return noutput_items;
}

template class linear_channel_impl<float, float>;
template class linear_channel_impl<float, gr_complex>;
template class linear_channel_impl<gr_complex, gr_complex>;

} // namespace fewbit
} // namespace gr
