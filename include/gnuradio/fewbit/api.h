/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_API_H
#define INCLUDED_FEWBIT_API_H

#include <gnuradio/attributes.h>

#ifdef gnuradio_fewbit_EXPORTS
#define FEWBIT_API __GR_ATTR_EXPORT
#else
#define FEWBIT_API __GR_ATTR_IMPORT
#endif

#endif /* INCLUDED_FEWBIT_API_H */
