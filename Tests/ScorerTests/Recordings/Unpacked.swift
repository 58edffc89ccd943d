import Glibc
import Testing

/// The content of a gzip file of the repository, through the `gzip` that every Debian has: a second opinion on our
/// own unpacking at no cost.
func unpacked(_ path: String) throws -> [UInt8] {
    let place = repositoryFile(path)
    try #require(!place.contains("'"), "the path goes into a shell's quotes")
    let opened = unsafe popen("gzip -dc '\(place)'", "r")
    guard let pipe = unsafe opened else { throw UnreadableRecording(path: path) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, pipe)
        guard count > 0 else { break }
        content += chunk[..<count]
    }
    guard unsafe pclose(pipe) == 0 else { throw UnreadableRecording(path: path) }
    return content
}

/// A recording that is not there or that `gzip` does not read.
struct UnreadableRecording: Error {
    let path: String
}
