/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/softbits/body_arena.h"
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {
std::size_t checked_budget(std::size_t budget)
{
    if (budget >= 0xffffffffu)
        throw std::invalid_argument("harq_store: a budget of " + std::to_string(budget) +
                                    " bytes is more than one store can hold; expected "
                                    "less than 4 GiB");
    return budget;
}
} // namespace

body_arena::body_arena(std::size_t budget, std::size_t places)
    : d_memory(checked_budget(budget)), d_offsets(places, nowhere), d_first_dead(budget)
{
}

body_arena::header body_arena::read_header(std::size_t offset) const
{
    header h;
    std::memcpy(&h, d_memory.data() + offset, header_bytes);
    return h;
}

void body_arena::write_header(std::size_t offset, header h)
{
    static_assert(sizeof(header) == header_bytes, "a record's header is eight bytes");
    std::memcpy(d_memory.data() + offset, &h, header_bytes);
}

bool body_arena::fits(std::size_t place, std::size_t bytes) const
{
    if (bytes > max_body_bytes)
        return false;
    const std::size_t freed = holds(place) ? header_bytes + get(place).bytes : 0;
    return d_in_use - freed + header_bytes + bytes <= d_memory.size();
}

bool body_arena::put(std::size_t place,
                     std::uint8_t tag,
                     const std::uint8_t* data,
                     std::size_t bytes)
{
    if (!fits(place, bytes))
        return false;
    erase(place);
    if (d_tail + header_bytes + bytes > d_memory.size())
        compact();
    const header h{static_cast<std::uint32_t>(place),
                   static_cast<std::uint32_t>(bytes << 8 | tag)};
    write_header(d_tail, h);
    if (bytes > 0)
        std::memcpy(d_memory.data() + d_tail + header_bytes, data, bytes);
    d_offsets[place] = static_cast<std::uint32_t>(d_tail);
    d_tail += header_bytes + bytes;
    d_in_use += header_bytes + bytes;
    d_peak = std::max(d_peak, d_in_use);
    ++d_bodies;
    return true;
}

void body_arena::erase(std::size_t place)
{
    if (!holds(place))
        return;
    const std::size_t offset = d_offsets[place];
    header h = read_header(offset);
    const std::size_t record = header_bytes + h.bytes();
    h.place = nowhere;
    write_header(offset, h);
    d_offsets[place] = nowhere;
    d_in_use -= record;
    --d_bodies;
    if (d_bodies == 0) {
        d_tail = 0;
        d_first_dead = d_memory.size();
    } else if (offset + record == d_tail)
        d_tail = offset; // the last record: the log simply gets shorter
    else
        d_first_dead = std::min(d_first_dead, offset);
}

body_arena::body body_arena::get(std::size_t place) const
{
    body found;
    if (!holds(place))
        return found;
    const header h = read_header(d_offsets[place]);
    found.data = d_memory.data() + d_offsets[place] + header_bytes;
    found.bytes = h.bytes();
    found.tag = h.tag();
    return found;
}

void body_arena::compact()
{
    std::size_t to = std::min(d_first_dead, d_tail); // bodies before it stay
    for (std::size_t from = to; from < d_tail;) {
        const header h = read_header(from);
        const std::size_t record = header_bytes + h.bytes();
        if (h.place != nowhere) {
            std::memmove(d_memory.data() + to, d_memory.data() + from, record);
            d_offsets[h.place] = static_cast<std::uint32_t>(to);
            to += record;
        }
        from += record;
    }
    d_tail = to;
    d_first_dead = d_memory.size();
    ++d_compactions;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr
