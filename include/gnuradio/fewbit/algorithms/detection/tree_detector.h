/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_TREE_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_TREE_DETECTOR_H

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief V-BLAST and K-Best: symbol after symbol over a QR of the MMSE-extended channel.
 *
 *   [H; sqrt(v) I] P = Q R,  z = Q^T [y; 0],  x found from the last row of z - R x up
 *
 * in the real model (I and Q are symbols of their own), v the noise variance over a symbol's
 * energy, at least 1e-6 of the columns' mean energy.
 *
 * K-Best (Wong et al., ISCAS 2002) goes on from the K partial answers whose ||z - R x||^2 is
 * least, in V-BLAST's order: of the symbols that are left, that of least MMSE error comes next.
 * Of the K last survivors the one with the least ||y - H x||^2 is the decision and the soft
 * symbols. LLRs are max-log over them; where all of them agree on a bit, the worst stands for
 * the other value.
 *
 * V-BLAST (Wolniansky et al., ISSSE 1998; MMSE: Hassibi, ICASSP 2000) is that with one
 * survivor; each symbol is decided from an unbiased estimate. LLRs and soft symbols are of
 * that estimate, its Gaussian error, and decisions before it that are taken to be right.
 */
class FEWBIT_ALGORITHMS_API tree_detector : public detector
{
public:
    static constexpr std::size_t max_survivors = 64;

    //! V-BLAST.
    explicit tree_detector(const detector_size& size);
    //! K-Best. \throws std::invalid_argument for 0 survivors or more than max_survivors
    tree_detector(const detector_size& size, std::size_t survivors);
    ~tree_detector() override;

    std::string name() const override;

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

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_TREE_DETECTOR_H */
