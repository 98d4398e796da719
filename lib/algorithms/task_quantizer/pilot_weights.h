/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_PILOT_WEIGHTS_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_PILOT_WEIGHTS_H

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <string>
#include <vector>

// What the fits to pilots share.

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief ADCs with the map's numbers of levels and level values, and any thresholds: for a
 * fit, which sees codes only.
 * \throws std::invalid_argument, in a sentence that begins with \p who, unless the map is
 * affine, or a lookup
 */
scalar_adc adc_of_affine(const std::string& who, const digital_map& map);
scalar_adc adc_of_lookup(const std::string& who, const digital_map& map);

/*! \brief Refuse a forgetting factor outside (0, 1], and a prior that is not finite and
 * positive (or, where \p positive is false, 0).
 */
void check_pilot_settings(const std::string& who,
                          double forgetting,
                          const std::string& prior_name,
                          double prior,
                          bool positive);

/*!
 * \brief Weights of pilots of which older ones count less, a factor for each later one: newer
 * ones weigh more instead, and now and then everything is scaled down.
 */
class pilot_weights
{
public:
    explicit pilot_weights(double forgetting) : d_forgetting(forgetting) {}

    double next() const noexcept { return d_next; } //!< of the pilot to come
    double newest() const noexcept { return d_next * d_forgetting; } //!< of the last one
    double sum() const noexcept { return d_sum; }
    void reset() noexcept { d_next = 1, d_sum = 0; }

    //! A pilot has been added. \returns what all sums must be divided by now, mostly 1.
    double count() noexcept
    {
        constexpr double most = 1e12;
        d_sum += d_next;
        d_next /= d_forgetting;
        if (d_next < most)
            return 1;
        const double down = d_next;
        d_sum /= down;
        d_next = 1;
        return down;
    }

private:
    double d_forgetting;
    double d_next = 1;
    double d_sum = 0;
};

//! Divide sums by what pilot_weights::count() returned.
inline void scale(std::vector<double>& sums, double down) noexcept
{
    for (double& sum : sums)
        sum /= down;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_PILOT_WEIGHTS_H */
