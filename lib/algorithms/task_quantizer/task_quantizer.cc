/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>

#include "algorithms/task_quantizer/adc_design.h"
#include "algorithms/task_quantizer/analog_design.h"
#include "algorithms/task_quantizer/bundle_parts.h"
#include "algorithms/task_quantizer/column_chain.h"
#include "algorithms/task_quantizer/digital_design.h"
#include "kernels/cell_finder.h"
#include <gnuradio/fewbit/algorithms/models_path.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t stack_floats = 16384; // of ADC inputs that wait together, 64 KB
constexpr std::size_t most_vectors = 256;   // likewise

// Vectors that pass the chain together: whole groups of the dense kernel.
std::size_t together(std::size_t adcs) noexcept
{
    const std::size_t most = std::min(stack_floats / adcs, most_vectors);
    return most >= 64 ? most / 64 * 64 : 16;
}

} // namespace

// A small combiner with a fixed AGC, and a digital map that has an answer for every cell: from
// the antennas to the answer in one kernel.
std::shared_ptr<const kernels::cell_finder> task_quantizer::cells_of_parts() const
{
    const auto& table = d_digital.d_design->joint;
    if (!d_analog.d_design->exact || !table.exists() || d_analog.agc() != agc_mode::fixed)
        return nullptr;
    return std::make_shared<kernels::cell_finder>(
        d_analog.d_design->combiner, d_adc.levels(), d_adc.thresholds(), table.stride);
}

task_quantizer::task_quantizer(analog_map analog,
                               scalar_adc adc,
                               digital_map digital,
                               bool complex_inputs,
                               std::string method)
    : d_analog(std::move(analog)),
      d_adc(std::move(adc)),
      d_digital(std::move(digital)),
      d_complex_inputs(complex_inputs),
      d_method(std::move(method))
{
    fit_parts();
}

namespace {

task_quantizer of_parts(bundle_parts parts)
{
    return task_quantizer(std::move(parts.analog),
                          std::move(parts.adc),
                          std::move(parts.digital),
                          parts.complex_inputs,
                          std::move(parts.method));
}

} // namespace

task_quantizer::task_quantizer(const bundle& file)
    : task_quantizer(of_parts(read_parts(file)))
{
}

task_quantizer::task_quantizer(const std::string& file)
    : task_quantizer(bundle::load(find_model(file), "task_quantizer"))
{
}

void task_quantizer::fit_parts()
{
    if (d_analog.outputs() != d_adc.adcs())
        throw std::invalid_argument("task_quantizer: the analog map has " +
                                    std::to_string(d_analog.outputs()) +
                                    " outputs, expected one for each of the " +
                                    std::to_string(d_adc.adcs()) + " ADCs");
    if (d_digital.levels() != d_adc.levels())
        throw std::invalid_argument("task_quantizer: the digital map is made for other "
                                    "ADCs or levels, expected those of the ADCs");
    if (d_complex_inputs && inputs() % 2)
        throw std::invalid_argument("task_quantizer: " + std::to_string(inputs()) +
                                    " inputs are complex, expected an even number: "
                                    "real parts, then imaginary parts");
    d_cells = cells_of_parts();
    d_columns = columns_of_parts();
}

// A large fixed combiner, and an estimator that does not ask for the gain.
std::shared_ptr<const column_chain> task_quantizer::columns_of_parts() const
{
    const auto& analog = *d_analog.d_design;
    const auto& digital = *d_digital.d_design;
    if (analog.exact || analog.agc != agc_mode::fixed ||
        digital.task != quantizer_task::estimation || digital.powers > 1 ||
        !column_chain::can_run(analog.network, d_adc, digital.networks.front()))
        return nullptr;
    return std::make_shared<column_chain>(analog.gain, d_adc, digital.values);
}

double task_quantizer::bits_per_vector() const noexcept
{
    double bits = 0;
    for (const unsigned m : d_adc.levels())
        bits += std::log2(m);
    return bits;
}

double task_quantizer::rate() const noexcept
{
    return bits_per_vector() / static_cast<double>(inputs());
}

void task_quantizer::set_adc(scalar_adc adc)
{
    std::swap(d_adc, adc);
    try {
        fit_parts();
    } catch (...) {
        std::swap(d_adc, adc);
        throw;
    }
}

void task_quantizer::set_digital(digital_map digital)
{
    std::swap(d_digital, digital);
    try {
        fit_parts();
    } catch (...) {
        std::swap(d_digital, digital);
        throw;
    }
}

