/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>

namespace gr {
namespace fewbit {
namespace algorithms {

const char* describe(refit_status status) noexcept
{
    switch (status) {
    case refit_status::ok:
        return "fitted";
    case refit_status::too_few_pilots:
        return "too few pilots for the unknowns; the map stays as it was, send more";
    case refit_status::singular:
        return "the pilots do not determine the unknowns; the map stays as it was, send "
               "pilots that vary, or allow a ridge";
    case refit_status::not_finite:
        return "the sums over the pilots overflowed; the map stays as it was, reset the "
               "fit";
    case refit_status::another_map:
        return "the map is not of the kind and shape that is fitted; it stays as it was";
    }
    return "unknown";
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
