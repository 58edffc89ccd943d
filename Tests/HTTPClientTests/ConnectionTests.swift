import TestKit
import Glibc
import HTTPClient
import Testing

/// Which connections a client makes, keeps and gives up.
@Suite(.timeLimit(.minutes(10))) struct ConnectionTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func connectionsAreReused() async throws {
        let http = client()
        let server = try ScriptedServer.answering(Self.ok, closing: false)
        for _ in 0..<20 { #expect(try await http.send(ClientRequest("GET", server.url())).status == 200) }
        #expect(server.connections == 1)
        let again = try await http.send(ClientRequest("GET", server.url()))
        #expect(again.timings.connect == 0)
    }

    @Test func callsRunAtTheSameTime() async throws {
        let http = client()
        let arrived = Arrivals(expected: 50)
        let server = try ScriptedServer { peer in
            guard peer.request() != nil else { return }
            // Nobody is answered before all are there.
            arrived.join()
            peer.send(Self.ok)
        }
        let url = server.url()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await http.send(ClientRequest("GET", url)).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 50))
    }

    @Test func connectionsPerHostAreLimited() async throws {
        let http = client(perHost: 3)
        let server = try ScriptedServer.answering(Self.ok, closing: false)
        let url = server.url()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = try await http.send(ClientRequest("GET", url)) } }
            try await group.waitForAll()
        }
        #expect(server.connections <= 3)
    }

    @Test func cancellingATaskEndsItsCall() async throws {
        let http = client()
        let arrived = Signal()
        let closed = Signal()
        let server = try ScriptedServer { peer in
            _ = peer.request()
            arrived.fire()
            peer.waitForEnd()
            closed.fire()
        }
        let url = server.url()
        let call = Task { () -> ClientError? in
            do throws(ClientError) {
                _ = try await http.send(ClientRequest("GET", url))
                return nil
            } catch {
                return error
            }
        }
        await arrived.wait()
        call.cancel()
        #expect(await call.value?.kind == .cancelled)
        await closed.wait()
    }

    @Test func aCancelledTaskCallsNobody() async throws {
        let http = client()
        let server = try ScriptedServer.answering(Self.ok)
        let url = server.url()
        let gate = Signal()
        let call = Task { () -> ClientError? in
            await gate.wait()
            do throws(ClientError) {
                _ = try await http.send(ClientRequest("GET", url))
                return nil
            } catch {
                return error
            }
        }
        call.cancel()
        gate.fire()
        #expect(await call.value?.kind == .cancelled)
        #expect(server.connections == 0)
    }

    @Test func shuttingDownEndsEveryCall() async throws {
        let http = client()
        let arrived = Arrivals(expected: 5)
        let everybody = Signal()
        let server = try ScriptedServer { peer in
            _ = peer.request()
            arrived.join()
            everybody.fire()
            peer.waitForEnd()
        }
        let url = server.url()
        async let kinds = withTaskGroup(of: ClientError.Kind?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do throws(ClientError) {
                        _ = try await http.send(ClientRequest("GET", url))
                        return nil
                    } catch {
                        return error.kind
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        await everybody.wait()
        http.shutdown()
        http.shutdown()
        #expect(await kinds == [ClientError.Kind?](repeating: .cancelled, count: 5))
        let late = await #expect(throws: ClientError.self) { try await http.send(ClientRequest("GET", url)) }
        #expect(late?.kind == .cancelled)
    }

    @Test func aPinnedAddressIsDialledUnderTheURLsName() async throws {
        let http = client()
        let server = try ScriptedServer { peer in
            guard let request = peer.request() else { return }
            let host = request.split(separator: "\r\n").first { $0.hasPrefix("Host: ") } ?? ""
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(host.utf8.count)\r\n\r\n\(host)")
        }
        let pin = PinnedAddress(host: "hooks.example", port: server.port, address: "127.0.0.1")
        let response = try await http.send(
            ClientRequest("GET", server.url(host: "hooks.example"), pinnedAddress: pin))
        #expect(response.remoteAddress == "127.0.0.1")
        #expect(String(decoding: response.body, as: UTF8.self) == "Host: hooks.example:\(server.port)")
    }

    /// An open connection to another address of the same name must not be used.
    @Test func anotherPinIsAnotherConnection() async throws {
        let http = client()
        let first = try ScriptedServer.answering(Self.ok, closing: false)
        let second = try ScriptedServer(host: "127.0.0.2", port: first.port) { peer in
            while peer.request() != nil { peer.send("HTTP/1.1 202 Other\r\nContent-Length: 0\r\n\r\n") }
        }
        var statuses: [Int] = []
        for address in ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"] {
            let pin = PinnedAddress(host: "hooks.example", port: first.port, address: address)
            let request = ClientRequest("GET", first.url(host: "Hooks.Example"), pinnedAddress: pin)
            let response = try await http.send(request)
            #expect(response.remoteAddress == address)
            statuses.append(response.status)
        }
        #expect(statuses == [200, 202, 200, 202])
        #expect(first.connections == 1)
        #expect(second.connections == 1)
    }

    @Test(arguments: [
        PinnedAddress(host: "other.example", port: 80, address: "127.0.0.1"),
        PinnedAddress(host: "hooks.example", port: 81, address: "127.0.0.1"),
        PinnedAddress(host: "hooks.example", port: 80, address: "localhost"),
        PinnedAddress(host: "hooks.example", port: 80, address: "127.0.0.1:9"),
        PinnedAddress(host: "hooks.example", port: 80, address: ""),
    ])
    func aPinThatDoesNotFitIsRefused(pin: PinnedAddress) async {
        let error = await #expect(throws: ClientError.self) {
            try await client().send(ClientRequest("GET", "http://hooks.example/", pinnedAddress: pin))
        }
        #expect(error?.kind == .invalidRequest)
    }

    /// In a process of its own, for the environment belongs to all tests.
    @Test func proxiesOfTheEnvironmentAreIgnored() async {
        await #expect(processExitsWith: .success) {
            let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                unsafe setenv(name, "http://127.0.0.1:1", 1)
            }
            let response = try await client().send(ClientRequest("GET", server.url()))
            #expect(response.status == 200)
        }
    }
}
