/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/max_mi_codec.h>

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <gnuradio/fewbit/algorithms/coding/range_coder.h>

#include "algorithms/link/constellation.h"
#include "codec_id.h"
#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw std::invalid_argument("max_mi_codec: " + what);
}

void check_size(const char* name, std::size_t found, std::size_t expected)
{
    if (found != expected)
        refuse(std::string(name) + " has " + std::to_string(found) +
               " entries, expected " + std::to_string(expected));
}

void check_finite(const char* name, const std::vector<float>& values)
{
    for (float value : values)
        if (!std::isfinite(value))
            refuse(std::string(name) + " holds a value that is not finite");
}

void check(const scalar_codebook& book)
{
    check_bits_per_symbol("max_mi_codec", book.bits_per_symbol);
    if (book.bits < 1 || book.bits > 8)
        refuse("bits is " + std::to_string(book.bits) + ", expected 1 to 8");
    const std::size_t k = book.bits_per_symbol;
    const std::size_t m = std::size_t{1} << book.bits;
    check_size("thresholds", book.thresholds.size(), k * (m - 1));
    check_size("levels", book.levels.size(), k * m);
    check_size("cdf", book.cdf.size(), k * (m + 1));
    check_finite("thresholds", book.thresholds);
    check_finite("levels", book.levels);
    for (std::size_t p = 0; p < k; p++) {
        const auto row =
            book.thresholds.begin() + static_cast<std::ptrdiff_t>(p * (m - 1));
        if (!std::is_sorted(row, row + static_cast<std::ptrdiff_t>(m - 1)))
            refuse("the thresholds of bit position " + std::to_string(p) +
                   " do not ascend");
    }
}

std::string in_db(double value)
{
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << value << " dB";
    return out.str();
}

template <typename T>
std::vector<T>
rows_of(const std::vector<T>& tensor, std::size_t entry, std::size_t entries)
{
    const std::size_t size = tensor.size() / entries;
    const auto begin = tensor.begin() + static_cast<std::ptrdiff_t>(entry * size);
    return std::vector<T>(begin, begin + static_cast<std::ptrdiff_t>(size));
}

// Which codebook serves an SNR. One beyond those of the file has none: the outermost
// codebook's quantizer would run there, and keep less than it promises.
std::size_t nearest(const bundle& file, const std::vector<float>& snrs, double snr_db)
{
    if (std::isnan(snr_db) || snrs.size() == 1)
        return snrs.size() / 2;
    const auto [lowest, highest] = std::minmax_element(snrs.begin(), snrs.end());
    if (snr_db < *lowest || snr_db > *highest)
        throw file.refusal("the SNR asked for",
                           in_db(snr_db),
                           in_db(*lowest) + " to " + in_db(*highest) +
                               ", for which the file has codebooks");
    std::size_t best = 0;
    for (std::size_t s = 1; s < snrs.size(); s++)
        if (std::fabs(snrs[s] - snr_db) < std::fabs(snrs[best] - snr_db))
            best = s;
    return best;
}

} // namespace

scalar_codebook
read_scalar_codebook(const std::string& path, unsigned bits, double snr_db)
{
    const bundle file = bundle::load(path, "scalar_codebook");
    scalar_codebook book;
    book.bits_per_symbol =
        static_cast<unsigned>(file.config_integer("bits_per_symbol", 2, 8));
    book.bits = static_cast<unsigned>(file.config_integer("bits", 1, 8));
    if (bits != 0 && bits != book.bits)
        throw file.refusal("config 'bits'",
                           std::to_string(book.bits),
                           std::to_string(bits) + " as asked for");
    const bundle::shape_type snr_shape = file.tensor("snr_db").shape;
    if (snr_shape.size() != 1 || snr_shape[0] == 0)
        throw file.refusal(
            "tensor 'snr_db'", "of another shape", "[S] with S at least 1");

    const std::size_t s = snr_shape[0];
    const std::size_t k = book.bits_per_symbol;
    const std::size_t m = std::size_t{1} << book.bits;
    const std::size_t entry = nearest(file, file.f32("snr_db", {s}), snr_db);
    book.thresholds = rows_of(file.f32("thresholds", {s, k, m - 1}), entry, s);
    book.levels = rows_of(file.f32("levels", {s, k, m}), entry, s);
    book.cdf = rows_of(file.i32("cdf", {s, k, m + 1}), entry, s);
    try {
        max_mi_codec check_it(book);
    } catch (const std::invalid_argument& e) {
        throw file.refusal("the codebook",
                           std::string("refused (") + e.what() + ")",
                           "ascending thresholds and integer CDFs");
    }
    return book;
}

