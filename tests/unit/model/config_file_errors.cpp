// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about a file that is no TOML, has unknown tables, or a broken [guest] table.

#include "model/config_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;
using namespace std::literals;

namespace {

/// The words after "not valid TOML:" are the parser's; how they end is its business.
void check_parser_messages(std::initializer_list<Broken> table) {
    for (const Broken& broken : table) {
        CAPTURE(broken.what);
        const Configuration configuration = parsed(broken.content);
        CHECK(configuration.guests.empty());
        REQUIRE(configuration.errors.size() == 1);
        const std::string said = configuration.errors[0].text();
        CAPTURE(said);
        CHECK(said.starts_with(broken.said));
    }
}

} // namespace

TEST_CASE("mistakes in the file as a whole are said with their place") {
    check_messages({
        {"an unknown table", "[gast]\n",
         "win10.toml:1:2: unknown key 'gast' in the file; did you mean 'guest'?"},
        {"an unknown table with a near name", "[[usbs]]\nid = \"046d:c52b\"\n",
         "win10.toml:1:3: unknown key 'usbs' in the file; did you mean 'usb'?"},
        {"a key outside of any table", "domain = \"win10\"\n",
         "win10.toml:1:1: unknown key 'domain' in the file"},
        {"a rule key outside of any table", "id = \"046d:c52b\"\n",
         "win10.toml:1:1: unknown key 'id' in the file"},
        {"tables of a later version", "[[input]]\nserial = \"x\"\n",
         "win10.toml:1:3: unknown key 'input' in the file"},
        {"guest as text", "guest = \"win10\"\n",
         "win10.toml:1:9: 'guest' in the file must be a table, not a string"},
        {"guest as an array of tables", "[[guest]]\ndomain = \"win10\"\n",
         "win10.toml:1:1: 'guest' in the file must be a table, not an array"},
        {"usb in single brackets", "[usb]\nid = \"046d:c52b\"\n",
         "win10.toml:1:1: 'usb' must be tables; write [[usb]] with double brackets"},
        {"except in single brackets", "[except]\nid = \"046d:c52b\"\n",
         "win10.toml:1:1: 'except' must be tables; write [[except]] with double brackets"},
        {"usb as a list of strings", "usb = [\"046d:c52b\"]\n",
         "win10.toml:1:7: 'usb' must be tables; write [[usb]] with double brackets"},
        {"usb as text", "usb = \"046d:c52b\"\n",
         "win10.toml:1:7: 'usb' must be tables; write [[usb]] with double brackets"},
        {"usb mixed of tables and text", "usb = [{ id = \"046d:c52b\" }, \"046d:c52c\"]\n",
         "win10.toml:1:7: 'usb' must be tables; write [[usb]] with double brackets"},
        {"two guest mistakes in one file", "[guest]\ndomian = \"win10\"\npriority = \"high\"\n",
         "win10.toml:2:1: unknown key 'domian' in [guest]; did you mean 'domain'?\n"
         "win10.toml:3:12: 'priority' in [guest] must be a number, not a string"},
    });
}

