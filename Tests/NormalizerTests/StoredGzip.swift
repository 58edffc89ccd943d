/// A gzip file (RFC 1952) of one stored block (RFC 1951, section 3.2.4): what a page's body is packed as, made without
/// the code that unpacks it.
func storedGzip(_ bytes: [UInt8]) -> [UInt8] {
    precondition(bytes.count < 1 << 16)
    let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    let length = UInt16(bytes.count)
    var file = header + [1]
    file += littleEndian(UInt32(length), 2)
    file += littleEndian(UInt32(~length), 2)
    file += bytes
    file += littleEndian(crc32(bytes), 4)
    return file + littleEndian(UInt32(bytes.count), 4)
}

private func littleEndian(_ value: UInt32, _ count: UInt32) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 {
            let isOdd = sum & 1 == 1
            sum >>= 1
            if isOdd { sum ^= 0xEDB8_8320 }
        }
    }
    return ~sum
}
