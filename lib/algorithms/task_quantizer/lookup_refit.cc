/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_refit.h>

#include "algorithms/task_quantizer/class_counts.h"
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

struct lookup_refit::tables {
    class_counts counts;
    std::vector<double> prior; // [sum M_d][2^k]
    std::vector<float> table;
};

lookup_refit::lookup_refit(const digital_map& start,
                           const lookup_refit_settings& settings)
{
    check_pilot_settings(
        "lookup_refit", settings.forgetting, "prior", settings.prior, true);
    class_counts counts("lookup_refit", start, settings.forgetting);
    d_tables = std::make_unique<tables>(
        tables{std::move(counts),
               pseudo_counts(start, settings.prior),
               std::vector<float>(start.log_likelihood().size())});
}

lookup_refit::~lookup_refit() = default;
lookup_refit::lookup_refit(lookup_refit&&) noexcept = default;
lookup_refit& lookup_refit::operator=(lookup_refit&&) noexcept = default;

std::size_t lookup_refit::adcs() const noexcept { return d_tables->counts.adc().adcs(); }
std::uint64_t lookup_refit::pilots() const noexcept { return d_tables->counts.pilots(); }
void lookup_refit::reset() noexcept { d_tables->counts.reset(); }

std::size_t lookup_refit::add(const std::uint8_t* codes,
                              const std::uint8_t* classes,
                              std::size_t n) noexcept
{
    return d_tables->counts.add(codes, classes, n);
}

refit_status lookup_refit::solve(digital_map& map) noexcept
{
    if (!d_tables->counts.fit(map))
        return refit_status::another_map;
    if (pilots() == 0)
        return refit_status::too_few_pilots;
    d_tables->counts.smooth(d_tables->prior, d_tables->table);
    return map.replace_lookup(d_tables->table.data()) ? refit_status::ok
                                                      : refit_status::not_finite;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