TEST_CASE("mistakes in the guest's table are said with their place") {
    check_messages({
        {"a misspelt guest key", "[guest]\nconect = \"qemu:///system\"\n",
         "win10.toml:2:1: unknown key 'conect' in [guest]; did you mean 'connect'?"},
        {"a guest key near to nothing", "[guest]\nbackend = \"qemu\"\n",
         "win10.toml:2:1: unknown key 'backend' in [guest]"},
        {"a domain that is a number", "[guest]\ndomain = 10\n",
         "win10.toml:2:10: 'domain' in [guest] must be a string, not a number"},
        {"a domain that is empty", "[guest]\ndomain = \"\"\n",
         "win10.toml:2:10: 'domain' in [guest] is empty; leave the key out instead"},
        {"a domain with a NUL", "[guest]\ndomain = \"win\\u000010\"\n",
         "win10.toml:2:10: 'domain' in [guest] has a NUL character"},
        {"a connect that is a list", "[guest]\nconnect = [\"qemu:///system\"]\n",
         "win10.toml:2:11: 'connect' in [guest] must be a string, not an array"},
        {"a connect that is empty", "[guest]\nconnect = ''\n",
         "win10.toml:2:11: 'connect' in [guest] is empty; leave the key out instead"},
        {"a connect that is true", "[guest]\nconnect = true\n",
         "win10.toml:2:11: 'connect' in [guest] must be a string, not true or false"},
        {"a priority that is text", "[guest]\npriority = \"1\"\n",
         "win10.toml:2:12: 'priority' in [guest] must be a number, not a string"},
        {"a priority with a fraction", "[guest]\npriority = 1.5\n",
         "win10.toml:2:12: 'priority' in [guest] must be a whole number, not a number with a "
         "fraction"},
        {"a priority too high", "[guest]\npriority = 1000001\n",
         "win10.toml:2:12: 'priority' in [guest] must be -1000000 to 1000000, not 1000001"},
        {"a priority too low", "[guest]\npriority = -1000001\n",
         "win10.toml:2:12: 'priority' in [guest] must be -1000000 to 1000000, not -1000001"},
        {"a priority that is a date", "[guest]\npriority = 2024-01-01\n",
         "win10.toml:2:12: 'priority' in [guest] must be a number, not a date or time"},
        {"a priority that is a time", "[guest]\npriority = 10:00:00\n",
         "win10.toml:2:12: 'priority' in [guest] must be a number, not a date or time"},
        {"a priority as inline table", "[guest]\npriority = { value = 1 }\n",
         "win10.toml:2:12: 'priority' in [guest] must be a number, not a table"},
        {"a grace that is no time", "[guest]\ngrace = \"soon\"\n",
         "win10.toml:2:9: 'grace' must be a time of at most 10min, as in \"10s\", \"500ms\" or "
         "\"1min 30s\"; \"soon\" is not"},
        {"a grace that is too long", "[guest]\ngrace = \"10min 1ms\"\n",
         "win10.toml:2:9: 'grace' must be a time of at most 10min, as in \"10s\", \"500ms\" or "
         "\"1min 30s\"; \"10min 1ms\" is not"},
        {"a grace of too many seconds", "[guest]\ngrace = 601\n",
         "win10.toml:2:9: 'grace' in [guest] must be 0 to 600, not 601"},
        {"a negative grace", "[guest]\ngrace = \"-1s\"\n",
         "win10.toml:2:9: 'grace' must be a time of at most 10min, as in \"10s\", \"500ms\" or "
         "\"1min 30s\"; \"-1s\" is not"},
        {"a grace with a fraction", "[guest]\ngrace = 0.5\n",
         "win10.toml:2:9: 'grace' in [guest] must be a whole number, not a number with a fraction"},
        {"a grace that is empty", "[guest]\ngrace = \"\"\n",
         "win10.toml:2:9: 'grace' in [guest] is empty; leave the key out instead"},
        {"a key that is hostile to terminals", "[guest]\n\"\\u001b[31mred\" = 1\n",
         "win10.toml:2:1: unknown key '\\x1b[31mred' in [guest]"},
        {"a guest table with a rule key", "[guest]\nid = \"046d:c52b\"\n",
         "win10.toml:2:1: unknown key 'id' in [guest]"},
    });
}

TEST_CASE("a guest has a QMP socket or a domain, and not both") {
    const std::string advice =
        "'qmp' must be the whole path of a socket, as in \"/run/win10.qmp\"; \"";
    const std::string long_path = "/run/" + std::string(103, 'x');
    check_messages({
        {"a domain", "[guest]\nqmp = \"/run/a\"\ndomain = \"a\"\n",
         "win10.toml:3:10: 'domain' is for guests of libvirt; a guest with 'qmp' has none"},
        {"both", "[guest]\nconnect = \"qemu:///system\"\ndomain = \"a\"\nqmp = \"/run/a\"\n",
         "win10.toml:2:11: 'connect' is for guests of libvirt; a guest with 'qmp' has none\n"
         "win10.toml:3:10: 'domain' is for guests of libvirt; a guest with 'qmp' has none"},
        {"a disk", "[guest]\nqmp = \"/run/a\"\n[[disk]]\nserial = \"a\"\n",
         "win10.toml:3:1: [[disk]] is for guests of libvirt; a guest with 'qmp' gets a disk as a "
         "USB device, by [[usb]]"},
        {"a type", "[guest]\nqmp = 1\n",
         "win10.toml:2:7: 'qmp' in [guest] must be a string, not a number"},
        {"a path that is too long", "[guest]\nqmp = \"" + long_path + "\"\n",
         "win10.toml:2:7: 'qmp' is too long for a socket, whose path has at most 107 bytes"},
        {"a part of a path", "[guest]\nqmp = \"win10.qmp\"\n",
         "win10.toml:2:7: " + advice + "win10.qmp\" is not"},
        {"a path with dots", "[guest]\nqmp = \"/run/../tmp/a\"\n",
         "win10.toml:2:7: " + advice + "/run/../tmp/a\" is not"},
        {"another dot", "[guest]\nqmp = \"/run/./a\"\n",
         "win10.toml:2:7: " + advice + "/run/./a\" is not"},
        {"a folder", "[guest]\nqmp = \"/run/a/\"\n",
         "win10.toml:2:7: " + advice + "/run/a/\" is not"},
        {"two slashes", "[guest]\nqmp = \"//run/a\"\n",
         "win10.toml:2:7: " + advice + "//run/a\" is not"},
        {"the root", "[guest]\nqmp = \"/\"\n", "win10.toml:2:7: " + advice + "/\" is not"},
        {"a NUL", "[guest]\nqmp = \"/run/a\\u0000b\"\n",
         "win10.toml:2:7: 'qmp' in [guest] has a NUL character"},
    });
}

