/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_PLOT_STREAM_H
#define INCLUDED_FEWBIT_BLOCKS_PLOT_STREAM_H

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace gr {
namespace fewbit {

/*!
 * \brief Paces a stream of meter readings by the clock, so that a plot's axis is time.
 *
 * For a block that is driven by messages and shows its state on a stream output as well.
 * Such a block's work() is called again at once when it yields nothing, so due() sleeps
 * for at most a millisecond: the longest that a message waits because of the stream.
 */
class plot_stream
{
public:
    //! \throws std::invalid_argument unless the rate is .001 to 1e6 per second
    explicit plot_stream(double items_per_second) : d_next(clock::now())
    {
        if (!(items_per_second >= 1e-3 && items_per_second <= 1e6))
            throw std::invalid_argument("stream_rate is " +
                                        std::to_string(items_per_second) +
                                        "; expected 0.001 to 1e6 items per second");
        d_period = std::chrono::duration_cast<clock::duration>(
            std::chrono::duration<double>(1.0 / items_per_second));
    }

    //! Time counts from now on: what went by before a flowgraph's start is not due.
    void start() { d_next = clock::now(); }

    /*!
     * \brief How many items to write now, at most \p room; the others are left out.
     *
     * Where none is due and \p may_wait, waits for up to a millisecond.
     */
    int due(int room, bool may_wait = true)
    {
        const auto now = clock::now();
        if (now < d_next) {
            if (may_wait)
                std::this_thread::sleep_for(std::min<clock::duration>(
                    d_next - now, std::chrono::milliseconds(1)));
            return 0;
        }
        const auto items = 1 + (now - d_next) / d_period;
        d_next += items * d_period;
        return static_cast<int>(std::min<decltype(items)>(items, room));
    }

private:
    using clock = std::chrono::steady_clock;
    clock::duration d_period;
    clock::time_point d_next;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_PLOT_STREAM_H */