template <class Use>
void task_quantizer::in_blocks(const float* x,
                               std::size_t n_vectors,
                               std::size_t block_len,
                               Use use) const noexcept
{
    using analog = analog_map::design;
    float z[stack_floats];
    std::uint8_t codes[stack_floats];
    float gains[most_vectors];
    const std::size_t n = inputs(), p = adcs();
    const std::size_t chunk = together(p);
    const bool controlled = d_analog.agc() == agc_mode::block;
    const std::size_t block =
        controlled ? std::max<std::size_t>(block_len, 1) : n_vectors;

    for (std::size_t begin = 0; begin < n_vectors; begin += block) {
        const std::size_t length = std::min(block, n_vectors - begin);
        float g = 1.0f;
        if (controlled) { // combined twice, if the block is longer than a chunk
            double energy = 0;
            for (std::size_t from = 0; from < length; from += chunk) {
                const std::size_t m = std::min(chunk, length - from);
                d_analog.d_design->combine(x + (begin + from) * n, m, z);
                energy = analog::energy(z, m * p, energy);
            }
            g = analog::gain_of(energy, length * p);
        }
        std::fill(gains, gains + most_vectors, g);
        for (std::size_t from = 0; from < length; from += chunk) {
            const std::size_t m = std::min(chunk, length - from);
            if (!controlled || length > chunk)
                d_analog.d_design->combine(x + (begin + from) * n, m, z);
            if (controlled)
                analog::scale(z, m * p, g);
            d_adc.quantize(z, m, codes);
            use(begin + from, m, codes, gains);
        }
    }
}

// use(first vector, vectors, cells); only where d_cells is not null.
template <class Use>
void task_quantizer::in_cells(const float* x,
                              std::size_t n_vectors,
                              Use use) const noexcept
{
    std::uint32_t cells[most_vectors];
    for (std::size_t from = 0; from < n_vectors; from += most_vectors) {
        const std::size_t n = std::min(most_vectors, n_vectors - from);
        d_cells->cells(x + from * inputs(), n, cells);
        use(from, n, cells);
    }
}

void task_quantizer::codes(const float* x,
                           std::size_t n_vectors,
                           std::uint8_t* codes,
                           float* gains,
                           std::size_t block_len) const noexcept
{
    in_blocks(x, n_vectors, block_len, [&](auto from, auto n, auto found, auto g) {
        std::copy_n(found, n * adcs(), codes + from * adcs());
        if (gains)
            std::copy_n(g, n, gains + from);
    });
}

void task_quantizer::estimate(const float* x,
                              std::size_t n_vectors,
                              float* s,
                              std::size_t block_len) const noexcept
{
    if (d_columns && n_vectors > kernels::dense_network::few_rows)
        return d_columns->run(d_analog.d_design->network,
                              d_digital.d_design->networks.front(),
                              x,
                              n_vectors,
                              s);
    in_blocks(x, n_vectors, block_len, [&](auto from, auto n, auto codes, auto gains) {
        d_digital.estimate(codes, gains, n, s + from * outputs());
    });
}

void task_quantizer::classes(const float* x,
                             std::size_t n_vectors,
                             std::uint8_t* classes,
                             std::size_t block_len) const noexcept
{
    if (d_cells) {
        const auto& table = d_digital.d_design->joint.classes;
        return d_cells->answers(x, n_vectors, table.data(), 1, 1, classes);
    }
    in_blocks(x, n_vectors, block_len, [&](auto from, auto n, auto codes, auto) {
        d_digital.classes(codes, n, classes + from);
    });
}

void task_quantizer::decide(const float* x,
                            std::size_t n_vectors,
                            std::uint8_t* bits,
                            std::size_t block_len) const noexcept
{
    if (d_cells) {
        const auto& table = d_digital.d_design->joint;
        return d_cells->answers(
            x, n_vectors, table.bits.data(), table.bit_row, outputs(), bits);
    }
    in_blocks(x, n_vectors, block_len, [&](auto from, auto n, auto codes, auto) {
        d_digital.decide(codes, n, bits + from * outputs());
    });
}

void task_quantizer::posteriors(const float* x,
                                std::size_t n_vectors,
                                float* probabilities,
                                std::size_t block_len) const noexcept
{
    const auto& table = d_digital.d_design->joint;
    if (d_cells && !table.posteriors.empty())
        return in_cells(x, n_vectors, [&](auto from, auto n, auto cells) {
            table.find_posteriors(cells, n, probabilities + from * d_digital.classes());
        });
    in_blocks(x, n_vectors, block_len, [&](auto from, auto n, auto codes, auto) {
        d_digital.posteriors(codes, n, probabilities + from * d_digital.classes());
    });
}

void task_quantizer::llrs(const float* x,
                          std::size_t n_vectors,
                          float* llrs,
                          std::size_t block_len) const noexcept
{
    if (d_cells) {
        const auto& table = d_digital.d_design->joint;
        const std::size_t row = outputs() * sizeof(float);
        if (row == 4 || row == 8 || row == 16)
            return d_cells->answers(x, n_vectors, table.llrs.data(), row, row, llrs);
        return in_cells(x, n_vectors, [&](auto from, auto n, auto cells) {
            table.find_llrs(cells, n, llrs + from * outputs());
        });
    }
    in_blocks(x, n_vectors, block_len, [&](auto from, auto n, auto codes, auto) {
        d_digital.llrs(codes, n, llrs + from * outputs());
    });
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
