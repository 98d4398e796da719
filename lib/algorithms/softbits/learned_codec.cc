/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/learned_codec.h>

#include "kernels/soft_bits.h"
#include "learned_model.h"
#include <gnuradio/fewbit/algorithms/coding/range_coder.h>
#include <algorithm>
#include <utility>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t n_latents = learned_codec::latents_per_symbol;

// Code indices, in rows of one latent each; returns the bytes.
std::size_t write_body(const learned_model& model,
                       const std::int32_t* index_rows,
                       std::size_t stride,
                       std::size_t n_symbols,
                       std::uint8_t* body,
                       std::size_t capacity)
{
    range_encoder coder(body, capacity);
    if (model.contexts.contexts() == 1) {
        const cdf_table* const cdfs = model.cdfs.data();
        for (std::size_t i = 0; i < n_symbols; i++)
            for (std::size_t l = 0; l < n_latents; l++)
                coder.encode(cdfs[l], static_cast<unsigned>(index_rows[l * stride + i]));
    } else {
        latent_contexts::walk walk(model.contexts);
        for (std::size_t i = 0; i < n_symbols; i++)
#pragma GCC unroll 3
            for (std::size_t l = 0; l < n_latents; l++) {
                const auto index = static_cast<unsigned>(index_rows[l * stride + i]);
                coder.encode(model.cdf(l, walk.context(l)), index);
                walk.coded(l, index);
            }
    }
    return coder.finish();
}

// The other way: a body's points, in rows of one latent each; false for a body of another
// size than these indices have. Each symbol waits for the one before it, so that looking
// up its point here takes no time.
bool read_body(const learned_model& model,
               const std::uint8_t* body,
               std::size_t n_bytes,
               std::size_t n_symbols,
               float* latent_rows,
               std::size_t stride)
{
    range_decoder coder(body, n_bytes);
    const float* const points = model.codebook.data();
    if (model.contexts.contexts() == 1) {
        const cdf_table* const cdfs = model.cdfs.data();
        for (std::size_t i = 0; i < n_symbols; i++)
            for (std::size_t l = 0; l < n_latents; l++)
                latent_rows[l * stride + i] = points[coder.decode(cdfs[l])];
    } else {
        latent_contexts::walk walk(model.contexts);
        for (std::size_t i = 0; i < n_symbols; i++)
#pragma GCC unroll 3
            for (std::size_t l = 0; l < n_latents; l++) {
                const unsigned index = coder.decode(model.cdf(l, walk.context(l)));
                latent_rows[l * stride + i] = points[index];
                walk.coded(l, index);
            }
    }
    return coder.encoded_bytes() == n_bytes;
}

} // namespace

// Memory of one packet. Rows hold one LLR position or one latent of all symbols.
struct learned_codec::scratch {
    scratch(const learned_model& model, std::size_t n_symbols)
        : symbols(n_symbols),
          soft_bits(model.bits_per_symbol * n_symbols),
          llr_rows(model.bits_per_symbol * kernels::aligned_stride(n_symbols)),
          latent_rows(n_latents * kernels::aligned_stride(n_symbols)),
          index_rows(latent_rows.size()),
          network(
              std::max(model.encoder.scratch_floats(), model.decoder.scratch_floats()))
    {
    }

    std::size_t symbols; // room
    kernels::aligned_vector<float> soft_bits;
    kernels::aligned_vector<float> llr_rows;
    kernels::aligned_vector<float> latent_rows;
    kernels::aligned_vector<std::int32_t> index_rows;
    kernels::aligned_vector<float> network;
};

learned_codec::learned_codec(const std::string& file)
    : learned_codec(learned_model::load(file))
{
}

learned_codec::learned_codec(std::shared_ptr<const learned_model> model)
    : d_model(std::move(model)), d_scratch(std::make_unique<scratch>(*d_model, 0))
{
}

learned_codec::~learned_codec() = default;

std::string learned_codec::name() const
{
    const std::string name = "learned-k" + std::to_string(d_model->bits_per_symbol);
    return contexts() > 1 ? name + "-c" + std::to_string(contexts()) : name;
}

std::uint32_t learned_codec::id() const { return d_model->id; }
std::size_t learned_codec::llrs_per_symbol() const { return d_model->bits_per_symbol; }
unsigned learned_codec::levels() const { return d_model->levels; }
unsigned learned_codec::contexts() const { return d_model->contexts.contexts(); }
float learned_codec::llr_clip() const { return d_model->llr_clip; }

std::size_t learned_codec::max_body_bytes(std::size_t n_llrs) const
{
    return range_encoder::max_bytes(n_llrs / d_model->bits_per_symbol * n_latents);
}

void learned_codec::reserve(std::size_t n_llrs)
{
    const std::size_t symbols =
        (n_llrs + d_model->bits_per_symbol - 1) / d_model->bits_per_symbol;
    if (symbols > d_scratch->symbols)
        d_scratch = std::make_unique<scratch>(*d_model, symbols);
}

bool learned_codec::has_room_for(std::size_t n_llrs) const noexcept
{
    return n_llrs % d_model->bits_per_symbol == 0 &&
           n_llrs / d_model->bits_per_symbol <= d_scratch->symbols;
}

