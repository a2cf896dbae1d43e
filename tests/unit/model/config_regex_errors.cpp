// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is said about broken values of text keys: regular expressions.

#include "model/config_support.h"

using namespace usb_hotplug;
using namespace usb_hotplug::test;

TEST_CASE("a wrong regular expression is said with RE2's words") {
    check_messages({
        {"a parenthesis that is not closed", "[[usb]]\nproduct = { regex = \"(usb\" }\n",
         "win10.toml:2:21: \"(usb\" is not a regular expression: missing ): (usb; see "
         "https://github.com/google/re2/wiki/Syntax"},
        {"a parenthesis that is not opened", "[[usb]]\nproduct = { regex = \"usb)\" }\n",
         "win10.toml:2:21: \"usb)\" is not a regular expression: unexpected ): usb); see "
         "https://github.com/google/re2/wiki/Syntax"},
        {"a star after nothing", "[[usb]]\nvendor = { regex = \"*ethernet*\" }\n",
         "win10.toml:2:20: \"*ethernet*\" is not a regular expression: no argument for repetition "
         "operator: *; see https://github.com/google/re2/wiki/Syntax"},
        {"a bracket that is not closed", "[[usb]]\nserial = { regex = \"[a-z\" }\n",
         "win10.toml:2:20: \"[a-z\" is not a regular expression: missing ]: [a-z; see "
         "https://github.com/google/re2/wiki/Syntax"},
        {"a range upside down", "[[usb]]\nserial = { regex = \"[z-a]\" }\n",
         "win10.toml:2:20: \"[z-a]\" is not a regular expression: invalid character class range: "
         "z-a; see https://github.com/google/re2/wiki/Syntax"},
        {"a backslash at the end", "[[usb]]\nserial = { regex = 'a\\' }\n",
         "win10.toml:2:20: \"a\\x5c\" is not a regular expression: trailing \\x5c; see "
         "https://github.com/google/re2/wiki/Syntax"},
        {"a back reference", "[[usb]]\nproduct = { regex = '(a)\\1' }\n",
         "win10.toml:2:21: \"(a)\\x5c1\" is not a regular expression: invalid escape sequence: "
         "\\x5c1; see https://github.com/google/re2/wiki/Syntax"},
        {"a look ahead", "[[usb]]\nproduct = { regex = 'a(?=b)' }\n",
         "win10.toml:2:21: \"a(?=b)\" is not a regular expression: invalid perl operator: (?=; see "
         "https://github.com/google/re2/wiki/Syntax"},
        {"a repetition that is too large", "[[usb]]\nproduct = { regex = \"a{1001}\" }\n",
         "win10.toml:2:21: \"a{1001}\" is not a regular expression: invalid repetition size: "
         "{1001}; see https://github.com/google/re2/wiki/Syntax"},
        {"an expression that is too large",
         "[[usb]]\nproduct = { regex = \"((a{100}){100}){100}\" }\n",
         "win10.toml:2:21: \"((a{100}){100}){100}\" is not a regular expression: invalid "
         "repetition size: {100}; see https://github.com/google/re2/wiki/Syntax"},
        {"more memory than it may have", "[[usb]]\nproduct = { regex = '(\\pL{200}){5}' }\n",
         "win10.toml:2:21: \"(\\x5cpL{200}){5}\" is not a regular expression: pattern too large - "
         "compile failed; see https://github.com/google/re2/wiki/Syntax"},
        {"an unknown group", "[[usb]]\nproperty = { ID_PATH = { regex = '\\pX' } }\n",
         "win10.toml:2:34: \"\\x5cpX\" is not a regular expression: invalid character class range: "
         "\\x5cpX; see https://github.com/google/re2/wiki/Syntax"},
        {"a wrong one in a list", "[[usb]]\ndriver = [\"usbhid\", { regex = \"snd-(\" }]\n",
         "win10.toml:2:31: \"snd-(\" is not a regular expression: missing ): snd-(; see "
         "https://github.com/google/re2/wiki/Syntax"},
        {"a hostile one", "[[usb]]\ntag = { regex = \"(\\u001b[31m\\n\" }\n",
         "win10.toml:2:17: \"(\\x1b[31m\\x0a\" is not a regular expression: missing ]: [31m\\x0a; "
         "see https://github.com/google/re2/wiki/Syntax"},
    });
}

TEST_CASE("a table in place of a text has a regular expression and nothing else") {
    check_messages({
        {"an empty table", "[[usb]]\nproduct = {}\n",
         "win10.toml:2:11: 'product' in [[usb]] must be a glob, as in \"*ethernet*\", or { regex = "
         "\"...\" }"},
        {"a misspelt key", "[[usb]]\nproduct = { regexp = \".*\" }\n",
         "win10.toml:2:11: 'product' in [[usb]] must be a glob, as in \"*ethernet*\", or { regex = "
         "\"...\" }"},
        {"a key too many", "[[usb]]\nproduct = { regex = \".*\", flags = \"i\" }\n",
         "win10.toml:2:27: unknown key 'flags' in 'product'"},
        {"a number", "[[usb]]\nproduct = { regex = 1 }\n",
         "win10.toml:2:21: 'regex' in 'product' must be a string, not a number"},
        {"an empty expression", "[[usb]]\nproduct = { regex = \"\" }\n",
         "win10.toml:2:21: 'regex' in 'product' is empty; leave the key out instead"},
        {"a list of expressions", "[[usb]]\nproduct = { regex = [\"a\", \"b\"] }\n",
         "win10.toml:2:21: 'regex' in 'product' must be a string, not an array"},
        {"an attribute with a dotted key", "[[usb]]\nattribute.power.control = \"on\"\n",
         "win10.toml:2:11: 'power' in 'attribute' must be a glob, as in \"*ethernet*\", or { regex "
         "= \"...\" }"},
        {"a regular expression for an id", "[[usb]]\nid = { regex = \"046d:.*\" }\n",
         "win10.toml:2:6: 'id' in [[usb]] must be a string, not a table"},
        {"a regular expression for a port", "[[usb]]\nport = { regex = \"1-4.*\" }\n",
         "win10.toml:2:8: 'port' in [[usb]] must be a string, not a table"},
    });
}
