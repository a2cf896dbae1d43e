// SPDX-License-Identifier: LGPL-2.1-or-later

#include "import/udev_rules.h"

#include "base/text.h"

#include <algorithm>

namespace usb_hotplug::imports {

namespace {

constexpr std::string_view key_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view operators[] = {"==", "!=", "+=", "-=", ":=", "="};

class Parser {
public:
    explicit Parser(const Source& source) : source_(source), text_(source.text) {}

    Result<std::vector<UdevRule>> parse();

private:
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    bool take(std::string_view what);
    std::string_view take_all(std::string_view characters);
    std::string_view take_until(std::string_view characters);
    /// A backslash at the end of a line: the rule goes on, after comments if there are any.
    bool take_continuation();
    void skip_separators();
    Result<UdevToken> token();
    Result<> value(UdevToken& token);

    const Source& source_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

bool Parser::take(std::string_view what) {
    const bool there = text_.substr(at_).starts_with(what);
    at_ += there ? what.size() : 0;
    return there;
}

std::string_view Parser::take_all(std::string_view characters) {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_not_of(characters, at_), text_.size());
    return text_.substr(start, at_ - start);
}

std::string_view Parser::take_until(std::string_view characters) {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(characters, at_), text_.size());
    return text_.substr(start, at_ - start);
}

bool Parser::take_continuation() {
    if (!take("\\\n") && !take("\\\r\n")) {
        return false;
    }
    ++line_;
    (void)take_all(" \t");
    while (take("#")) {
        (void)take_until("\n");
        line_ += take("\n") ? 1 : 0;
        (void)take_all(" \t");
    }
    return true;
}

void Parser::skip_separators() {
    do {
        (void)take_all(" \t\r,");
    } while (take_continuation());
}

/// From the opening quote to the closing one. A backslash before a quote keeps it in the value.
Result<> Parser::value(UdevToken& token) {
    const std::size_t start = at_;
    token.escaped = take("e");
    (void)(token.escaped || take("i")); // i"..." ignores case, as our rules do
    if (!take("\"")) {
        return mistake_at(source_, start,
                          "after " + token.key + token.op + " a value in double quotes must come");
    }
    for (;;) {
        token.value += take_until("\"\\\n");
        if (take("\"")) {
            return {};
        }
        if (take("\\\"")) {
            token.value += token.escaped ? "\\\"" : "\"";
        } else if (!take_continuation()) {
            if (!take("\\")) {
                return mistake_at(source_, start, "this value has no closing quote on its line");
            }
            token.value += '\\';
        }
    }
}

Result<UdevToken> Parser::token() {
    const std::size_t start = at_;
    UdevToken token;
    token.key = take_all(key_characters);
    if (token.key.empty()) {
        return mistake_at(source_, start,
                          "not a udev rule: a key in capitals must be here, as in "
                          "ENV{ID_VENDOR_ID}==\"046d\"");
    }
    if (take("{")) {
        token.attribute = take_until("}\n");
        if (!take("}")) {
            return mistake_at(source_, start, "after " + token.key + "{ the } is missing");
        }
    }
    (void)take_all(" \t");
    for (const std::string_view op : operators) {
        if (token.op.empty() && take(op)) {
            token.op = op;
        }
    }
    if (token.op.empty()) {
        return mistake_at(source_, at_,
                          "not a udev rule: after " + token.key +
                              " an operator must come: == != = += -= or :=");
    }
    (void)take_all(" \t");
    if (auto read = value(token); !read) {
        return forward(read);
    }
    return token;
}

Result<std::vector<UdevRule>> Parser::parse() {
    std::vector<UdevRule> rules;
    std::string comment;
    while (!at_end()) {
        skip_separators();
        if (take("#")) {
            comment = trim(take_until("\n"));
        } else if (take("\n")) {
            ++line_;
            // A comment is about the rule on the next line, and no further.
            if (text_.substr(0, at_ - 1).ends_with("\n")) {
                comment.clear();
            }
            continue;
        } else if (!at_end()) {
            UdevRule rule{line_, std::move(comment), {}};
            comment.clear();
            while (!at_end() && text_[at_] != '\n') {
                auto read = token();
                if (!read) {
                    return forward(read);
                }
                rule.tokens.push_back(std::move(*read));
                skip_separators();
            }
            rules.push_back(std::move(rule));
        }
        line_ += take("\n") ? 1 : 0;
    }
    return rules;
}

} // namespace

std::string UdevToken::text() const {
    return key + (attribute.empty() ? "" : "{" + attribute + "}") + op + (escaped ? "e" : "") +
           "\"" + value + "\"";
}

Result<std::vector<UdevRule>> parse_udev_rules(const Source& source) {
    return Parser(source).parse();
}

} // namespace usb_hotplug::imports
