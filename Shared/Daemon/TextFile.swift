import Glibc

/// Whole files, read at once.
package enum TextFile {
    /// - Returns: `nil` where the file cannot be read.
    package static func read(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// - Returns: `nil` where the file cannot be read.
    package static func bytes(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "re") else { return nil }
        defer { unsafe fclose(file) }
        var whole: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            whole.append(contentsOf: chunk[..<count])
            if count < chunk.count { break }
        }
        return unsafe ferror(file) == 0 ? whole : nil
    }
}
