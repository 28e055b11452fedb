/// Frequent given names of Europe and the Americas, folded. Short on purpose: they open a name, they do not decide what people may be called.
enum GivenNames {
    /// Names and nothing else.
    static let plain = words(
        """
        aaron abigail adam adrian agnes aidan alan albert alejandro alex alexander alexandra alfred alice alicia alison
        allison amanda amelia amy ana anders andrea andreas andrew andré angela angelica anita anja anna annabelle anne
        annette annie anthony antoine anton antonio ari arthur ashley astrid audrey barbara beatrice benjamin bernard bernd
        beth betty björn bradley brandon brenda brian bridget bruno bryan caleb cameron camille carl carla carlos carmen carol
        carolina caroline catherine cecilia cesar charles charlie cheryl chloe chris christina christine christopher claire
        clara claude claudia claudio colin connor constance corinne courtney craig cristina cynthia daniel daniela danielle
        david deborah denise dennis derek diana diane diego dieter dimitri dmitri dominic donald donna doris dorothy douglas
        duncan dylan eduardo edward edwin elaine eleanor elena elias elisabeth elizabeth ella ellen emil emily emma eric erica
        erik erika esther ethan eugene eva evelyn fabian fatima felipe fernando fiona florian francesca francesco francis
        francisco françois frederick fredrik fritz gabriel gabriela gabrielle gary geoffrey george gerald gerard giovanni
        giulia giuseppe gloria gonzalo gordon greg gregory greta guillaume gunther gustav hannah hans harald harold harriet
        harry hassan heather heidi heinrich helen helena helga henri henrik henry herbert howard hugo ibrahim ignacio igor
        ilse ines ingrid irene isaac isabel isabella isabelle ivan jacob jacqueline jacques jaime james jamie jan jane janet
        janice jason javier jean jeffrey jennifer jeremy jerome jessica jesús jill joachim joan joanna joaquin johan johanna
        john johnny jonas jonathan jorge josef joseph josephine joshua josé juan juanita judith julia julian juliana julie
        julien jürgen karen karin karl katarina kate katharina katherine kathleen kathryn katie keith kelly kenneth kerstin
        kevin kimberly klaus kristen kristina kurt kyle larry lars laura lauren laurent lawrence leah leon leonard leonardo
        leslie liam lidia linda lisa lorenzo louis louise lucas lucia lucy luigi luis luisa lukas lydia maciej magdalena
        malcolm manfred manuel marc marcel marcela marco marcos marcus margaret margarita maria mariana marianne marie marina
        mario marion marta martha martin martina mary mateo mathias matthew matthias maureen maurice megan melanie melissa
        mercedes michael michaela michel michelle miguel mikael mike milan mohamed mohammed monica monika nadia nancy natalia
        natalie natasha nathan nathaniel neil nicholas nicola nicolas nicole niels nikolai nikos nina noah noelle nora olaf
        olga oliver olivia oskar otto pablo pamela paola paolo patricia patricio patrick paul paula pauline pavel pedro peter
        petra philip philippe phillip pierre piotr rachel rafael rainer ralph ramón randall raymond raúl rebecca regina renate
        renée ricardo richard rita robert roberta roberto rodrigo roger roland rolf ronald rosa rosemary roxanne rudolf
        russell ruth ryan sabine samantha samuel sandra sara sarah sebastian serge sergei sergio sharon sheila shirley sigrid
        silvia simon simone sofia sofie sonia sophia sophie stacy stanley stefan stefanie stephan stephanie stephen steve
        steven stuart susan susanne suzanne sven sylvia tamara tanya tatiana teresa theodore theresa thomas tim timothy tobias
        todd tomas tomasz tony tracy ursula valentina valeria valerie vanessa vera veronica vicente vincent vladimir waldemar
        walter wendy werner wilhelm william wolfgang xavier yves yvonne zachary zoe zoë
        """)
    /// Also words, places or surnames.
    static let alsoWords = words(
        """
        abel angel april art august austin autumn bill bob brook brooke carter charity charlotte chase chelsea christian clay
        cliff cole crystal dale dallas dan dawn dean don drew earl eden ernest faith florence ford frank georgia ginger glen
        grace grant guy harmony heath holly hope hunter iris israel ivy jack jade jasmine jay jesse jim joe jordan joy june
        kay ken kent kim lane lee lily logan london madison mark marshall mason matt max may mercy miles mitch nick norman
        olive oscar paris parker pat pearl peg penny phil pierce ray red reed rich rob rod rose roy ruby rusty sam savannah
        scott sean shannon skip sky stella stone sue summer sydney ted terry tom troy tucker victor victoria viola violet
        virginia wade ward warren wayne will woody
        """)

    private static func words(_ text: String) -> Set<String> { Set(text.split(whereSeparator: \.isWhitespace).map(String.init)) }
}
