/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/unfolded_detector_impl.h"

#include "blocks/finite_vectors.h"
#include "blocks/frame_item.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace gr {
namespace fewbit {

using algorithms::channel_fault;
using algorithms::detector_size;

namespace {

constexpr std::size_t longest_block = std::size_t{1} << 31;
constexpr std::size_t chunk = 64; // vectors whose labels become bits at a time

// Channels that are prepared together: enough for the kernels' lanes, and few enough that
// they stay in the cache.
std::size_t channels_at_once(const detector_size& size)
{
    constexpr std::size_t most = 64, values = 1u << 16;
    return std::clamp<std::size_t>(values / (size.antennas * size.users), 1, most);
}

detection_output output_named(const std::string& name)
{
    if (name == "bits")
        return detection_output::bits;
    if (name == "labels")
        return detection_output::labels;
    if (name == "symbols")
        return detection_output::symbols;
    throw std::invalid_argument("unfolded_detector: output is '" + name +
                                "', expected 'bits', 'labels' or 'symbols'");
}

// Detectors take it as float32.
bool is_noise_variance(double v)
{
    return v >= 0.0 && v <= static_cast<double>(std::numeric_limits<float>::max());
}

std::size_t checked_block_len(std::size_t block_len)
{
    if (block_len < 1 || block_len > longest_block)
        throw std::invalid_argument("unfolded_detector: block_len is " +
                                    std::to_string(block_len) + ", expected 1 to " +
                                    std::to_string(longest_block));
    return block_len;
}

std::unique_ptr<algorithms::detector> ready_detector(const std::string& text,
                                                     const detector_size& size)
{
    auto made = algorithms::make_detector(text, size);
    made->reserve(channels_at_once(made->size()));
    return made;
}

int answer_bytes(detection_output output, const detector_size& size)
{
    if (output == detection_output::symbols)
        return frame_bytes(frame_item::complex, size.users);
    return frame_bytes(frame_item::byte,
                       size.users *
                           (output == detection_output::bits ? size.bits_per_symbol : 1));
}

} // namespace

unfolded_detector::sptr unfolded_detector::make(const std::string& detector,
                                                std::size_t antennas,
                                                std::size_t users,
                                                unsigned bits_per_symbol,
                                                std::size_t block_len,
                                                const std::string& output,
                                                double noise_variance,
                                                bool check_channels)
{
    if (!(noise_variance < 0.0 || is_noise_variance(noise_variance)))
        throw std::invalid_argument("unfolded_detector: noise_variance is " +
                                    std::to_string(noise_variance) +
                                    ", expected 0 or more, or less where a tag tells it");
    return gnuradio::make_block_sptr<unfolded_detector_impl>(
        detector,
        ready_detector(detector, {antennas, users, bits_per_symbol}),
        checked_block_len(block_len),
        output_named(output),
        noise_variance,
        check_channels);
}

unfolded_detector_impl::unfolded_detector_impl(
    const std::string& text,
    std::unique_ptr<algorithms::detector> detector,
    std::size_t block_len,
    detection_output output,
    double noise_variance,
    bool check_channels)
    : gr::block("unfolded_detector",
                gr::io_signature::makev(
                    2,
                    2,
                    {frame_bytes(frame_item::complex, detector->size().antennas),
                     frame_bytes(frame_item::complex,
                                 detector->size().antennas * detector->size().users)}),
                gr::io_signature::makev(
                    1,
                    2,
                    {answer_bytes(output, detector->size()),
                     frame_bytes(frame_item::floating, detector->llrs_per_vector())})),
      d_size(detector->size()),
      d_block_len(block_len),
      d_output(output),
      d_check_channels(check_channels),
      d_text(text),
      d_detector(std::move(detector)),
      d_noise_variance(noise_variance),
      d_held(d_size.antennas * d_size.users),
      d_noise(channels_at_once(d_size)),
      d_labels(output == detection_output::bits ? chunk * d_size.users : 0),
      d_check(d_size.antennas, d_size.users),
      d_channel_faults(channels_at_once(d_size)),
      d_refused(d_logger,
                {"bad_tag", "bad_control", "bad_detector", "bad_setting"},
                name()),
      d_control(d_refused,
                bad_control,
                {{"detector",
                  [this](const pmt::pmt_t& v) { set_detector(control_port::text(v)); }},
                 {"noise_variance", [this](const pmt::pmt_t& v) {
                      set_noise_variance(control_port::number(v));
                  }}})
{
    set_tag_propagation_policy(TPP_DONT); // by hand: of y alone
    message_port_register_in(d_control_port_name);
    set_msg_handler(d_control_port_name,
                    [this](const pmt::pmt_t& m) { d_control.handle(m); });
}

// --- settings ---

void unfolded_detector_impl::change_detector(const std::string& detector)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    auto made = ready_detector(detector, d_size);
    std::unique_ptr<algorithms::detector> old; // freed without d_setlock
    {
        gr::thread::scoped_lock guard(d_setlock);
        d_next.swap(made);
        d_old.swap(old);
    }
    d_text = detector;
}

