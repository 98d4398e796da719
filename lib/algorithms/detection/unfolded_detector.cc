/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/unfolded_detector.h>

#include "algorithms/detection/soft_output.h"
#include "algorithms/detection/unfolded_float_record.h"
#include "algorithms/detection/unfolded_llrs.h"
#include "algorithms/detection/unfolded_model.h"
#include "algorithms/detection/unfolded_record_reader.h"
#include "kernels/channel_solver.h"
#include "kernels/unfolded_float.h"
#include "kernels/unfolded_int8.h"
#include "kernels/unfolded_record.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using kernels::channel_solver;
constexpr std::size_t lanes = channel_solver::lanes;
using arithmetic_kind = unfolded_model::arithmetic_kind;

kernels::unfolded_int8_plan int8_plan(const unfolded_model& m)
{
    kernels::unfolded_int8_plan p;
    p.inputs = 2 * m.antennas;
    p.outputs = 2 * m.users;
    p.layers = m.layers;
    p.denoisers = m.denoisers;
    p.pgd = m.pgd;
    p.apart = m.apart;
    p.denoiser = m.denoiser;
    p.levels = 1 << m.bits_per_symbol / 2;
    p.fraction_bits = m.fraction_bits;
    p.matrix_limit = largest_code(m.matrix_bits);
    p.activation_limit = largest_code(m.activation_bits);
    p.lay_out();
    return p;
}

kernels::unfolded_float_plan float_plan(const unfolded_model& m)
{
    const bool quantized = m.arithmetic == arithmetic_kind::quantized;
    kernels::unfolded_float_plan p;
    p.inputs = 2 * m.antennas;
    p.outputs = 2 * m.users;
    p.layers = m.layers;
    p.denoisers = m.denoisers;
    p.pgd = m.pgd;
    p.apart = quantized && m.apart && m.matrix_bits;
    p.denoiser = m.denoiser;
    p.levels = 1 << m.bits_per_symbol / 2;
    if (quantized) {
        p.input_limit = static_cast<float>(largest_code(m.input_bits));
        p.activation_limit = static_cast<float>(largest_code(m.activation_bits));
    }
    p.lay_out();
    return p;
}

detector_size size_of(const unfolded_model& m)
{
    return {m.antennas, m.users, m.bits_per_symbol};
}

} // namespace

struct unfolded_detector::parts {
    explicit parts(const bundle& file)
        : model(file),
          int8(model.arithmetic == arithmetic_kind::int8),
          integers(int8_plan(model)),
          floats(float_plan(model)),
          output(model.users, model.bits_per_symbol),
          soft(model),
          solver(model.antennas, model.users),
          scratch(kernels::pack_scratch_floats(integers)),
          codes(most_vectors * integers.padded),
          values(most_vectors * std::max(integers.padded, floats.padded))
    {
        for (int level = 0; level < output.levels(); level++) {
            integers.i_labels[level] = output.i_label(level);
            integers.q_labels[level] = output.q_label(level);
        }
        scalars.fill(model.sized());
        noise_of.fill(-1.0f);
    }

    std::size_t record_bytes() const
    {
        return int8 ? integers.bytes : floats.floats * sizeof(float);
    }
    std::uint8_t* record(std::size_t channel)
    {
        return records.data() + channel * record_bytes();
    }
    float* float_record(std::size_t channel)
    {
        return reinterpret_cast<float*>(record(channel));
    }
    const float* errors(std::size_t channel)
    {
        return int8 ? reinterpret_cast<const float*>(record(channel) + integers.errors)
                    : float_record(channel) + floats.errors;
    }

    double real_variance(float noise_variance) const
    {
        return 0.5 * static_cast<double>(output.scale()) *
               static_cast<double>(output.scale()) * static_cast<double>(noise_variance);
    }

    // A lane's scalars; most often those of the channel before.
    void take_noise(std::size_t lane, float noise_variance) noexcept
    {
        const float told =
            noise_variance >= 0 && std::isfinite(noise_variance) ? noise_variance : 0.0f;
        const float known = std::max(told, model.least_noise_variance);
        if (noise_of[lane] == known)
            return;
        noise_of[lane] = known;
        if (lane > 0 && noise_of[lane - 1] == known)
            copy_scalars(scalars[lane - 1], scalars[lane]);
        else
            model.scalars_at(1.0 / static_cast<double>(known), scalars[lane]);
    }

