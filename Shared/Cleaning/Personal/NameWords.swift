/// Words that tell names of people from other capitalised words, folded. Lists of what is frequent, not of what people may be called.
enum NameWords {
    static let pronouns: Set<String> = ["i", "he", "she", "they", "him", "her", "his", "my", "me", "we"]
    /// Between the words of a name.
    static let particles: Set<String> = [
        "de", "la", "van", "von", "der", "den", "del", "della", "di", "da", "dos", "do", "bin", "ibn", "al", "el", "af", "zu",
        "ten", "ter",
        "le", "du", "des", "abu", "mc",
    ]
    /// Given names and nothing else.
    static let given = words(
        """
        aaliyah aaron abby abdul abdullah abigail abraham ada adalberto adam addison adel adela adele adolf adolfo adrian
        adriana adrienne agata agnes agnieszka ahmad ahmed aidan aisha aki akiko akira alain alan alana alba albert alberto
        aldo alec alejandra alejandro aleksandr aleksandra aleksei alena alessandra alessandro alessia alex alexander
        alexandra alexandre alexandru alexei alexis alf alfonso alfred alfredo ali alice alicia alicja aline alisa alison
        alistair allan allen allison alma alonso alonzo alphonse alvaro alvin alyssa amalia amalie amanda amara amber ambrose
        amelia amelie amina amir amit amos amy amélie ana anastasia anatoly anders andrea andreas andrei andrej andres andrew
        andrzej andré andrés andy anette angela angelica angelika angelina angelo angie angus anibal anika anil anita anja
        anke ann anna annabel annabelle annalisa anne anneliese annemarie annette annie annika ans ansel anselm anselmo anthea
        anthony antje antoine antoinette anton antonia antonín anya aníbal arabella aramis archibald archie ari ariana ariel
        arjun arlene armand armando armin arnaud arne arno arnold arnulf aron arrigo arthur artur arturo arvid asger ashley
        ashok asim aslan astor astrid athena aubrey audra audrey augusta auguste augustin aurelia aurelio aurélie ava avery
        axel ayesha aziz babette barbara barbra barnaby barney barry bart bartholomew bartosz bas basil bastien bea beata
        beate beatrice beatriz becky bela belinda ben benedict benedikt benita benito benjamin benjamín benny benoit benoît
        bente bernadette bernard bernardo bernd bernhard bernice bert bertha bertram bertrand bessie beth bettina betty
        beverly bianca bilal birgit birgitta birgitte bjarne bjorn björn blaise blake blanca blanche blanka bobby bogdan
        boguslaw bonnie boris borislav brad bradley brady brandon branislav branko brenda brendan brent bret brett brian
        brianna bridget brigitte brit britney bruce brunhilde bruno bryan bryant bryce bryn burt byron béla caitlin caleb
        calvin cameron camille candace candice carina carl carla carles carlo carlos carlotta carlton carly carmen carol
        carole caroline carolyn carrie carsten casey casper cassandra cassie catalina catarina catharina catherine cathy cecil
        cecile cecilia cecilie celeste celia celine cesar chandra chantal charlene charles charley charlie charlène cheng
        cherie cheryl chester chiara chip chiyo chloe chloé chris christa christel christelle christiane christina christine
        christof christoph christophe christopher christy chuck cian ciara cillian cindy ciro claes claire clara clare
        clarence clarice clarissa clark claude claudia claudine claudio claus clayton clemens clement cleo clifford clifton
        clint clinton clive clotilde clyde clémence coen colette colin colleen concetta connor conny conor conrad constance
        consuelo cora cordelia corey corinne cornelia cornelis cornelius cosimo costas courtney craig cristian cristiano
        cristina cristóbal curt curtis cuthbert cynthia cyril cécile céline daan dafydd dagmar dagny daisuke daisy dalia
        damian damien damon dana dania danica daniel daniela danielle danilo danny dante danuta daphne darcy daria dario
        dariusz darko darlene darrell darren darryl daryl dave david davide davy dawid deanna debbie deborah debra deepak
        deirdre delia delphine demetrius denis denisa denise dennis denys derek desiree desmond detlef devin dexter diana
        diane diarmuid dick didier dieter diethelm dietmar dieudonné dilip dimitri dimitrios dimitris dina dino dirk dmitri
        dmitriy dmitry dolores domenica domenico domingo dominic dominik dominika dominique donal donald donatella donato
        donna doreen dorian doris dorota dorothea dorothy dory doug douglas draco dragan drago duane duncan dusan dustin dušan
        dwayne dwight dylan earnest ebba eberhard ebony eddie eddy ede edgar edgardo edith edmond edmund edna edoardo edouard
        edsel eduard eduardo edvard edward edwin edwina effie egon eileen eilidh eirik ekaterina elaina elaine eleanor
        eleanora elena eleni elfriede eli elian eliana elias elijah elin elina elio elisa elisabeth elisabetta elise eliza
        elizabeth ella ellen ellie elliot elliott ellis elmar elmer elodie eloise elsa else elsie elton elvira elvis elwood
        elżbieta emanuel emanuele emi emiko emil emile emilia emiliano emilie emilija emilio emily emma emmanuel emmanuelle
        emmett emre endre enid enrico enrique enzo eric erica erich erick erik erika erin ermanno ernestine ernesto ernie
        ernst errol erwin esmeralda esperanza esteban estelle esther ethan etienne ettore eugen eugene eugenia eugenie eugenio
        eugénie eunice eusebio eustace eva evan evander evangeline evelin evelyn everett evgeny ewa ewan ezekiel ezra fabian
        fabio fabiola fabrice fabrizio faisal fanny farah farid faruk fatima fay faye federica federico fedor felicia felicity
        felipe felix ferdinand ferenc fergus fern fernanda fernando fidel filip filippo filomena finley finn fintan fiona
        fleur flor flora florentine florian floris floyd forrest franca francesc francesca francesco francine francis franco
        francois francoise frankie franklin franz franziska françois françoise fred freda freddie freddy frederic frederica
        frederick frederik frederikke fredric fredrik freya frida frieda friedrich fritz frode frédéric fyodor félix gabriel
        gabriela gabrielle gail galina garrett garry garth gary gaston gavin gemma gene genevieve geneviève geoff geoffrey
        georg george georges georgina georgios georgy gerald geraldine gerard gerardo gerd gerda gerhard germaine gerrit gerry
        gert gertrude giacomo giada gianfranco gianluca gianni gideon gilbert gilberto gilda giles gilles gillian gina gino
        giorgia giorgio giovanna giovanni gisela giselle gisèle gita giulia giuliana giuliano giuseppe gladys glenda glenn
        gloria glynn gonzalo goran gordon gottfried gottlieb graeme graham grazia grażyna greg gregor gregorio gregory greta
        gretchen grete griet grigory grzegorz guadalupe gudrun guido guillaume guillermo gunnar gunther gus gustaf gustav
        gustave gustavo gwen gwendolyn gyorgy györgy göran günter günther haakon habib hakan hakim hal hamid hamza hana hank
        hanna hannah hanne hannelore hannes hans hans-peter hanspeter harald haris harish harlan harley harmen harold haroldo
        harriet harriett harrison harry haruka haruki harvey hasan hashim hassan hattie hayley hazel heather hector hedwig
        heidi heike heiko heinrich heinz heleen helen helena helene helga helge helmut hendrik henk hennie henri henrietta
        henriette henrik henrique henry henryk herb herbert heribert herman hermann hermine hernan hernán hilary hilda hilde
        hildegard hillary hiram hiro hiroki hiroko hiroshi hitoshi holger homer horace horacio horst hortense howard howie
        hristo hubert hugh hugo hugues humberto humphrey huseyin hussein héctor hélène iain ian ibolya ibrahim ida idris
        ignacio ignatius igor ike ilaria ilja ilona ilse ilya imelda immanuel imran imre ina ines inga inge ingeborg ingemar
        ingo ingrid ingvar inna ioana ioannis iolanda ion ira irena irene irfan irina irma irving irwin isa isaac isabeau
        isabel isabela isabella isabelle isadora isaiah isamu isidro isis ismael ismail isolde issac istvan istván itzhak ivan
        ivana ivar ivette ivo ivonne iván iwan iwona izabela jaakko jaap jackie jacklyn jacky jacob jacopo jacqueline
        jacquelyn jacques jadwiga jagdish jaime jaimie jake jakob jakub jamal james jameson jamie jamil jane janet janette
        janice janina janine janis janne jannik janos janusz jared jaroslav jaroslaw jarosław jarrod jarvis jason jasper javad
        javier jaya jayden jayne jean jeanette jeanine jeanne jeannette jeannie jeannine jed jeff jefferson jeffrey jemima jen
        jenna jennie jennifer jenny jens jeremiah jeremy jerome jerry jerzy jess jessica jessie jesús jett jewel jiang jill
        jillian jimmie jimmy jin jing jiri jiro jiří joachim joan joana joann joanna joanne joao joaquin jocelyn jochen jodi
        jodie jody joel joelle joey johan johann johanna johannes john johnathan johnnie johnny jolanda jolanta jon jonah
        jonas jonathan jonathon joost jopie jordi jorge jorgen joris josef josefa josefina josefine joseline josep joseph
        josephina josephine josette josh joshua josiah josie josip josue josé jovan jovana joyce jozef jozsef joão joëlle juan
        juana juanita judith juli julia julian juliana juliane julianna juliano julie julien juliet juliette julio julius
        junko juri justin justina justine justyna jutta jános jérôme józef józsef jørgen jürg jürgen kai kaitlyn kalle kamal
        kamil kamila karel karen karim karin karina karl karl-heinz karla karol karolina karoline karsten kaspar kasper
        katalin katarina katarzyna kate katerina kateřina kath katharina katharine katherine kathleen kathrin kathrine kathryn
        kathryne kathy katie katja katrin katrina katy kayla kazimierz kazuko kazuo keiji keiko keir keira keisha keith kelley
        kellie kelly kelsey kelvin kendra kenji kennedy kenneth kenny kenta kermit kerry kersti kerstin kevin khaled khalid
        khalil kiara kieran kiersten kiki kimberly kimiko kimmo kira kiran kirby kirill kirk kirsten kirstin kirsty kit kitty
        kjell klaas klara klaudia klaus klemens knud knut koen koji konrad konstantin konstantinos kornelia kosta kris krishna
        kristen kristian kristiina kristin kristina kristine kristjan kristof kristoffer kristy krystal krystyna krzysztof
        kumar kunal kurt kurtis kwame kyla kyle kylie kyoko lachlan ladislav laila lajos lakshmi lamar lambert lana lance lara
        larissa larry lars larsen lasse laszlo latoya laura lauren laurence laurent laurentiu lauri laurie lauro lavinia
        lawrence lawrie layla lazar lazaro lea leah leander leandro leanne lech leela leif leigh leila leland lena lene lenka
        lennart lennox lenny lenora leo leon leonard leonardo leonid leonie leonor leonora leopold leroy lesley leslie leszek
        leticia letizia leung lev levi lewis lex lia liam liana lidia lidija liesbeth liese lieselotte lilian liliana lillian
        lillie lina linda linden lindsay lindsey linnea linus lionel lis lisa lisbeth liselotte lisette lissa livia liz liza
        lizzie ljiljana ljubica lloyd lois lola lonnie lora loraine lore loredana lorena lorenz lorenzo loretta lori lorna
        lorraine lothar lotte lottie lou louie louis louisa louise lourdes luc luca lucas lucia luciana luciano lucie lucien
        lucienne lucille lucinda lucio lucretia lucy ludmila ludovic ludwig ludwik luella luigi luigia luis luisa luka lukas
        luke lukáš luna lupe luther luz lydia lynda lyndon lynette lynn lynne lynnette lyubov lászló léa léo maarten maartje
        mabel mabelle maciej mackenzie maddalena maddie madeleine madelyn mads mae maeve magdalena maggie magnus mahmoud
        mahmud maia maike maja makoto maksim malcolm malgorzata malik malin mallory malte mandy manfred manfredo manoj manolo
        mansour manu manuel mara marc marcel marcela marcella marcelle marcelo marci marcia marcin marcio marco marcos marcus
        marek maren margaret margarete margarethe margarita margaux margherita margie margit margo margot margrit marguerite
        mari maria maria-luisa mariam mariana mariann marianne mariano maribel maricela marie marie-claire marieke mariel
        mariela marietta marija marijke marika marilyn marin marina marino mario marion marisa marisol marissa maritza marius
        marja marjan marjorie markku marko markus marlene marlies marlon marnie marsha marta martha martijn martin martina
        martine martinus marty marvin mary maryam maryanne masahiro masako masao massimiliano massimo matej mateo mateusz
        mathew mathias mathieu mathilda mathilde matilda matilde mats matteo matteus matthew matthias matti mattia mattie maud
        maura maureen maurice mauricio maurizio mauro mavis maxim maxime maximilian maxine maya mayra mayumi małgorzata
        mckenna megan meghan mehdi mehmet mei meike meinhard mel melanie melina melinda melissa melody melvin menno merced
        mercedes meredith merete merle merlin merrill merv meryl meta mette mia micah michael michaela michail michal michala
        michaël michał michel michele micheline michelle mickey midori mieczysław miguel miguela mihai mihail mika mikael
        mikaela mike mikhail mikkel mikko miklos miklós mila milagros milana mildred milena milica milly milos milovan miloš
        milton mimi mina minerva ming minh minna minnie mira miranda mireille mirek mirella miriam mirja mirko miroslav
        mirosław mitchell mitsuko mitsuo modesto mogens mohamad mohamed mohammad mohammed moira moisés mollie molly mona
        monica monika monique monty mordecai morgan moritz morris morten mortimer moses moshe mostafa muhammad muriel murray
        mustafa myles myra myriam myrna myron myrtle márton nabil nadezhda nadia nadine nadja nagisa nancy naoko naomi
        napoleon narcisa naresh nasser nastassja natacha natalia natalie natalya natascha natasha nathalie nathan nathaniel
        naveen ned neha neil nell nella nellie nelly nelson nena nenad nerea nestor netta neville niall nic niccolo niccolò
        nicholas nichole nicki nicklas nicky nico nicola nicolas nicole nicoleta nicolò niels nigel nikita nikki nikola
        nikolai nikolaj nikolaos nikolas nikolaus nikolay nikos nils nina nino nita noah noam noel noelle noemi noemí nolan
        nora norah norbert noreen norma norris novak noël nuno nuria néstor núria obadiah octavia octavio oda odette odile
        odin ofelia ognjen olaf olav ole oleg olena olga oliver olivia olivier olle olof olympia omar ondrej ondřej onni
        ophelia ora oriana orla orson oskar osman osvaldo oswald otis ottilie otto ove owen paavo pablo paco paddy padraig
        paige paloma pamela panagiotis pandora pankaj paola paolo pascal pascale pasquale patrice patricia patricio patrick
        patrik patrizia patryk patsy patti patty pau paul paula paulette paulina pauline pavel pavla pavol pawel paweł pedro
        peggy pekka penelope percy perla pernille perry petar pete peter petr petra petri petro petronella petros peyton
        phelim philibert philip philipp philippa philippe phillip philomena phoebe phyllis pia pierre piers piet pieter pietro
        pilar pim piotr pippa pius poppy pradeep prakash pranav preben predrag preston primo priscilla priya przemysław
        quentin quincy quinn quinton quintus rachael rachel rachelle rachid radek radoslav radosław radovan rae rafael
        raffaele raffaella raheem rahul raimund rainer raj rajesh ralf ralph ramesh rami ramiro ramona ramón randall randi
        randy ranjit raoul raphael raphaël raquel rashid rasmus raul ravi raymond raymundo rayna raúl reagan rebecca rebekah
        reggie regina reginald reid reiner reinhard reinhold remy rena renata renate renato rene reno renzo rené renée reto
        reuben rex reyes rhea rhett rhiannon rhoda rhona rhonda rhys ria ricarda ricardo riccarda riccardo richard richie rick
        rickey ricky rikard rikke rikki riku riley rina ringo riny risto rita ritva robbie robby robert roberta roberto robin
        robyn rocco rochelle rocio rocío rodney rodolfo rodrick rodrigo rogelio roger rogier rohan roland rolando rolf romain
        roman romana romano romeo romina romy ron ronald ronaldo ronan ronja ronnie rory rosa rosalba rosalia rosalie rosalind
        rosalyn rosamund rosanna rosanne rosario roscoe roseanne rosella roselyn rosemarie rosemary rosetta rosie rosina
        rosita roslyn ross roswitha roxana roxanne roxy royce ruben rubén rudi rudolf rudolfo rudy rufus rupert ruslan russ
        russell rustam ruta ruth ruthie ryan ryo ryuji régis rémi rémy saad sabina sabine sabrina sacha sachiko sadie saeed
        sahil sakura sal saleh salim sally salma salman salome salvatore salvatrice samantha sami samir sammy samson samuel
        sanda sandeep sander sandor sandra sandro sandy sanjay sanna sanne santino santosh sara sarah sari sarita sascha sasha
        saskia satoshi satu saul saverio savva saïd scarlett scot sebastian sebastiano sebastien sebastián seija selena selim
        selma serafina serena serge sergei sergey sergio sergiusz sergiy seth severin seymour shaila shana shane shanice
        shankar shari sharlene sharon sharron shaun shauna shawn shawna shea sheena sheila shelby sheldon shelley shelly sheri
        sherman sherri sherrie sherry sheryl shigeru shin shinji shirin shirley shiro shiva shlomo shona shoshana sian sibylle
        sid sidney sidonie siegfried sieglinde siegmund sierra sigmund signe sigrid sigurd silas silke silvana silvester
        silvestre silvia silvio simcha simeon simon simone simonetta simonne simão sinead sinéad siobhan siobhán siri siv siân
        slavko slawomir slobodan snežana sofie sofya sofía soledad solveig sondra soner sonia sonja sonny sophia sophie soraya
        soren spencer spyros srdjan stacey staci stacy stan stanislas stanislav stanisław stanley stavros steen stefan
        stefania stefanie stefano steffen steffi stelios sten stephan stephane stephania stephanie stephany stephen sterling
        stevan steve steven stewart stig stina stine stuart sture stéphane sudhir sumiko sunil sunita suresh susan susanne
        suzan suzanna suzanne suzette suzie sven svend sverre svetla svetlana swen sybil sylvain sylvester sylvestre sylvia
        sylvie sylwia szymon sándor séan sébastien søren tabitha tad tadashi tadej tadeusz takahiro takashi takeshi tamar
        tamara tamas tamiko tammy tamás tancredo tania tanya tara tariq taro taryn tasha tate tatiana tatjana tatu tatyana
        taylor teddy teemu tello teodor teodora teodoro teofil terence teresa tereza terezia teri terje terrance terrell
        terrence terri tess tessa tetsuo thaddeus thalia thea thekla thelma theo theodor theodora theodore theresa therese
        thibault thibaut thierry thijs thomas thor thora thorsten thorvald thérèse tia tibor tiffany tim timothy tina tino
        tita tito titus tobias tobie tobin toby tod todd tomas tomasso tomasz tomi tommaso tommy tomohiro tomoko tomás tomáš
        toni tonia tonje tony tonya topi tor tora torben tore torsten toshiko toshio tove tracey traci tracy trent trenton
        trevor trey tricia trina trine trish trisha tristan trond trudy truman trygve tsvetan tuomas turid tyler tyra tyrone
        tyson udo ulf uli ulla ulrich ulrik ulrika ulrike ulysses umberto unai urban urs ursula ursulina urszula uschi ute uwe
        vaclav vadim valdemar valentijn valentin valentina valentine valeria valerian valerie valerio valeriy valery valérie
        vance vanessa vasco vasil vasile vasilis vasiliy vassilis vaughn veikko velma vera verena verner vernon veronica
        veronika veronique vesna vicente vicki vickie vicky vida vidal viggo vijay vikram viktor viktoria vilhelm ville vilma
        vinay vince vincent vincenza vincenzo vinko violeta violetta virgil virgilio virginie vishal vitali vittoria vittorio
        viv vivian viviana vivien vivienne vjekoslav vladimir vladimira vladislav vojtěch volker volodymyr vuk vyacheslav
        václav véronique waldemar wallace wally walt walter waltraud wanda warner wassily wei wenche wendel wendell wendy
        werner wes wesley whitney wieslaw wiesław wiktor wilbert wilbur wilda wilfred wilfried wilhelm wilhelmina wilhelmine
        willa willard willem william willie willis wilma wilmer wilson wim winfred winfried winifred winnie winona winston
        wojciech wolfgang woodrow wouter wyatt władysław włodzimierz xander xanthe xaver xavier xenia xiao ximena xin yael
        yago yakov yan yana yannick yannis yara yasmin yasmina yasuko yasuo yehuda yelena yevgeny yitzhak ylva yoko yolanda
        yolande yosef yoshiko yousef youssef yuki yukio yuko yulia yuri yuriko yuriy yusuf yvan yves yvette yvonna yvonne zac
        zach zachariah zachary zack zahra zaid zainab zane zara zbigniew zdenek zdenka zdeněk zdravko zeke zelda zelma zena
        zenon zeynep zhang zina zita zlatan zoe zoltan zoltán zora zoran zoë zsuzsanna zsófia zuzana zygmunt álvaro édouard
        élodie émile émilie étienne łukasz
        """)
    /// Given names that are also words, places or surnames.
    static let ambiguous = words(
        """
        abel abu adelaide angel antonio april art august austin autumn bill bob brittany brook brooke brooklyn cara carolina
        carter chad charity charlotte chase chelsea christian clay cliff cole crystal dale dallas dan dawn dean devon diego
        don drew earl eden elle ernest faith florence ford francisco frank georgia ginger glen grace grant guy harmony heath
        holly hope hunter iris israel ivy jack jade jan jasmine jay jesse jim joe jordan joy june kay ken kent kenya kim lane
        lee les lily logan london madison mark marshall mason matt max may mercy milan miles mitch nick norman olive orlando
        oscar paris parker pat paulo pearl peg penny per phil pierce ray red reed rich rob rod rose roy ruby rusty said
        salvador sam santiago santo savannah scott sean shannon skip sky sofia stella stone sue summer sydney ted terry tom
        trinidad troy tucker una victor victoria viola violet virginia wade ward warren wayne will woody
        """)
    /// Frequent surnames, many of them also words.
    static let surnames = words(
        """
        abbott abe acevedo acosta adams adkins aguilar aguirre ahmed albrecht ali allen allison almeida alvarado alvarez alves
        andersen anderson andersson andrade andrews anthony araujo arellano arias armstrong arnold arroyo ashley atkins
        atkinson austin avalos avery avila axelsson ayala ayers bailey baker bakker baldwin ball ballard banks barajas barber
        barbieri barbosa barker barnes barnett barr barrera barrett barron barry bartlett barton bass bates bauer baumann
        bautista baxter bean beard beasley beck becker beil bell beltran bender bengtsson benitez benjamin bennett benson
        bentley benton berg berger berglund bernal bernard berry bertrand best bianchi bishop black blackburn blackwell blair
        blake blanc blanchard blankenship blevins bond bonilla bonnet booker boone booth bos bowen bowers bowman boyd boyer
        boyle bradford bradley bradshaw brady brandt braun bravo brennan brewer bridges briggs brock browning bruce bruno
        bryan bryant buchanan buck buckley bullock burgess burke burnett burns burton bush butler byrd böhm cabrera cain
        calderon caldwell calhoun callahan camacho cameron campbell campos cannon cano cantu cardenas cardoso carey carlson
        carpenter carr carrillo carroll carson carter caruso carvalho case casey castaneda castillo castro cervantes chambers
        chan chandler chang chapman charles chase chen chevalier choi christensen christian chung cisneros clark clarke clay
        clayton clements cline clinton cobb cochran coelho coffey cohen coleman collier collins colombo colon combs conley
        conner conrad conti contreras conway cooper copeland cordova corona correa correia cortes cortez costa craig crane
        crawford crosby cross cruz cuevas cummings cunningham curry curtis d'angelo dalton daniel daniels davenport david
        davidson davila davis dawson day dean decker dejesus delacruz delarosa deleon delgado dennis diaz dickerson dillon
        dixon dodson dominguez donaldson donovan dorsey dougherty douglas doyle drake duarte dubois duffy duncan dunlap dunn
        dupont duran durand durham dvořák dyer eaton edwards elliott ellis ellison english enriquez erickson eriksson escobar
        esparza espinosa espinoza esposito esquivel estrada evans everett farkas farley farmer farrell faulkner faure felix
        ferguson fernandes fernandez ferrara ferrari ferreira fields figueroa finley fischer fisher fitzgerald fitzpatrick
        fleming fletcher flores flowers floyd flynn foley fontaine fontana ford foster fournier fowler fox francis franco
        francois frank franke franklin frazier frederick fredriksson freeman french friedman friedrich frost fry frye fuchs
        fuentes fuller gaines galindo gallagher gallegos galli gallo galvan garcia gardner garner garnier garrett garrison
        garza gates gauthier gentile gentry george gibbs gibson gilbert giles gill gillespie gilmore giordano girard glass
        glenn glover golden gomes gomez gonzalez gonçalves goodman goodwin goossens gordon gould graham grant graves greco
        greene greer gregory griffin griffith grimes gross guerin guerra guerrero guevara guo gupta gustafsson gutierrez
        guzman günther hahn hail hale haley hamilton hammond hampton hancock hanna hansen hanson hansson hardin harding hardy
        harmon harper harrell harrington harris harrison hart hartman hartmann harvey hashimoto haugen hawkins hayashi hayden
        hayes haynes heath hebert heikkinen henderson hendricks henry hensley henson herman hernandez herrera herring herrmann
        hess hickman hicks higgins hill hines ho hobbs hodge hodges hoffman hoffmann hofmann hogan holland holloway holmes
        holt hood hoover hopkins horn horne horton horváth house houston howard howe howell huang hubbard huber hudson huerta
        huff huffman hughes hull humphrey hunt hunter hurley hurst hussain hutchinson huynh hämäläinen ibarra ikeda ingram
        inoue ito ivanov jackson jacobs jacobson jansen janssens jaramillo jefferson jenkins jennings jensen jimenez johansen
        johansson johns johnson johnston jones jonsson jordan joseph juarez jung järvinen jørgensen kaiser kamiński kane kang
        karlsson kato kaur keith keller kelley kelly kemp kennedy kent kerr khan kim kimura kirby kirk kiss klein kline knapp
        knight knox knudsen kobayashi koch korhonen koskinen kovács kowalczyk kowalski kozlov kramer kraus krause kristensen
        kristiansen krueger krüger kumar kuznetsov kučera köhler könig laine lam lamb lambert landry lane lang lange lara
        larsen larson larsson laurent lawrence lawson le leach lebedev leblanc lefebvre lefevre legrand lehmann leon leonard
        leone leroy lester levy lewandowski lewis li lim lima lin lindberg lindgren lindsey lindström little liu livingston
        lloyd logan lombardi lombardo longo lopes lopez lorenz love lowe lowery lozano lucas lucero lugo luna lynch lynn lyons
        ma macdonald macias mack macleod madsen maes magana mahoney maldonado malone mancini mann manning mariani marin marino
        marks marques marquez marsh marshall martin martinelli martinez martini martins mason massey mata mathews mathis
        matsumoto matthews maxwell may mayer maynard mays mcbride mccall mccarthy mccarty mcclain mcclure mcconnell mccormick
        mccoy mccullough mcdaniel mcdonald mcdowell mcfarland mcgee mcguire mcintosh mcintyre mckay mckee mckenzie mckinney
        mclaren mclaughlin mclean mcmahon mcmillan meadows medina medrano mehta meier meijer mejia melendez melton mendes
        mendez mendoza mercado mercier merkel merritt meyer meyers meza michael middleton miles miller mills miranda mitchell
        molina molnár monroe monteiro montes montgomery montoya moody moon moore mora morales moran moreau moreira moreno
        moretti morgan mori morozov morris morrison morrow morse mortensen morton moses mosley moss moyer mueller mulder
        mullen muller mullins munoz murillo murphy murray myers mäkelä mäkinen möller müller nagy nakamura nascimento nash
        nava navarro neal nelson neumann newman newton nguyen nichols nicholson nielsen nieminen nilsen nilsson nixon noble
        nolan norman norris norton novikov novotný novák nowak nunes nunez németh o'brien o'connor o'donnell o'hara o'neal
        o'neill obama obrien ochoa oconnor odonnell oliveira oliver olsen olson olsson oneal oneill orozco orr ortega ortiz
        osborne owen owens pace pacheco padilla page palacios palmer papadopoulos papp park parks parra parrish parsons patel
        patrick patterson patton paul payne pearson peck pedersen peeters pena pennington peralta pereira perez perkins perry
        person persson peters petersen peterson petrov pettersson pham phan phelps phillips pierce pineda pinto pittman pitts
        ponce poole pope popov porter portillo potter potts poulsen powell powers pratt preston prince procházka pruitt pugh
        putin quinn quintana quintero ramirez ramos ramsey randall randolph rangel rasmussen ray raymond reagan reddy reed
        reese reeves reid reilly reyes reynolds rhodes ribeiro ricci rice rich richard richards richardson richmond richter
        riley rinaldi rios rivas rivera rivers rizzo roach robbins roberson roberts robertson robinson robles rocha rodgers
        rodriguez rogers rojas roman romano romero rosales rosario rosas ross rossi roth rousseau roux rowe roy rubio ruiz
        rush russell russo ryan salas salazar salgado salinas sampson sanchez sandberg sanders sandoval santana santiago
        santoro santos sasaki sato saunders savage sawyer schaefer schmid schmidt schmitt schneider scholz schroeder schröder
        schubert schultz schulz schumacher schuster schwartz schwarz schäfer sellers serra serrano sexton shaffer shah shannon
        sharma sharp shaw shelton shepard shepherd sheppard sherman shields shimizu short sidorov silva simmons simon simpson
        sims singh singleton skinner sloan small smirnov smit smith snow snyder sokolov solis solomon sosa soto sousa souza
        sparks spears spencer stafford stanley stark steele stein stephens stephenson stevens stevenson stewart stokes stone
        stout strickland strong stuart suarez sullivan summers sun sutton suzuki svensson svoboda swanson sweeney szabó
        szymański sørensen takahashi tanaka tanner tapia tate tavares teixeira terry thomas thompson thomsen thornton todd
        torres townsend tran trejo trevino trujillo trump truong tucker turner tyler tóth underwood valdez valencia valentine
        valenzuela vance vang varga vargas vasquez vaughan vaughn vega velasquez velazquez velez ventura vieira villa
        villalobos villanueva villarreal villegas vincent virtanen visser vitale vogel vogt volkov vos wade wagner walker wall
        wallace waller walls walsh walter walters walton wang ward ware warner warren washington watanabe waters watkins
        watson watts weaver webb weber webster weeks weiss weiß welch wells werner west wheeler whitaker whitehead wiggins
        wilcox wiley wilkerson wilkins wilkinson willems williams williamson willis wilson winkler winter winters wise
        wiśniewski wolf wolfe wong wood woodard woods woodward wouters woźniak wright wu wyatt wójcik xiong xu yamada
        yamaguchi yamamoto yamazaki yang yates yoder yoon york yoshida yu zamora zavala zhang zhao zhou zhu zieliński
        zimmerman zimmermann zuniga černý
        """)
    /// Before a name, and no part of it.
    static let titles = words(
        """
        adm admiral ambassador archbishop aunt auntie ayatollah baron baroness bishop brother capt captain cardinal chairman
        chairwoman chancellor chief cmdr coach col colonel commander constable corporal count cpl dame detective doctor don
        doña dr duchess duke father fr frau gen general gov governor grandma grandpa herr imam inspector judge justice king
        lady lieutenant lord lt madam madame mademoiselle maj major mayor minister miss monsieur monsignor mr mrs ms mx nurse
        officer pope pres president prince princess prof professor pvt queen rabbi rep representative rev reverend saint
        secretary sen senator senhor senhora sergeant señor señora señorita sgt sheikh signor signora signore sir sister uncle
        """)
    /// What people are to others or do for a living.
    static let roles = words(
        """
        activist actor actress agent ambassador analyst anchor archbishop architect artist assistant attorney aunt author
        banker bassist batsman beneficiary biologist bishop boss boxer boyfriend brother buyer candidate captain ceo cfo
        chairman champion chemist clerk client co-founder coach cofounder colleague colonel columnist comedian commander
        composer conductor congressman contact counsel cousin coworker cto customer cyclist daughter dean defendant defender
        dentist designer detective director doctor driver drummer economist editor emperor employee engineer explorer father
        fiancé fiancée filmmaker founder friend frontman general girlfriend goalkeeper golfer governor grandfather grandmother
        guardian guest guitarist heir historian host husband inventor investor jockey journalist judge killer king lawyer
        leader lecturer legend lieutenant manager mathematician mayor member midfielder minister missionary mother musician
        neighbor neighbour nephew niece novelist nurse officer opponent painter partner patient philosopher photographer
        physician physicist pianist pilot pitcher plaintiff player playwright poet pope premier presenter president priest
        prince princess principal producer professor prosecutor psychologist pupil quarterback queen rabbi rapper recipient
        referee reporter reverend scientist screenwriter sculptor secretary seller senator sender sergeant singer sister skier
        soldier solicitor son songwriter spokesman spokesperson spokeswoman spouse sprinter star striker student supervisor
        surgeon suspect swimmer teacher teammate tenant therapist trader umpire uncle user veteran vice-president victim
        vocalist widow wife witness wrestler writer
        """)
    /// What people do.
    static let verbs = words(
        """
        accused accuses added adds admits admitted agreed agrees announced announces apologises apologized apologizes appeared
        appears argued argues asked asks attended attends beat became becomes began begins believed believes born bought
        called calls came claimed claims comes confirmed confirms continued continues cried decided decides defeated defeats
        denied denies described describes did died directed directs discussed discusses divorced does earned emailed explained
        explains feels felt fought gave gives goes graduated grew hated hates insisted insists is's joined joins knew knows
        laughed leaves left lies liked likes lived lives looked looks loved loves married meets met moved moves nodded noted
        notes ordered paid phoned played plays pleaded portrayed portrays posted promised promises recalled recalls reflects
        refused refuses remembers replied reported reports resigned responded responds retired retires returned returns
        revealed reveals said sang says scored scores sent served serves shouted signed sings smiled speaks spoke starred
        stars started starts stated states studied suggested suggests takes talked talks taught teaches tells thanked thanks
        thinks thought told took tweeted tweets urged urges visited visits wanted wants warned warns went whispered wins won
        worked works writes wrote
        """)
    /// Words that begin sentences or stand in headings, of English and in greetings of its neighbours.
    static let common = words(
        """
        a about above access accident according account accounts across action actually add added adding additional
        additionally address advance adverse after afternoon again against age agreed agreements ah aid air alert algorithms
        alive all allah almost along already also although always am amazing among amount amounts an analysis and anniversary
        annotated annotation annual another answer any anyone anything anyway app apparently applicable application
        applications applied apply approach approximately apr april are area aren't around article articles artists as ask
        asked asking assets assigned assistance at attack auf aug august aus authorities authorized authors autumn available
        avec away awesome baby back bad bag bands base based basic basically be beat beautiful because become becomes bed been
        before begin beginning behind bei being believe below benefit beside besides best better between beyond big bill
        billing billion birthday bit bits bitte black block blocking blog blue body bonjour border born bot both bottom boy
        boys brain branch breach break breaking bring broadcast broke brother brought brown budget build buildings bus
        business busy but buy by bye call called calls came camp campaign can can't cancer captured car cara card care caro
        cars cases cash catch category cause celebrate center century certain certified challenge chance change changed
        changes charges check cheers chemical cher child children choice christ christmas chère ciao city civil civilians
        claims class classes classification clean cleaning clear click close closed clustering coal coalition coast code cold
        colleagues collection color colour column com come comes coming command comment comments committed common commons
        community companies company compare competition complete completed completely complex compute computer con concert
        conditions conflict confusion connection consider contact contest context continuing contract contribution
        contributions control cool copy copyright core corner correct correlations cost costs could couldn't counter country
        couple course cover crash crazy create created credit crossing cure current currently custom customer customers cuts
        dad damage dance danke dans dark das data date dated daughter days dead deal dear death debate debt dec december
        decision decisions default defence definitely del deliver delivery demand dependencies deposit der des description
        design designated despite details detect detection development did didn't die dies difference different dinner direct
        directly directors discuss display distance distribution do document documentation documents does doesn't doing don't
        done down download dream drink driving drop drug du due duly duplicate during each earlier early east easter eastern
        easy eat economic economy education effect effective effectiveness eight ein eine either el election elections
        electronic elle email en end ends enemy enjoy ensure enter entire entities entity equipment equity er error es
        especially est estimada estimado et etc eu evaluate evaluation even evening event events eventually ever every
        everybody everyone everything exact exactly example examples excellent except exchange excited exclusive execute
        exercise existence expenses experience express extension extra extraction face facilities facility fact fail failed
        failure fair faith fake fall false families family famous fan fans far father father's favorite feb february feel
        feeling fees feet fellow few fight fighter fighters fighting file film final finally find fine finished fire first
        five fix flag folks follow followers following follows food football for foreign forget form former found founded four
        framework frau free fri friday friend friends from front full fun function funding funny further furthermore future
        fwd für game gauge gave geehrte geehrter generally generate generation generator gentile gentlemen get gets getting
        girl girls give given gives gli go goal god goes going golden good goodbye got gracias granted gray grazie great
        greatest green grey ground groups grow growing guess guide guitar gun guten guy guys had hair half hallo halloween
        hand handle handling hanukkah happens happy hard has hat hate have having he he's head heard hearing heart heavy
        height held hello help helped her here here's herr hey hi high higher highest him his history hit hockey hola hold
        home hope hopefully hosted hot hour hours housing how how's however huge human husband i i'd i'll i'm i've ice ich id
        idea ideas if ihr il ils im image images immediately impact implementation import important in included including
        income incredible indeed independent index individual industry info information initial initially input inside
        inspired install installation instead interest interested interesting interview into investigation investment invoice
        io is isn't issue ist it it's item items its jan january jazz je jesus job jobs join joint joke jul july jump jun june
        just keep keeping key keys kid kids kill killing kind know known la labels ladies lady land language languages large
        las last late later latest laugh launch laws le leaders leadership leading learn learning leave leaving left legal les
        less let let's lets letter level liability license liebe lieber life light like liked limitation limited link links
        list listed little live lived lives living lo load loan local located location long look looking looks lord los lose
        loss lost lot lots love loved lovely low luck ma machine mad madam made mail main maintain majority make makes making
        man management many mar march marriage married master match matches matching material matter may maybe me mean means
        meanwhile meet meeting mein members memory men merci merge mes met metrics middle might military million mind mine
        missed missing mission mit mixture mobile model models mom mon monday money months more moreover morning most mother
        mother's moves movie movies moving much multiple mum murder music must my na nach name named names nation nations near
        nearly necessary need needed needs negative neither nel net never new news next nice nicht night nine no nobody non
        nor north northern nosotros not note notes nothing notices nous nov november now number numbers o object obligation
        obligations obrigado oct october oder of off offers officers official officials often oh ok okay old olá on once one
        only onto open opened opening operating operations option or order orders organization organized original originally
        os other others otherwise ou our out output outside outstanding over overall own owner package paid paper par para
        parents part parties partnership parts passover past patent path patient pay payable payment payments peace people per
        percent perfect perform performance perhaps period permitted personal phone photo photos pick picture pictures pier
        pipeline place places plane plans play played players playing plays please point points policy political poor popular
        por positive possible possibly posted posts pour powerful practice precision prediction pressure pretty previous
        previously prezado price primary print prior prison privacy private probably problem problems procedure proceedings
        proceeds processing produce product production profile progress properties property protect protection proud provide
        provides provisions public published purchase pursuant put quality quarter question questions quick race rain ramadan
        random rate rates rather raw re reach read reading ready real really recall receipt recent recently recognition
        recommended record red ref reference refund regarding regards region regional registered regulation related release
        released relevant remains remedies remember removed report reported reporting reports representations request required
        research residents resolution resources respect rest result results return returns review right rights ring rise risk
        rock rocket role room round rule rules run running runs sad safe said sale sales same sample sat saturday save saw say
        saying says schools science score scores search second secret section security see seeing seems seen sehr sein
        selected self sell selling send sending senior sent sep sept september serious seriously service session set seven
        several shall share shared she she's shipping shirt shooting shopping short shot should shouldn't show shows side sie
        sign signed significant silver similar simple simply since sincerely sind single sir sister site six size sleep small
        so soccer social sold soldiers some somebody someone something sometimes son sono sont soon sorry sound source south
        southern space span spans speaking special speech spend spent split sport sports spot spring staff stage standing
        start started starting starts state stated statement statements states status stay step still stock stop stopped story
        strategy strike string students study stuff style subject successful such summer sun sunday super support supporters
        sur sure system são tag take taken takes taking talk talks target task tax taxes team teams technical tell ten term
        terminal termination terms territory terror terrorists test tests text than thank thanks thanksgiving that that's the
        their them then there there's therefore these they they'll they're they've thing things think thinking third thirty
        this those though thought thoughts three through throughout thu thur thurs thursday thus tickets till time tired title
        to today told tomorrow tonight too took top topic total touch toward towards track tracks train training transactions
        transfer travel tried trip true truth try trying tu tue tues tuesday turn turns twice two type types tú um uma un una
        und under une unfortunately unique unit unless unlike uno unos unser until up update updated updates upon us use used
        useful user users using usually valentine's value values van various versus very via victims video videos view visit
        voice von vote votes vous vs wait waiting waiver wake walk want wants war warranties warranty was wasn't watch
        watching water way we we'll we're we've weapons wear wearing weather website wed wedding wednesday weekend welcome
        well went were weren't west western what what's when where where's whether which while white who who's whole whom
        whose why wife will win winner winning winter wir wish with within without woman women won won't wonderful word words
        work worked working works world worse worst worth would wouldn't write writing written wrong y yeah years yellow yes
        yesterday yet yo you you'd you'll you're you've young your yours zip zu é él
        """)
    /// Countries, regions and large cities, and the words that such names begin with.
    static let places = words(
        """
        aarhus aberdeen abu addis adelaide afghanistan africa aires alabama alaska albania alberta aleppo algeria algiers
        alsace america americas amsterdam andalusia andorra angeles angola ankara antarctica antonio antwerp argentina arizona
        arkansas armenia asia asunción athens atlanta auckland austin australia austria azerbaijan baghdad bahamas bahrain
        balkans baltimore bangalore bangkok bangladesh barbados barcelona basel basra bath bavaria beijing beirut belarus
        belfast belgium belgrade belize bengal benin bergen berlin bern bhutan bilbao birmingham bogota bogotá bohemia bolivia
        bologna bombay bonn bordeaux bosnia boston botswana brasília brazil bremen brighton brisbane bristol britain brittany
        bronx brooklyn bruges brunei brunswick brussels bucharest budapest buenos buffalo bulgaria burgundy burma busan cairo
        calcutta calgary california cambodia cambridge cameroon canada canberra cape caracas cardiff caribbean carolina
        casablanca catalonia central chad chennai cheshire chicago chile china chongqing christchurch cincinnati cleveland
        cologne colombia colombo colorado columbia congo connecticut copenhagen cork cornwall coventry crimea croatia cuba
        cyprus czechia dakota dallas damascus darwin delaware delhi denmark denver detroit devon dhabi dhaka diego djibouti
        doha donetsk dorset dortmund dresden dubai dublin dundee durban düsseldorf east eastern ecuador edinburgh edmonton
        egypt el england eritrea essen essex estonia ethiopia europe fiji finland flanders florence florida fort france
        francisco frankfurt gabon galicia galway gambia gaza gdańsk geneva genoa georgia germany ghana ghent glasgow
        gothenburg granada great greater greece greenland grenada guangzhou guatemala guinea gujarat guyana hague haifa haiti
        halifax hamburg hampshire hannover hanoi harlem havana hawaii helsinki hesse hobart hollywood honduras houston hungary
        hyderabad iceland idaho illinois india indiana indonesia iowa iran iraq ireland islamabad israel istanbul italy
        jakarta jamaica janeiro japan jersey jerusalem johannesburg jordan kabul kansas karachi kashmir kathmandu kazakhstan
        kazan kent kentucky kenya kerala kharkiv kiev kingston kolkata korea kosovo krakow kraków kuala kuwait kyiv kyoto la
        labrador lagos lahore lake lancashire laos las latvia lausanne lebanon leeds leicester leipzig lesotho liberia libya
        liechtenstein lille lima limerick lisbon lithuania liverpool ljubljana lombardy london los louisiana lower lumpur
        luxembourg lyon macedonia madagascar madrid maine malaga malawi malaysia maldives mali malmö malta manchester
        manhattan manila manitoba marseille maryland massachusetts mauritius mecca medina melbourne memphis mexico miami
        michigan milan milwaukee minneapolis minnesota minsk mississippi missouri moldova monaco mongolia montana montenegro
        montevideo montreal moravia morocco moscow mosul mount mozambique mt mumbai munich myanmar málaga nagoya nairobi
        namibia nantes naples nashville nebraska nepal netherlands nevada new newcastle newfoundland nicaragua nice niger
        nigeria norfolk normandy north northern norway nottingham nuremberg oakland oceania odessa ohio oklahoma oman ontario
        oregon orlando orleans osaka oslo ottawa oxford pakistan palermo palestine panama paraguay paris paulo pennsylvania
        perth peru petersburg philadelphia philippines phoenix pittsburgh plymouth poland port portland porto portsmouth
        portugal poznań prague pretoria provence punjab pyongyang qatar quebec queens queensland quito québec recife reykjavik
        riga rio riyadh rochester romania rome rotterdam russia rwanda sacramento saigon saint salvador samoa san santa
        santiago santo sarajevo sardinia saskatchewan saxony scandinavia scotia scotland seattle senegal seoul serbia
        sevastopol seville shanghai sheffield shenzhen siberia sicily silesia singapore skopje slovakia slovenia sofia somalia
        somerset south southampton southern spain st stockholm strasbourg stuttgart sudan suffolk suriname surrey sussex
        swansea sweden switzerland sydney syria taipei taiwan tajikistan tallinn tampa tanzania tasmania tehran tennessee
        texas thailand thessaloniki tibet tirana tobago togo tokyo tonga toronto toulouse transylvania trinidad tripoli tunis
        tunisia turin turkey turkmenistan tuscany uganda ukraine upper uruguay utah utrecht uzbekistan valencia vancouver
        vatican vegas venezuela venice vermont verona victoria vienna vietnam vilnius virginia volgograd wales wallonia warsaw
        washington wellington west western winnipeg wisconsin wroclaw wyoming xinjiang yemen yokohama york yorkshire zagreb
        zambia zimbabwe zurich zürich łódź
        """)
    /// What makes a name that of a street, a company, an institution, a people or a product.
    static let things = words(
        """
        abbey academy act adapter adobe african agency agreement airlines airport airways album amazon american android
        apartment apple apt arab arena army asian assembly associates association astros australian austrian authority ave
        avenue award awards bag bancorp band bank bar batteries battery battle bay beach bears belgian bible binder blvd board
        book books boulevard bowl box brazilian brewery bridge brigade british brothers building bulls bureau bypass cable
        cables cafe camera cameras canadian canyon capital card cardinals cartridge case castle cathedral catholic cemetery
        center centre championship championships channel chapter charger chinese choir christian church city clinic club co
        college commission committee company conference congress conservative consulting control convention corp corporation
        corps cotton council county court cover cowboys creek cubs cup czech daily danish day deluxe democratic democrats
        department desert digital display district division dodgers drive dryer dutch dynasty eagles edition electric empire
        energy english ensemble entertainment episode european facebook falls farm federal federation festival field fields
        financial finish finnish flat fleet foods force forces forest foundation french fund gallery games garden gardens gas
        german giants global gmbh google gospel government greek grill group gulf hall health healthcare herald hill hills
        holder holdings hospital hotel house hungarian inc indian indians industrial industries ink inn institute institution
        insurance international internet investments ios irish islamic island islands isle italian japanese jewish journal
        keyboard kingdom kit label labels laboratories labour labs lake lamp lane law league leather lens liberal library line
        lines lions llc logistics ltd mac magazine mall market medal media medical memory mets mexican microsoft microwave
        mini ministry monitor month mosque motors mount mountain mountains mouse movement museum muslim national navy network
        news norwegian ocean office oil olympics online operation orchestra orthodox oven pack palace paper park parliament
        partners party pass patriots peak pharma pharmaceuticals phone phones pirates pizza plan plastic player plaza plc plus
        police polish portable post power premium press printer prize pro professional program programme project projector
        protestant province pub quartet radio raiders railroad railway ranch rangers rd rechargeable records refrigerator
        regiment remote republic republican republicans restaurant revolution ring river road roman rovers royal russian
        saints samsung school scottish screen sea season securities senate series server services set shop show society
        software solutions song songs sons sony sox spanish speaker speakers squad square st stadium stainless stand standard
        state station steel store stores stories story strait street studio studios suite summit super swedish swiss system
        systems tabs team technologies technology television temple theater theatre tigers times toner tour tournament tower
        town transport treaty tribune trio trophy trust turkish tv twitter ultimate union united university valley version
        vikings village vinyl volume war warriors washer web week welsh windows wines wireless wood yankees year youtube
        """)

    private static func words(_ text: String) -> Set<String> { Set(text.split(whereSeparator: \.isWhitespace).map(String.init)) }
}
