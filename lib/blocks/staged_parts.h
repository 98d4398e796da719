/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_STAGED_PARTS_H
#define INCLUDED_FEWBIT_BLOCKS_STAGED_PARTS_H

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <utility>

namespace gr {
namespace fewbit {

/*!
 * \brief The part of a design that a block works with, and those that wait for their tag.
 *
 * stage() is for a setter, take() and replace() are for work(); all of them need the
 * block's lock. What work() puts aside is only freed by trash(), so that work() neither
 * allocates nor frees.
 */
template <typename Part>
class staged_parts
{
public:
    explicit staged_parts(Part first) { d_current.push_back({0, std::move(first)}); }

    Part& current() { return d_current.front().part; }
    const Part& current() const { return d_current.front().part; }
    std::uint64_t current_id() const { return d_current.front().id; }

    //! A part that waits, made outside of the lock: see node().
    struct staged {
        std::uint64_t id;
        Part part;
    };
    using node = std::list<staged>;

    static node make_node(std::uint64_t id, Part part)
    {
        node one;
        one.push_back({id, std::move(part)});
        return one;
    }

    //! Let \p one wait for the tag with its id, in place of what waited for that id; of
    //! very many, the oldest gives way.
    void stage(node& one)
    {
        for (auto old = d_waiting.begin(); old != d_waiting.end();) {
            const auto next = std::next(old);
            if (old->id == one.front().id)
                d_old.splice(d_old.end(), d_waiting, old);
            old = next;
        }
        d_waiting.splice(d_waiting.end(), one);
        if (d_waiting.size() > most_waiting)
            d_old.splice(d_old.end(), d_waiting, d_waiting.begin());
    }

    //! Put \p one in place at once.
    void replace(node& one)
    {
        d_old.splice(d_old.end(), d_current);
        d_current.splice(d_current.end(), one);
    }

    /*! \brief Put in place what waits for \p id; what was staged before it is given up.
     * \returns false, and changes nothing, when nothing waits for it */
    bool take(std::uint64_t id)
    {
        auto found = d_waiting.begin();
        while (found != d_waiting.end() && found->id != id)
            ++found;
        if (found == d_waiting.end())
            return false;
        d_old.splice(d_old.end(), d_current);
        d_old.splice(d_old.end(), d_waiting, d_waiting.begin(), found);
        d_current.splice(d_current.end(), d_waiting, found);
        return true;
    }

    //! Calls \p use(staged&) for the part in place, then for those that wait.
    template <typename Use>
    void each(Use use)
    {
        use(d_current.front());
        for (auto& one : d_waiting)
            use(one);
    }

    //! What has been put aside; the caller frees it after it has let go of the lock.
    node trash()
    {
        node old;
        old.swap(d_old);
        return old;
    }

private:
    static constexpr std::size_t most_waiting = 64;

    node d_current; // exactly one
    node d_waiting, d_old;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_STAGED_PARTS_H */