    static void copy_scalars(const unfolded_scalars& from, unfolded_scalars& to) noexcept
    {
        to = from; // of equal sizes: no allocation
    }

    void prepare_lanes(const std::complex<float>* h,
                       const float* noise_variances,
                       std::size_t first,
                       std::size_t n,
                       std::uint8_t* usable) noexcept;
    void pack_integers(std::size_t first, std::size_t n) noexcept;
    void pack_floats(std::size_t channel, std::size_t lane) noexcept;
    bool only_labels(const vectors& some) const noexcept
    {
        return !some.symbols && !some.llrs && !raw;
    }
    void run(const vectors& some) noexcept;

    unfolded_model model;
    bool int8;
    kernels::unfolded_int8_plan integers;
    kernels::unfolded_float_plan floats;
    soft_output output;
    unfolded_llrs soft;
    channel_solver solver;
    kernels::aligned_vector<float> scratch;
    kernels::aligned_vector<std::uint8_t> records;
    std::vector<unfolded_output_terms> output_terms; // [channels]
    kernels::aligned_vector<std::int16_t> codes;
    kernels::aligned_vector<float> values;
    float* raw = nullptr; // where outputs() wants the next vector's
    std::array<unfolded_scalars, lanes> scalars;
    std::array<float, lanes> noise_of;
    alignas(64) std::array<float, 128 * lanes> error{}; // of e_i, without sigma^2
};

unfolded_detector::unfolded_detector(const std::string& path)
    : unfolded_detector(bundle::load(path, "unfolded_detector"))
{
}

unfolded_detector::unfolded_detector(const bundle& file)
    : detector("unfolded_detector", size_of(unfolded_model(file))),
      d_parts(std::make_unique<parts>(file))
{
}

unfolded_detector::~unfolded_detector() = default;

std::string unfolded_detector::name() const
{
    const auto& m = d_parts->model;
    const char* arithmetic = m.arithmetic == arithmetic_kind::int8        ? "int8"
                             : m.arithmetic == arithmetic_kind::quantized ? "quantized"
                                                                          : "float32";
    return std::string(m.pgd ? "pgd-" : "admm-") + std::to_string(m.layers) + "-" +
           arithmetic;
}

bool unfolded_detector::is_int8() const noexcept { return d_parts->int8; }
std::size_t unfolded_detector::layers() const noexcept { return d_parts->model.layers; }
const std::string& unfolded_detector::method() const noexcept
{
    return d_parts->model.method;
}

void unfolded_detector::make_room(std::size_t channels)
{
    d_parts->records.assign(channels * d_parts->record_bytes(), 0);
    d_parts->output_terms.assign(channels, {});
}

void unfolded_detector::prepare_channels(const std::complex<float>* h,
                                         const float* noise_variances,
                                         std::size_t count,
                                         std::uint8_t* usable) noexcept
{
    const std::size_t values = size().antennas * size().users;
    for (std::size_t first = 0; first < count; first += lanes)
        d_parts->prepare_lanes(h + first * values,
                               noise_variances + first,
                               first,
                               std::min(lanes, count - first),
                               usable + first);
}

void unfolded_detector::parts::prepare_lanes(const std::complex<float>* h,
                                             const float* noise_variances,
                                             std::size_t first,
                                             std::size_t n,
                                             std::uint8_t* usable) noexcept
{
    for (std::size_t l = 0; l < n; l++) {
        take_noise(l, noise_variances[l]);
        output_terms[first + l] = scalars[l].output;
    }
    solver.load(h, n);
    solver.gram();
    if (!model.pgd) {
        float rho[lanes];
        for (std::size_t l = 0; l < lanes; l++)
            rho[l] = l < n ? scalars[l].rho : 1.0f;
        solver.invert(rho);
        solver.filter();
    }
    const auto& diagonal = model.pgd ? solver.gram_matrix() : solver.inverse();
    for (std::size_t i = 0; i < model.users; i++)
        for (std::size_t l = 0; l < n; l++) {
            const float d = diagonal.re[diagonal.at(i, i) + l];
            error[i * lanes + l] = model.pgd ? 1.0f / std::max(d, 1e-12f) : d;
            usable[l] = usable[l] && std::isfinite(d);
        }
    if (int8)
        pack_integers(first, n);
    else
        for (std::size_t l = 0; l < n; l++)
            pack_floats(first + l, l);
}

