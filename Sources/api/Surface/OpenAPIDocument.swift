import Deployment
import HTTPServer
import JSON

/// `openapi.json` (OpenAPI 3.1): the operations as their callers must know them.
struct OpenAPIDocument: Sendable {
    /// What any route may answer instead.
    private static let usualProblems: [Problem.Code] = [
        .badRequest, .invalidParameter, .unauthorized, .forbidden, .planLimit, .notAcceptable, .uriTooLong,
        .rateLimited, .headersTooLarge, .failed, .unavailable,
    ]

    let operations: [Operation]
    let version: String
    /// What `feed` and `profile` may be in this deployment.
    let feeds: [String]
    let profiles: [String]

    func encode() -> [UInt8] {
        var json = JSONWriter(capacity: 64 << 10)
        json.beginObject()
        json.key("openapi")
        json.string("3.1.0")
        json.key("info")
        json.object([
            ("title", "Helicarrier"), ("version", version),
            ("summary", "What moves among models, and who must know"), ("description", Self.description),
        ])
        json.key("servers")
        json.beginArray()
        json.object([("url", "/")])
        json.endArray()
        json.key("paths")
        json.beginObject()
        for (template, operations) in paths { write(template, operations, to: &json) }
        json.endObject()
        json.key("components")
        json.beginObject()
        json.key("securitySchemes")
        json.beginObject()
        json.key("bearer")
        json.object([("type", "http"), ("scheme", "bearer"), ("description", "A token: hc_…")])
        json.key("secret")
        json.object([
            ("type", "apiKey"), ("in", "header"), ("name", "x-secret-key"), ("description", "The deployment's secret."),
        ])
        json.endObject()
        json.key("schemas")
        json.raw(PackageResources.components_json)
        json.endObject()
        json.endObject()
        return json.finished()
    }

    private static let description = """
        Reads are open unless the deployment has plans. Times are RFC 3339 in UTC. What is not known is null. Answers \
        outside 2xx and 3xx are problems (RFC 9457).
        """

    /// Operations by path, in the order of the table.
    private var paths: [(String, [Operation])] {
        var paths: [(String, [Operation])] = []
        for operation in operations {
            if let place = paths.firstIndex(where: { $0.0 == operation.template }) {
                paths[place].1.append(operation)
            } else {
                paths.append((operation.template, [operation]))
            }
        }
        return paths
    }

    private func write(_ template: String, _ operations: [Operation], to json: inout JSONWriter) {
        json.key(text: template)
        json.beginObject()
        for operation in operations {
            json.key(text: operation.method.rawValue.lowercased())
            json.beginObject()
            json.key("operationId")
            json.string(operation.name)
            json.key("summary")
            json.string(operation.summary)
            if operation.deprecation != nil {
                json.key("deprecated")
                json.bool(true)
            }
            writeSecurity(operation, to: &json)
            writeParameters(operation, to: &json)
            writeBody(operation, to: &json)
            writeResponses(operation, to: &json)
            json.endObject()
        }
        json.endObject()
    }

    /// An empty requirement says that it also works without.
    private func writeSecurity(_ operation: Operation, to json: inout JSONWriter) {
        json.key("security")
        json.beginArray()
        if operation.scope == nil {
            json.beginObject()
            json.endObject()
        }
        json.beginObject()
        json.key("bearer")
        json.beginArray()
        if let scope = operation.scope { json.string(scope) }
        json.endArray()
        json.endObject()
        if operation.scope != nil {
            json.beginObject()
            json.key("secret")
            json.beginArray()
            json.endArray()
            json.endObject()
        }
        json.endArray()
    }

    private func writeParameters(_ operation: Operation, to json: inout JSONWriter) {
        json.key("parameters")
        json.beginArray()
        for name in operation.pathNames {
            Self.parameter(name, in: "path", "A part of the path.", isRequired: true, to: &json) { json in
                json.key("type")
                json.string("string")
                json.key("pattern")
                json.string("^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")
            }
        }
        for parameter in operation.query {
            Self.parameter(parameter.name, in: "query", parameter.summary, isRequired: false, to: &json) { json in
                if parameter.repeats {
                    json.key("type")
                    json.string("array")
                    json.key("maxItems")
                    json.integer(QueryReader.mostValues)
                    json.key("items")
                    json.beginObject()
                }
                write(parameter.kind, to: &json)
                if parameter.repeats { json.endObject() }
            }
        }
        for header in operation.headers {
            Self.parameter(header.name, in: "header", header.summary, isRequired: header.isRequired, to: &json) {
                json in
                json.key("type")
                json.string("string")
            }
        }
        json.endArray()
    }

    private static func parameter(
        _ name: String, in place: String, _ summary: String, isRequired: Bool, to json: inout JSONWriter,
        schema: (inout JSONWriter) -> Void
    ) {
        json.beginObject()
        json.key("name")
        json.string(name)
        json.key("in")
        json.string(place)
        json.key("required")
        json.bool(isRequired)
        json.key("description")
        json.string(summary)
        json.key("schema")
        json.beginObject()
        schema(&json)
        json.endObject()
        json.endObject()
    }

