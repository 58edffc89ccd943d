/// What a browser sends for a form: `application/x-www-form-urlencoded` (WHATWG URL, section 5.1).
package enum FormBody {
    /// The fields in the order of the form; `nil` for another type of body, or one that cannot be decoded.
    package static func fields(of request: Request) -> [QueryItem]? {
        let type = request.headers.first("Content-Type") ?? ""
        guard type.prefix(while: { $0 != ";" }).lowercased() == "application/x-www-form-urlencoded" else { return nil }
        return try? RequestTarget.items(of: request.body[...])
    }
}
