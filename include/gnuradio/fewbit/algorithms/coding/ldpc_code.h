/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_CODE_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_CODE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief A quasi-cyclic LDPC code: a small base matrix whose entries stand for Z x Z
 * blocks.
 *
 * An entry of -1 is the all-zero block; an entry s in 0..Z-1 is the identity with its
 * columns rotated right by s, so that row i of the block has its one in column (i + s)
 * mod Z. This is the notation of IEEE 802.11-2012, annex F. The parity-check matrix H has
 * base_rows() * Z rows and base_columns() * Z columns; a word c of n = codeword_bits()
 * bits is a codeword when H c = 0 over GF(2). Its first k = information_bits() = n -
 * base_rows() * Z bits are the information, which needs the last n - k columns of H to be
 * invertible (ldpc_encoder finds out).
 */
class FEWBIT_ALGORITHMS_API ldpc_code
{
public:
    //! A one-block of a base row: it stands in column \p column, rotated by \p shift.
    struct edge {
        std::size_t column;
        std::size_t shift;
    };

    /*! \brief A code from its base matrix.
     *
     * \param lifting Z, the side of a block: 2..1024
     * \param base_rows rows of the base matrix
     * \param base_columns columns of the base matrix, more than rows
     * \param shifts the base matrix, row by row: -1 or 0..Z-1; at least two blocks in a
     * row and one in a column
     * \param name for messages and tables
     * \throws std::invalid_argument when any of this does not hold
     */
    ldpc_code(std::size_t lifting,
              std::size_t base_rows,
              std::size_t base_columns,
              const std::vector<int>& shifts,
              const std::string& name = "custom");

    /*! \brief A built-in code by its name, one of names().
     *
     * `802.11n-648-1/2`: IEEE 802.11-2012, table F-1 (a), n = 648, k = 324, Z = 27.
     * \throws std::invalid_argument when there is no code of that name
     */
    static ldpc_code from_name(const std::string& name);

    //! The built-in codes.
    static std::vector<std::string> names();

    const std::string& name() const { return d_name; }
    std::size_t lifting() const { return d_lifting; }
    std::size_t base_rows() const { return d_rows.size(); }
    std::size_t base_columns() const { return d_base_columns; }
    std::size_t codeword_bits() const { return d_base_columns * d_lifting; }
    std::size_t information_bits() const
    {
        return (d_base_columns - d_rows.size()) * d_lifting;
    }

    //! The one-blocks of a base row, by ascending column.
    const std::vector<edge>& row(std::size_t base_row) const { return d_rows[base_row]; }

    //! Whether \p bits (codeword_bits() of them, the lowest bit of each byte) satisfy
    //! every check.
    bool is_codeword(const std::uint8_t* bits) const noexcept;

private:
    std::size_t d_lifting;
    std::size_t d_base_columns;
    std::vector<std::vector<edge>> d_rows;
    std::string d_name;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_CODE_H */