void learned_codec::run_encoder(const float* llrs, std::size_t n_symbols) noexcept
{
    const std::size_t stride = kernels::aligned_stride(n_symbols);
    const std::size_t k = d_model->bits_per_symbol;
    scratch& s = *d_scratch;
    kernels::scaled_tanh(llrs, 0.5f, s.soft_bits.data(), k * n_symbols);
    kernels::to_rows(s.soft_bits.data(), k, n_symbols, s.llr_rows.data(), stride);
    d_model->encoder.run(
        s.llr_rows.data(), s.latent_rows.data(), n_symbols, stride, s.network.data());
    kernels::scaled_tanh(
        s.latent_rows.data(), 1.0f, s.latent_rows.data(), n_latents * stride);
}

// Of the latent rows, into the index rows.
void learned_codec::quantize(std::size_t n_symbols) noexcept
{
    const std::vector<float>& points = d_model->codebook;
    kernels::nearest_points(d_scratch->latent_rows.data(),
                            n_latents * kernels::aligned_stride(n_symbols),
                            points.front(),
                            (points.back() - points.front()) / (points.size() - 1),
                            d_model->levels,
                            d_scratch->index_rows.data());
}

// From the latent rows.
void learned_codec::run_decoder(std::size_t n_symbols, float* llrs) noexcept
{
    const std::size_t stride = kernels::aligned_stride(n_symbols);
    const std::size_t k = d_model->bits_per_symbol;
    scratch& s = *d_scratch;
    d_model->decoder.run(
        s.latent_rows.data(), s.llr_rows.data(), n_symbols, stride, s.network.data());
    // The last layer's sum a has tanh(a) = Lambda = tanh(L/2).
    kernels::scale_and_clip(s.llr_rows.data(), k * stride, 2.0f, d_model->llr_clip);
    kernels::from_rows(s.llr_rows.data(), k, n_symbols, stride, llrs);
}

std::size_t
learned_codec::encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept
{
    if (n_llrs == 0 || !has_room_for(n_llrs))
        return 0;
    const std::size_t n_symbols = n_llrs / d_model->bits_per_symbol;
    run_encoder(llrs, n_symbols);
    quantize(n_symbols);
    return write_body(*d_model,
                      d_scratch->index_rows.data(),
                      kernels::aligned_stride(n_symbols),
                      n_symbols,
                      body,
                      max_body_bytes(n_llrs));
}

bool learned_codec::decode(const std::uint8_t* body,
                           std::size_t n_bytes,
                           float* llrs,
                           std::size_t n_llrs) noexcept
{
    if (n_llrs == 0)
        return n_bytes == 0;
    const std::size_t n_symbols = n_llrs / d_model->bits_per_symbol;
    if (!has_room_for(n_llrs) || n_bytes == 0 || n_bytes > max_body_bytes(n_llrs) ||
        !read_body(*d_model,
                   body,
                   n_bytes,
                   n_symbols,
                   d_scratch->latent_rows.data(),
                   kernels::aligned_stride(n_symbols))) {
        std::fill(llrs, llrs + n_llrs, 0.0f);
        return false;
    }
    run_decoder(n_symbols, llrs);
    return true;
}

std::unique_ptr<softbit_codec> learned_codec::clone() const
{
    auto copy = std::unique_ptr<learned_codec>(new learned_codec(d_model));
    copy->reserve(d_scratch->symbols * d_model->bits_per_symbol);
    return copy;
}

bool learned_codec::latents(const float* llrs,
                            std::size_t n_llrs,
                            float* latents) noexcept
{
    if (!has_room_for(n_llrs))
        return false;
    const std::size_t n_symbols = n_llrs / d_model->bits_per_symbol;
    run_encoder(llrs, n_symbols);
    kernels::from_rows(d_scratch->latent_rows.data(),
                       n_latents,
                       n_symbols,
                       kernels::aligned_stride(n_symbols),
                       latents);
    return true;
}

bool learned_codec::indices(const float* llrs,
                            std::size_t n_llrs,
                            std::uint8_t* indices) noexcept
{
    if (!has_room_for(n_llrs))
        return false;
    const std::size_t n_symbols = n_llrs / d_model->bits_per_symbol;
    const std::size_t stride = kernels::aligned_stride(n_symbols);
    run_encoder(llrs, n_symbols);
    quantize(n_symbols);
    for (std::size_t i = 0; i < n_symbols; i++)
        for (std::size_t l = 0; l < n_latents; l++)
            indices[i * n_latents + l] =
                static_cast<std::uint8_t>(d_scratch->index_rows[l * stride + i]);
    return true;
}

bool learned_codec::decode_indices(const std::uint8_t* indices,
                                   float* llrs,
                                   std::size_t n_llrs) noexcept
{
    if (!has_room_for(n_llrs))
        return false;
    const std::size_t n_symbols = n_llrs / d_model->bits_per_symbol;
    if (std::any_of(indices, indices + n_symbols * n_latents, [this](unsigned index) {
            return index >= d_model->levels;
        }))
        return false;
    const std::size_t stride = kernels::aligned_stride(n_symbols);
    for (std::size_t i = 0; i < n_symbols; i++)
        for (std::size_t l = 0; l < n_latents; l++)
            d_scratch->latent_rows[l * stride + i] =
                d_model->codebook[indices[i * n_latents + l]];
    run_decoder(n_symbols, llrs);
    return true;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
