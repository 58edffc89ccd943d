#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Why a text is not a document this service accepts.
typedef enum csimdjson_fault {
    CSIMDJSON_NONE = 0,
    CSIMDJSON_EMPTY,
    CSIMDJSON_INVALID_UTF8,
    CSIMDJSON_TOO_DEEP,
    CSIMDJSON_NO_MEMORY,
    CSIMDJSON_UNCLOSED_STRING,
    CSIMDJSON_CONTROL_CHARACTER,
    CSIMDJSON_BAD_STRING,
    CSIMDJSON_BAD_NUMBER,
    CSIMDJSON_BAD_LITERAL,
    CSIMDJSON_BAD_STRUCTURE,
    CSIMDJSON_TRAILING_CONTENT,
    CSIMDJSON_TRUNCATED
} csimdjson_fault;

typedef struct csimdjson_document csimdjson_document;

/// A parsed document and simdjson's two buffers in it (its `doc/tape.md` describes both). They live and stay
/// unchanged until `csimdjson_free`. After a fault all pointers are null.
typedef struct csimdjson_parsed {
    csimdjson_document *document;
    const uint64_t *tape;
    const uint8_t *strings;
    csimdjson_fault fault;
} csimdjson_parsed;

/// Where a fault is; `offset` is -1 where it cannot be told.
typedef struct csimdjson_place {
    int64_t offset;
    csimdjson_fault fault;
} csimdjson_place;

/// Parses `count` bytes (any alignment, no padding needed) with at most `depth` containers inside each other.
csimdjson_parsed csimdjson_parse(const uint8_t *bytes, size_t count, size_t depth);

/// Ends a document; null is allowed.
void csimdjson_free(csimdjson_document *document);

/// Reads a refused text once more, slowly, to find where its structure breaks. Not for texts that are not UTF-8 or that
/// have an open string or a bare control character: simdjson refuses those before it looks at structure.
csimdjson_place csimdjson_locate(const uint8_t *bytes, size_t count, size_t depth);

#ifdef __cplusplus
}
#endif
