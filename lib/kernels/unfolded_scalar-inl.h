/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Unfolded detection in integers, value by value as docs/unfolded_detector.md writes it: what a
// processor without vectors runs, and what all others are compared with.
// Included once for each target. Compiled without contraction of products and sums.
#if defined(FEWBIT_KERNELS_UNFOLDED_SCALAR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_UNFOLDED_SCALAR_INL_H
#undef FEWBIT_KERNELS_UNFOLDED_SCALAR_INL_H
#else
#define FEWBIT_KERNELS_UNFOLDED_SCALAR_INL_H
#endif

#include "kernels/unfolded_int8.h"
#include "kernels/unfolded_record.h"
#include <hwy/highway.h>
#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

using plan_type = unfolded_int8_plan;

HWY_INLINE std::int16_t saturated(std::int32_t v)
{
    return static_cast<std::int16_t>(std::clamp(v, -32768, 32767));
}

HWY_INLINE std::int16_t multiplied(std::int32_t a, std::int32_t b)
{
    return static_cast<std::int16_t>((a * b + (1 << 14)) >> 15);
}

HWY_INLINE std::int16_t round16(float v)
{
    return static_cast<std::int16_t>(
        std::nearbyint(std::min(std::max(v, -32768.0f), 32767.0f)));
}

// One vector over one record; the state in its order.
class scalar_runner
{
public:
    scalar_runner(const plan_type& plan, const std::uint8_t* record)
        : d_plan(plan), d_record(record)
    {
    }

    // o [padded]
    void run(const std::complex<float>* y, float scale, std::int16_t* o)
    {
        receive(y, scale);
        if (d_plan.pgd)
            pgd();
        else
            admm();
        std::copy_n(r, d_plan.padded, o);
    }

private:
    static constexpr std::size_t most = plan_type::max_values;

    const plan_type& d_plan;
    const std::uint8_t* d_record;
    std::int16_t b[most] = {}, r[most] = {}, u[most] = {}, v[most] = {};
    std::int8_t vq[most] = {};

    template <typename T>
    const T* part(std::size_t offset) const
    {
        return record_part<T>(d_record, offset);
    }

    // Sums of a complex row times [re, im](j), of words of so many columns.
    struct sums {
        std::int32_t re, im;
    };
    template <typename Word, class Re, class Im>
    sums
    row_times(std::size_t words, std::size_t row, std::size_t columns, Re re, Im im) const
    {
        constexpr std::size_t values = 4 / sizeof(Word);
        const std::size_t rows = d_plan.rows();
        sums s{0, 0};
        for (std::size_t j = 0; j < columns; j++) {
            const auto* word =
                part<Word>(words) + (j / values * 2 * rows + row) * values + j % values;
            const std::int32_t a = word[0], c = word[rows * values];
            s.re += a * re(j) - c * im(j);
            s.im += c * re(j) + a * im(j);
        }
        return s;
    }

    void receive(const std::complex<float>* y, float scale)
    {
        const float times = scale * *part<float>(d_plan.input_scale);
        const auto code = [&](float value) {
            return static_cast<std::int32_t>(
                std::nearbyint(std::clamp(value * times, -32767.0f, 32767.0f)));
        };
        std::int32_t re[most / 2], im[most / 2];
        const std::size_t antennas = d_plan.inputs / 2;
        for (std::size_t j = 0; j < antennas; j++) {
            re[j] = code(y[j].real());
            im[j] = code(y[j].imag());
        }
        for (std::size_t i = 0; i < d_plan.outputs / 2; i++) {
            const sums s = row_times<std::int16_t>(
                d_plan.filter,
                i,
                antennas,
                [&](std::size_t j) { return re[j]; },
                [&](std::size_t j) { return im[j]; });
            const float unit = part<float>(d_plan.filter_units)[i];
            b[state_of_user(i, false)] = round16(static_cast<float>(s.re) * unit);
            b[state_of_user(i, true)] = round16(static_cast<float>(s.im) * unit);
        }
    }

    // r = round16(P v_q times the scales times more())
    template <class More>
    void product(More more)
    {
        const std::size_t users = d_plan.outputs / 2;
        for (std::size_t i = 0; i < users; i++) {
            const sums s = row_times<std::int8_t>(
                d_plan.matrix,
                i,
                users,
                [&](std::size_t j) { return vq[state_of_user(j, false)]; },
                [&](std::size_t j) { return vq[state_of_user(j, true)]; });
            const float unit = more(part<float>(d_plan.matrix_scales)[i]);
            r[state_of_user(i, false)] = round16(static_cast<float>(s.re) * unit);
            r[state_of_user(i, true)] = round16(static_cast<float>(s.im) * unit);
        }
    }