void unfolded_detector_impl::set_detector(const std::string& detector)
{
    d_refused.guard(bad_detector, [&] { change_detector(detector); });
}

bool unfolded_detector_impl::request_detector(const std::string& detector) noexcept
{
    try {
        change_detector(detector);
        return true;
    } catch (const std::exception& refused) {
        d_refused.count_silently(bad_detector);
        d_logger->error("{}; the detector stays as it is",
                        d_refused.sentence_of(refused));
        return false;
    }
}

std::string unfolded_detector_impl::detector() const
{
    std::lock_guard<std::mutex> lock(d_setters);
    return d_text;
}

void unfolded_detector_impl::set_noise_variance(double noise_variance)
{
    d_refused.guard(bad_setting, [&] {
        if (!is_noise_variance(noise_variance))
            throw std::invalid_argument("unfolded_detector: noise_variance is " +
                                        std::to_string(noise_variance) +
                                        ", expected 0 or more");
    });
    gr::thread::scoped_lock guard(d_setlock);
    d_noise_variance = noise_variance;
}

std::map<std::string, std::uint64_t> unfolded_detector_impl::counters() const
{
    static const std::array<const char*, n_faults> names{"channel_not_finite",
                                                         "channel_unusable",
                                                         "channel_zero",
                                                         "channel_singular",
                                                         "noise_zero",
                                                         "noise_missing",
                                                         "vector_not_finite",
                                                         "cut_short"};
    std::map<std::string, std::uint64_t> all{{"vectors", d_vectors},
                                             {"channels", d_channels},
                                             {"swaps", d_swaps},
                                             {"erased", d_erased}};
    for (std::size_t i = 0; i < n_faults; i++)
        all[names[i]] = d_faults[i];
    d_refused.add_to(all);
    return all;
}

// --- faults ---

void unfolded_detector_impl::count_fault(fault what, std::uint64_t times)
{
    static const std::array<const char*, n_faults> sentences{
        "a channel holds NaN or infinity; its vectors are erased",
        "a channel's numbers leave the range of float32; its vectors are erased",
        "a channel is zero; its vectors say nothing",
        "a channel is singular, or nearly so; its users cannot all be told apart",
        "the noise variance is 0; detectors take their smallest",
        "no noise variance has come, by tag or setter; detectors take their smallest",
        "a vector holds NaN or infinity; it is erased",
        "a search ended at its limit of nodes; its answer may not be the best"};
    if (times > 0 && d_faults[what].fetch_add(times) == 0)
        d_logger->warn("{}; further ones of the kind are counted silently",
                       sentences[what]);
}

// Channels that are not finite are counted by prepare().
void unfolded_detector_impl::inspect(const gr_complex* h, std::size_t count)
{
    const auto first = d_channel_faults.begin(), last = first + count;
    d_check.examine(h, count, d_channel_faults.data());
    count_fault(channel_zero, std::count(first, last, channel_fault::zero));
    count_fault(channel_singular, std::count(first, last, channel_fault::singular));
}

// --- noise ---

