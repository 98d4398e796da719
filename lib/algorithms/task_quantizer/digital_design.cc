/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/digital_design.h"

#include "algorithms/task_quantizer/class_scores.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t stack_floats = 16384; // of a chunk of vectors, 64 KB

} // namespace

std::size_t digital_map::design::chunk() const noexcept
{
    const std::size_t widest = std::max({adc.adcs(), outputs, classes});
    return std::clamp<std::size_t>(stack_floats / widest, 16, 64);
}

void digital_map::design::look_up(const std::uint8_t* codes,
                                  std::size_t n,
                                  float* q) const noexcept
{
    const std::size_t p = adc.adcs();
    const unsigned* levels = adc.levels().data();
    for (std::size_t v = 0; v < n; v++) {
        const float* row = values.data();
        for (std::size_t d = 0; d < p; row += levels[d], d++)
            *q++ = row[std::min<unsigned>(*codes++, levels[d] - 1)];
    }
}

void digital_map::design::run(std::size_t network,
                              const std::uint8_t* codes,
                              std::size_t n,
                              float* y) const noexcept
{
    float q[stack_floats];
    look_up(codes, n, q);
    networks[network].run(q, n, y);
}

void digital_map::design::estimate_affine(const std::uint8_t* codes,
                                          const float* gains,
                                          std::size_t n,
                                          float* s) const noexcept
{
    float y[stack_floats];
    for (std::size_t from = 0; from < n; from += chunk()) {
        const std::size_t m = std::min(chunk(), n - from);
        run(0, codes, m, s);
        for (unsigned j = 1; j < powers; j++) {
            run(j, codes, m, y);
            for (std::size_t v = 0; v < m; v++) {
                const float g = gains ? gains[from + v] : 1.0f;
                const bool usable = g > 0.0f && std::isfinite(g);
                float power = 1.0f;
                for (unsigned i = 0; i < j; i++)
                    power *= usable ? 1.0f / g : 1.0f;
                for (std::size_t o = 0; o < outputs; o++)
                    s[v * outputs + o] += power * y[v * outputs + o];
            }
        }
        codes += m * adc.adcs();
        s += m * outputs;
    }
}

void digital_map::design::find_scores(const std::uint8_t* codes,
                                      std::size_t n,
                                      class_scores& scores) const noexcept
{
    const std::size_t p = adc.adcs();
    float some[stack_floats]; // levels, or rows of scores
    if (kind == digital_kind::network) {
        look_up(codes, n, some);
        networks.front().run_into_columns(some, n, scores.data(), scores.columns());
        return;
    }
    const auto& levels = adc.levels();
    for (std::size_t v = 0; v < n; v++, codes += p) {
        float* const sum = some + v * classes;
        std::fill(sum, sum + classes, 0.0f);
        for (std::size_t d = 0; d < p; d++) {
            const unsigned code = std::min<unsigned>(codes[d], levels[d] - 1);
            const float* row =
                log_likelihood.data() + (adc.first_code(d) + code) * classes;
            for (std::size_t s = 0; s < classes; s++)
                sum[s] += row[s];
        }
    }
    scores.set_rows(some, n);
}

template <class Use>
void digital_map::design::for_scores(const std::uint8_t* codes,
                                     std::size_t n,
                                     Use use) const noexcept
{
    const std::size_t few = n > 16 ? 64 : 16;
    class_scores scores(
        outputs, kind == digital_kind::network ? networks.front().columns_for(n) : few);
    for (std::size_t from = 0; from < n; from += scores.columns()) {
        const std::size_t m = std::min(scores.columns(), n - from);
        find_scores(codes + from * adc.adcs(), m, scores);
        use(from, m, scores);
    }
}

// The codes of every cell, through the map as if they had come from ADCs.
void digital_map::design::fill_joint_table() noexcept
{
    constexpr std::size_t most = 64, most_adcs = 16; // 2^16 cells: no more ADCs than that
    std::uint8_t codes[most * most_adcs];
    const auto& levels = adc.levels();
    const std::size_t p = levels.size(), cells = joint.cells();
    for (std::size_t first = 0; first < cells; first += most) {
        const std::size_t n = std::min(most, cells - first);
        for (std::size_t i = 0; i < n; i++)
            for (std::size_t d = 0; d < p; d++)
                codes[i * p + d] =
                    static_cast<std::uint8_t>((first + i) / joint.stride[d] % levels[d]);
        for_scores(codes, n, [&](auto from, auto m, class_scores& scores) {
            joint.fill(first + from, m, scores);
        });
    }
}

