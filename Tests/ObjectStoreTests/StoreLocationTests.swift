import Domain
import ObjectStore
import Testing

@Suite struct StoreLocationTests {
    @Test("a folder")
    func folder() throws {
        #expect(try StoreLocation("file:///var/data%20sets") == .local(path: "/var/data sets"))
    }

    @Test("a bucket with everything")
    func bucket() throws {
        var settings = S3Settings()
        settings.accessKey = "k"
        settings.secretKey = "s"
        var expected = settings
        expected.endpoint = "127.0.0.1:9000"
        expected.region = "eu-west-1"
        expected.usesTLS = false
        #expect(
            try StoreLocation("s3://my-bucket/a/b/?endpoint=127.0.0.1%3A9000&region=eu-west-1&scheme=http", settings: settings)
                == .s3(bucket: "my-bucket", prefix: "a/b", expected))
        #expect(try StoreLocation("s3://my-bucket") == .s3(bucket: "my-bucket", prefix: "", S3Settings()))
    }

    @Test(
        "what is wrong is refused without repeating the address",
        arguments: [
            "", "file://relative", "/plain", "http://x/y", "s3://", "s3://UPPER/x", "s3://buck/../x", "s3://buck/a//b",
            "s3://buck?what=x",
            "s3://key:secret@buck/x", "s3://buck?secret_key=topsecret", "s3://buck?scheme=ftp", "s3://buck?endpoint",
            "file:///%zz",
        ])
    func refused(address: String) throws {
        let error = #expect(throws: SanitizerError.self) { try StoreLocation(address) }
        #expect(error?.message.contains("secret@") == false)
        #expect(error?.message.contains("topsecret") == false)
    }
}
