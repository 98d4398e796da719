/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/map_detector_impl.h"

#include "blocks/finite_vectors.h"
#include "blocks/known_channel.h"
#include "blocks/snr.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::matrix;

namespace {

constexpr std::size_t chunk = 64; // vectors that are rearranged at a time

bool is_complex_type(const std::string& type)
{
    if (type == "complex" || type == "float")
        return type == "complex";
    throw std::invalid_argument("map_detector: type is '" + type +
                                "', expected 'float' or 'complex'");
}

} // namespace

map_detector::sptr map_detector::make(const std::vector<gr_complex>& channel,
                                      std::size_t n,
                                      std::size_t k,
                                      const std::string& type,
                                      double noise_variance,
                                      const std::string& output)
{
    const bool is_complex = is_complex_type(type);
    const matrix real = real_channel("map_detector", channel, n, k, is_complex);
    const algorithms::map_detector detector( // refuses what is senseless
        real,
        noise_of_a_real(noise_variance, is_complex));
    return gnuradio::make_block_sptr<map_detector_impl>(
        real,
        is_complex,
        noise_variance,
        detector_output_named("map_detector", output, detector.classes(), k),
        detector);
}

map_detector_impl::map_detector_impl(const matrix& channel,
                                     bool is_complex,
                                     double noise_variance,
                                     detector_output output,
                                     const algorithms::map_detector& detector)
    : gr::sync_block(
          "map_detector",
          gr::io_signature::make(1, 1, frame_bytes(frame_item::floating, channel.rows)),
          gr::io_signature::make(
              1,
              1,
              detector_item_bytes(output, detector.classes(), detector.outputs()))),
      d_is_complex(is_complex),
      d_inputs(channel.rows),
      d_outputs(channel.columns),
      d_output(output),
      d_item_bytes(static_cast<std::size_t>(
          detector_item_bytes(output, detector.classes(), detector.outputs()))),
      d_channel(channel),
      d_noise_variance(noise_variance),
      d_detector(detector),
      d_stacked(is_complex ? chunk * channel.rows : 0),
      d_estimates(chunk * channel.columns)
{
}

// --- settings ---

algorithms::map_detector map_detector_impl::detector(double noise_variance) const
{
    return algorithms::map_detector(d_channel,
                                    noise_of_a_real(noise_variance, d_is_complex));
}

void map_detector_impl::set_channel(const std::vector<gr_complex>& channel)
{
    const std::size_t antennas = d_is_complex ? d_inputs / 2 : d_inputs;
    const matrix real =
        real_channel("map_detector", channel, antennas, d_outputs, d_is_complex);
    gr::thread::scoped_lock guard(d_setlock);
    const matrix old = d_channel;
    d_channel = real;
    try {
        d_detector = detector(d_noise_variance);
    } catch (const std::exception&) {
        d_channel = old;
        throw;
    }
}

void map_detector_impl::set_noise_variance(double noise_variance)
{
    gr::thread::scoped_lock guard(d_setlock);
    d_detector = detector(noise_variance);
    d_noise_variance = noise_variance;
}

void map_detector_impl::set_snr_db(double snr_db)
{
    set_noise_variance(noise_variance_at("map_detector", snr_db));
}

std::map<std::string, std::uint64_t> map_detector_impl::counters() const
{
    return {
        {"vectors", d_vectors}, {"not_finite", d_not_finite}, {"bad_tags", d_bad_tags}};
}

// --- the stream ---

// Only a tag that changes the noise variance takes memory.
void map_detector_impl::take_noise_variance(const pmt::pmt_t& value)
{
    const double found =
        pmt::is_uint64(value) ? static_cast<double>(pmt::to_uint64(value))
        : pmt::is_real(value) || pmt::is_integer(value) ? pmt::to_double(value)
                                                        : 0.0;
    if (found == d_noise_variance)
        return;
    if (found > 0.0 && std::isfinite(found)) {
        d_detector = detector(found);
        d_noise_variance = found;
    } else if (++d_bad_tags == 1) {
        d_logger->warn("a noise_variance tag is no positive number; it is ignored, and "
                       "further ones of the kind are counted silently");
    }
}

// Up to chunk vectors [Re; Im] or real.
void map_detector_impl::decide_some(const float* x, std::size_t n, void* out)
{
    auto* floats = static_cast<float*>(out);
    switch (d_output) {
    case detector_output::bits:
        return d_detector.decide(x, n, static_cast<std::uint8_t*>(out));
    case detector_output::llrs:
        return d_detector.llrs(x, n, floats);
    case detector_output::posteriors:
        return d_detector.posteriors(x, n, floats);
    case detector_output::estimates:
        return d_detector.estimate(x, n, floats);
    case detector_output::complex:
        d_detector.estimate(x, n, d_estimates.data());
        return interleave(d_estimates.data(), n, d_outputs, floats);
    }
}

void map_detector_impl::decide(const float* x, std::size_t n, char* out)
{
    while (n > 0) {
        const std::size_t now = std::min(n, chunk);
        const float* vectors = x;
        if (d_is_complex) {
            stack(x, now, d_inputs, d_stacked.data());
            vectors = d_stacked.data();
        }
        decide_some(vectors, now, out);
        x += now * d_inputs;
        out += now * d_item_bytes;
        n -= now;
    }
}

int map_detector_impl::work(int noutput_items,
                            gr_vector_const_void_star& input_items,
                            gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto n_vectors = static_cast<std::size_t>(noutput_items);
    const auto* x = static_cast<const float*>(input_items[0]);
    auto* out = static_cast<char*>(output_items[0]);
    const std::uint64_t found = count_not_finite(x, n_vectors, d_inputs);
    if (found > 0 && d_not_finite.fetch_add(found) == 0)
        d_logger->warn(
            "a vector holds NaN or infinity; it says nothing, and further ones "
            "are counted silently");
    get_tags_in_window(d_tags, 0, 0, n_vectors, d_key);
    std::sort(d_tags.begin(), d_tags.end(), gr::tag_t::offset_compare);
    std::size_t done = 0;
    for (const auto& tag : d_tags) {
        const std::size_t at = tag.offset - nitems_read(0);
        decide(x + done * d_inputs, at - done, out + done * d_item_bytes);
        done = at;
        take_noise_variance(tag.value);
    }
    decide(x + done * d_inputs, n_vectors - done, out + done * d_item_bytes);
    d_vectors += n_vectors;
    return noutput_items;
}

} // namespace fewbit
} // namespace gr
