/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_WORK_SPEED_H
#define INCLUDED_FEWBIT_BLOCKS_WORK_SPEED_H

#include <atomic>
#include <chrono>
#include <cstddef>

namespace gr {
namespace fewbit {

//! Items a second of the time that a block spends at work, of about the last half second of it.
class work_speed
{
public:
    using clock = std::chrono::steady_clock;

    //! A portion of \p items that was begun at \p began has just ended.
    void add(std::size_t items, clock::time_point began) noexcept
    {
        d_items += static_cast<double>(items);
        d_seconds += std::chrono::duration<double>(clock::now() - began).count();
        if (d_seconds > 0)
            d_rate = d_items / d_seconds;
        if (d_seconds > 0.5) { // the older half fades
            d_items /= 2;
            d_seconds /= 2;
        }
    }
    void forget() noexcept
    {
        d_items = d_seconds = 0;
        d_rate = 0;
    }
    //! 0 before any; from any thread.
    double rate() const noexcept { return d_rate; }

private:
    double d_items = 0, d_seconds = 0;
    std::atomic<double> d_rate{0};
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_WORK_SPEED_H */
