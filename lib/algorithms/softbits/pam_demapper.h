/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_PAM_DEMAPPER_H
#define INCLUDED_FEWBIT_SOFTBITS_PAM_DEMAPPER_H

#include "gray_pam.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace gr {
namespace fewbit {
namespace algorithms {

//! exp(x) for x <= 0, to 2e-7 relative; exp(-87) below -87. Written so that compilers turn
//! loops of it into vector code.
inline float exp_negative(float x)
{
    x = std::max(x, -87.0f);
    const float shifter = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer
    const float shifted = x * 1.44269504f + shifter;
    const float n = shifted - shifter;
    const float f = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * f + 1.3981999507e-3f;
    p = p * f + 8.3334519073e-3f;
    p = p * f + 4.1665795894e-2f;
    p = p * f + 1.6666665459e-1f;
    p = p * f + 5.0000001201e-1f;
    p = p * f * f + f + 1.0f;
    std::int32_t bits;
    std::memcpy(&bits, &shifted, sizeof(bits));
    bits =
        static_cast<std::int32_t>((static_cast<std::uint32_t>(bits) << 23) + 0x3f800000u);
    float scale;
    std::memcpy(&scale, &bits, sizeof(scale));
    return p * scale;
}

//! The LLRs of one dimension of a symbol, and their derivatives.
template <int B>
struct pam_llrs {
    float llr[B];
    float by_alpha[B];
    float by_beta[B];
};

/*!
 * \brief The exact demapper of one dimension of B bits, in the numbers of
 * demapper_inverse.h.
 *
 * With o the odd amplitudes, L_b = log sum_{o: b=1} e(o) - log sum_{o: b=0} e(o) where
 * e(o) = exp(o alpha - o^2 beta).
 */
template <int B>
class pam_demapper
{
public:
    static constexpr int M = 1 << B;

    pam_demapper()
    {
        for (int m = 0; m < M; m++) {
            d_o[m] = static_cast<float>(gray_pam_amplitude(m, B));
            d_o2[m] = d_o[m] * d_o[m];
        }
    }

    //! The LLRs at (alpha, beta), and what they change with either.
    void evaluate(float alpha, float beta, pam_llrs<B>& point) const
    {
        float metric[M], weight[M], weight_o[M], weight_o2[M];
        float largest = -3e38f;
        for (int m = 0; m < M; m++) {
            metric[m] = d_o[m] * alpha - d_o2[m] * beta;
            largest = std::max(largest, metric[m]);
        }
        for (int m = 0; m < M; m++) {
            weight[m] = exp_negative(metric[m] - largest);
            weight_o[m] = weight[m] * d_o[m];
            weight_o2[m] = weight[m] * d_o2[m];
        }
        for (int b = 0; b < B; b++) {
            group_sums sums[2];
            for (int m = 0; m < M; m++) {
                group_sums& group = sums[(m >> (B - 1 - b)) & 1];
                group.weight += weight[m];
                group.o += weight_o[m];
                group.o2 += weight_o2[m];
            }
            float offset[2] = {0.0f, 0.0f};
            for (int value = 0; value < 2; value++)
                if (sums[value].weight < 1e-30f)
                    offset[value] =
                        largest_of_group(metric, b, value, sums[value]) - largest;
            const float inverse0 = 1.0f / sums[0].weight;
            const float inverse1 = 1.0f / sums[1].weight;
            point.llr[b] = std::log(sums[1].weight * inverse0) + (offset[1] - offset[0]);
            point.by_alpha[b] = sums[1].o * inverse1 - sums[0].o * inverse0;
            point.by_beta[b] = sums[0].o2 * inverse0 - sums[1].o2 * inverse1;
        }
    }

    //! The amplitude whose bits are the LLRs' signs, an odd integer.
    float hard_decision(const float* llrs) const
    {
        int m = 0;
        for (int b = 0; b < B; b++)
            m = 2 * m + (llrs[b] > 0.0f);
        return d_o[m];
    }

    //! The amplitude nearest to \p o whose bit \p b is the other one.
    float nearest_other(float o, int b) const
    {
        int own = 0;
        for (int m = 0; m < M; m++)
            own = d_o[m] == o ? m : own;
        float best = 1e9f;
        for (int m = 0; m < M; m++)
            if (((m ^ own) >> (B - 1 - b)) & 1)
                if (std::fabs(d_o[m] - o) < std::fabs(best - o))
                    best = d_o[m];
        return best;
    }

private:
    // Sums over the amplitudes whose bit has one value: of the weights, and weighted o and
    // o^2.
    struct group_sums {
        float weight = 0.0f, o = 0.0f, o2 = 0.0f;
    };

    // Where all weights of a group underflow, its largest term stands for all of it.
    float largest_of_group(const float* metric, int b, int value, group_sums& sums) const
    {
        int best = -1;
        for (int m = 0; m < M; m++)
            if (((m >> (B - 1 - b)) & 1) == value &&
                (best < 0 || metric[m] > metric[best]))
                best = m;
        sums.weight = 1.0f;
        sums.o = d_o[best];
        sums.o2 = d_o2[best];
        return metric[best];
    }

    float d_o[M];
    float d_o2[M];
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_PAM_DEMAPPER_H */
