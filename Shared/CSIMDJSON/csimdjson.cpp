#include "csimdjson.h"

// No exception is ever thrown by simdjson this way, so none can cross into Swift.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

struct csimdjson_document {
    simdjson::dom::document tree;
};

namespace {

namespace ondemand = simdjson::ondemand;

csimdjson_fault fault_of(simdjson::error_code code) noexcept {
    switch (code) {
    case simdjson::SUCCESS: return CSIMDJSON_NONE;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return CSIMDJSON_NO_MEMORY;
    case simdjson::UNCLOSED_STRING: return CSIMDJSON_UNCLOSED_STRING;
    case simdjson::UNESCAPED_CHARS: return CSIMDJSON_CONTROL_CHARACTER;
    case simdjson::STRING_ERROR: return CSIMDJSON_BAD_STRING;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return CSIMDJSON_BAD_NUMBER;
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR: return CSIMDJSON_BAD_LITERAL;
    default: return CSIMDJSON_BAD_STRUCTURE;
    }
}

/// Whether a `\uD8xx`–`\uDFxx` escape may be in the text: the only way to an unpaired surrogate.
bool may_hold_surrogates(const uint8_t *bytes, size_t count) noexcept {
    const uint8_t *at = bytes;
    const uint8_t *end = bytes + count;
    while (end - at >= 3) {
        at = static_cast<const uint8_t *>(std::memchr(at, '\\', size_t(end - at) - 2));
        if (at == nullptr) { return false; }
        if (at[1] == 'u' && (at[2] == 'd' || at[2] == 'D')) { return true; }
        at += 1;
    }
    return false;
}

/// simdjson 3.0 writes an unpaired low surrogate into its string buffer as three bytes that are not UTF-8.
bool strings_are_utf8(const simdjson::dom::document &tree) noexcept {
    const uint64_t *tape = tree.tape.get();
    const size_t end = size_t(tape[0] & simdjson::internal::JSON_VALUE_MASK);
    for (size_t index = 1; index < end; index += 1) {
        const char tag = char(tape[index] >> 56);
        if (tag == 'l' || tag == 'u' || tag == 'd') { index += 1; }
        if (tag != '"') { continue; }
        const uint8_t *entry = tree.string_buf.get() + (tape[index] & simdjson::internal::JSON_VALUE_MASK);
        uint32_t length;
        std::memcpy(&length, entry, sizeof length);
        if (!simdjson::validate_utf8(reinterpret_cast<const char *>(entry) + sizeof length, length)) { return false; }
    }
    return true;
}

/// Walks a text value by value and remembers the token it is at.
class Walk {
  public:
    explicit Walk(size_t limit) noexcept : limit(limit) {}

    const char *token = nullptr;

    csimdjson_fault value(ondemand::value value, size_t depth) noexcept {
        token = value.raw_json_token().data();
        switch (*token) {
        case '[': return depth > limit && !is_empty(token) ? CSIMDJSON_TOO_DEEP : array(value, depth);
        case '{': return depth > limit && !is_empty(token) ? CSIMDJSON_TOO_DEEP : object(value, depth);
        case '"': return text(value.get_string());
        case 't':
        case 'f': return value.get_bool().error() ? CSIMDJSON_BAD_LITERAL : CSIMDJSON_NONE;
        case 'n': return null(value);
        case '-': return value.get_number().error() ? CSIMDJSON_BAD_NUMBER : CSIMDJSON_NONE;
        default:
            if (*token < '0' || *token > '9') { return CSIMDJSON_BAD_STRUCTURE; }
            return value.get_number().error() ? CSIMDJSON_BAD_NUMBER : CSIMDJSON_NONE;
        }
    }

  private:
    size_t limit;

    /// simdjson does not count a container that closes at once. The text ends with a bracket, so this stays inside it.
    static bool is_empty(const char *opener) noexcept {
        const char *next = opener + 1;
        while (*next == ' ' || *next == '\t' || *next == '\n' || *next == '\r') { next += 1; }
        return *next == *opener + 2;
    }

    csimdjson_fault text(simdjson::simdjson_result<std::string_view> result) noexcept {
        std::string_view text;
        if (std::move(result).get(text)) { return CSIMDJSON_BAD_STRING; }
        return simdjson::validate_utf8(text.data(), text.size()) ? CSIMDJSON_NONE : CSIMDJSON_BAD_STRING;
    }

    csimdjson_fault null(ondemand::value &value) noexcept {
        bool yes = false;
        return value.is_null().get(yes) || !yes ? CSIMDJSON_BAD_LITERAL : CSIMDJSON_NONE;
    }

