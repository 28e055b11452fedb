/// Names that are right however alike they look: `Iran` and `Iraq`, `Austria` and `Australia`.
enum PlaceNames {
    /// - Parameter text: in any case.
    static func isCountry(_ text: String) -> Bool { countries.contains(text.lowercased()) }

    /// Short English names of one word, and what people of those are called that resemble others. Source: ISO 3166-1.
    private static let countries = Set(
        """
        afghanistan albania algeria andorra angola anguilla argentina armenia aruba australia austria azerbaijan bahamas bahrain
        bangladesh barbados belarus belgium belize benin bermuda bhutan bolivia botswana brazil brunei bulgaria burundi cambodia
        cameroon canada chad chile china colombia comoros congo croatia cuba curaçao cyprus denmark djibouti dominica ecuador egypt
        england eritrea estonia eswatini ethiopia fiji finland france gabon gambia georgia germany ghana gibraltar greece greenland
        grenada guadeloupe guam guatemala guernsey guinea guinea-bissau guyana haiti honduras hungary iceland india indonesia iran
        iraq ireland israel italy jamaica japan jersey jordan kazakhstan kenya kiribati kosovo kuwait kyrgyzstan laos latvia lebanon
        lesotho liberia libya liechtenstein lithuania luxembourg macau madagascar malawi malaysia maldives mali malta martinique
        mauritania mauritius mayotte mexico micronesia moldova monaco mongolia montenegro montserrat morocco mozambique myanmar
        namibia nauru nepal netherlands nicaragua niger nigeria niue norway oman pakistan palau palestine panama paraguay peru
        philippines pitcairn poland portugal qatar romania russia rwanda réunion samoa scotland senegal serbia seychelles singapore
        slovakia slovenia somalia spain sudan suriname swaziland sweden switzerland syria taiwan tajikistan tanzania thailand togo
        tokelau tonga tunisia turkey turkmenistan tuvalu uganda ukraine uruguay uzbekistan vanuatu venezuela vietnam wales yemen
        zambia zimbabwe
        australian austrian gambian guinean guyanese iranian iraqi malian maltese mauritanian mauritian nigerian nigerien slovak
        slovakian slovene slovenian zambian
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
