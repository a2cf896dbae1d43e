// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of guest/libvirt_uri.cpp.

#include "guest/backend.h"

#include <doctest/doctest.h>
#include <string>

using namespace usb_hotplug;

TEST_CASE("a socket of this machine is not remote, and nor is what nobody can tell") {
    for (const std::string uri :
         {"qemu:///system", "qemu:///session", "qemu+unix:///system",
          "qemu+unix:///system?socket=/run/libvirt/other-sock", "qemu:///system?mode=direct",
          "qemu://?x", "qemu://", "an-alias", "qemu+ssh", "://", ""}) {
        CAPTURE(uri);
        CHECK_FALSE(is_remote({BackendKind::Libvirt, uri, "a"}));
    }
}

TEST_CASE("the network, and programs that lead there, are remote") {
    for (const std::string uri :
         {"qemu://here/system", "qemu://root@here:16514/system", "qemu+tls://here/system",
          "qemu+tcp:///system", "qemu+ssh://root@localhost/system", "qemu+libssh2://here/system",
          "qemu+ext:///system?command=/bin/nc", "qemu+://here/system", "qemu://[::1]/system"}) {
        CAPTURE(uri);
        CHECK(is_remote({BackendKind::Libvirt, uri, "a"}));
    }
}
