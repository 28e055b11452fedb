/// What is sold and clicked on in the made-up shop.
enum Goods {
    static let categories = WordPool(
        "Electronics,Home & Kitchen,Clothing,Books,Toys,Sports,Beauty,Garden,Grocery,Automotive,Office,Pet Supplies", flatness: 4)
    static let adjectives = WordPool(
        """
        Classic,Compact,Deluxe,Portable,Wireless,Premium,Eco,Ultra,Smart,Mini,Heavy Duty,Foldable,Vintage,Slim,Adjustable,Stainless,Bamboo
        Digital,Organic,Travel,Soft,Waterproof,Rechargeable,Ceramic,Leather,Cotton,Magnetic,Silent,Ergonomic,Handmade
        """, flatness: 60)
    static let nouns = WordPool(
        """
        Kettle,Backpack,Lamp,Headphones,Mug,Notebook,Blanket,Chair,Keyboard,Jacket,Bottle,Speaker,Watch,Tent,Pillow,Knife Set,Router,Camera
        Desk,Sneakers,Puzzle,Drill,Shampoo,Planter,Coffee Maker,Bike Helmet,Yoga Mat,Dog Bed,Charger,Monitor,Gloves,Scarf,Toaster,Umbrella
        Frying Pan,Wallet,Stroller,Printer,Tripod,Vacuum,Blender,Curtains,Sunglasses,Basketball,Board Game,Toolbox,Hammock,Rug,Clock,Vase
        """, flatness: 60)
    static let statuses = WordPool("delivered,shipped,processing,cancelled,returned,refunded", flatness: 1)
    static let channels = WordPool("web,mobile app,store,phone,marketplace", flatness: 2)
    static let currencies = WordPool("USD,EUR,GBP,CAD,AUD", flatness: 2)
    static let payments = WordPool("credit card,paypal,bank transfer,gift card,invoice", flatness: 2)
    static let events = WordPool("view,click,add_to_cart,purchase,share,search,remove_from_cart,rate", flatness: 2)
    static let devices = WordPool("mobile,desktop,tablet,tv", flatness: 1)
    static let segments = WordPool("Standard,Premium,Business,Student,Enterprise,Non-Profit,Reseller", flatness: 3)
}
