/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_MODELS_PATH_H
#define INCLUDED_FEWBIT_ALGORITHMS_MODELS_PATH_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief The folder of the bundles that were installed with this library.
 *
 * The environment variable FEWBIT_MODELS, where it is set and not empty, takes its place.
 */
FEWBIT_ALGORITHMS_API std::string models_path();

/*! \brief Where a bundle named \p file is: as given, or else under models_path(),
 * where ".safetensors" may be left out.
 *
 * A name that is in neither place is returned as given, so that the error of whoever
 * opens it shows what the user wrote. An absolute name is returned as given.
 */
FEWBIT_ALGORITHMS_API std::string find_model(const std::string& file);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_MODELS_PATH_H */
