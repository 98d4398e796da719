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
}

// Memory of one packet. Rows hold one LLR position or one latent of all symbols.
struct learned_codec::scratch {
    scratch(const learned_model& model, std::size_t n_symbols)
        : symbols(n_symbols),
          soft_bits(model.bits_per_symbol * n_symbols),
          llr_rows(model.bits_per_symbol * kernels::aligned_stride(n_symbols)),
          latent_rows(n_latents * kernels::aligned_stride(n_symbols)),
          index_rows(latent_rows.size()),
          indices(n_latents * n_symbols),
          network(
              std::max(model.encoder.scratch_floats(), model.decoder.scratch_floats()))
    {
    }

    std::size_t symbols; // room
    kernels::aligned_vector<float> soft_bits;
    kernels::aligned_vector<float> llr_rows;
    kernels::aligned_vector<float> latent_rows;
    kernels::aligned_vector<std::int32_t> index_rows;
    std::vector<std::uint8_t> indices;
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

void learned_codec::quantize(std::size_t n_symbols, std::uint8_t* indices) noexcept
{
    const std::size_t stride = kernels::aligned_stride(n_symbols);
    const std::vector<float>& points = d_model->codebook;
    scratch& s = *d_scratch;
    kernels::nearest_points(s.latent_rows.data(),
                            n_latents * stride,
                            points.front(),
                            (points.back() - points.front()) / (points.size() - 1),
                            d_model->levels,
                            s.index_rows.data());
    for (std::size_t i = 0; i < n_symbols; i++)
        for (std::size_t l = 0; l < n_latents; l++)
            indices[i * n_latents + l] =
                static_cast<std::uint8_t>(s.index_rows[l * stride + i]);
}

void learned_codec::run_decoder(const std::uint8_t* indices,
                                std::size_t n_symbols,
                                float* llrs) noexcept
{
    const std::size_t stride = kernels::aligned_stride(n_symbols);
    const std::size_t k = d_model->bits_per_symbol;
    scratch& s = *d_scratch;
    for (std::size_t i = 0; i < n_symbols; i++)
        for (std::size_t l = 0; l < n_latents; l++)
            s.latent_rows[l * stride + i] = d_model->codebook[indices[i * n_latents + l]];
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
    std::uint8_t* indices = d_scratch->indices.data();
    run_encoder(llrs, n_symbols);
    quantize(n_symbols, indices);

    range_encoder coder(body, max_body_bytes(n_llrs));
    if (contexts() == 1) {
        for (std::size_t i = 0; i < n_symbols; i++)
            for (std::size_t l = 0; l < n_latents; l++)
                coder.encode(d_model->cdfs[l], indices[i * n_latents + l]);
    } else {
        latent_contexts::walk walk(d_model->contexts);
        for (std::size_t i = 0; i < n_symbols; i++)
            for (std::size_t l = 0; l < n_latents; l++) {
                const std::uint8_t index = indices[i * n_latents + l];
                coder.encode(d_model->cdf(l, walk.context(l)), index);
                walk.coded(l, index);
            }
    }
    return coder.finish();
}

bool learned_codec::decode(const std::uint8_t* body,
                           std::size_t n_bytes,
                           float* llrs,
                           std::size_t n_llrs) noexcept
{
    if (n_llrs == 0)
        return n_bytes == 0;
    std::fill(llrs, llrs + n_llrs, 0.0f);
    if (!has_room_for(n_llrs) || n_bytes == 0 || n_bytes > max_body_bytes(n_llrs))
        return false;
    const std::size_t n_symbols = n_llrs / d_model->bits_per_symbol;
    std::uint8_t* indices = d_scratch->indices.data();

    range_decoder coder(body, n_bytes);
    if (contexts() == 1) {
        for (std::size_t i = 0; i < n_symbols; i++)
            for (std::size_t l = 0; l < n_latents; l++)
                indices[i * n_latents + l] =
                    static_cast<std::uint8_t>(coder.decode(d_model->cdfs[l]));
    } else {
        latent_contexts::walk walk(d_model->contexts);
        for (std::size_t i = 0; i < n_symbols; i++)
            for (std::size_t l = 0; l < n_latents; l++) {
                const unsigned index = coder.decode(d_model->cdf(l, walk.context(l)));
                indices[i * n_latents + l] = static_cast<std::uint8_t>(index);
                walk.coded(l, index);
            }
    }
    if (coder.encoded_bytes() != n_bytes)
        return false;
    run_decoder(indices, n_symbols, llrs);
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
    run_encoder(llrs, n_symbols);
    quantize(n_symbols, indices);
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
    run_decoder(indices, n_symbols, llrs);
    return true;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
