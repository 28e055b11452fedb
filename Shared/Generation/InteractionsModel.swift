/// Events of users on items, in order of time. Many events of one user are alike; only the event number tells them apart.
struct InteractionsModel: ScenarioModel {
    private enum Column: Int {
        case id, user, item, event, occurredAt, session, device, country, dwell, rating
    }
    let nearDuplicatesGetNewIDs = false
    let columns = [
        ColumnSpec("event_id", .identifier),
        ColumnSpec("user_id", .code, missingPercent: 5),
        ColumnSpec("item", .text, missingPercent: 5, near: 8),
        ColumnSpec("event_type", .category, missingPercent: 6, near: 3),
        ColumnSpec("occurred_at", .timestamp, missingPercent: 5, near: 2),
        ColumnSpec("session_id", .code, missingPercent: 6, near: 1),
        ColumnSpec("device", .category, missingPercent: 8, near: 3),
        ColumnSpec("country", .category, missingPercent: 8, near: 3),
        ColumnSpec("dwell_ms", .count, missingPercent: 10, near: 2),
        ColumnSpec("rating", .count, missingPercent: 14, near: 1),
    ]

    func writeID(row: Int, into buffer: RowBuffer) {
        var id = buffer.writer(Column.id.rawValue)
        id.byte(0x65)
        id.fixed(1_000_000_000 + row, digits: 10)
        buffer.finish(Column.id.rawValue, id)
    }

    func write(row: Int, layout: RowLayout, into buffer: RowBuffer) {
        var random = RowRandom(seed: layout.seed, row: row, .content)
        writeID(row: row, into: buffer)
        // Sessions of about ten events: user, device and country belong to the session.
        var session = RowRandom(seed: layout.seed, row: row / 10, .household)
        let user = (session.below(1 << 20) &* session.below(500_000)) >> 20
        var cell = buffer.writer(Column.user.rawValue)
        cell.byte(0x75)
        cell.fixed(user, digits: 6)
        buffer.finish(Column.user.rawValue, cell)
        cell = buffer.writer(Column.session.rawValue)
        cell.byte(0x73)
        cell.fixed(row / 10, digits: 8)
        buffer.finish(Column.session.rawValue, cell)
        cell = buffer.writer(Column.device.rawValue)
        cell.text(Goods.devices.word(&session))
        buffer.finish(Column.device.rawValue, cell)
        cell = buffer.writer(Column.country.rawValue)
        cell.text(Places.countries[Places.country(&session)].name)
        buffer.finish(Column.country.rawValue, cell)

        cell = buffer.writer(Column.item.rawValue)
        cell.text(Goods.adjectives.word(&random))
        cell.byte(0x20)
        cell.text(Goods.nouns.word(&random))
        buffer.finish(Column.item.rawValue, cell)
        cell = buffer.writer(Column.event.rawValue)
        cell.text(Goods.events.word(&random))
        buffer.finish(Column.event.rawValue, cell)
        cell = buffer.writer(Column.occurredAt.rawValue)
        cell.second(1_704_067_200 + row / 10 * 45 + row % 10 * 4 + random.below(4))
        buffer.finish(Column.occurredAt.rawValue, cell)
        cell = buffer.writer(Column.dwell.rawValue)
        cell.number(150 + (random.below(1 << 20) &* random.below(60_000)) >> 20)
        buffer.finish(Column.dwell.rawValue, cell)
        cell = buffer.writer(Column.rating.rawValue)
        cell.number(1 + random.below(5))
        buffer.finish(Column.rating.rawValue, cell)
    }
}
