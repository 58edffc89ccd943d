import Crypto
import Daemon
import HTTPServer
import JSON
import Model
import SQLite
import Store

/// What the Hub's own webhooks say: a hint that one model has changed, for the next refresh to look at.
///
/// The Hub sends its secret verbatim in `X-Webhook-Secret`.
struct HubHookEndpoints: Sendable {
    let site: Site
    let answers: Answers

    func receive(_ request: Request, _ parameters: Parameters) async -> Response {
        guard let secret = site.settings.hubWebhookSecret else {
            return answers.problem(
                .notFound, "HELICARRIER_HUB_WEBHOOK_SECRET is not set, so webhooks of the Hub are not taken.", request)
        }
        guard let offered = request.headers.first("X-Webhook-Secret") else {
            return answers.problem(.unauthorized, "The header X-Webhook-Secret is missing.", request)
        }
        guard ConstantTime.equal(offered, secret.reveal()) else {
            return answers.problem(.forbidden, "The secret in X-Webhook-Secret is not the agreed one.", request)
        }
        guard let open = site.open else { return answers.unavailable(request) }
        let hint: Hint
        do throws(HintError) {
            hint = try Hint(request.body)
        } catch {
            return answers.problem(
                .invalidBody, error.detail, request,
                faults: [Problem.Fault(place: .pointer(error.pointer), code: "invalid", message: error.detail)])
        }
        if let model = hint.model {
            do throws(SQLiteError) {
                try await open.writer.run(.saveHint(model, at: SystemClock.now()))
            } catch {
                return answers.unavailable(request)
            }
        }
        return answers.marked(accepted(hint))
    }

    private func accepted(_ hint: Hint) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("accepted")
        json.bool(hint.model != nil)
        json.key("model")
        json.string(hint.model)
        json.endObject()
        return Response(
            status: 202, headers: [HeaderField("Content-Type", "application/json")], body: .bytes(json.finished()))
    }

    /// What is wrong with a body, and where.
    struct HintError: Error {
        let pointer: String
        let detail: String
    }

    /// The part of the Hub's body that matters here; events about datasets and spaces are taken and say nothing.
    struct Hint: Equatable {
        let model: String?

        init(_ body: [UInt8]) throws(HintError) {
            let root: JSONNode
            do throws(JSONError) {
                root = try JSONDocument(parsing: body).root
            } catch {
                throw HintError(pointer: "", detail: "The body is not JSON: \(error).")
            }
            guard let repository = root["repo"], repository.kind == .object else {
                throw HintError(pointer: "/repo", detail: "The body has no repo.")
            }
            guard let type = repository["type"]?.string else {
                throw HintError(pointer: "/repo/type", detail: "The repo has no type.")
            }
            guard type == "model" else {
                model = nil
                return
            }
            guard let name = repository["name"]?.string, (1...200).contains(name.utf8.count),
                name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }),
                name.split(separator: "/", omittingEmptySubsequences: false).count <= 2
            else {
                throw HintError(pointer: "/repo/name", detail: "The repo's name must be owner/name.")
            }
            model = name
        }
    }
}
