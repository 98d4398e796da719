/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_ML_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_ML_DETECTOR_H

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Maximum likelihood: every x is tried, the least ||y - H x||^2 wins.
 *
 * For small sizes: users times bits_per_symbol is at most 16, 65536 candidates. LLRs are
 * exact max-log: (least over x with b = 0 less least over x with b = 1) / (2 variance). Soft
 * symbols are the decisions. Of equal candidates, one of them; a zero channel decides nothing
 * and has LLRs 0.
 */
class FEWBIT_ALGORITHMS_API ml_detector : public detector
{
public:
    static constexpr std::size_t max_bits = 16;

    //! \throws std::invalid_argument for more than max_bits bits a vector
    explicit ml_detector(const detector_size& size);
    ~ml_detector() override;

    std::string name() const override { return "ml"; }

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

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_ML_DETECTOR_H */
