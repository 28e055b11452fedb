/// People with an address. About 3 % of them live in the household of an earlier person: same family name, address and often the
/// same telephone, but somebody else. They are what a careless near-duplicate search would wrongly merge.
struct CustomersModel: ScenarioModel {
    private enum Column: Int {
        case id, firstName, lastName, email, phone, birthDate, street, city, postalCode, country, segment, balance
    }
    let nearDuplicatesGetNewIDs = true
    let columns = [
        ColumnSpec("customer_id", .identifier),
        ColumnSpec("first_name", .name, missingPercent: 5, near: 6),
        ColumnSpec("last_name", .name, missingPercent: 5, near: 6),
        ColumnSpec("email", .email, missingPercent: 8, near: 4),
        ColumnSpec("phone", .phone, missingPercent: 12, near: 4),
        ColumnSpec("birth_date", .date, missingPercent: 9, near: 2),
        ColumnSpec("street", .street, missingPercent: 6, near: 6),
        ColumnSpec("city", .city, missingPercent: 5, near: 3),
        ColumnSpec("postal_code", .code, missingPercent: 6, near: 1),
        ColumnSpec("country", .category, missingPercent: 5, near: 1),
        ColumnSpec("segment", .category, missingPercent: 10, near: 1),
        ColumnSpec("balance", .number, missingPercent: 8, near: 1),
    ]

    func writeID(row: Int, into buffer: RowBuffer) {
        var id = buffer.writer(Column.id.rawValue)
        id.text("CUST-")
        id.fixed(10_000_001 &+ row, digits: 8)
        buffer.finish(Column.id.rawValue, id)
    }

    func write(row: Int, layout: RowLayout, into buffer: RowBuffer) {
        var household = RowRandom(seed: layout.seed, row: row, .household)
        var random = RowRandom(seed: layout.seed, row: row, .content)
        var sharesPhone = false
        if row >= RowLayout.firstOriginals, household.below(1000) < 30 {
            // Everything of the other person first, then what is one's own over it.
            write(row: layout.original(before: row, random: &household), layout: layout, into: buffer)
            sharesPhone = household.chance(50)
            writePerson(&random, keepsFamilyName: true, buffer)
            if !sharesPhone { writePhone(Places.country(&random), &random, buffer) }
        } else {
            writePerson(&random, keepsFamilyName: false, buffer)
            writeAddress(&random, buffer)
        }
        writeID(row: row, into: buffer)
    }

    private func writePerson(_ random: inout RowRandom, keepsFamilyName: Bool, _ buffer: RowBuffer) {
        var first = buffer.writer(Column.firstName.rawValue)
        first.text(PersonNames.first.word(&random))
        buffer.finish(Column.firstName.rawValue, first)
        if !keepsFamilyName {
            var last = buffer.writer(Column.lastName.rawValue)
            if random.chance(65) {
                last.text(PersonNames.last.word(&random))
            } else {
                last.text(PersonNames.rareStart.word(&random))
                last.text(PersonNames.rareEnd.word(&random))
            }
            buffer.finish(Column.lastName.rawValue, last)
        }
        var email = buffer.writer(Column.email.rawValue)
        let pattern = random.below(4)
        if pattern == 0 {
            email.byte(buffer.start(Column.firstName.rawValue).pointee & 0x7F | 0x60)
        } else {
            email.lowerLetters(buffer.cell(Column.firstName.rawValue))
            if pattern != 3 { email.byte(pattern == 1 ? 0x2E : 0x5F) }
        }
        email.lowerLetters(buffer.cell(Column.lastName.rawValue))
        if random.chance(70) { email.number(random.below(10_000)) }
        email.byte(0x40)
        email.text(PersonNames.mailHosts.word(&random))
        buffer.finish(Column.email.rawValue, email)

        // 1940-01-01 to 2006-12-31
        var birth = buffer.writer(Column.birthDate.rawValue)
        birth.day(-10_958 + random.below(24_472))
        buffer.finish(Column.birthDate.rawValue, birth)

        var segment = buffer.writer(Column.segment.rawValue)
        segment.text(Goods.segments.word(&random))
        buffer.finish(Column.segment.rawValue, segment)

        // Skewed to the right: the product of two even draws, up to 5,000.00.
        var balance = buffer.writer(Column.balance.rawValue)
        balance.hundredths((random.below(1 << 20) &* random.below(500_000)) >> 20)
        buffer.finish(Column.balance.rawValue, balance)
    }

    private func writeAddress(_ random: inout RowRandom, _ buffer: RowBuffer) {
        let number = Places.country(&random)
        let place = Places.countries[number]
        writePhone(number, &random, buffer)

        var street = buffer.writer(Column.street.rawValue)
        let house = place.numberFirst ? 1 + (random.below(9999) &* random.below(1 << 10)) >> 10 : 1 + random.below(180)
        if place.numberFirst {
            street.number(house)
            street.byte(0x20)
        }
        if number == 3 {
            street.text(place.streetKinds.word(&random))
            street.byte(0x20)
            street.text(place.streets.word(&random))
        } else {
            street.text(place.streets.word(&random))
            if !place.joinsKind { street.byte(0x20) }
            street.text(place.streetKinds.word(&random))
        }
        if !place.numberFirst {
            street.byte(0x20)
            street.number(house)
        } else if number != 3, random.chance(15) {
            street.text(", Apt ")
            street.number(1 + random.below(48))
        }
        buffer.finish(Column.street.rawValue, street)

        var city = buffer.writer(Column.city.rawValue)
        city.text(place.cities.word(&random))
        buffer.finish(Column.city.rawValue, city)

        var code = buffer.writer(Column.postalCode.rawValue)
        let pattern = UnsafeBufferPointer(
            start: place.postalPattern.utf8Start, count: place.postalPattern.utf8CodeUnitCount)
        var draw = random.next()
        for b in pattern {
            switch b {
            case 0x39:
                code.byte(0x30 &+ UInt8(truncatingIfNeeded: draw % 10))
                draw /= 10
            case 0x41:
                code.byte(0x41 &+ UInt8(truncatingIfNeeded: draw % 26))
                draw /= 26
            default: code.byte(b)
            }
        }
        buffer.finish(Column.postalCode.rawValue, code)

        var country = buffer.writer(Column.country.rawValue)
        country.text(place.name)
        buffer.finish(Column.country.rawValue, country)
    }

    private func writePhone(_ country: Int, _ random: inout RowRandom, _ buffer: RowBuffer) {
        var phone = buffer.writer(Column.phone.rawValue)
        phone.text(Places.countries[country].dialling)
        phone.byte(0x2D)
        phone.fixed(200 + random.below(790), digits: 3)
        phone.byte(0x2D)
        phone.fixed(200 + random.below(800), digits: 3)
        phone.byte(0x2D)
        phone.fixed(random.below(10_000), digits: 4)
        buffer.finish(Column.phone.rawValue, phone)
    }
}
