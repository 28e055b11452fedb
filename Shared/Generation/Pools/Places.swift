/// Countries with their cities, postal codes and telephone numbers, and parts of street names.
enum Places {
    struct Country: Sendable {
        let name: StaticString
        let dialling: StaticString
        let cities: WordPool
        /// `9` a digit, `A` a letter, anything else itself.
        let postalPattern: StaticString
        /// First house number, then street (English order), or the other way round.
        let numberFirst: Bool
        let streets: WordPool
        let streetKinds: WordPool
        /// The kind is joined to the name without a space (`Gartenstraße`).
        let joinsKind: Bool
    }

    private static let englishKinds = WordPool(
        "Street,Avenue,Road,Drive,Lane,Court,Place,Boulevard,Way,Terrace,Circle,Crescent", flatness: 5)
    private static let englishStreets = WordPool(
        words: plain + starts.flatMap { start in ends.map { start + " " + $0 } }, flatness: 60)
    private static let plain = list(
        """
        Main,Park,Oak,Pine,Maple,Cedar,Elm,Washington,Lake,Hill,Walnut,Spring,North,Ridge,Church,Willow,Mill,Sunset,Railroad,Jackson,Cherry
        West,South,Center,Highland,Johnson,Forest,River,Meadow,Madison,Jefferson,Chestnut,Spruce,Franklin,Lincoln,Station,Victoria,Green
        Manor,Kings,Queens,New,Grange,Mount Pleasant,George,Albert,Windsor,York,Mary,Alexandra,Stanley,Grove,Broad,High,School,Market
        """)
    private static let starts = list(
        """
        Oak,Maple,Cedar,Willow,Fox,Deer,Eagle,Stone,Silver,Golden,Rose,Hidden,Quiet,Rolling,Sunny,Timber,Winding,Autumn,Copper,Crystal
        Falcon,Heather,Laurel,Orchard,Prairie,Raven,Shady,Summer,Vineyard,White
        """)
    private static let ends = list(
        """
        Hill,Ridge,Creek,Brook,Hollow,Valley,Meadow,Run,Glen,View,Grove,Crest,Field,Bend,Point,Wood,Gate,Park,Spring,Trail,Bluff,Cove,Pond
        Shore,Knoll
        """)
    private static let germanStreets = WordPool(
        """
        Haupt,Schul,Garten,Bahnhof,Dorf,Berg,Birken,Linden,Kirch,Wald,Ring,Schiller,Goethe,Amsel,Wiesen,Hof,Jahn,Fichten,Rosen,Mozart,Mühlen
        Beethoven,Feld,Blumen,Buchen,Eichen,Friedhof,Brunnen,Tannen,Sonnen,Nord,Ost,Süd,West,Rathaus,Markt,Kloster,Post,Bismarck,Lessing
        """, flatness: 20)
    private static let germanKinds = WordPool("straße,weg,allee,platz,ring,gasse,damm,ufer", flatness: 2)
    private static let frenchStreets = WordPool(
        """
        de la Paix,Victor Hugo,de la République,Pasteur,du Moulin,de l'Église,des Écoles,Jean Jaurès,du Château,de la Gare,Gambetta
        de la Liberté,Émile Zola,du Stade,des Lilas,de la Fontaine,Voltaire,du Parc,des Roses,Molière,de Verdun,Jules Ferry,de Paris
        du Général Leclerc,Carnot,Saint-Michel,Foch,des Tilleuls,Lafayette,de Lyon,du Marché,de Strasbourg,Anatole France,du Port
        """, flatness: 20)
    private static let frenchKinds = WordPool("Rue,Avenue,Boulevard,Place,Chemin,Impasse,Allée,Quai", flatness: 2)

