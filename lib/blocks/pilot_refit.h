/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_PILOT_REFIT_H
#define INCLUDED_FEWBIT_BLOCKS_PILOT_REFIT_H

#include <gnuradio/fewbit/algorithms/task_quantizer/affine_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/gaussian_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/level_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/logistic_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_refit.h>
#include <pmt/pmt.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace gr {
namespace fewbit {

//! Whether and how a detector learns from pilots.
enum class refit_mode {
    off,
    on,      //!< least squares for an affine map; gains, offset and noise for a lookup
    levels,  //!< least squares and the codes' levels, for an affine map
    counts,  //!< counted codes, for a lookup
    logistic //!< logistic regression for a lookup
};

//! \throws std::invalid_argument unless "off", "on", "levels", "counts" or "logistic"
refit_mode refit_mode_named(const std::string& name);

/*! \brief A mode that is of another kind of map.
 *
 * Networks are of no kind: they are refitted in no mode, which a refit tells.
 * \throws std::invalid_argument for "levels" on a lookup, "counts" or "logistic" on an affine map
 */
void check_refit_mode(refit_mode mode, const algorithms::digital_map& map);

struct refit_settings {
    refit_mode mode = refit_mode::off; //!< for off, nothing is gathered
    std::size_t pilots = 200;          //!< from one refit to the next
    //! Weight of a pilot after each later one; not for logistic, which keeps the latest.
    double forgetting = 1.0;
    double ridge = 4.0; //!< of least squares, in pilots per feature
};

/*!
 * \brief Gathers the pilots of a stream and refits a digital map to them.
 *
 * All memory is taken by the constructor.
 */
class pilot_refit
{
public:
    //! What the last pilots show: mean squared error per entry, or bit error rate.
    struct errors {
        double before = 0.0, after = 0.0;
    };

    //! \param map the map that refit() will be given, or one of its shape
    pilot_refit(const algorithms::digital_map& map, const refit_settings& settings);

    //! Take in one pilot; false, and nothing is kept, where \p sent is none of this map.
    bool add(const std::uint8_t* codes, float gain, const pmt::pmt_t& sent) noexcept;

    //! Fit, and put the result in place in \p map unless the status tells why not.
    algorithms::refit_status refit(algorithms::digital_map& map, errors& seen) noexcept;

    std::uint64_t pilots() const noexcept;                //!< gathered
    std::size_t since_refit() const { return d_waiting; } //!< since refit() was tried
    std::size_t least_pilots() const { return d_least; }  //!< that a fit needs

private:
    using no_refit = std::monostate;

    void learn_affine(const algorithms::digital_map& map, const refit_settings& how);
    void learn_lookup(const algorithms::digital_map& map, const refit_settings& how);

    bool read(const pmt::pmt_t& sent) noexcept;
    double error_of(const algorithms::digital_map& map) noexcept;

    const std::size_t d_adcs, d_outputs;
    const bool d_detects;
    std::variant<no_refit,
                 algorithms::affine_refit,
                 algorithms::level_refit,
                 algorithms::lookup_refit,
                 algorithms::gaussian_refit,
                 algorithms::logistic_refit>
        d_fit;
    std::size_t d_least = 0;
    std::size_t d_waiting = 0;

    // The pilot at hand, as numbers or as a class.
    std::vector<float> d_numbers;
    std::uint8_t d_class = 0;

    // The last pilots: a ring, for error_of().
    std::size_t d_kept = 0, d_next = 0;
    std::vector<std::uint8_t> d_codes; // [][p]
    std::vector<float> d_gains;
    std::vector<float> d_sent;           // [][k], estimation
    std::vector<std::uint8_t> d_classes; // detection
    std::vector<float> d_estimate;       // of one vector
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_PILOT_REFIT_H */
