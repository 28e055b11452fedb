/// The description for people: `docs.html` beside this file, compiled in; needs nothing from elsewhere.
enum DocsPage {
    static let html = String(decoding: PackageResources.docs_html, as: UTF8.self)
}
