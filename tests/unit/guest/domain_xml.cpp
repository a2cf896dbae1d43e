// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests of guest/domain_xml: the XML that attaches a device, and what a domain's XML says.

#include "guest/domain_xml.h"

#include <array>
#include <doctest/doctest.h>

using namespace usb_hotplug;

namespace {

using Names = std::vector<std::string>;

/// A domain with these devices.
std::string domain(const std::string& devices) {
    return "<domain type='kvm' id='3'><name>win10</name><devices>" + devices +
           "</devices></domain>";
}

DomainDevices usb_of(const std::string& devices) {
    auto parsed = parse_domain(domain(devices));
    REQUIRE(parsed);
    return std::move(*parsed);
}

} // namespace

TEST_CASE("the XML names the device by all four numbers, and by our alias") {
    CHECK(hostdev_xml("ua-usb-hotplug-dev-bus-usb-001-005", {1, 5, {0x046d, 0xc52b}}) ==
          "<hostdev mode=\"subsystem\" type=\"usb\">\n"
          "  <source>\n"
          "    <vendor id=\"0x046d\" />\n"
          "    <product id=\"0xc52b\" />\n"
          "    <address bus=\"1\" device=\"5\" />\n"
          "  </source>\n"
          "  <alias name=\"ua-usb-hotplug-dev-bus-usb-001-005\" />\n"
          "</hostdev>\n");
}

TEST_CASE("bus and device are decimal without leading zeros, the ids hexadecimal with them") {
    const std::string xml = hostdev_xml("ua-usb-hotplug-x", {8, 127, {0x0001, 0x0000}});
    CHECK(xml.find("<address bus=\"8\" device=\"127\" />") != std::string::npos);
    CHECK(xml.find("<vendor id=\"0x0001\" />") != std::string::npos);
    CHECK(xml.find("<product id=\"0x0000\" />") != std::string::npos);
    CHECK(xml.find("startupPolicy") == std::string::npos);
}

TEST_CASE("a hostile alias stays inside its attribute") {
    const std::string alias = "x\"/><evil a='1'>&amp;]]>\n";
    const std::string xml = hostdev_xml(alias, {1, 5, {1, 2}});
    CHECK(xml.find("<evil") == std::string::npos);
    CHECK(xml.find("<alias name=\"x&quot;/>&lt;evil a='1'>&amp;amp;]]>&#10;\" />") !=
          std::string::npos);
    CHECK(usb_of(xml).hostdevs.size() == 1);
    CHECK(usb_of(xml).has_alias(alias));
}

TEST_CASE("what is attached is found again in a domain's XML") {
    const DomainDevices usb = usb_of(hostdev_xml("ua-usb-hotplug-a", {1, 5, {0x046d, 0xc52b}}) +
                                     hostdev_xml("ua-usb-hotplug-b", {2, 100, {0x046d, 0xc52b}}));
    CHECK(usb.aliases == Names{"ua-usb-hotplug-a", "ua-usb-hotplug-b"});
    CHECK(usb.has_alias("ua-usb-hotplug-a"));
    CHECK_FALSE(usb.has_alias("ua-usb-hotplug"));
    CHECK_FALSE(usb.has_alias(""));
    CHECK(usb.has_device({2, 100, {}}));
    CHECK_FALSE(usb.has_device({100, 2, {}}));
    CHECK_FALSE(usb.has_device({1, 100, {}}));
}

TEST_CASE("a domain as libvirt writes it is read") {
    const DomainDevices usb = usb_of(R"(
<emulator>/usr/bin/qemu-system-x86_64</emulator>
<controller type='usb' index='0' model='qemu-xhci' ports='15'><alias name='usb'/></controller>
<controller type='pci' index='0' model='pcie-root' ports='99'><alias name='pcie.0'/></controller>
<input type='tablet' bus='usb'>
  <alias name='input0'/><address type='usb' bus='0' port='1'/>
</input>
<hub type='usb'><alias name='hub0'/><address type='usb' bus='0' port='2'/></hub>
<hostdev mode='subsystem' type='usb' managed='yes'>
  <source>
    <vendor id='0x046d'/><product id='0xc52b'/><address bus='1' device='5'/>
  </source>
  <alias name='ua-usb-hotplug-dev-bus-usb-001-005'/><address type='usb' bus='0' port='2.1'/>
</hostdev>
<hostdev mode='subsystem' type='pci' managed='yes'>
  <source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
  <alias name='hostdev1'/><address type='pci' bus='0x04'/>
</hostdev>)");
    CHECK(usb.ports == 15);
    CHECK(usb.used_ports == 2);
    CHECK(usb.aliases == Names{"usb", "pcie.0", "input0", "hub0",
                               "ua-usb-hotplug-dev-bus-usb-001-005", "hostdev1"});
    REQUIRE(usb.hostdevs.size() == 1);
    CHECK(usb.hostdevs[0].alias == "ua-usb-hotplug-dev-bus-usb-001-005");
    CHECK(usb.hostdevs[0].bus == 1);
    CHECK(usb.hostdevs[0].number == 5);
}