    csimdjson_fault array(ondemand::value &value, size_t depth) noexcept {
        token = nullptr;
        ondemand::array array;
        if (auto error = value.get_array().get(array)) { return fault_of(error); }
        for (auto element : array) {
            ondemand::value inner;
            token = nullptr;
            if (auto error = element.get(inner)) { return fault_of(error); }
            if (auto fault = this->value(inner, depth + 1)) { return fault; }
            token = nullptr;
        }
        return CSIMDJSON_NONE;
    }

    csimdjson_fault object(ondemand::value &value, size_t depth) noexcept {
        token = nullptr;
        ondemand::object object;
        if (auto error = value.get_object().get(object)) { return fault_of(error); }
        for (auto member : object) {
            ondemand::field field;
            token = nullptr;
            if (auto error = std::move(member).get(field)) { return fault_of(error); }
            token = reinterpret_cast<const char *>(field.key().raw()) - 1;
            if (auto fault = text(field.unescaped_key())) { return fault; }
            if (auto fault = this->value(field.value(), depth + 1)) { return fault; }
            token = nullptr;
        }
        return CSIMDJSON_NONE;
    }
};

}  // namespace

csimdjson_parsed csimdjson_parse(const uint8_t *bytes, size_t count, size_t depth) {
    const auto refuse = [](csimdjson_fault fault) { return csimdjson_parsed{nullptr, nullptr, nullptr, fault}; };
    std::unique_ptr<csimdjson_document> document(new (std::nothrow) csimdjson_document);
    if (!document) { return refuse(CSIMDJSON_NO_MEMORY); }
    simdjson::dom::parser parser;
    // simdjson counts the document itself as one level.
    if (auto error = parser.allocate(count, depth + 1)) { return refuse(fault_of(error)); }
    if (auto error = parser.parse_into_document(document->tree, bytes, count, true).error()) {
        return refuse(fault_of(error));
    }
    if (may_hold_surrogates(bytes, count) && !strings_are_utf8(document->tree)) { return refuse(CSIMDJSON_BAD_STRING); }
    const uint64_t *tape = document->tree.tape.get();
    const uint8_t *strings = document->tree.string_buf.get();
    return csimdjson_parsed{document.release(), tape, strings, CSIMDJSON_NONE};
}

void csimdjson_free(csimdjson_document *document) {
    delete document;
}

csimdjson_place csimdjson_locate(const uint8_t *bytes, size_t count, size_t depth) {
    // Inside an array of our own, a text of any kind is read the same way, and its end is a token of its own.
    const size_t length = count + 2;
    std::unique_ptr<char[]> wrapped(new (std::nothrow) char[length + simdjson::SIMDJSON_PADDING]);
    if (!wrapped) { return csimdjson_place{-1, CSIMDJSON_NO_MEMORY}; }
    wrapped[0] = '[';
    std::memcpy(wrapped.get() + 1, bytes, count);
    std::memset(wrapped.get() + 1 + count, ' ', 1 + simdjson::SIMDJSON_PADDING);
    wrapped[1 + count] = ']';

    ondemand::parser parser;
    if (auto error = parser.allocate(length, depth + 2)) { return csimdjson_place{-1, fault_of(error)}; }
    ondemand::document document;
    const simdjson::padded_string_view view(wrapped.get(), length, length + simdjson::SIMDJSON_PADDING);
    if (auto error = parser.iterate(view).get(document)) { return csimdjson_place{-1, fault_of(error)}; }

    const auto place = [&](const char *token, csimdjson_fault fault) {
        if (token == nullptr && document.current_location().get(token)) { return csimdjson_place{-1, fault}; }
        const int64_t offset = int64_t(token - wrapped.get()) - 1;
        if (offset >= int64_t(count)) { return csimdjson_place{int64_t(count), CSIMDJSON_TRUNCATED}; }
        return csimdjson_place{offset < 0 ? 0 : offset, fault};
    };
    ondemand::array array;
    if (auto error = document.get_array().get(array)) { return place(nullptr, fault_of(error)); }
    Walk walk(depth);
    size_t seen = 0;
    for (auto element : array) {
        ondemand::value value;
        if (auto error = element.get(value)) {
            return place(nullptr, seen > 0 ? CSIMDJSON_TRAILING_CONTENT : fault_of(error));
        }
        if (seen > 0) { return place(value.raw_json_token().data() - 1, CSIMDJSON_TRAILING_CONTENT); }
        if (auto fault = walk.value(value, 1)) { return place(walk.token, fault); }
        seen += 1;
    }
    const char *rest = nullptr;
    if (document.current_location().get(rest)) { return csimdjson_place{-1, CSIMDJSON_BAD_STRUCTURE}; }
    // Our array ended inside the text: at the bracket before what follows.
    while (rest > wrapped.get() + 1 && *(rest - 1) != ']') { rest -= 1; }
    return place(rest - 1, seen > 0 ? CSIMDJSON_TRAILING_CONTENT : CSIMDJSON_BAD_STRUCTURE);
}
