/// How much of a text a parse accepts.
package struct JSONLimits: Sendable {
    /// Containers inside each other, those with nothing in them not counted: 1 allows `[1]` and `[[]]` but not `[[1]]`.
    package let depth: Int
    /// Length of the text in bytes.
    package let bytes: Int

    package init(depth: Int = 128, bytes: Int = 256 << 20) {
        precondition((1...1_024).contains(depth) && (1...2 << 30).contains(bytes))
        self.depth = depth
        self.bytes = bytes
    }
}
