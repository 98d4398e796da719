/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/instruction_sets.h>

#include "kernels/unfolded_int8.h"
#include <hwy/highway.h>
#include <hwy/targets.h>
#include <cstdint>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// The targets that the kernels were compiled for and that this processor runs. Highway orders
// its target bits so that a lower bit is a better target.
std::int64_t usable_targets()
{
    hwy::SetSupportedTargetsForTest(0); // undo an earlier restriction before asking
    return hwy::SupportedTargets() & HWY_TARGETS;
}

} // namespace

std::vector<std::string> instruction_sets()
{
    std::vector<std::string> names;
    for (std::int64_t left = usable_targets(); left != 0; left &= left - 1)
        names.emplace_back(hwy::TargetName(left & -left));
    return names;
}

void use_instruction_set(const std::string& name)
{
    const std::int64_t usable = usable_targets();
    if (!name.empty()) {
        std::int64_t chosen = 0;
        for (std::int64_t left = usable; left != 0; left &= left - 1)
            if (name == hwy::TargetName(left & -left))
                chosen = left & -left;
        if (chosen == 0)
            throw std::invalid_argument("use_instruction_set: '" + name +
                                        "' is not an instruction set of this processor; "
                                        "see instruction_sets()");
        hwy::SetSupportedTargetsForTest(chosen);
    }
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void use_dot_product_instruction(bool use) { kernels::use_dot_product_instruction(use); }

} // namespace algorithms
} // namespace fewbit
} // namespace gr
