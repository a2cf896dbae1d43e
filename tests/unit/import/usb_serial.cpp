// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/import_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::imports;
using namespace usb_hotplug::imports::test;

TEST_CASE("a usb-serial list decides the same") {
    const Imported result = imported("# id guest\n"
                                     "usb-051d:0002 guest1\n"
                                     "usb-0451:E012\tguest2\n"
                                     "\n"
                                     "WDC_WD20NMVW-11AV3S3_WD-WX91A848D75S guest1 vdb\n"
                                     "4C5300*1 backup\n"
                                     "usb-051d:0002 guest2\n");
    check_decisions(result,
                    {{"the UPS: the first line counts", device_of("051d", "0002"), "guest1"},
                     {"the second", device_of("0451", "e012"), "guest2"},
                     {"another", device_of("0451", "e013"), ""}});
    REQUIRE(result.files.size() == 2);
    CHECK(result.files[0].toml == R"(# Made of file by usb-hotplugctl import.

[[usb]]
id = "051d:0002"

# Not carried over: line 5: the disk with the serial number
#   "WDC_WD20NMVW-11AV3S3_WD-WX91A848D75S" as "vdb". This version hands over
#   USB devices, not disks; as a USB device it would be serial =
#   "WDC_WD20NMVW-11AV3S3_WD-WX91A848D75S".
)");
    CHECK(
        result.files[1].notes ==
        std::vector<std::string>{"Not carried over: line 7 about 051d:0002: line 2 comes first."});
    CHECK(result.remarks ==
          "# Not carried over: line 6: the disk with the serial number \"4C5300*1\",\n"
          "#   mounted by the host at \"backup\". This version mounts nothing.\n");
}

TEST_CASE("broken usb-serial lists") {
    check_messages(
        Format::UsbSerial,
        {
            {"one word", "usb-051d:0002 guest1\n  alone\n",
             "file:2:3: a line must be \"usb-vendor:product GUEST\", \"SERIAL GUEST TARGET\" or "
             "\"SERIAL NAME\"; this one has 1 words"},
            {"four words", "a b c d\n",
             "file:1:1: a line must be \"usb-vendor:product GUEST\", \"SERIAL GUEST TARGET\" or "
             "\"SERIAL NAME\"; this one has 4 words"},
            {"a device with a target", "usb-051d:0002 guest1 vdb\n",
             "file:1:1: a line must be \"usb-vendor:product GUEST\", \"SERIAL GUEST TARGET\" or "
             "\"SERIAL NAME\"; this one has 3 words"},
            {"no id", "\n usb-51d:2 guest1\n",
             "file:2:2: after \"usb-\" must come vendor:product, four hexadecimal digits each, as "
             "in "
             "\"usb-051d:0002\"; \"usb-51d:2\" is not"},
        });
}
