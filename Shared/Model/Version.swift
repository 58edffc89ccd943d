/// The release that this source tree becomes.
package enum Release {
    package static let version = "0.1.0"
}
