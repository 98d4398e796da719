/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/models_path.h>

void register_models_path(py::module& m)
{
    using namespace gr::fewbit::algorithms;
    m.def("models_path",
          &models_path,
          "The folder of the installed bundles; the environment variable FEWBIT_MODELS "
          "takes its "
          "place where it is set.");
    m.def("find_model",
          &find_model,
          py::arg("file"),
          "Where the bundle named file is: as given, or else under models_path(), "
          "where .safetensors may be left out.");
}
