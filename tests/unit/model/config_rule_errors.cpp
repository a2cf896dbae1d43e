// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken rules: as a whole, and their keys id and port.

#include "model/config_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

TEST_CASE("mistakes in a rule are said with their place") {
    check_messages({
        {"a rule without a condition", "[[usb]]\ndescription = \"nothing\"\n",
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"an empty rule", "[[usb]]\n",
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"an exception without a condition", "[[except]]\nenabled = true\n",
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"all = false alone", "[[usb]]\nall = false\n",
         "win10.toml:1:1: this rule has no condition; say all = true if every device is meant"},
        {"all beside a condition", "[[usb]]\nall = true\nbus = 1\n",
         "win10.toml:2:7: all = true is every device, so no other condition can stand beside it"},
        {"nothing but a misspelt condition", "[[except]]\nprodukt = \"x\"\n",
         "win10.toml:2:1: unknown key 'produkt' in [[except]]; did you mean 'product'?"},
        {"nothing but a mistake", "[[usb]]\nenabled = 1\n",
         "win10.toml:2:11: 'enabled' in [[usb]] must be true or false, not a number"},
        {"a mistake in one rule and nothing in the next",
         "[[usb]]\nProduct = \"x\"\n\n[[usb]]\nenabled = true\n",
         "win10.toml:2:1: unknown key 'Product' in [[usb]]; did you mean 'product'?\n"
         "win10.toml:4:1: this rule has no condition; say all = true if every device is meant"},
        {"nothing but an all that is text", "[[usb]]\nall = \"yes\"\n",
         "win10.toml:2:7: 'all' in [[usb]] must be true or false, not a string"},
        {"all that is text", "[[usb]]\nbus = 1\nall = \"true\"\n",
         "win10.toml:3:7: 'all' in [[usb]] must be true or false, not a string"},
        {"enabled that is text", "[[usb]]\nid = \"046d:c52b\"\nenabled = \"no\"\n",
         "win10.toml:3:11: 'enabled' in [[usb]] must be true or false, not a string"},
        {"enabled that is a number", "[[usb]]\nid = \"046d:c52b\"\nenabled = 0\n",
         "win10.toml:3:11: 'enabled' in [[usb]] must be true or false, not a number"},
        {"description that is empty", "[[usb]]\ndescription = \"\"\nid = \"046d:c52b\"\n",
         "win10.toml:2:15: 'description' in [[usb]] is empty; leave the key out instead"},
        {"description that is a number", "[[usb]]\ndescription = 1\nid = \"046d:c52b\"\n",
         "win10.toml:2:15: 'description' in [[usb]] must be a string, not a number"},
        {"a misspelt rule key", "[[usb]]\nbus = 1\nprot = \"1-4\"\n",
         "win10.toml:3:1: unknown key 'prot' in [[usb]]; did you mean 'port'?"},
        {"a key of another case", "[[usb]]\nbus = 1\nID = \"046d:c52b\"\n",
         "win10.toml:3:1: unknown key 'ID' in [[usb]]; did you mean 'id'?"},
        {"a key near to nothing", "[[usb]]\nbus = 1\nxyzzy = \"x\"\n",
         "win10.toml:3:1: unknown key 'xyzzy' in [[usb]]"},
        {"a key of another tool", "[[usb]]\nhostbus = 1\nid = \"046d:c52b\"\n",
         "win10.toml:2:1: unknown key 'hostbus' in [[usb]]"},
        {"a mistake in a disabled rule", "[[usb]]\nenabled = false\nid = \"046d\"\n",
         "win10.toml:3:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d\" is not"},
        {"a mistake in the second rule", "[[usb]]\nid = \"046d:c52b\"\n\n[[usb]]\nid = 5\n",
         "win10.toml:5:6: 'id' in [[usb]] must be a string, not a number"},
        {"a mistake in an exception", "[[usb]]\nall = true\n\n[[except]]\nvendor = 0x046d\n",
         "win10.toml:5:10: 'vendor' in [[except]] must be a string, not a number"},
        {"mistakes in three places",
         "[guest]\npriority = -9999999\n\n[[usb]]\nid = \"046d:c52\"\n\n[[except]]\nbus = 0\n",
         "win10.toml:2:12: 'priority' in [guest] must be -1000000 to 1000000, not -9999999\n"
         "win10.toml:5:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d:c52\" is not\n"
         "win10.toml:8:7: 'bus' in [[except]] must be 1 to 999, not 0"},
        {"an inline rule", "usb = [{ id = \"046d:c52b\" }, { bus = 1, idd = \"x\" }]\n",
         "win10.toml:1:41: unknown key 'idd' in [[usb]]; did you mean 'id'?"},
    });
}