void unfolded_detector_impl::take_noise_variance(const pmt::pmt_t& value)
{
    const double found = pmt::is_uint64(value) // a number that to_double() throws at
                             ? static_cast<double>(pmt::to_uint64(value))
                             : pmt::is_real(value) || pmt::is_integer(value)
                                   ? pmt::to_double(value)
                                   : -1.0;
    if (is_noise_variance(found))
        d_noise_variance = found;
    else
        d_refused.count(bad_tag,
                        [] { return "a noise_variance tag is no number from 0 up"; });
}

void unfolded_detector_impl::read_tags(std::uint64_t n_vectors, std::uint64_t n_channels)
{
    get_tags_in_window(d_vector_tags, 0, 0, n_vectors, d_key);
    get_tags_in_window(d_channel_tags, 1, 0, n_channels, d_key);
    std::sort(d_vector_tags.begin(), d_vector_tags.end(), gr::tag_t::offset_compare);
    std::sort(d_channel_tags.begin(), d_channel_tags.end(), gr::tag_t::offset_compare);
    d_vector_tag = d_channel_tag = 0;
}

// The tags up to that vector and that channel, numbers within this work().
void unfolded_detector_impl::hear_of_noise(std::uint64_t vector, std::uint64_t channel)
{
    for (; d_vector_tag < d_vector_tags.size() &&
           d_vector_tags[d_vector_tag].offset < nitems_read(0) + vector;
         d_vector_tag++)
        take_noise_variance(d_vector_tags[d_vector_tag].value);
    for (; d_channel_tag < d_channel_tags.size() &&
           d_channel_tags[d_channel_tag].offset < nitems_read(1) + channel;
         d_channel_tag++)
        take_noise_variance(d_channel_tags[d_channel_tag].value);
}

// --- the stream ---

bool unfolded_detector_impl::start()
{
    if (nitems_read(0) == 0) // or else the flowgraph was only rewired
        d_position = 0;
    return block::start();
}

void unfolded_detector_impl::forecast(int noutput_items,
                                      gr_vector_int& ninput_items_required)
{
    const auto n = static_cast<std::size_t>(noutput_items);
    const std::size_t left = d_position ? d_block_len - d_position : 0;
    ninput_items_required[0] = noutput_items;
    ninput_items_required[1] =
        n > left ? static_cast<int>((n - left - 1) / d_block_len + 1) : 0;
}

// The old one is freed by the next set_detector(), which has emptied d_old before.
void unfolded_detector_impl::swap_detector() noexcept
{
    if (!d_next)
        return;
    d_old = std::move(d_detector);
    d_detector = std::move(d_next);
    ++d_swaps;
    d_last = 0;
    d_cut_short = d_detector->cut_short();
    d_speed.forget();
    if (d_position > 0)
        d_detector->prepare(d_held.data(), &d_held_noise, 1);
}

void unfolded_detector_impl::prepare(const gr_complex* h,
                                     std::size_t count,
                                     std::size_t vector)
{
    const std::size_t values = d_size.antennas * d_size.users;
    std::uint64_t not_finite = 0;
    for (std::size_t c = 0; c < count; c++) {
        hear_of_noise(vector + c * d_block_len + 1, d_channels_used + c + 1);
        const double noise = d_noise_variance;
        if (noise < 0.0)
            count_fault(noise_missing);
        else if (noise == 0.0)
            count_fault(noise_zero);
        d_noise[c] = static_cast<float>(std::max(noise, 0.0));
        not_finite +=
            !are_finite(reinterpret_cast<const float*>(h + c * values), 2 * values);
    }
    if (d_check_channels)
        inspect(h, count);
    const std::uint64_t unusable = d_detector->prepare(h, d_noise.data(), count);
    count_fault(channel_not_finite, not_finite);
    count_fault(channel_unusable, unusable - std::min(unusable, not_finite));
    d_channels += count;
}

