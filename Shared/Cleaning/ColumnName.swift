internal import Domain

/// What the name of a column says about its content, in English and a few common loan words.
struct ColumnName {
    /// Lower-case words: split at punctuation, digits and case changes (`CustomerID` -> `customer`, `id`).
    let words: [String]
    let joined: String
    /// `first` where another column is called `last`, and the other way round.
    private(set) var isHalfOfName = false

    /// What each name says beside the others.
    static func read(_ names: [String]) -> [ColumnName] {
        var all = names.map(ColumnName.init)
        guard ["first", "last"].allSatisfy({ half in all.contains { $0.joined == half } }) else { return all }
        for i in all.indices where ["first", "middle", "last"].contains(all[i].joined) { all[i].isHalfOfName = true }
        return all
    }

    init(_ name: String) {
        var words: [String] = []
        var word = ""
        var previousLower = false
        let letters = Array(name)
        for (i, c) in letters.enumerated() {
            let nextLower = i + 1 < letters.count && letters[i + 1].isLowercase
            if !c.isLetter {
                if !word.isEmpty { words.append(word) }
                word = ""
                previousLower = false
                continue
            }
            if c.isUppercase, previousLower || (nextLower && !word.isEmpty) {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            word += c.lowercased()
            previousLower = c.isLowercase
        }
        if !word.isEmpty { words.append(word) }
        self.words = words
        joined = words.joined()
    }

    func has(_ any: String...) -> Bool { any.contains { words.contains($0) || joined == $0 } }

    /// A type that the name claims; values must agree where they can.
    var claimedSemantic: SemanticType? {
        if has("email", "mail", "emailaddress") || joined.hasSuffix("email") { return .email }
        if has("ip", "ipaddress", "ipv") { return .ipAddress }
        if has("url", "uri", "website", "homepage", "link") { return .url }
        if has("iban") { return .iban }
        if has("ssn", "sin", "socialsecurity", "socialsecuritynumber", "nationalid", "taxid", "nino", "passport")
            || joined.contains("socialsec")
        {
            return .nationalID
        }
        if has("phone", "telephone", "tel", "mobile", "cell", "fax", "cellphone", "phonenumber", "msisdn")
            || joined.hasSuffix("phone")
        {
            return .phone
        }
        if has("creditcard", "cardnumber", "ccnumber", "pan") || (has("card") && has("number", "no", "nr", "num")) {
            return .paymentCard
        }
        if has("zip", "zipcode", "postal", "postcode", "plz", "postalcode") { return .postalCode }
        if has("dob", "birthdate", "birthday", "dateofbirth", "birth", "born") && !has("place", "city", "country") {
            return .dateOfBirth
        }
        if has("address", "street", "addr", "streetaddress") || joined.hasSuffix("address") { return .address }
        if has("city", "town", "suburb", "municipality") { return .city }
        if isPersonName { return .personName }
        if has(
            "description", "notes", "note", "comment", "comments", "remarks", "message", "text", "body", "summary", "review",
            "bio")
        {
            return .freeText
        }
        if isIdentifier { return .identifier }
        return nil
    }

    private var isPersonName: Bool {
        if isHalfOfName
            || has(
                "firstname", "lastname", "surname", "forename", "fullname", "givenname", "familyname", "middlename", "fname",
                "lname", "maidenname", "vorname", "nachname", "familienname", "prenom", "prénom", "apellido", "apellidos",
                "cognome", "voornaam", "achternaam")
        {
            return true
        }
        guard words.last == "name" || words.first == "name" else { return false }
        return has(
            "first", "last", "given", "family", "middle", "full", "maiden", "customer", "patient", "person", "employee", "user",
            "contact", "client", "author", "student", "member", "guest", "holder", "owner", "sur")
    }

    private var isIdentifier: Bool {
        if has(
            "id", "identifier", "uuid", "guid", "key", "sku", "isbn", "ean", "upc", "asin", "index", "rowid", "ref", "reference",
            "code", "barcode", "serial")
        {
            return true
        }
        if let last = words.last, ["no", "nr", "num", "number", "ids"].contains(last), words.count > 1 { return true }
        return joined.hasSuffix("id")
            && ["userid", "orderid", "customerid", "productid", "clientid", "accountid", "recid"].contains(joined)
    }

    /// The values are codes even when they look like numbers.
    var isCode: Bool {
        switch claimedSemantic {
        case .postalCode, .phone, .nationalID, .paymentCard, .iban: return true
        default: return has("version", "isbn", "ean", "upc", "barcode", "routing", "account", "vin", "imei", "npi", "ean")
        }
    }
    /// The values are numbers, whatever else stands there.
    var isMeasure: Bool {
        has(
            "age", "salary", "wage", "income", "price", "cost", "amount", "total", "quantity", "qty", "units", "stock", "balance",
            "discount", "tax", "fee", "revenue", "profit", "budget", "weight", "score", "rating", "votes", "duration")
    }
    /// Numbers whose median is no plausible value for a row.
    var isPosition: Bool { has("lat", "lon", "lng", "latitude", "longitude", "year", "month", "day", "hour", "x", "y") }
}