    private static func list(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == "," || $0 == "\n" }).map(String.init)
    }

    /// Most frequent first; see ``country(_:)``.
    static let countries: [Country] = [
        Country(
            name: "United States", dialling: "+1",
            cities: WordPool(
                """
                New York,Los Angeles,Chicago,Houston,Phoenix,Philadelphia,San Antonio,San Diego,Dallas,Austin,Jacksonville,Fort Worth,Columbus
                Charlotte,Indianapolis,San Francisco,Seattle,Denver,Oklahoma City,Nashville,Washington,El Paso,Las Vegas,Boston,Detroit,Portland
                Louisville,Memphis,Baltimore,Milwaukee,Albuquerque,Tucson,Fresno,Sacramento,Mesa,Kansas City,Atlanta,Colorado Springs,Omaha
                Raleigh,Virginia Beach,Long Beach,Miami,Oakland,Minneapolis,Bakersfield,Tulsa,Tampa,Arlington,Wichita,Aurora,New Orleans
                Cleveland,Honolulu,Anaheim,Lexington,Stockton,Henderson,Saint Paul,Cincinnati,Pittsburgh,Greensboro,Lincoln,Orlando,Irvine
                Newark,Durham,Plano,Toledo,Madison,Reno,Buffalo,Boise,Richmond,Spokane,Tacoma,Fremont,Des Moines,Salt Lake City,Birmingham
                """, flatness: 15),
            postalPattern: "99999", numberFirst: true, streets: englishStreets, streetKinds: englishKinds, joinsKind: false),
        Country(
            name: "United Kingdom", dialling: "+44",
            cities: WordPool(
                """
                London,Birmingham,Manchester,Leeds,Glasgow,Sheffield,Liverpool,Edinburgh,Bristol,Cardiff,Leicester,Coventry,Belfast,Nottingham
                Newcastle upon Tyne,Southampton,Derby,Portsmouth,Brighton,Plymouth,Reading,Wolverhampton,Aberdeen,Swansea,Milton Keynes,Norwich
                Luton,Oxford,York,Exeter,Cambridge,Ipswich,Dundee,Gloucester,Bath,Chester,Durham,Lincoln,Worcester,Stirling
                """, flatness: 8),
            postalPattern: "AA9 9AA", numberFirst: true, streets: englishStreets, streetKinds: englishKinds, joinsKind: false),
        Country(
            name: "Germany", dialling: "+49",
            cities: WordPool(
                """
                Berlin,Hamburg,München,Köln,Frankfurt am Main,Stuttgart,Düsseldorf,Leipzig,Dortmund,Essen,Bremen,Dresden,Hannover,Nürnberg
                Duisburg,Bochum,Wuppertal,Bielefeld,Bonn,Münster,Karlsruhe,Mannheim,Augsburg,Wiesbaden,Kiel,Lübeck,Freiburg,Mainz,Erfurt,Rostock
                """, flatness: 8),
            postalPattern: "99999", numberFirst: false, streets: germanStreets, streetKinds: germanKinds, joinsKind: true),
        Country(
            name: "France", dialling: "+33",
            cities: WordPool(
                """
                Paris,Marseille,Lyon,Toulouse,Nice,Nantes,Montpellier,Strasbourg,Bordeaux,Lille,Rennes,Reims,Toulon,Saint-Étienne,Le Havre
                Grenoble,Dijon,Angers,Nîmes,Clermont-Ferrand,Aix-en-Provence,Brest,Tours,Limoges,Amiens,Annecy,Metz,Besançon,Orléans,Rouen
                """, flatness: 8),
            postalPattern: "99999", numberFirst: true, streets: frenchStreets, streetKinds: frenchKinds, joinsKind: false),
        Country(
            name: "Canada", dialling: "+1",
            cities: WordPool(
                """
                Toronto,Montréal,Vancouver,Calgary,Edmonton,Ottawa,Winnipeg,Québec,Hamilton,Kitchener,London,Halifax,Victoria,Windsor,Saskatoon
                Regina,Kelowna,Barrie,Guelph,Kingston,Moncton,Fredericton
                """, flatness: 6),
            postalPattern: "A9A 9A9", numberFirst: true, streets: englishStreets, streetKinds: englishKinds, joinsKind: false),
        Country(
            name: "Australia", dialling: "+61",
            cities: WordPool(
                """
                Sydney,Melbourne,Brisbane,Perth,Adelaide,Gold Coast,Newcastle,Canberra,Wollongong,Hobart,Geelong,Townsville,Cairns,Darwin
                Toowoomba,Ballarat,Bendigo,Launceston,Mackay,Bunbury
                """, flatness: 6),
            postalPattern: "9999", numberFirst: true, streets: englishStreets, streetKinds: englishKinds, joinsKind: false),
    ]

    /// The number of a country: 58 % United States, then falling.
    @inline(__always) static func country(_ random: inout RowRandom) -> Int {
        let draw = random.below(100)
        return draw < 58 ? 0 : draw < 74 ? 1 : draw < 84 ? 2 : draw < 91 ? 3 : draw < 96 ? 4 : 5
    }
}