TEST_CASE("a device without an alias is there all the same") {
    const DomainDevices usb = usb_of("<hostdev type='usb'><source><address bus='3' device='7'/>"
                                     "</source></hostdev>");
    REQUIRE(usb.hostdevs.size() == 1);
    CHECK(usb.hostdevs[0].alias.empty());
    CHECK(usb.has_device({3, 7, {}}));
    CHECK(usb.aliases.empty());
    const DomainDevices by_id = usb_of("<hostdev type='usb'><source><vendor id='0x1'/></source>"
                                       "</hostdev>");
    REQUIRE(by_id.hostdevs.size() == 1);
    CHECK_FALSE(by_id.has_device({3, 7, {}}));
}

TEST_CASE("each model of controller has its number of ports, and all add up") {
    struct Case {
        std::string attributes;
        std::uint32_t ports;
    };
    const std::array cases = {
        Case{"model='qemu-xhci'", 4},
        Case{"model='nec-xhci'", 4},
        Case{"model='qemu-xhci' ports='15'", 15},
        Case{"model='qemu-xhci' ports='1'", 1},
        Case{"model='ehci'", 6},
        Case{"model='ich9-ehci1'", 6},
        Case{"model='ich9-uhci1'", 0},
        Case{"model='ich9-uhci3'", 0},
        Case{"model='piix3-uhci'", 2},
        Case{"model='vt82c686b-uhci'", 2},
        Case{"model='pci-ohci'", 2},
        Case{"model='none'", 0},
        Case{"", 2},
    };
    for (const Case& c : cases) {
        CAPTURE(c.attributes);
        CHECK(usb_of("<controller type='usb' index='0' " + c.attributes + "/>").ports == c.ports);
    }
    CHECK(usb_of("<controller type='usb' model='ich9-ehci1'/>"
                 "<controller type='usb' model='ich9-uhci1'><master startport='0'/></controller>"
                 "<controller type='usb' model='ich9-uhci2'><master startport='2'/></controller>"
                 "<controller type='usb' index='1' model='qemu-xhci' ports='8'/>"
                 "<controller type='scsi' model='virtio-scsi'/>")
              .ports == 14);
}

TEST_CASE("a controller is for USB 3 by its model") {
    const auto has_usb3 = [](const std::string& model) {
        return usb_of("<controller type='usb' model='piix3-uhci'/><controller type='usb' model='" +
                      model + "'/>")
            .has_usb3;
    };
    CHECK(has_usb3("qemu-xhci"));
    CHECK(has_usb3("nec-xhci"));
    CHECK_FALSE(has_usb3("ich9-ehci1"));
    CHECK_FALSE(usb_of("<controller type='pci' model='qemu-xhci'/>").has_usb3);
}

TEST_CASE("there are no fewer free ports than none") {
    CHECK(GuestPorts{4, 1, true}.free() == 3);
    CHECK(GuestPorts{4, 4, true}.free() == 0);
    CHECK(GuestPorts{0, 3, false}.free() == 0);
}

TEST_CASE("a port is taken by what is on a controller, not by what is behind a hub") {
    const DomainDevices usb =
        usb_of("<hub type='usb'><address type='usb' bus='0' port='1'/></hub>"
               "<hub type='usb'><address type='usb' bus='0' port='1.1'/></hub>"
               "<input><address type='usb' bus='0' port='1.1.8'/></input>"
               "<input><address type='usb' bus='1' port='1'/></input>"
               "<disk><address type='drive' bus='0' port='1'/></disk>"
               "<sound><address type='pci'/></sound>"
               "<redirdev><address type='usb' bus='1' port='10'/></redirdev>");
    CHECK(usb.used_ports == 3);
    CHECK(usb.ports == 0);
}

TEST_CASE("malformed XML is an error") {
    for (const std::string xml : {"", "no XML", "<domain>", "<domain></devices>", "<domain",
                                  "<domain><devices><hostdev</devices></domain>"}) {
        CAPTURE(xml);
        const auto parsed = parse_domain(xml);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().message.starts_with("Cannot read the domain's XML: "));
        CHECK(parsed.error().message.size() > std::string("Cannot read the domain's XML: ").size());
    }
}

TEST_CASE("XML without devices has none") {
    for (const std::string xml : {"<domain/>", "<domain><devices/></domain>",
                                  "<network><devices><hostdev type='usb'/>"
                                  "</devices></network>",
                                  "<domain><hostdev type='usb'/></domain>"}) {
        CAPTURE(xml);
        const auto parsed = parse_domain(xml);
        REQUIRE(parsed);
        CHECK(parsed->hostdevs.empty());
        CHECK(parsed->aliases.empty());
        CHECK(parsed->ports == 0);
        CHECK(parsed->used_ports == 0);
    }
}