void unfolded_detector::parts::pack_integers(std::size_t first, std::size_t n) noexcept
{
    kernels::unfolded_int8_scalars of_lane[lanes];
    std::uint8_t* to[lanes];
    for (std::size_t l = 0; l < n; l++) {
        const auto& s = scalars[l];
        of_lane[l] = {model.pgd ? 1.0f : s.rho,
                      static_cast<float>(real_variance(noise_of[l])),
                      s.constant.data(),
                      s.slope.data(),
                      s.step.data(),
                      s.eta.data(),
                      s.estimate_gain.data(),
                      s.dual_gain.data(),
                      s.memory.data()};
        to[l] = record(first + l);
    }
    kernels::pack_unfolded_int8(integers,
                                solver.channel(),
                                model.pgd ? solver.gram_matrix() : solver.inverse(),
                                model.pgd ? solver.adjoint() : solver.filters(),
                                error.data(),
                                of_lane,
                                n,
                                to,
                                scratch.data());
}

void unfolded_detector::parts::pack_floats(std::size_t channel, std::size_t lane) noexcept
{
    const bool quantized = model.arithmetic == arithmetic_kind::quantized;
    const float_channel of{model.pgd ? solver.gram_matrix() : solver.inverse(),
                           model.pgd ? solver.adjoint() : solver.filters(),
                           error.data(),
                           lane,
                           model.pgd ? 1.0f : scalars[lane].rho,
                           static_cast<float>(real_variance(noise_of[lane])),
                           quantized ? model.matrix_bits : 0,
                           quantized ? model.filter_bits : 0};
    pack_unfolded_float(floats, of, scalars[lane], float_record(channel));
}

// Outputs of some vectors, in codes or values.
void unfolded_detector::parts::run(const vectors& some) noexcept
{
    if (int8) {
        std::array<const std::uint8_t*, most_vectors> of;
        for (std::size_t v = 0; v < some.n; v++)
            of[v] = record(some.channel[v]);
        kernels::run_unfolded_int8(integers,
                                   of.data(),
                                   some.n,
                                   some.y,
                                   output.scale(),
                                   only_labels(some) ? nullptr : codes.data(),
                                   some.labels);
        return;
    }
    std::array<const float*, most_vectors> of;
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = float_record(some.channel[v]);
    kernels::run_unfolded_float(
        floats, of.data(), some.n, some.y, output.scale(), values.data());
}

void unfolded_detector::detect_vectors(const vectors& some) noexcept
{
    auto& p = *d_parts;
    p.run(some);
    const std::size_t users = size().users;
    if (p.int8 && p.only_labels(some))
        return;
    const float unit = std::ldexp(1.0f, -p.integers.fraction_bits);
    for (std::size_t v = 0; v < some.n; v++) {
        const float* o = p.values.data() + v * p.floats.padded;
        if (p.int8) {
            const std::int16_t* code = p.codes.data() + v * p.integers.padded;
            for (std::size_t i = 0; i < 2 * users; i++)
                p.values[i] = unit * code[kernels::state_of_row(i, users)];
            o = p.values.data();
        } else if (some.labels) {
            p.output.labels(o, some.labels + v * users);
        }
        if (p.raw)
            std::copy_n(o, 2 * users, p.raw);
        if (some.symbols)
            p.output.symbols(o, some.symbols + v * users);
        if (some.llrs)
            p.soft.find(o,
                        p.errors(some.channel[v]),
                        p.output_terms[some.channel[v]],
                        some.llrs + v * llrs_per_vector());
    }
}

std::size_t unfolded_detector::outputs(const std::complex<float>* y,
                                       std::size_t n,
                                       std::size_t block_len,
                                       float* o) noexcept
{
    std::fill_n(o, 2 * n * size().users, 0.0f);
    std::size_t erased = 0;
    for (std::size_t v = 0; v < n; v++) {
        d_parts->raw = o + 2 * v * size().users;
        erased +=
            detect(y + v * size().antennas, 1, block_len, nullptr, nullptr, nullptr, v);
    }
    d_parts->raw = nullptr;
    return erased;
}

unfolded_channel unfolded_detector::prepared(std::size_t channel) const
{
    if (!d_parts->int8 || channel >= channels())
        throw std::invalid_argument(
            "unfolded_detector: there is no prepared int8 channel " +
            std::to_string(channel));
    return read_unfolded_record(d_parts->integers, d_parts->record(channel));
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