void digital_map::design::cells_of(const std::uint8_t* codes,
                                   std::size_t n,
                                   std::uint32_t* cells) const noexcept
{
    const std::size_t p = adc.adcs();
    const unsigned* levels = adc.levels().data();
    for (std::size_t v = 0; v < n; v++, codes += p) {
        std::uint32_t cell = 0;
        for (std::size_t d = 0; d < p; d++)
            cell += std::min<std::uint32_t>(codes[d], levels[d] - 1) * joint.stride[d];
        cells[v] = cell;
    }
}

template <class Use>
void digital_map::design::for_cells(const std::uint8_t* codes,
                                    std::size_t n,
                                    Use use) const noexcept
{
    constexpr std::size_t most = 256;
    std::uint32_t cells[most];
    for (std::size_t from = 0; from < n; from += most) {
        const std::size_t m = std::min(most, n - from);
        cells_of(codes + from * adc.adcs(), m, cells);
        use(from, m, cells);
    }
}

void digital_map::estimate(const std::uint8_t* codes,
                           const float* gains,
                           std::size_t n,
                           float* s) const noexcept
{
    const design& m = *d_design;
    if (m.kind == digital_kind::affine)
        return m.estimate_affine(codes, gains, n, s);
    if (m.task == quantizer_task::estimation) {
        for (std::size_t from = 0; from < n; from += m.chunk())
            m.run(0,
                  codes + from * m.adc.adcs(),
                  std::min(m.chunk(), n - from),
                  s + from * m.outputs);
        return;
    }
    llrs(codes, n, s);
    to_means(s, n * m.outputs);
}

void digital_map::classes(const std::uint8_t* codes,
                          std::size_t n,
                          std::uint8_t* most) const noexcept
{
    const design& m = *d_design;
    if (m.task != quantizer_task::detection) {
        std::fill(most, most + n, std::uint8_t{0});
    } else if (m.joint.exists()) {
        m.for_cells(codes, n, [&](auto from, auto count, auto cells) {
            m.joint.find_classes(cells, count, most + from);
        });
    } else {
        m.for_scores(codes, n, [&](auto from, auto count, auto& scores) {
            scores.classes(count, most + from);
        });
    }
}

void digital_map::decide(const std::uint8_t* codes,
                         std::size_t n,
                         std::uint8_t* bits) const noexcept
{
    const design& m = *d_design;
    if (m.task != quantizer_task::detection) {
        std::fill(bits, bits + n * m.outputs, std::uint8_t{0});
    } else if (m.joint.exists()) {
        m.for_cells(codes, n, [&](auto from, auto count, auto cells) {
            m.joint.find_bits(cells, count, bits + from * m.outputs);
        });
    } else {
        m.for_scores(codes, n, [&](auto from, auto count, auto& scores) {
            scores.bits(count, bits + from * m.outputs);
        });
    }
}

void digital_map::posteriors(const std::uint8_t* codes,
                             std::size_t n,
                             float* probabilities) const noexcept
{
    const design& m = *d_design;
    if (m.task != quantizer_task::detection)
        return; // there are no classes
    if (!m.joint.posteriors.empty()) {
        m.for_cells(codes, n, [&](auto from, auto count, auto cells) {
            m.joint.find_posteriors(cells, count, probabilities + from * m.classes);
        });
    } else {
        m.for_scores(codes, n, [&](auto from, auto count, auto& scores) {
            scores.posteriors(count, probabilities + from * m.classes);
        });
    }
}

void digital_map::llrs(const std::uint8_t* codes,
                       std::size_t n,
                       float* llrs) const noexcept
{
    const design& m = *d_design;
    if (m.task != quantizer_task::detection) {
        std::fill(llrs, llrs + n * m.outputs, 0.0f);
    } else if (m.joint.exists()) {
        m.for_cells(codes, n, [&](auto from, auto count, auto cells) {
            m.joint.find_llrs(cells, count, llrs + from * m.outputs);
        });
    } else {
        m.for_scores(codes, n, [&](auto from, auto count, auto& scores) {
            scores.llrs(count, llr_limit, llrs + from * m.outputs);
        });
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