TEST_CASE("devices that only the metadata speaks of do not count") {
    const auto parsed =
        parse_domain("<domain><metadata><devices><hostdev type='usb'><alias name='fake'/>"
                     "</hostdev></devices></metadata><devices/></domain>");
    REQUIRE(parsed);
    CHECK(parsed->hostdevs.empty());
    CHECK(parsed->aliases.empty());
}

TEST_CASE("odd numbers are no device of ours, and no crash") {
    for (const std::string number : {"", "x", "-1", "99999999999999999999999", "0"}) {
        CAPTURE(number);
        const DomainDevices usb = usb_of("<hostdev type='usb'><source><address bus='" + number +
                                         "' device='" + number + "'/></source></hostdev>");
        REQUIRE(usb.hostdevs.size() == 1);
        CHECK_FALSE(usb.has_device({1, 5, {}}));
        CHECK(usb.hostdevs[0].bus == usb.hostdevs[0].number);
    }
}

TEST_CASE("an entity is not expanded, and XML nested without end is no crash") {
    const auto entity = parse_domain("<!DOCTYPE d [<!ENTITY x SYSTEM '/etc/passwd'>]>"
                                     "<domain><devices><hostdev type='usb'><alias name='&x;'/>"
                                     "</hostdev></devices></domain>");
    REQUIRE(entity);
    CHECK(entity->aliases == Names{"&x;"});
    std::string deep;
    for (int i = 0; i < 100000; ++i) {
        deep += "<a>";
    }
    CHECK_FALSE(parse_domain(deep));
}

namespace {

DiskSource source_of(const DiskSettings& settings, const std::string& serial = "AA00") {
    return {"/dev/disk/by-id/usb-Acme", {"/dev/sdb"}, serial, settings};
}

} // namespace

TEST_CASE("the XML of a disk says what the rule says") {
    CHECK(disk_xml("ua-usb-hotplug-dev-sdb", source_of({}), "vdb") ==
          "<disk type=\"block\" device=\"disk\">\n"
          "  <driver name=\"qemu\" type=\"raw\" />\n"
          "  <source dev=\"/dev/disk/by-id/usb-Acme\" />\n"
          "  <target dev=\"vdb\" bus=\"virtio\" />\n"
          "  <shareable />\n"
          "  <serial>AA00</serial>\n"
          "  <alias name=\"ua-usb-hotplug-dev-sdb\" />\n"
          "</disk>\n");
    DiskSettings settings;
    settings.bus = DiskBus::Usb;
    settings.read_only = true;
    settings.cache = DiskCache::None;
    settings.discard = DiskDiscard::Unmap;
    CHECK(disk_xml("ua-usb-hotplug-dev-sdb", source_of(settings, ""), "sdc") ==
          "<disk type=\"block\" device=\"disk\">\n"
          "  <driver name=\"qemu\" type=\"raw\" cache=\"none\" discard=\"unmap\" />\n"
          "  <source dev=\"/dev/disk/by-id/usb-Acme\" />\n"
          "  <target dev=\"sdc\" bus=\"usb\" removable=\"on\" />\n"
          "  <readonly />\n"
          "  <alias name=\"ua-usb-hotplug-dev-sdb\" />\n"
          "</disk>\n");
}

TEST_CASE("a hostile disk stays inside its elements") {
    DiskSource source =
        source_of({}, "</serial><source dev='/etc/shadow'/>" + std::string(99, 'x'));
    source.path = "/dev/disk/by-id/usb-\"/><x";
    const std::string xml = disk_xml("ua-usb-hotplug-dev-sdb", source, "vdb");
    CHECK(xml.find("<source dev=\"/dev/disk/by-id/usb-&quot;/>&lt;x\" />") != std::string::npos);
    CHECK(xml.find("<serial>__serial__source_dev___etc_shadow___</serial>") != std::string::npos);
}

TEST_CASE("a domain's disks are found, and the first name that is free") {
    const DomainDevices found =
        usb_of("<disk type='block'><source dev='/dev/sdb'/><target dev='vda' bus='virtio'/>"
               "<alias name='ua-usb-hotplug-dev-sdb'/></disk>"
               "<disk type='file'><source file='/a.img'/><target dev='vdc'/></disk>"
               "<disk type='network'><source name='x'/><target dev='sda'/></disk>");
    REQUIRE(found.disks.size() == 3);
    CHECK(found.disks[0].source == "/dev/sdb");
    CHECK(found.disks[1].source == "/a.img");
    CHECK(found.disks[2].source.empty());
    CHECK(found.has_alias("ua-usb-hotplug-dev-sdb"));
    CHECK(found.find_target("vdc") == &found.disks[1]);
    CHECK(found.find_target("vdb") == nullptr);
    CHECK(found.free_target(DiskBus::Virtio) == "vdb");
    CHECK(found.free_target(DiskBus::Scsi) == "sdb");
    DomainDevices many;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
        many.disks.push_back({"", std::string("vd") + letter, ""});
    }
    CHECK(many.free_target(DiskBus::Virtio) == "vdaa");
    CHECK(many.free_target(DiskBus::Usb) == "sda");
}