max_mi_codec::max_mi_codec(const scalar_codebook& codebook)
    : d_bits_per_symbol(codebook.bits_per_symbol), d_bits(codebook.bits)
{
    check(codebook);
    const std::size_t m = std::size_t{1} << d_bits;
    d_levels = codebook.levels;
    for (std::size_t p = 0; p < d_bits_per_symbol; p++) {
        const float* row = codebook.thresholds.data() + p * (m - 1);
        d_thresholds.insert(d_thresholds.end(), row, row + (m - 1));
        d_thresholds.push_back(0.0f);
        d_cdfs.emplace_back(codebook.cdf.data() + p * (m + 1), m + 1);
    }
    d_id = codec_id("max-mi," + std::to_string(d_bits_per_symbol) + "," +
                    std::to_string(d_bits));
    d_id = codec_id(d_thresholds.data(), d_thresholds.size() * sizeof(float), d_id);
    d_id = codec_id(d_levels.data(), d_levels.size() * sizeof(float), d_id);
    d_id = codec_id(
        codebook.cdf.data(), codebook.cdf.size() * sizeof(codebook.cdf[0]), d_id);
}

std::string max_mi_codec::name() const { return "max-mi-" + std::to_string(d_bits); }

std::size_t max_mi_codec::max_body_bytes(std::size_t n_llrs) const
{
    return n_llrs == 0 ? 0 : range_encoder::max_bytes(n_llrs);
}

// Bisection without branches: M is a power of two.
unsigned max_mi_codec::index(std::size_t position, float llr) const noexcept
{
    const float known = llr == llr ? llr : 0.0f; // NaN: nothing known
    const float* thresholds = d_thresholds.data() + (position << d_bits);
    unsigned below = 0;
    for (unsigned half = (1u << d_bits) >> 1; half > 0; half >>= 1)
        below += known > thresholds[below + half - 1] ? half : 0u;
    return below;
}

std::size_t
max_mi_codec::encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept
{
    if (n_llrs == 0 || n_llrs % d_bits_per_symbol != 0)
        return 0;
    range_encoder coder(body, max_body_bytes(n_llrs));
    for (std::size_t i = 0; i < n_llrs; i += d_bits_per_symbol)
        for (std::size_t p = 0; p < d_bits_per_symbol; p++)
            coder.encode(d_cdfs[p], index(p, llrs[i + p]));
    return coder.finish();
}

bool max_mi_codec::decode(const std::uint8_t* body,
                          std::size_t n_bytes,
                          float* llrs,
                          std::size_t n_llrs) noexcept
{
    if (n_llrs == 0)
        return n_bytes == 0;
    bool sound = n_bytes > 0 && n_llrs % d_bits_per_symbol == 0;
    if (sound) {
        range_decoder coder(body, n_bytes);
        for (std::size_t i = 0; i < n_llrs; i += d_bits_per_symbol)
            for (std::size_t p = 0; p < d_bits_per_symbol; p++)
                llrs[i + p] = d_levels[(p << d_bits) + coder.decode(d_cdfs[p])];
        sound = coder.encoded_bytes() == n_bytes;
    }
    if (!sound)
        std::fill_n(llrs, n_llrs, 0.0f);
    return sound;
}

std::unique_ptr<softbit_codec> max_mi_codec::clone() const
{
    return std::make_unique<max_mi_codec>(*this);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
