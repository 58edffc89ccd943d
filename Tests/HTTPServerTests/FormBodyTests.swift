import HTTPServer
import Testing

@Suite struct FormBodyTests {
    private func fields(_ body: String, type: String? = "application/x-www-form-urlencoded") -> [QueryItem]? {
        let headers = HeaderFields(type.map { [HeaderField("content-type", $0)] } ?? [])
        return FormBody.fields(of: Request(.post, "/", headers: headers, body: [UInt8](body.utf8)))
    }

    @Test func fieldsKeepTheirOrderAndAreDecoded() {
        #expect(
            fields("job=2&job=1&reason=new+profile%21&empty=&flag") == [
                QueryItem("job", "2"), QueryItem("job", "1"), QueryItem("reason", "new profile!"),
                QueryItem("empty", ""), QueryItem("flag", ""),
            ])
        #expect(fields("") == [])
    }

    @Test(arguments: ["a=%zz", "a=%0", "a=%ff", "a=%00"])
    func whatCannotBeDecodedIsNoForm(body: String) {
        #expect(fields(body) == nil)
    }

    @Test func otherTypesAreNoForm() {
        #expect(fields("a=1", type: "Application/X-WWW-Form-Urlencoded; charset=utf-8") == [QueryItem("a", "1")])
        #expect(fields("a=1", type: "text/plain") == nil)
        #expect(fields("a=1", type: "multipart/form-data; boundary=x") == nil)
        #expect(fields("a=1", type: nil) == nil)
    }
}