    /// The members of a schema of such values.
    private func write(_ kind: QueryParameter.Kind, to json: inout JSONWriter) {
        switch kind {
        case .text(let least, let most):
            json.key("type")
            json.string("string")
            json.key("minLength")
            json.integer(least)
            json.key("maxLength")
            json.integer(most)
            // A NUL is no text.
            json.key("pattern")
            json.string("^[^\\u0000]*$")
        case .cursor:
            json.key("type")
            json.string("string")
            json.key("pattern")
            json.string("^[A-Za-z0-9_-]+$")
        case .oneOf(let values): json.cases(values)
        case .feed: json.cases(feeds)
        case .profile: json.cases(profiles)
        case .whole(let range):
            json.key("type")
            json.string("integer")
            json.key("minimum")
            json.integer(range.lowerBound)
            json.key("maximum")
            json.integer(range.upperBound)
        case .momentOrNone:
            json.key("type")
            json.string("string")
            json.key("anyOf")
            json.beginArray()
            json.object([("format", "date-time")])
            json.beginObject()
            json.key("maxLength")
            json.integer(0)
            json.endObject()
            json.endArray()
        case .moment:
            json.key("type")
            json.string("string")
            json.key("format")
            json.string("date-time")
        }
    }

    private func writeBody(_ operation: Operation, to json: inout JSONWriter) {
        guard let body = operation.body else { return }
        json.key("requestBody")
        json.beginObject()
        json.key("required")
        json.bool(!operation.isBodyOptional)
        json.key("content")
        json.content(operation.bodyTypes, schema: body)
        json.endObject()
    }

    private func writeResponses(_ operation: Operation, to json: inout JSONWriter) {
        json.key("responses")
        json.beginObject()
        json.key(text: "\(operation.answer.status)")
        json.beginObject()
        json.key("description")
        json.string("What was asked for.")
        if !operation.answer.types.isEmpty {
            json.key("content")
            json.content(operation.answer.types, schema: operation.answer.schema)
        }
        json.endObject()
        if let errors = operation.errors {
            writeErrors(errors, to: &json)
            json.endObject()
            return
        }
        if operation.method == .get {
            json.key("304")
            json.beginObject()
            json.key("description")
            json.string("The reader has these bytes already.")
            json.endObject()
        }
        var codes = Self.usualProblems + operation.problems
        if !operation.pathNames.isEmpty { codes.append(.notFound) }
        if operation.body != nil { codes += [.invalidBody, .unsupportedMediaType, .payloadTooLarge] }
        for (status, codes) in Dictionary(grouping: Set(codes), by: \.status).sorted(by: { $0.key < $1.key }) {
            json.key(text: "\(status)")
            json.beginObject()
            json.key("description")
            json.string(codes.map { "\($0.title) (\($0.rawValue))." }.sorted().joined(separator: " "))
            json.key("content")
            json.content(["application/problem+json"], schema: "Problem")
            json.endObject()
        }
        json.endObject()
    }
}

extension OpenAPIDocument {
    /// The answers of routes with bodies of their own. What is wrong with a request before a route sees it is a problem
    /// there too, but for the ledger's.
    private func writeErrors(_ errors: [Int: String?], to json: inout JSONWriter) {
        let early: [Problem.Code] = [.badRequest, .uriTooLong, .headersTooLarge]
        let all = errors.merging(early.map { ($0.status, "Problem") }) { own, _ in own }
        for (status, schema) in all.sorted(by: { $0.key < $1.key }) {
            json.key(text: "\(status)")
            json.beginObject()
            json.key("description")
            json.string(schema == "Problem" ? "The request cannot be read." : "Said in the words of this route.")
            json.key("content")
            json.content(
                [schema == "Problem" ? "application/problem+json" : schema == nil ? "text/plain" : "application/json"],
                schema: schema)
            json.endObject()
        }
    }
}

extension JSONWriter {
    /// An object of texts.
    fileprivate mutating func object(_ members: [(String, String)]) {
        beginObject()
        for (name, text) in members {
            key(text: name)
            string(text)
        }
        endObject()
    }

    /// The members of the schema of a closed list.
    fileprivate mutating func cases(_ values: [String]) {
        key("type")
        string("string")
        key("enum")
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// A body of these types. What is JSON has the schema; anything else is text.
    fileprivate mutating func content(_ types: [String], schema: String?) {
        beginObject()
        for type in types {
            key(text: type)
            beginObject()
            key("schema")
            if let schema, type.hasSuffix("json") {
                object([("$ref", "#/components/schemas/\(schema)")])
            } else {
                object([("type", "string")])
            }
            endObject()
        }
        endObject()
    }
}