    std::int16_t denoised(std::int16_t value, std::int16_t g) const
    {
        if (d_plan.denoiser != unfolded_denoiser::staircase) {
            const auto inside = static_cast<std::int16_t>(std::clamp<int>(value, -g, g));
            return d_plan.denoiser == unfolded_denoiser::clip ? inside
                                                              : saturated(value - inside);
        }
        const int f = d_plan.fraction_bits, step = 1 << (f - 3);
        const int h = multiplied(value, g);
        int z = std::clamp(h, -step, step);
        for (int m = 2; m <= d_plan.levels - 2; m += 2) {
            const int c = multiplied(m << f, g);
            z += std::clamp<int>(saturated(h - c), -step, step);
            z += std::clamp<int>(saturated(h + c), -step, step);
        }
        return static_cast<std::int16_t>(8 * z);
    }

    std::int8_t quantised(std::int16_t value, std::int16_t step) const
    {
        const int limit = d_plan.activation_limit;
        return static_cast<std::int8_t>(std::clamp<int>(
            multiplied(value, step), limit == 127 ? -128 : -limit, limit));
    }

    void admm()
    {
        const std::size_t n = d_plan.padded;
        std::copy_n(b, n, r);
        for (std::size_t k = 0; k < d_plan.denoisers; k++) {
            const auto& layer = part<unfolded_layer>(d_plan.layer_scalars)[k];
            const auto* g = part<std::int16_t>(d_plan.gains) + k * n;
            for (std::size_t i = 0; i < n; i++) {
                const std::int16_t z = denoised(r[i], g[i]);
                u[i] = saturated(r[i] - z);
                v[i] = saturated(multiplied(z, layer.estimate_gain[0]) -
                                 multiplied(u[i], layer.dual_gain[0]));
                vq[i] = quantised(v[i], layer.step[0]);
            }
            product([&](float scale) { return scale * layer.step_unit; });
            for (std::size_t i = 0; i < n; i++) {
                std::int16_t p = r[i];
                if (d_plan.apart) {
                    const int m = part<std::int16_t>(d_plan.diagonal)[i];
                    p = saturated(p +
                                  8 * std::clamp<int>(multiplied(v[i], m), -4095, 4095));
                }
                r[i] = saturated(saturated(b[i] + p) + multiplied(u[i], layer.memory[0]));
            }
        }
    }

    std::int16_t first_step(std::size_t i, std::size_t k) const
    {
        const auto& step = part<unfolded_step>(d_plan.step_scalars)[k];
        const std::int16_t t = multiplied(b[i], step.first_eta[0]);
        return saturated(t + t);
    }

    void pgd()
    {
        const std::size_t n = d_plan.padded;
        for (std::size_t i = 0; i < n; i++)
            r[i] = first_step(i, 0);
        for (std::size_t k = 0; k < d_plan.denoisers; k++) {
            const auto& layer = part<unfolded_layer>(d_plan.layer_scalars)[k];
            const auto* g = part<std::int16_t>(d_plan.gains) + k * n;
            for (std::size_t i = 0; i < n; i++) {
                v[i] = denoised(r[i], g[i]);
                vq[i] = quantised(v[i], layer.step[0]);
            }
            if (k + 1 == d_plan.denoisers)
                break;
            const float eta = part<unfolded_step>(d_plan.step_scalars)[k + 1].eta;
            product([&](float scale) { return scale * layer.step_unit * eta; });
            for (std::size_t i = 0; i < n; i++)
                r[i] = saturated(saturated(v[i] - r[i]) + first_step(i, k + 1));
        }
        std::copy_n(v, n, r);
    }
};

void run_vectors(const plan_type& plan,
                 const std::uint8_t* const* records,
                 std::size_t n,
                 const std::complex<float>* y,
                 float scale,
                 std::int16_t* o,
                 std::uint8_t* labels,
                 bool)
{
    const std::size_t users = plan.outputs / 2;
    const auto level = [&](std::int16_t v) {
        const int above = v + (plan.levels << plan.fraction_bits);
        return std::clamp(above >> (plan.fraction_bits + 1), 0, plan.levels - 1);
    };
    for (std::size_t i = 0; i < n; i++) {
        std::int16_t found[plan_type::max_values];
        scalar_runner(plan, records[i]).run(y + i * plan.inputs / 2, scale, found);
        if (o)
            std::copy_n(found, plan.padded, o + i * plan.padded);
        for (std::size_t u = 0; labels && u < users; u++)
            *labels++ = plan.i_labels[level(found[state_of_user(u, false)])] |
                        plan.q_labels[level(found[state_of_user(u, true)])];
    }
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_UNFOLDED_SCALAR_INL_H
