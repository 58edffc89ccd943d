import HTTPServer
import Testing

@Suite struct RouterTests {
    private static func naming(_ name: String) -> @Sendable (Request, Parameters) -> Response {
        { _, _ in Response(status: 200, headers: [HeaderField("X-Route", name)], text: name) }
    }

    private let router = Router(
        [
            Route(.get, "/", immediate: naming("root")),
            Route(.get, "/models", immediate: naming("list")),
            Route(.post, "/models", immediate: naming("create")),
            Route(.get, "/models/newest", immediate: naming("newest")),
            Route(.post, "/models/:id", immediate: naming("act")),
            Route(
                .get, "/models/:owner/:name",
                deferred: { _, parameters in
                    Response(status: 200, text: "\(parameters["owner"])|\(parameters["name"])")
                }),
            Route(
                .get, "/models/:owner/:name.svg",
                immediate: { _, parameters in
                    Response(status: 200, text: "svg \(parameters["owner"])|\(parameters["name"])")
                }),
            Route(
                .get, "/models/:owner/:name.min.svg",
                immediate: { _, parameters in
                    Response(status: 200, text: "min \(parameters["name"])")
                }),
            Route(.get, "/models/meta/:name/history", immediate: naming("history")),
            Route(.delete, "/models/:owner/:name", immediate: naming("delete")),
            Route(.head, "/probe", immediate: naming("probe")),
            Route(.get, "/probe", immediate: naming("never for HEAD")),
            Route(.get, "/files", immediate: naming("files")),
            Route(.get, "/files/:name/size", immediate: naming("size")),
            Route(
                .get, "/files/*path", immediate: { _, parameters in Response(status: 200, text: parameters["path"]) }),
        ],
        fault: { fault, request in Response(status: fault.status, text: "\(fault.status) \(request.path)") })

    @Test(arguments: [
        ("/", "root"),
        ("/models", "list"),
        ("/models/newest", "newest"),
        ("/models/meta/llama", "meta|llama"),
        ("/models/meta/llama.svg", "svg meta|llama"),
        ("/models/meta/llama.min.svg", "min llama"),
        ("/models/meta/.svg", "meta|.svg"),
        ("/models/newest/x", "newest|x"),
        ("/models/meta/llama/history", "history"),
        ("/models/m%C3%BCller/a+b%2B", "müller|a+b+"),
        ("/models/meta%2Fllama", "meta|llama"),
        ("/models?limit=3", "list"),
        ("http://host.example/models", "list"),
        ("http://host.example?x=1", "root"),
        ("/files", "files"),
        ("/files/a", "a"),
        ("/files/-a", "-a"),
        ("/files/a/size", "size"),
        ("/files/a/b/size", "a/b/size"),
        ("/files/a%2F%2Fb/", "a//b/"),
        ("/files//", "/"),
        ("/files/%CC%81x%3F%23", "\u{301}x?#"),
    ])
    func getIsRoutedTo(target: String, body: String) async {
        let response = await router.respond(to: Request(.get, target))
        #expect(response.status == 200)
        #expect(response.text == body)
    }

    @Test(arguments: [
        "/nothing", "/models/", "/models//x", "/models/a/b/c", "//models", "/Models", "/models/meta//history",
        "/models/other/x/history",
    ])
    func unknownPathIsNotFound(target: String) async {
        let response = await router.respond(to: Request(.get, target))
        #expect(response.status == 404)
        #expect(response.text == "404 \(target)")
    }

    @Test(arguments: [
        (Method.put, "/models", "GET, HEAD, POST"),
        (.get, "/models/x", "POST"),
        (.delete, "/models/newest", "GET, HEAD, POST"),
        (.put, "/models/a/b", "GET, HEAD, DELETE"),
        (.other, "/probe", "GET, HEAD"),
        (.options, "/", "GET, HEAD"),
    ])
    func wrongMethodSaysWhatIsAllowed(method: Method, target: String, allow: String) async {
        let response = await router.respond(to: Request(method, target))
        #expect(response.status == 405)
        #expect(response.header("allow") == allow)
    }

    @Test func aParameterServesAMethodThatTheLiteralLacks() async {
        let response = await router.respond(to: Request(.post, "/models/newest"))
        #expect(response.text == "act")
    }

    @Test func headIsGetWithoutItsBody() async {
        let response = await router.respond(to: Request(.head, "/models"))
        #expect(response.status == 200)
        #expect(response.text.isEmpty)
        #expect(response.header("Content-Length") == "4")
        #expect(response.header("X-Route") == "list")
    }

    @Test func headPrefersItsOwnRoute() async {
        let response = await router.respond(to: Request(.head, "/probe"))
        #expect(response.header("X-Route") == "probe")
    }

    @Test(
        arguments: [
            (Method.get, "/models/a/b", "/models/:owner/:name"),
            (.head, "/models/a/b.svg", "/models/:owner/:name.svg"),
            (.put, "/models", nil),
            (.get, "/x", nil),
        ] as [(Method, String, String?)])
    func matchNamesThePattern(method: Method, path: String, pattern: String?) {
        #expect(router.match(method, path).pattern == pattern)
    }

    @Test func aFaultMayBringItsOwnAllow() async {
        let router = Router([Route(.get, "/a", immediate: Self.naming("a"))]) { fault, _ in
            Response(status: fault.status, headers: [HeaderField("allow", "mine")])
        }
        let response = await router.respond(to: Request(.post, "/a"))
        #expect(response.headers == [HeaderField("allow", "mine")])
    }

    @Test func routingSomethingTwiceIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) {
            let handler: @Sendable (Request, Parameters) -> Response = { _, _ in Response(status: 200) }
            _ = Router(
                [Route(.get, "/a/:x", immediate: handler), Route(.get, "/a/:y", immediate: handler)],
                fault: { _, _ in Response(status: 404) })
        }
    }
}

extension Response {
    /// The body as text; empty for a stream.
    var text: String {
        if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }
}
