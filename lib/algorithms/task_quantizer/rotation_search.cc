/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/rotation_search.h>

#include "algorithms/link/random_source.h"
#include "algorithms/task_quantizer/cell_grid.h"
#include "algorithms/task_quantizer/linear_algebra.h"
#include "algorithms/task_quantizer/simplex_search.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/cell_ber.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_design.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double least_ber = 1e-300; // so that its logarithm is a number

std::vector<double> uniform_thresholds(std::size_t adcs, unsigned levels, double support)
{
    std::vector<double> thresholds;
    for (std::size_t d = 0; d < adcs; d++)
        for (unsigned i = 1; i < levels; i++)
            thresholds.push_back(-support + 2 * support * i / levels);
    return thresholds;
}

// R U^T for a product of Givens rotations, its first rows only.
matrix rotated(const matrix& basis, const double* angles, std::size_t rows)
{
    matrix r = basis;
    for (std::size_t i = 0; i < basis.rows; i++)
        for (std::size_t j = i + 1; j < basis.rows; j++) {
            const double c = std::cos(*angles), s = std::sin(*angles);
            angles++;
            for (std::size_t x = 0; x < r.columns; x++) {
                const double a = r.at(i, x), b = r.at(j, x);
                r.at(i, x) = c * a - s * b;
                r.at(j, x) = s * a + c * b;
            }
        }
    r.rows = rows;
    r.values.resize(rows * r.columns);
    return r;
}

matrix product(const matrix& a, const matrix& b)
{
    matrix result(a.rows, b.columns);
    for (std::size_t r = 0; r < a.rows; r++)
        for (std::size_t i = 0; i < a.columns; i++)
            for (std::size_t c = 0; c < b.columns; c++)
                result.at(r, c) += a.at(r, i) * b.at(i, c);
    return result;
}

/* The search space: the angles, then the logarithm of the support. Everything that does not
 * depend on them is worked out once. */
class rotations
{
public:
    rotations(const matrix& channel, double noise_variance, std::size_t adcs)
        : d_adcs(adcs),
          d_deviations(adcs, std::sqrt(noise_variance)),
          d_basis(left_singular_vectors(
              channel,
              std::max(adcs, std::min(channel.columns, channel.rows)))),
          d_projected(product(d_basis, channel)),
          d_users(channel.columns)
    {
    }

    std::size_t angles() const { return d_basis.rows * (d_basis.rows - 1) / 2; }
    matrix combiner(const std::vector<double>& x) const
    {
        return rotated(d_basis, x.data(), d_adcs);
    }

    //! The power of an ADC's input, on average over the rotations.
    double mean_power() const
    {
        double power = 0;
        for (const double v : d_projected.values)
            power += v * v / static_cast<double>(d_basis.rows);
        return power + d_deviations.front() * d_deviations.front();
    }

    //! log BER as a function of the search space's points.
    std::function<double(const std::vector<double>&)> objective(unsigned levels) const
    {
        const auto grid =
            std::make_shared<cell_grid>(std::vector<unsigned>(d_adcs, levels), d_users);
        matrix identity(d_adcs, d_adcs);
        for (std::size_t d = 0; d < d_adcs; d++)
            identity.at(d, d) = 1;
        return [=, this_ = this](const std::vector<double>& x) {
            const double support = std::exp(std::clamp(x.back(), -100.0, 100.0));
            const matrix gains = rotated(this_->d_projected, x.data(), d_adcs);
            const double ber = grid->ber(class_means(identity, gains),
                                         this_->d_deviations,
                                         uniform_thresholds(d_adcs, levels, support));
            return std::log(std::max(ber, least_ber));
        };
    }

private:
    std::size_t d_adcs;
    std::vector<double> d_deviations;
    matrix d_basis;     // U^T [q][n]
    matrix d_projected; // U^T H [q][k]
    std::size_t d_users;
};

double cells_of(unsigned levels, std::size_t adcs)
{
    return std::pow(static_cast<double>(levels), static_cast<double>(adcs));
}

