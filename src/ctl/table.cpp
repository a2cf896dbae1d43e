// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tables and trees, drawn by libsmartcols, which makes what is in the cells harmless to a terminal.

#include "base/handles.h"
#include "ctl/ctl.h"
#include "ctl/terminal.h"

#include <libsmartcols/libsmartcols.h>

namespace usb_hotplug::ctl {

namespace {

using Table = Handle<libscols_table, scols_unref_table>;

Table new_table(const std::vector<std::string>& headings, bool is_tree) {
    Table table(scols_new_table());
    if (!table) {
        return table;
    }
    const Terminal& output = terminal();
    for (std::size_t i = 0; i < headings.size(); ++i) {
        // The last column is prose: on a terminal it wraps, and if that is not enough a device's
        // name is cut. In a pipe all stays on one line.
        const bool last = i + 1 == headings.size();
        const int fitting = last ? SCOLS_FL_WRAP : headings[i] == "DEVICE" ? SCOLS_FL_TRUNC : 0;
        const int flags =
            (output.is_terminal ? fitting : 0) | (i == 0 && is_tree ? SCOLS_FL_TREE : 0);
        scols_table_new_column(table.get(), headings[i].c_str(), last ? 0.3 : 0.1, flags);
    }
    scols_table_enable_colors(table.get(), output.has_colours ? 1 : 0);
    scols_table_enable_ascii(table.get(), output.has_utf8 ? 0 : 1);
    if (output.is_terminal) {
        // Also if standard output is a pager by now.
        scols_table_set_termforce(table.get(), SCOLS_TERMFORCE_ALWAYS);
        scols_table_set_termwidth(table.get(), output.columns);
    }
    return table;
}

void fill(libscols_line* line, const std::vector<std::string>& headings,
          const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size() && line != nullptr; ++i) {
        scols_line_set_data(line, i, row[i].empty() ? "-" : row[i].c_str());
        if (headings[i] == "STATE") {
            scols_cell_set_color(scols_line_get_cell(line, i),
                                 colour_name(colour_of_state(row[i])));
        }
    }
}

} // namespace

void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
    const Table table = new_table(headings, false);
    for (const auto& row : rows) {
        fill(table ? scols_table_new_line(table.get(), nullptr) : nullptr, headings, row);
    }
    if (table) {
        scols_print_table(table.get());
    }
}

void print_tree(const std::vector<std::string>& headings, const std::vector<TreeRow>& rows) {
    const Table table = new_table(headings, true);
    std::vector<libscols_line*> lines;
    for (const TreeRow& row : rows) {
        libscols_line* parent = row.parent ? lines[*row.parent] : nullptr;
        lines.push_back(table ? scols_table_new_line(table.get(), parent) : nullptr);
        fill(lines.back(), headings, row.cells);
    }
    if (table) {
        scols_print_table(table.get());
    }
}

} // namespace usb_hotplug::ctl
