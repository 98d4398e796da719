/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_USERS_OF_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_USERS_OF_H

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief k of 2^k classes, one for each choice of the users' bits.
 * \param classes found
 * \param found begins the sentence, such as "cell_ber: got means of"
 * \param what the sentence calls them
 * \throws std::invalid_argument unless they are 2, 4, 8, .. or 256
 */
inline std::size_t
users_of(std::size_t classes, const std::string& found, const std::string& what)
{
    for (std::size_t k = 1; k <= digital_map::max_users; k++)
        if (classes == std::size_t{1} << k)
            return k;
    throw std::invalid_argument(found + " " + std::to_string(classes) + " " + what +
                                ", expected 2, 4, 8, ... or 256");
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_USERS_OF_H */
