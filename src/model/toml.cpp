// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The code of toml++, compiled in rather than loaded: usb-hotplug-match is started for every plug,
// and loading takes longer than reading the files.

#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
