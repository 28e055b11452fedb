/// Sales of a shop. Customers come back and buy the same things again, so rows may agree in everything but order number and time
/// without being duplicates; a delivered-again order keeps its number.
struct OrdersModel: ScenarioModel {
    private enum Column: Int {
        case id, customer, orderedAt, product, category, quantity, unitPrice, currency, status, channel, payment, shipCity
    }
    let nearDuplicatesGetNewIDs = false
    let columns = [
        ColumnSpec("order_id", .identifier),
        ColumnSpec("customer_id", .code, missingPercent: 5),
        ColumnSpec("ordered_at", .timestamp, missingPercent: 5, near: 2),
        ColumnSpec("product", .text, missingPercent: 5, near: 8),
        ColumnSpec("category", .category, missingPercent: 8, near: 3),
        ColumnSpec("quantity", .count, missingPercent: 6, near: 1),
        ColumnSpec("unit_price", .number, missingPercent: 6, near: 2),
        ColumnSpec("currency", .category, missingPercent: 6, near: 1),
        ColumnSpec("status", .category, missingPercent: 7, near: 3),
        ColumnSpec("channel", .category, missingPercent: 9, near: 2),
        ColumnSpec("payment_method", .category, missingPercent: 9, near: 2),
        ColumnSpec("ship_city", .city, missingPercent: 10, near: 5),
    ]

    func writeID(row: Int, into buffer: RowBuffer) {
        var id = buffer.writer(Column.id.rawValue)
        id.text("ORD-")
        id.fixed(100_000_000 + row, digits: 9)
        buffer.finish(Column.id.rawValue, id)
    }

    func write(row: Int, layout: RowLayout, into buffer: RowBuffer) {
        var random = RowRandom(seed: layout.seed, row: row, .content)
        writeID(row: row, into: buffer)
        var customer = buffer.writer(Column.customer.rawValue)
        customer.text("CUST-")
        customer.fixed(10_000_001 + random.below(max(row / 4, 50)), digits: 8)
        buffer.finish(Column.customer.rawValue, customer)

        // About one order per 20 s from 2023-01-01 on.
        var time = buffer.writer(Column.orderedAt.rawValue)
        time.second(1_672_531_200 + row * 20 + random.below(20))
        buffer.finish(Column.orderedAt.rawValue, time)

        // A product has one category and one price, whoever buys it.
        let adjective = Goods.adjectives.pick(&random)
        let noun = Goods.nouns.pick(&random)
        var product = buffer.writer(Column.product.rawValue)
        product.text(Goods.adjectives[adjective])
        product.byte(0x20)
        product.text(Goods.nouns[noun])
        buffer.finish(Column.product.rawValue, product)
        var article = RowRandom(seed: 7, row: adjective * 1000 + noun, .content)
        write(Goods.categories[article.below(Goods.categories.count)], .category, buffer)
        var price = buffer.writer(Column.unitPrice.rawValue)
        price.hundredths(199 + (article.below(1 << 20) &* article.below(30_000)) >> 20)
        buffer.finish(Column.unitPrice.rawValue, price)

        var quantity = buffer.writer(Column.quantity.rawValue)
        quantity.number(1 + (random.below(8) &* random.below(8)) >> 3)
        buffer.finish(Column.quantity.rawValue, quantity)
        write(Goods.currencies.word(&random), .currency, buffer)
        write(Goods.statuses.word(&random), .status, buffer)
        write(Goods.channels.word(&random), .channel, buffer)
        write(Goods.payments.word(&random), .payment, buffer)
        write(Places.countries[Places.country(&random)].cities.word(&random), .shipCity, buffer)
    }

    private func write(_ text: UnsafeBufferPointer<UInt8>, _ column: Column, _ buffer: RowBuffer) {
        var cell = buffer.writer(column.rawValue)
        cell.text(text)
        buffer.finish(column.rawValue, cell)
    }
}