TEST_CASE("an id is vendor:product, each four digits or a star") {
    check_messages({
        {"an id without a colon", "[[usb]]\nid = \"046d\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d\" is not"},
        {"an id with three digits", "[[usb]]\nid = \"46d:c52b\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"46d:c52b\" is not"},
        {"an id with five digits", "[[usb]]\nid = \"0046d:c52b\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"0046d:c52b\" is not"},
        {"an id with 0x", "[[usb]]\nid = \"0x46d:c52b\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"0x46d:c52b\" is not"},
        {"an id that is no number", "[[usb]]\nid = \"logi:tech\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"logi:tech\" is not"},
        {"an id with a sign", "[[usb]]\nid = \"+46d:c52b\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"+46d:c52b\" is not"},
        {"an id of two colons", "[[usb]]\nid = \"046d:c52b:1\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d:c52b:1\" is not"},
        {"an id of nothing but a colon", "[[usb]]\nid = \":\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \":\" is not"},
        {"an id that ends at the colon", "[[usb]]\nid = \"046d:\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d:\" is not"},
        {"an id with a half glob", "[[usb]]\nid = \"046d:c5*\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d:c5*\" is not"},
        {"an id with blanks", "[[usb]]\nid = \"046d: c52b\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"046d: c52b\" is not"},
        {"every id", "[[usb]]\nid = \"*:*\"\n",
         "win10.toml:2:6: 'id' is \"*:*\", which is every device; say all = true if that is meant"},
        {"an id with hostile text", "[[usb]]\nid = \"\\u001b[2J\\n\\\\\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"\\x1b[2J\\x0a\\x5c\" is not"},
        {"an id that is a number", "[[usb]]\nid = 0x046dc52b\n",
         "win10.toml:2:6: 'id' in [[usb]] must be a string, not a number"},
        {"an id that is empty", "[[usb]]\nid = \"\"\n",
         "win10.toml:2:6: 'id' in [[usb]] is empty; leave the key out instead"},
        {"an id that is longer than a message",
         "[[usb]]\nid = "
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n",
         "win10.toml:2:6: 'id' must be vendor:product, each four hexadecimal digits or '*', as in "
         "\"046d:c52b\"; \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" "
         "is not"},
    });
}

TEST_CASE("a port is a bus and ports, or all behind a hub") {
    check_messages({
        {"a port without a bus", "[[usb]]\nport = \"4\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"4\" is not"},
        {"a port with dots only", "[[usb]]\nport = \"1.4.2\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1.4.2\" is not"},
        {"a port with a leading zero", "[[usb]]\nport = \"01-4\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"01-4\" is not"},
        {"a port zero", "[[usb]]\nport = \"1-0\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-0\" is not"},
        {"a port of a bus zero", "[[usb]]\nport = \"0-4\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"0-4\" is not"},
        {"a port with an empty part", "[[usb]]\nport = \"1-4..2\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-4..2\" is not"},
        {"a port that ends in a dot", "[[usb]]\nport = \"1-4.\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-4.\" is not"},
        {"a port that starts with a dot", "[[usb]]\nport = \"1-.4\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-.4\" is not"},
        {"a port without ports", "[[usb]]\nport = \"1-\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-\" is not"},
        {"a root hub", "[[usb]]\nport = \"usb1\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"usb1\" is not"},
        {"a glob of one level", "[[usb]]\nport = \"1-4.?\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-4.?\" is not"},
        {"a star without a dot", "[[usb]]\nport = \"1-4*\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-4*\" is not"},
        {"everything behind a bus", "[[usb]]\nport = \"1-*\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-*\" is not"},
        {"an interface", "[[usb]]\nport = \"1-4.2:1.0\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-4.2:1.0\" is not"},
        {"a port too high", "[[usb]]\nport = \"1-1000\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-1000\" is not"},
        {"a port with a sign", "[[usb]]\nport = \"1-+4\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-+4\" is not"},
        {"only the star", "[[usb]]\nport = \".*\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \".*\" is not"},
        {"a port with two stars", "[[usb]]\nport = \"1-4.*.*\"\n",
         "win10.toml:2:8: 'port' must be bus-port.port..., as in \"1-4.2\", or with \".*\" "
         "everything behind that hub; \"1-4.*.*\" is not"},
        {"a port that is a number", "[[usb]]\nport = 4\n",
         "win10.toml:2:8: 'port' in [[usb]] must be a string, not a number"},
        {"a port that is empty", "[[usb]]\nport = \"\"\n",
         "win10.toml:2:8: 'port' in [[usb]] is empty; leave the key out instead"},
    });
}
