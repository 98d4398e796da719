/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_TICKER_H
#define INCLUDED_FEWBIT_BLOCKS_TICKER_H

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gr {
namespace fewbit {

//! Calls a function at regular intervals on a thread of its own, from start() to stop().
class ticker
{
public:
    ticker() = default;
    ~ticker() { stop(); }
    ticker(const ticker&) = delete;
    ticker& operator=(const ticker&) = delete;

    void start(std::chrono::duration<double> interval, std::function<void()> tick)
    {
        stop();
        d_stopping = false;
        d_thread = std::thread([this, interval, tick = std::move(tick)] {
            std::unique_lock<std::mutex> lock(d_mutex);
            while (!d_wake.wait_for(lock, interval, [this] { return d_stopping; }))
                tick();
        });
    }

    //! Ends the thread; at once, even in the middle of an interval. May be called again.
    void stop()
    {
        {
            std::lock_guard<std::mutex> lock(d_mutex);
            d_stopping = true;
        }
        d_wake.notify_all();
        if (d_thread.joinable())
            d_thread.join();
    }

private:
    std::mutex d_mutex;
    std::condition_variable d_wake;
    bool d_stopping = false;
    std::thread d_thread;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_TICKER_H */
