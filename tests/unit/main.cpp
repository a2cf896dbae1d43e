// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The main function of every program of unit tests.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
