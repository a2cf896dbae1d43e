# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may include what: the floors of contrib/ARCHITECTURE.md."""
import re
import unittest

from support import Check, files_below, read

# A floor and those it may include besides itself.
FLOORS = {
    "base": set(),
    "model": {"base"},
    "import": {"base", "model"},
    "learn": {"base", "model"},
    "host": {"base", "model", "learn"},
    "guest": {"base", "model"},
    "service": {"base", "model", "host", "guest"},
    # A module of its own, loaded by model/regex.cpp.
    "regex": {"base", "model"},
}
PROGRAMS = {"match", "worker", "watcher", "ctl"}

# Headers of libraries, and the one place of each.
PLACES = {
    r"libvirt/": r"guest/libvirt\w*\.(cpp|h)",
    r"tl/": r"base/result\.h",
    r"re2/": r"regex/module\.cpp",
    r"CLI/": r"ctl/main\.cpp",
    r"libsmartcols/": r"ctl/table\.cpp",
    r"pugixml": r"guest/domain_xml\.cpp",
    r"toml\+\+/": r"model/toml(\.cpp|_reader\.h)|host/state\.cpp|import/draft\.cpp",
    r"nlohmann/": r"ctl/json\.h|guest/(libvirt_cut_off\.cpp|qmp_messages\.h)|import/vhotplug_entry\.h",
    # Not in what usb-hotplug-match links.
    r"systemd/": r"base/log\.cpp|(?!host/(state|answers|usb_parent))(host|guest|service|worker|watcher|ctl)/.*",
}

SOURCES = files_below("src", ".cpp", ".h")


def includes():
    """Every include as (the file's path below src, what it includes)."""
    for path in SOURCES:
        for header in re.findall(r'^\s*#\s*include\s*["<]([^">]+)', read(path), re.M):
            yield "/".join(path.parts[1:]), header


def is_above(file, header):
    floor, included = file.split("/")[0], header.split("/")[0]
    if included not in FLOORS.keys() | PROGRAMS or floor == included:
        return False
    return included in PROGRAMS or floor in FLOORS and included not in FLOORS[floor]


class Floors(Check):
    def test_every_folder_is_a_floor(self):
        self.assertEqual({path.parts[1] for path in SOURCES}, FLOORS.keys() | PROGRAMS)

    def test_no_floor_includes_one_above_or_beside_it(self):
        self.assert_none([each for each in includes() if is_above(*each)], "Against the floors")

    def test_match_includes_what_it_links(self):
        self.assert_none([(file, header) for file, header in includes() if file.startswith("match/")
                          and header.startswith(("host/", "guest/", "service/"))
                          and header not in (
                              "host/answers.h", "host/state.h", "host/usb_parent.h")], "Not linked")

    def test_only_programs_log(self):
        self.assert_none([(file, header) for file, header in includes() if header == "base/log.h"
                          and file.split("/")[0] not in PROGRAMS and file != "base/log.cpp"],
                         "Only programs may")

    def test_libraries_stay_in_their_places(self):
        for library, place in PLACES.items():
            self.assert_none([(file, header) for file, header in includes()
                              if re.match(library, header) and not re.fullmatch(place, file)],
                             f"{library} is for {place}")

    def test_only_base_result_names_the_expected_library(self):
        # tl::unexpected is how the value of an error is made.
        self.assert_none([path for path in SOURCES if path.name != "result.h"
                          and re.search(r"\btl::expected\b", read(path))], "Say Result")

    def test_includes_start_at_src(self):
        # Of the quoted ones. The build makes two more.
        made = ("version.h", "paths.h")
        for path in SOURCES:
            for header in re.findall(r'^#include "([^"]+)"', read(path), re.M):
                self.assertTrue(header in made or SOURCES[0].parents[1] / header in SOURCES,
                                f"{path}: {header}")

    def test_every_source_is_built(self):
        built = set(re.findall(r"'(\w+/\w+\.cpp)'", read("src/meson.build")))
        sources = {"/".join(path.parts[1:]) for path in SOURCES if path.suffix == ".cpp"}
        self.assertEqual(built, sources)


if __name__ == "__main__":
    unittest.main()
