/// The API's description, OpenAPI 3.1: `openapi.json` beside this file, compiled in.
enum OpenAPIDocument {
    static let json: [UInt8] = PackageResources.openapi_json
}