TEST_CASE("a file that is no TOML is one mistake, where it stops making sense") {
    check_parser_messages({
        {"an unfinished table header", "[guest\n",
         "win10.toml:1:7: not valid TOML: Error while parsing table header: expected ']'"},
        {"a table header without a name", "[#guest]\n",
         "win10.toml:1:2: not valid TOML: Error while parsing key: expected bare key"},
        {"an unfinished string", "[guest]\ndomain = \"win10\n",
         "win10.toml:2:16: not valid TOML: Error while parsing string: unescaped control "
         "characters other than TAB (U+0009) are explicitly prohibited"},
        {"a value without quotes", "[guest]\ndomain = win10\n",
         "win10.toml:2:10: not valid TOML: Error while parsing value: could not determine "
         "value type"},
        {"a key without a value", "[guest]\ndomain =\n",
         "win10.toml:2:9: not valid TOML: Error while parsing key-value pair: expected value"},
        {"a key alone", "[guest]\ndomain\n",
         "win10.toml:2:7: not valid TOML: Error while parsing key-value pair: expected '='"},
        {"a key said twice", "[guest]\npriority = 1\npriority = 2\n",
         "win10.toml:3:12: not valid TOML: Error while parsing key-value pair: cannot "
         "redefine existing integer 'priority'"},
        {"a table said twice", "[guest]\n[guest]\n",
         "win10.toml:2:1: not valid TOML: Error while parsing table header: cannot redefine "
         "existing table 'guest'"},
        {"usb as table, then as tables", "[usb]\n[[usb]]\n",
         "win10.toml:2:1: not valid TOML: Error while parsing table header: cannot redefine "
         "existing table 'usb' as array-of-tables"},
        {"an id without quotes", "[[usb]]\nid = 046d:c52b\n",
         "win10.toml:2:8: not valid TOML: Error while parsing time: expected ':', saw '6'"},
        {"a port without quotes", "[[usb]]\nport = 1-4.2\n",
         "win10.toml:2:8: not valid TOML: Error while parsing value: could not determine "
         "value type"},
        {"a number with a leading zero", "[[usb]]\nbus = 01\n",
         "win10.toml:2:9: not valid TOML: Error while parsing decimal integer: leading zeroes "
         "are prohibited"},
        {"a number too large for any type", "[[usb]]\nbus = 99999999999999999999\n",
         "win10.toml:2:27: not valid TOML: Error while parsing decimal integer: "
         "'99999999999999999999' is not representable in 64 bits"},
        {"an ini file", "[usb 046d:c52b]\n",
         "win10.toml:1:6: not valid TOML: Error while parsing table header: expected ']', saw "
         "'0'"},
        {"a colon in place of the equals sign", "[guest]\ndomain: win10\n",
         "win10.toml:2:7: not valid TOML: Error while parsing key-value pair: expected '=', "
         "saw ':'"},
        {"a bad escape", "[guest]\ndomain = \"win\\10\"\n",
         "win10.toml:2:15: not valid TOML: Error while parsing string: unknown "},
        {"a control character",
         "[guest]\ndomain = \"win\x01"
         "10\"\n",
         "win10.toml:2:14: not valid TOML: Error while parsing string: unescaped control "
         "characters other than TAB (U+0009) are explicitly prohibited"},
        {"text that is no UTF-8",
         "[guest]\ndomain = \"win\xff"
         "10\"\n",
         "win10.toml:2:13: not valid TOML: Encountered invalid utf-8 sequence"},
        {"an inline table over two lines", "[[usb]]\ninterface = { class = 3,\n protocol = 2 }\n",
         "win10.toml:2:25: not valid TOML: Error while parsing inline table: expected key or "
         "closing '}'"},
        {"a list that nobody closes", "usb = [\n",
         "win10.toml:1:9: not valid TOML: Error while parsing array: encountered end-of-file"},
        {"a NUL in the file", "[guest]\n\x00\n"sv,
         "win10.toml:2:1: not valid TOML: Error while parsing root table: expected keys, "
         "tables, whitespace or comments"},
        {"an XML file", "<domain/>\n",
         "win10.toml:1:1: not valid TOML: Error while parsing root table: expected keys, "
         "tables, whitespace or comments, saw '<'"},
        {"a semicolon comment", "; comment\n",
         "win10.toml:1:1: not valid TOML: Error while parsing root table: expected keys, "
         "tables, whitespace or comments, saw ';'"},
    });
}