// Vectors from \p from on, of which the first stands at \p first over the channels that are
// prepared.
void unfolded_detector_impl::detect(std::size_t from, std::size_t n, std::size_t first)
{
    const gr_complex* y = d_y + from * d_size.antennas;
    float* llrs = d_llrs ? d_llrs + from * d_detector->llrs_per_vector() : nullptr;
    const std::size_t k = d_size.users, bits = d_size.bits_per_symbol;
    if (d_output == detection_output::labels) {
        auto* labels = reinterpret_cast<std::uint8_t*>(d_answers) + from * k;
        d_erased += d_detector->detect(y, n, d_block_len, labels, nullptr, llrs, first);
    } else if (d_output == detection_output::symbols) {
        auto* symbols = reinterpret_cast<gr_complex*>(d_answers) + from * k;
        d_erased += d_detector->detect(y, n, d_block_len, nullptr, symbols, llrs, first);
    } else {
        auto* out = reinterpret_cast<std::uint8_t*>(d_answers) + from * k * bits;
        for (std::size_t v = 0; v < n; v += chunk) {
            const std::size_t now = std::min(chunk, n - v);
            d_erased += d_detector->detect(y + v * d_size.antennas,
                                           now,
                                           d_block_len,
                                           d_labels.data(),
                                           nullptr,
                                           llrs ? llrs + v * k * bits : nullptr,
                                           first + v);
            for (std::size_t i = 0; i < now * k; i++)
                for (std::size_t b = bits; b-- > 0;)
                    *out++ = (d_labels[i] >> b) & 1u;
        }
    }
}

// Prepare the channels whose vectors have come, and detect these. Returns how many.
std::size_t unfolded_detector_impl::begin_blocks(std::size_t from,
                                                 std::size_t most_vectors)
{
    const std::size_t values = d_size.antennas * d_size.users;
    const std::size_t count =
        std::min({d_noise.size(), d_channels_left, (most_vectors - 1) / d_block_len + 1});
    if (count == 0)
        return 0;
    const gr_complex* h = d_h + d_channels_used * values;
    prepare(h, count, from);
    const std::size_t n = std::min(most_vectors, count * d_block_len);
    detect(from, n, 0);
    d_channels_used += count;
    d_channels_left -= count;
    d_position = n % d_block_len;
    d_last = count - 1;
    if (d_position > 0) {
        std::copy_n(h + d_last * values, values, d_held.begin());
        d_held_noise = d_noise[d_last];
    }
    return n;
}

void unfolded_detector_impl::forward_tags(std::uint64_t n_vectors)
{
    get_tags_in_window(d_tags, 0, 0, n_vectors);
    for (auto& tag : d_tags) {
        tag.offset += nitems_written(0) - nitems_read(0);
        add_item_tag(0, tag);
        if (d_llrs)
            add_item_tag(1, tag);
    }
}

int unfolded_detector_impl::general_work(int noutput_items,
                                         gr_vector_int& ninput_items,
                                         gr_vector_const_void_star& input_items,
                                         gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto n = static_cast<std::size_t>(std::min(noutput_items, ninput_items[0]));
    d_y = static_cast<const gr_complex*>(input_items[0]);
    d_h = static_cast<const gr_complex*>(input_items[1]);
    d_answers = static_cast<char*>(output_items[0]);
    d_llrs = output_items.size() > 1 ? static_cast<float*>(output_items[1]) : nullptr;
    d_channels_left = static_cast<std::size_t>(ninput_items[1]);
    d_channels_used = 0;

    const auto began = work_speed::clock::now();
    swap_detector();
    read_tags(n, d_channels_left);
    std::size_t done = 0;
    while (done < n) {
        std::size_t now;
        if (d_position > 0) {
            now = std::min(n - done, d_block_len - d_position);
            detect(done, now, d_last * d_block_len + d_position);
            d_position = (d_position + now) % d_block_len;
        } else {
            now = begin_blocks(done, n - done);
        }
        if (now == 0)
            break;
        done += now;
    }
    hear_of_noise(done, 0); // of what is consumed
    count_fault(
        vector_not_finite,
        count_not_finite(reinterpret_cast<const float*>(d_y), done, 2 * d_size.antennas));
    count_fault(cut_short, d_detector->cut_short() - d_cut_short);
    d_cut_short = d_detector->cut_short();
    d_speed.add(done, began);
    forward_tags(done);
    d_vectors += done;
    consume(0, static_cast<int>(done));
    consume(1, static_cast<int>(d_channels_used));
    return static_cast<int>(done);
}

} // namespace fewbit
} // namespace gr