void check(const matrix& channel, double noise_variance, const rotation_settings& s)
{
    if (channel.columns < 1 || channel.columns > digital_map::max_users ||
        channel.rows < 1 || channel.values.size() != channel.rows * channel.columns)
        throw std::invalid_argument(
            "rotation_search: the channel is " + std::to_string(channel.rows) + " x " +
            std::to_string(channel.columns) + ", expected n x k with 1 to 8 users");
    for (const double value : channel.values)
        if (!std::isfinite(value))
            throw std::invalid_argument(
                "rotation_search: the channel holds a value that is not finite");
    if (!(noise_variance > 0) || !std::isfinite(noise_variance))
        throw std::invalid_argument("rotation_search: noise_variance is " +
                                    std::to_string(noise_variance) +
                                    ", expected a positive, finite number");
    if (s.adcs < 1 || s.adcs > channel.rows)
        throw std::invalid_argument("rotation_search: adcs is " + std::to_string(s.adcs) +
                                    ", expected 1 to the " +
                                    std::to_string(channel.rows) + " inputs");
    if (s.levels < 2 || s.levels > scalar_adc::max_levels ||
        cells_of(s.levels, s.adcs) > static_cast<double>(cell_ber_max_cells))
        throw std::invalid_argument("rotation_search: " + std::to_string(s.adcs) +
                                    " ADCs of " + std::to_string(s.levels) +
                                    " levels, expected 2 to 256 levels and at most " +
                                    std::to_string(cell_ber_max_cells) + " cells");
    if (s.starts < 1 || s.evaluations < 1)
        throw std::invalid_argument(
            "rotation_search: starts or evaluations is 0, expected at least 1");
}

// As many levels as the cells allow while rotations are searched.
unsigned search_levels(const rotation_settings& s)
{
    unsigned levels = s.levels;
    while (levels > 2 && cells_of(levels, s.adcs) > static_cast<double>(s.search_cells))
        levels--;
    return levels;
}

// Short searches from everywhere, long ones from the best of their ends.
search_point search_rotation(const rotations& space, const rotation_settings& s)
{
    constexpr std::size_t long_ones = 6;
    const auto objective = space.objective(search_levels(s));
    random_source random(s.seed);
    std::vector<search_point> ends;
    for (unsigned i = 0; i < s.starts; i++) {
        std::vector<double> x;
        for (std::size_t a = 0; a < space.angles(); a++)
            x.push_back((2 * random.uniform() - 1) * 3.14159265358979323846);
        x.push_back(std::log(1.5 * std::sqrt(space.mean_power())));
        ends.push_back(simplex_search(objective, x, 0.3, s.evaluations / 10));
    }
    const auto better = [](const auto& a, const auto& b) { return a.value < b.value; };
    std::stable_sort(ends.begin(), ends.end(), better);
    ends.resize(std::min(ends.size(), long_ones));
    for (auto& end : ends)
        end = simplex_search(objective, end.x, 0.1, s.evaluations);
    return *std::min_element(ends.begin(), ends.end(), better);
}

} // namespace

rotation_design rotation_search(const matrix& channel,
                                double noise_variance,
                                const rotation_settings& settings)
{
    check(channel, noise_variance, settings);
    const rotations space(channel, noise_variance, settings.adcs);
    search_point best = search_rotation(space, settings);
    if (search_levels(settings) < settings.levels) {
        const auto objective = space.objective(settings.levels);
        const auto of_support = [&](const std::vector<double>& log_support) {
            auto x = best.x;
            x.back() = log_support.front();
            return objective(x);
        };
        best.x.back() = simplex_search(of_support, {best.x.back()}, 0.2, 24).x.front();
    }
    const double support = std::exp(best.x.back());
    rotation_design design{
        space.combiner(best.x),
        support,
        scalar_adc::uniform(std::vector<unsigned>(settings.adcs, settings.levels),
                            support),
        1};
    design.ber = cell_ber(class_means(design.combiner, channel),
                          noise_deviations(design.combiner, noise_variance),
                          design.adc);
    return design;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
