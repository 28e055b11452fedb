/// Names of people. Frequent ones first; two thirds of the family names come from the head of the list, the others from
/// combined parts, so that a large table has a long tail of rare names as in life.
enum PersonNames {
    static let first = WordPool(
        """
        James,Mary,Michael,Patricia,Robert,Jennifer,John,Linda,David,Elizabeth,William,Barbara,Richard,Susan,Joseph,Jessica,Thomas,Sarah
        Christopher,Karen,Charles,Lisa,Daniel,Nancy,Matthew,Sandra,Anthony,Betty,Mark,Ashley,Donald,Emily,Steven,Kimberly,Andrew,Margaret
        Paul,Donna,Joshua,Michelle,Kenneth,Carol,Kevin,Amanda,Brian,Melissa,Timothy,Deborah,Ronald,Stephanie,George,Rebecca,Jason,Sharon
        Edward,Laura,Jeffrey,Cynthia,Ryan,Dorothy,Jacob,Amy,Nicholas,Kathleen,Gary,Angela,Eric,Shirley,Jonathan,Emma,Stephen,Brenda,Larry
        Pamela,Justin,Nicole,Scott,Anna,Brandon,Samantha,Benjamin,Katherine,Samuel,Christine,Gregory,Debra,Alexander,Rachel,Patrick,Carolyn
        Frank,Janet,Raymond,Maria,Jack,Olivia,Dennis,Heather,Jerry,Helen,Tyler,Catherine,Aaron,Diane,Jose,Julie,Adam,Victoria,Nathan,Joyce
        Henry,Lauren,Zachary,Kelly,Douglas,Christina,Peter,Ruth,Kyle,Joan,Noah,Virginia,Ethan,Judith,Jeremy,Evelyn,Christian,Hannah,Walter
        Andrea,Keith,Megan,Austin,Cheryl,Roger,Jacqueline,Terry,Madison,Sean,Teresa,Gerald,Abigail,Carl,Sophia,Dylan,Martha,Harold,Sara
        Jordan,Gloria,Jesse,Janice,Bryan,Kathryn,Lawrence,Ann,Arthur,Isabella,Gabriel,Judy,Bruce,Charlotte,Logan,Julia,Billy,Grace,Joe,Amber
        Alan,Alice,Juan,Jean,Elijah,Denise,Willie,Frances,Albert,Danielle,Wayne,Marilyn,Randy,Natalie,Mason,Beverly,Vincent,Diana,Liam
        Brittany,Roy,Theresa,Bobby,Kayla,Caleb,Alexis,Bradley,Doris,Russell,Lori,Lucas,Tiffany,Lena,Lukas,Sophie,Felix,Marie,Jonas,Hans,Greta
        Pierre,Camille,Hugo,Chloé,Léa,Théo,José,Sofía,Andrés,Lucía,Jürgen,Björn,Zoë,Søren,Małgorzata,Renée,Noémie,Günther,Ágnes,Inès
        Oliver,Harry,Isla,Poppy,Callum,Fiona,Rhys,Siobhan,Hamish,Imogen,Priya,Arjun,Mei,Wei,Yuki,Hiroshi,Fatima,Omar,Aisha,Yusuf,Ngozi,Kwame
        """, flatness: 30)

    static let last = WordPool(
        """
        Smith,Johnson,Williams,Brown,Jones,Garcia,Miller,Davis,Rodriguez,Martinez,Hernandez,Lopez,Gonzalez,Wilson,Anderson,Thomas,Taylor
        Moore,Jackson,Martin,Lee,Perez,Thompson,White,Harris,Sanchez,Clark,Ramirez,Lewis,Robinson,Walker,Young,Allen,King,Wright,Scott,Torres
        Nguyen,Hill,Flores,Green,Adams,Nelson,Baker,Hall,Rivera,Campbell,Mitchell,Carter,Roberts,Gomez,Phillips,Evans,Turner,Diaz,Parker
        Cruz,Edwards,Collins,Reyes,Stewart,Morris,Morales,Murphy,Cook,Rogers,Gutierrez,Ortiz,Morgan,Cooper,Peterson,Bailey,Reed,Kelly,Howard
        Ramos,Kim,Cox,Ward,Richardson,Watson,Brooks,Chavez,Wood,James,Bennett,Gray,Mendoza,Ruiz,Hughes,Price,Alvarez,Castillo,Sanders,Patel
        Myers,Long,Ross,Foster,Jimenez,Powell,Jenkins,Perry,Russell,Sullivan,Bell,Coleman,Butler,Henderson,Barnes,Fisher,Vasquez,Simmons
        Romero,Jordan,Patterson,Alexander,Hamilton,Graham,Reynolds,Griffin,Wallace,Moreno,West,Cole,Hayes,Bryant,Herrera,Gibson,Ellis,Tran
        Medina,Aguilar,Stevens,Murray,Ford,Castro,Marshall,Owens,Harrison,Fernandez,McDonald,Woods,Washington,Kennedy,Wells,Vargas,Henry,Chen
        Freeman,Webb,Tucker,Guzman,Burns,Crawford,Olson,Simpson,Porter,Hunter,Gordon,Mendez,Silva,Shaw,Snyder,Mason,Dixon,Munoz,Hunt,Hicks
        Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Dubois,Moreau,Laurent,Lefèvre,Bernard,Petit,Rossi,Ferrari
        O'Brien,O'Connor,MacLeod,Ó Súilleabháin,van der Berg,de la Cruz,Nowak,Kowalski,Novák,Johansson,Nielsen,Jørgensen,Núñez,Peña,Ivanov
        Tanaka,Sato,Suzuki,Wang,Zhang,Liu,Singh,Kumar,Sharma,Khan,Ali,Hassan,Okafor,Mensah,Abara,Haddad,Cohen,Levy,Katz,Friedman,Weiss
        """, flatness: 20)

    /// Parts of rare family names: 64 x 40 combinations.
    static let rareStart = WordPool(
        """
        Ash,Black,Brad,Bran,Brink,Calder,Carl,Castle,Chat,Clif,Crom,Dal,Dart,Den,East,Ecker,Ed,Elling,Fair,Far,Fen,Gar,Gold,Green,Had,Hal
        Ham,Hart,Hather,Hazel,Hol,Hunting,Inger,Kings,Lang,Lin,Lock,Mans,Marl,Mid,Nor,North,Oak,Pem,Pen,Quin,Rad,Red,Rock,Rut,Sher,Stan,Stock
        Summer,Sut,Thorn,Tyn,Under,Wake,Wat,Wes,Whit,Win,Yar
        """, flatness: 200)
    static let rareEnd = WordPool(
        """
        berg,bourne,bridge,brook,burn,bury,by,cliffe,combe,cote,croft,dale,den,don,field,ford,gate,grove,ham,hill,holm,hurst,land,ley
        man,mere,more,ridge,sett,shaw,sley,stead,stone,ton,wall,ward,well,wick,wood,worth
        """, flatness: 200)

    static let mailHosts = WordPool(
        "gmail.com,yahoo.com,hotmail.com,outlook.com,icloud.com,aol.com,proton.me,live.com,mail.com,gmx.de,orange.fr,web.de,btinternet.com,comcast.net",
        flatness: 3)
}
