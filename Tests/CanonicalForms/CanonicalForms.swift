import Daemon
import JSON

/// Reads JSON Lines and writes each text's canonical form, for a comparison with one that others wrote.
@main
struct CanonicalForms {
    static func main() {
        while let line = readLine() {
            do throws(JSONError) {
                let document = try JSONDocument(parsing: line)
                Console.print(String(decoding: CanonicalJSON.bytes(of: document.root), as: UTF8.self))
            } catch {
                Console.print("refused: \(error)")
            }
        }
    }
}
