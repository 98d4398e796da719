/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_BODY_ARENA_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_BODY_ARENA_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Bodies of different lengths in one block of memory, no byte of it wasted.
 *
 * A log: a new body is appended at the tail. When the tail meets the end, the live bodies
 * slide together to the front (compaction) and the log goes on, so a body is refused only
 * when the live bytes and its own do not fit in the budget. A body lies at a \e place, a
 * small number that its owner knows it by; the arena moves bodies as it likes and keeps
 * the places' offsets right.
 *
 * A record is header_bytes of header (place, length, tag) and the body. Both count
 * against the budget. The cost of a compaction is one pass over the live bytes; with a
 * fraction f of the budget free it happens once every f x budget bytes written.
 */
class body_arena
{
public:
    static constexpr std::size_t header_bytes = 8;
    static constexpr std::size_t max_body_bytes = (1u << 24) - 1;

    struct body {
        const std::uint8_t* data = nullptr; //!< valid until the next put() or erase()
        std::size_t bytes = 0;
        std::uint8_t tag = 0;
    };

    //! \p budget bytes for records, below 4 GiB; \p places places, all empty.
    body_arena(std::size_t budget, std::size_t places);

    //! Whether put() would succeed: \p bytes fit in place of the one that is there.
    bool fits(std::size_t place, std::size_t bytes) const;

    //! Lay down a copy of a body, in place of the one there. False: no room, no change.
    bool
    put(std::size_t place, std::uint8_t tag, const std::uint8_t* data, std::size_t bytes);

    //! Take a body away; nothing happens where there is none.
    void erase(std::size_t place);

    bool holds(std::size_t place) const { return d_offsets[place] != nowhere; }
    body get(std::size_t place) const;

    std::size_t budget() const { return d_memory.size(); }
    std::size_t bytes_in_use() const { return d_in_use; }
    std::size_t peak_bytes() const { return d_peak; }
    std::size_t bodies() const { return d_bodies; }
    std::size_t body_bytes() const { return d_in_use - d_bodies * header_bytes; }
    std::uint64_t compactions() const { return d_compactions; }

private:
    static constexpr std::uint32_t nowhere = 0xffffffffu;

    struct header {
        std::uint32_t place; //!< nowhere: the record is dead
        std::uint32_t bytes_and_tag;
        std::size_t bytes() const { return bytes_and_tag >> 8; }
        std::uint8_t tag() const { return static_cast<std::uint8_t>(bytes_and_tag); }
    };

    header read_header(std::size_t offset) const;
    void write_header(std::size_t offset, header h);
    void compact();

    std::vector<std::uint8_t> d_memory;
    std::vector<std::uint32_t> d_offsets; //!< of each place's record, or nowhere
    std::size_t d_tail = 0;               //!< first byte after the last record
    std::size_t d_first_dead;             //!< no dead record lies before this offset
    std::size_t d_in_use = 0;
    std::size_t d_peak = 0;
    std::size_t d_bodies = 0;
    std::uint64_t d_compactions = 0;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_BODY_ARENA_H */
