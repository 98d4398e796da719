/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/class_counts.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

class_counts::class_counts(const std::string& who,
                           const digital_map& lookup,
                           double forgetting)
    : d_adc(adc_of_lookup(who, lookup)),
      d_classes(lookup.classes()),
      d_counts(lookup.log_likelihood().size()),
      d_weights(forgetting)
{
}

bool class_counts::fit(const digital_map& map) const noexcept
{
    return map.kind() == digital_kind::lookup && map.classes() == d_classes &&
           map.levels() == d_adc.levels();
}

std::size_t class_counts::add(const std::uint8_t* codes,
                              const std::uint8_t* classes,
                              std::size_t n) noexcept
{
    const std::size_t p = d_adc.adcs();
    std::size_t used = 0;
    for (std::size_t t = 0; t < n; t++, codes += p) {
        if (classes[t] >= d_classes)
            continue;
        for (std::size_t d = 0; d < p; d++) {
            const unsigned code = std::min<unsigned>(codes[d], d_adc.levels()[d] - 1);
            d_counts[column(d, classes[t]) + code * d_classes] += d_weights.next();
        }
        used++;
        d_pilots++;
        if (const double down = d_weights.count(); down != 1)
            scale(d_counts, down);
    }
    return used;
}

void class_counts::reset() noexcept
{
    std::fill(d_counts.begin(), d_counts.end(), 0.0);
    d_weights.reset();
    d_pilots = 0;
}

void class_counts::smooth(const std::vector<double>& prior,
                          std::vector<float>& table) const noexcept
{
    for (std::size_t d = 0; d < d_adc.adcs(); d++)
        for (std::size_t c = 0; c < d_classes; c++) {
            const std::size_t first = column(d, c);
            const std::size_t end = first + d_adc.levels()[d] * d_classes;
            double sum = 0;
            for (std::size_t i = first; i < end; i += d_classes)
                sum += at(i) + prior[i];
            for (std::size_t i = first; i < end; i += d_classes)
                table[i] = static_cast<float>(std::log((at(i) + prior[i]) / sum));
        }
}

std::vector<double> pseudo_counts(const digital_map& lookup, double total)
{
    constexpr double even_share = 1e-3;
    const auto& table = lookup.log_likelihood();
    const std::size_t classes = lookup.classes();
    std::vector<double> counts(table.size());
    std::size_t first = 0;
    for (const unsigned m : lookup.levels()) {
        for (std::size_t c = 0; c < classes; c++) {
            const auto at = [&](unsigned code) { return first + code * classes + c; };
            double best = table[at(0)], sum = 0;
            for (unsigned code = 0; code < m; code++)
                best = std::max<double>(best, table[at(code)]);
            for (unsigned code = 0; code < m; code++)
                sum += counts[at(code)] = std::exp(table[at(code)] - best);
            for (unsigned code = 0; code < m; code++)
                counts[at(code)] =
                    total * ((1 - even_share) * counts[at(code)] / sum + even_share / m);
        }
        first += m * classes;
    }
    return counts;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
