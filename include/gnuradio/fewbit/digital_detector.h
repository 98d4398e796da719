/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_DIGITAL_DETECTOR_H
#define INCLUDED_FEWBIT_DIGITAL_DETECTOR_H

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief The digital part of a task-based quantizer: ADC codes to decisions or estimates;
 * learns from pilots while it runs.
 * \ingroup fewbit
 *
 * \details
 * Input: items of p bytes, the ADCs' codes. Output (algorithms::digital_map), one item
 * for each, by \p output:
 * - "bits": k bytes, the users' bits of the most probable class (detection);
 * - "llrs": k floats, log P(b=1)/P(b=0), clipped to +-64 (detection);
 * - "posteriors": 2^k floats, the classes' probabilities (detection);
 * - "estimates": k floats; for detection the posterior means of the symbols;
 * - "complex": the same as k/2 complex values, the estimate being [Re; Im].
 *
 * Tags stay on their item, and three of them are read: \c agc_gain (double), the AGC's g
 * from its item on (1 before the first); \c pilot, what was sent in its item; \c design
 * (an integer), at whose item the detector changes to what set_map() or set_design() has
 * put aside under that number (a number that nothing was put aside for changes nothing,
 * is counted in unknown_designs and logged once).
 *
 * \b Refit. Pilots are gathered, and after every \p refit_pilots of them the digital map
 * is fitted anew to all that were gathered, older ones weighing less by a factor of \p
 * forgetting for each pilot since. By \p refit:
 * - "off": pilots are ignored;
 * - "on": least squares for an affine map (algorithms::affine_refit); gains, offset and
 *   noise at each ADC for a lookup (algorithms::gaussian_refit): tens of pilots do;
 * - "levels": for an affine map also the codes' levels (algorithms::level_refit), for
 *   thresholds that move each on its own;
 * - "counts": counted codes for a lookup (algorithms::lookup_refit), whatever the ADCs do:
 *   thousands of pilots;
 * - "logistic": logistic regression on the latest pilots for a lookup
 *   (algorithms::logistic_refit), which takes tens of milliseconds.
 *
 * The new map decides from the item after the last of these pilots on. Pilots are a
 * f32vector of k values, or for detection a u8vector of k bits (a f32vector holds symbols
 * then: bit 1 where negative). The map stays as it is, and the cause is counted and
 * logged once, where a pilot is no such vector, not finite or a symbol of 0 (bad_pilot), where there are
 * fewer pilots than unknowns of an output, or than classes (too_few_pilots), where they do
 * not determine the map (singular) or yield no numbers (not_finite), or where the map is of a kind that is not refitted so
 * (not_refittable). A change of design, or of how to refit, forgets the pilots.
 *
 * Message port \c report out: a dict for every refit and every refused one: \c outcome
 * (symbol: "refitted", or the cause), \c item, \c pilots, \c refits; and where it was
 * refitted \c error_before and \c error_after, what these pilots show of both maps: the
 * mean squared error per entry, or the bit error rate, of at most the last 256 of them. The
 * map that has just been fitted to them looks a little better than it is.
 *
 * Message port \c control: dict of \c weight, \c bias, \c log_likelihood (f32vectors of
 * an affine map or a lookup), \c refit (symbol), \c refit_pilots (integer), \c forgetting
 * (number), \c refit_now (anything) and \c design (symbol), any of them, as the setters.
 * A message that is refused is counted, and the first of a cause logged.
 */
class FEWBIT_API digital_detector : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<digital_detector> sptr;

    /*!
     * \param map what codes mean
     * \param output "bits", "llrs", "posteriors", "estimates" or "complex"
     * \param refit "off", "on", "levels", "counts" or "logistic"
     * \param refit_pilots pilots from one refit to the next, at least 1
     * \param forgetting more than 0, at most 1 (which never forgets)
     * \param ridge of least squares, in pilots per feature: a pull to the map that was
     * given, so that few pilots do no harm and what no pilot tells stays as it was. At
     * least 0; with 0, pilots that do not determine the map are refused as singular
     * \throws std::invalid_argument when one of them is not as said, or does not fit the
     * map's task
     */
    static sptr make(const algorithms::digital_map& map,
                     const std::string& output = "bits",
                     const std::string& refit = "off",
                     std::size_t refit_pilots = 200,
                     double forgetting = 1.0,
                     double ridge = 4.0);

    /*!
     * \param design a bundle of kind task_quantizer: a file, or the name of an installed
     * model
     * \throws std::invalid_argument or algorithms::bundle_error
     */
    static sptr make(const std::string& design,
                     const std::string& output = "bits",
                     const std::string& refit = "off",
                     std::size_t refit_pilots = 200,
                     double forgetting = 1.0,
                     double ridge = 4.0);

    /*! \brief Another map of the same sizes and task.
     * \param design_id change at the item with the tag \c design of this number; 0: at the
     * next item
     * \throws std::invalid_argument for another; all is then as before */
    virtual void set_map(const algorithms::digital_map& map,
                         std::uint64_t design_id = 0) = 0;
    //! The same from a bundle. \throws std::invalid_argument or algorithms::bundle_error
    virtual void set_design(const std::string& design, std::uint64_t design_id = 0) = 0;
    /*! \brief Other numbers in an affine map, [powers][k][p] and [powers][k].
     * \throws std::invalid_argument for another number of them, a value that is not
     * finite, or another kind of map */
    virtual void set_affine(const std::vector<float>& weight,
                            const std::vector<float>& bias) = 0;
    //! The same for a lookup, [sum M_d][2^k]. \throws likewise
    virtual void set_log_likelihood(const std::vector<float>& log_likelihood) = 0;
    //! The map as it is now, with what refits have made of it.
    virtual algorithms::digital_map map() const = 0;

    //! "off", "on", "levels", "counts" or "logistic". \throws std::invalid_argument for another text
    virtual void set_refit(const std::string& mode) = 0;
    //! \throws std::invalid_argument for 0
    virtual void set_refit_pilots(std::size_t pilots) = 0;
    //! \throws std::invalid_argument unless more than 0 and at most 1
    virtual void set_forgetting(double forgetting) = 0;
    //! Refit from the pilots gathered so far, at the next item.
    virtual void refit_now() = 0;

    //! vectors, pilots, refits, designs taken, unknown_designs; and by cause: bad_pilot,
    //! too_few_pilots, singular, not_finite, not_refittable, bad_gain, bad_control, bad_design,
    //! bad_setting
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_DIGITAL_DETECTOR_H */
