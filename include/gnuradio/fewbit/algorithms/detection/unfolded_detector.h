/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_DETECTOR_H

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A prepared channel of an int8 detector, as docs/unfolded_detector.md names its parts.
struct unfolded_channel {
    std::vector<std::int8_t> matrix;       //!< P_q [N][N]
    std::vector<float> matrix_scale;       //!< [N]
    std::vector<std::int16_t> filter;      //!< F_q [N][R]
    std::vector<float> filter_scale;       //!< [N]
    int exponent = 0;                      //!< e of the received vector
    std::vector<std::int16_t> diagonal;    //!< m [N], where it is apart
    std::vector<std::int16_t> gains;       //!< g [denoisers][N]
    std::vector<std::int16_t> steps;       //!< d [denoisers]
    std::vector<std::int16_t> layer_gains; //!< alpha, beta, kappa [3][denoisers], admm
    std::vector<float> etas;               //!< [layers], pgd
};

/*!
 * \brief A trained PGD-Net or ADMM-Net: K layers of one cached matrix product and one scalar
 * denoiser, after "Deep Unfolding with Kernel-based Quantization in MIMO Detection" (Ren et
 * al.), in float32 or in int8.
 *
 *   z = denoise(r),  u = r - z,
 *   r = W y + M (alpha z - beta u) + kappa u               (admm, from r = W y)
 *   x = denoise(r),  r = x + eta (H^T y - G x)             (pgd, from r = eta H^T y)
 *
 * docs/unfolded_detector.md has the equations, the units and the exact arithmetic: int8
 * answers are the same bits on every instruction set and those of the trainer's model.
 *
 * The network was trained for channels with E|H_ij|^2 = 1/users and takes its scalars by the
 * nominal SNR 1 / noise variance, at most and at least what it was trained for. A channel of
 * another power must be brought to that one first, with y and the noise variance.
 *
 * The soft symbol is the last layer's output o; it is not made unbiased. LLRs are those of o in
 * Gaussian noise of a trained variance v_i, where the bundle has the tables mixed with a wider one
 * for vectors that failed as a whole, which shows in how near to thresholds o lies:
 *
 *   p_i(l) = exp(-(o_i - l)^2 / (2 v_i)) + weight exp(-(o_i - l)^2 / (2 v_i (1 + kappa)))
 *   LLR = log((P1 + unseen) / (P0 + unseen)), clipped to +-llr_limit,
 *   P1 = sum_{l: b = 1} p_i(l) / sum_l p_i(l),  P0 = 1 - P1
 *
 * with v_i, weight, kappa and unseen by the mean over i of 1 / (1 + exp(2 m_i / nu_i)), m_i how far o_i
 * is from the nearest threshold, nu_i the trained variance: the share of wrong levels that it
 * foresees. Where o_i is not finite, 1/2 takes part there and its LLRs are 0.
 */
class FEWBIT_ALGORITHMS_API unfolded_detector : public detector
{
public:
    //! \throws bundle_error when the file is not a sound bundle of kind unfolded_detector
    explicit unfolded_detector(const std::string& path);
    explicit unfolded_detector(const bundle& file);
    ~unfolded_detector() override;

    std::string name() const override;
    bool is_int8() const noexcept;
    std::size_t layers() const noexcept;
    //! How it was designed, as its bundle says.
    const std::string& method() const noexcept;

    /*! \brief The last layer's outputs, in the real model's units, of \p n vectors.
     *
     * \param o receives [n][2 k], [Re; Im]; 0 where a vector is erased
     * \returns how many vectors were erased
     */
    std::size_t outputs(const std::complex<float>* y,
                        std::size_t n,
                        std::size_t block_len,
                        float* o) noexcept;

    //! A prepared channel of an int8 detector, for comparison.
    //! \throws std::invalid_argument when there is none of that number, or no integers
    unfolded_channel prepared(std::size_t channel) const;

private:
    struct parts;

    void make_room(std::size_t channels) override;
    void prepare_channels(const std::complex<float>* h,
                          const float* noise_variances,
                          std::size_t count,
                          std::uint8_t* usable) noexcept override;
    void detect_vectors(const vectors& some) noexcept override;

    std::unique_ptr<parts> d_parts;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_DETECTOR_H */
