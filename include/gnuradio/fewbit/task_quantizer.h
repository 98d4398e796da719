/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/fewbit/digital_detector.h>
#include <gnuradio/fewbit/hybrid_combiner.h>
#include <gnuradio/fewbit/learned_adc.h>
#include <gnuradio/fewbit/map_detector.h>
#include <gnuradio/hier_block2.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief A whole task-based quantizer: hybrid_combiner, learned_adc and digital_detector,
 * or a rival in their place.
 * \ingroup fewbit
 *
 * \details
 * Input: items of antenna values. Output: bits, LLRs, posteriors or estimates, one item
 * for each, as digital_detector has them; tags stay on their item. \p design names what
 * is done (algorithms::named_quantizer):
 * - a bundle of kind task_quantizer: a file, or the name of an installed model;
 * - "quantized_map:rate=1" or "rotation_lookup:levels=8", which follow from the channel
 *   and the noise;
 * - "map": MAP without quantization, a map_detector alone.
 *
 * set_design() changes all three parts at one item, with none lost and none decided by
 * parts of two designs: ADCs and detector have the new parts put aside before the
 * combiner sends the first item of the new design, which carries the stream tag \c design
 * (uint64, a number that counts up) at which they change. A design of other sizes or
 * another task, and one that cannot be read, is refused in one sentence, counted
 * (bad_design), and the old one stays; so is a change from or to "map".
 *
 * Message port \c control: dict of \c design (symbol), \c noise_variance (number), and
 * any key of the control ports of the three parts. Message port \c report: that of the
 * detector.
 */
class FEWBIT_API task_quantizer : virtual public gr::hier_block2
{
public:
    typedef std::shared_ptr<task_quantizer> sptr;

    //! The channel x = H s + w that designs without a bundle follow from.
    struct known_channel {
        std::vector<gr_complex> matrix; //!< H, row by row [n][k]; empty: not known
        std::size_t n = 0, k = 0;       //!< antennas and users
        double noise_variance = 0.1;    //!< E|w_i|^2 of an antenna value
    };

    //! How the parts work.
    struct settings {
        std::size_t block_len = 1; //!< of the AGC, see hybrid_combiner
        std::string refit = "off"; //!< see digital_detector
        std::size_t refit_pilots = 200;
        double forgetting = 1.0;
        double ridge = 4.0;
        algorithms::adc_impairment_settings faults; //!< see learned_adc
        double threshold_deviation = 0.0;
    };

    /*!
     * \param design as above
     * \param type of the antenna values: "float", or "complex", for which a vector of n/2
     * values stands for [Re; Im]
     * \param output "bits", "llrs", "posteriors", "estimates" or "complex"
     * \param channel for the designs that follow from it; for "float" H's real part counts
     * \param how settings of the parts
     * \throws std::invalid_argument or algorithms::bundle_error
     */
    static sptr make(const std::string& design,
                     const std::string& type,
                     const std::string& output,
                     const known_channel& channel,
                     const settings& how);

    /*! \brief Another design of the same sizes and task, at the next item of the combiner.
     *
     * A search for a rotation takes its time in the caller's thread; the stream goes on.
     * \throws std::invalid_argument or algorithms::bundle_error; the old design then stays
     */
    virtual void set_design(const std::string& design) = 0;
    //! The same for a caller that cannot catch: logs why not, and returns whether it did.
    virtual bool request_design(const std::string& design) noexcept = 0;
    virtual std::string design() const = 0; //!< the text of the design in use
    /*! \brief Another noise variance: designs that follow from it change as in
     * set_design(), but keep their rotation.
     * \throws std::invalid_argument unless positive and finite */
    virtual void set_noise_variance(double noise_variance) = 0;
    //! Set the noise variance to 10^(-snr_db / 10).
    virtual void set_snr_db(double snr_db) = 0;
    //! Faults of the ADCs, as learned_adc's; without effect on "map".
    virtual void set_faults(double offset_deviation,
                            double threshold_deviation,
                            double gain_deviation,
                            double jitter,
                            double noise) = 0;
    virtual void set_refit(const std::string& mode) = 0; //!< see digital_detector

    // The parts; null for "map", which has map() alone.
    virtual hybrid_combiner::sptr combiner() const = 0;
    virtual learned_adc::sptr adc() const = 0;
    virtual digital_detector::sptr detector() const = 0;
    virtual map_detector::sptr map() const = 0;

    //! bad_control, bad_design, bad_setting; and the parts' own, as combiner.vectors,
    //! adc.designs, detector.refits, map.not_finite
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_H */
