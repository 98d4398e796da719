/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_MSE_METER_H
#define INCLUDED_FEWBIT_MSE_METER_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_decimator.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Mean squared error between two streams of vectors, per real entry.
 * \ingroup fewbit
 *
 * \details
 * Inputs 0 and 1: items of vlen floats or complex values a and b. Output: one float for
 * every \p n_items items, the mean of (a - b)^2 over the items and their real entries (a
 * complex entry is two). An item that is not finite in either input is left out and
 * counted; where that leaves none of the n_items, the last value is repeated (0 before
 * the first). report() is of all items since the start or the last reset.
 *
 * Message port \c reset: any message starts the count of report() again.
 */
class FEWBIT_API mse_meter : virtual public gr::sync_decimator
{
public:
    typedef std::shared_ptr<mse_meter> sptr;

    /*!
     * \param type of the items: "float" or "complex"
     * \param vlen values of an item, at least 1
     * \param n_items items of an output value, 1 to 1048576
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::string& type = "float",
                     std::size_t vlen = 80,
                     unsigned n_items = 500);

    virtual void reset() = 0;

    /*! \brief \c items, \c mse, \c mse_low and \c mse_high (95 %, from the spread of the
     * items' own errors, which takes items for independent), and \c not_finite. Without
     * items, mse is 0. */
    virtual std::map<std::string, double> report() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_MSE_METER_H */
