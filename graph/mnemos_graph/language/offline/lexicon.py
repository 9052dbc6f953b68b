"""Word lists: what relations and judgements know by heart."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


JOBS = _words("""
accountant actor actress administrator advisor analyst architect artist assistant astronomer
attorney author baker banker barber barista bartender biologist bookkeeper botanist builder butcher
caregiver carpenter cashier chef chemist cleaner clerk coach composer conductor consultant
contractor cook counselor counsellor curator dancer dentist designer detective developer director
doctor driver economist editor electrician engineer entrepreneur farmer filmmaker firefighter
fisherman florist founder freelancer gardener geologist graphic hairdresser historian illustrator
inspector instructor interpreter investor janitor journalist judge lawyer lecturer librarian
linguist manager mathematician mechanic midwife model musician nanny novelist nurse nutritionist
officer optician painter paramedic pharmacist philosopher photographer physician physicist
physiotherapist pianist pilot plumber poet policeman policewoman postman producer professor
programmer psychiatrist psychologist psychotherapist realtor receptionist recruiter reporter
researcher salesman salesperson scientist sculptor secretary singer soldier statistician student
surgeon surveyor tailor teacher technician therapist trader trainer translator tutor vet
veterinarian waiter waitress welder writer zoologist
apprentice captain cardiologist caretaker cellist comedian copywriter dermatologist diplomat
drummer firewoman guide guitarist headteacher intern jeweller lifeguard locksmith mason miner
neurologist optometrist paediatrician pediatrician plasterer potter priest ranger roofer
sailor seamstress strategist teller tester tiler violinist weaver
""") - {"student", "graphic", "model", "assistant"}

KIN = {
    **{
        word: word
        for word in _words("""
        sister brother mother father son daughter aunt uncle cousin niece nephew grandmother
        grandfather grandson granddaughter partner boyfriend girlfriend fiancé fiancée stepmother
        stepfather stepson stepdaughter stepsister stepbrother friend roommate flatmate neighbour
        colleague boss manager mentor teacher dentist doctor therapist landlord godmother godfather
        housemate cardiologist lawyer hairdresser trainer coach accountant classmate
    """)
    },
    **dict.fromkeys(("mom", "mum", "mommy", "mama"), "mother"),
    **dict.fromkeys(("dad", "daddy", "papa"), "father"),
    **dict.fromkeys(("wife", "husband", "spouse"), "married_to"),
    **dict.fromkeys(("grandma", "granny"), "grandmother"),
    **dict.fromkeys(("grandpa", "granddad"), "grandfather"),
    "neighbor": "neighbour",
    "coworker": "colleague",
    "co-worker": "colleague",
    "fiance": "fiancé",
    "fiancee": "fiancée",
    "child": "child",
    "kid": "child",
    "ex-husband": "ex_husband",
    "ex-wife": "ex_wife",
}
"""What somebody is called, and the relation that it states."""

UNIQUE_KIN = {
    **{word: word for word in _words("wife husband mother father partner girlfriend boyfriend")},
    **{word: word for word in _words("fiancé fiancée parents boss")},
    **dict.fromkeys(("mom", "mum", "mommy", "mama"), "mother"),
    **dict.fromkeys(("dad", "daddy", "papa"), "father"),
    "spouse": "partner",
    "fiance": "fiancé",
    "fiancee": "fiancée",
}
"""Of whom one has one at a time, so that they are known without their name."""

SHE = _words("""
sister mother daughter aunt niece grandmother girlfriend fiancée fiancee stepmother stepdaughter
stepsister godmother mom mum mommy mama wife grandma granny granddaughter ex-wife
""")
HE = _words("""
brother father son uncle nephew grandfather boyfriend fiancé fiance stepfather stepson stepbrother
godfather dad daddy papa husband grandpa granddad grandson ex-husband
""")

PETS = _words("""
dog cat puppy kitten rabbit hamster parrot horse pony turtle tortoise snake lizard pup bunny budgie
canary ferret gecko iguana goldfish labrador lab poodle terrier beagle spaniel bulldog dachshund
husky collie corgi pug chihuahua greyhound retriever rottweiler pig mare donkey goat
""")

SEVERAL = {
    **{f"{word}s": word for word in ("sister", "brother", "daughter", "son", "cousin", "niece")},
    **{f"{word}s": word for word in ("friend", "roommate", "aunt", "uncle", "nephew")},
    **{f"{word}s": word for word in ("dog", "cat", "rabbit", "hamster", "horse", "parrot")},
    "kids": "child",
    "children": "child",
    "twins": "child",
    "puppies": "puppy",
    "kittens": "kitten",
}
"""What several are called, and one of them."""

NATIONALITIES = _words("""
Afghan Albanian Algerian American Argentinian Armenian Australian Austrian Belgian Bolivian
Brazilian British Bulgarian Cambodian Cameroonian Canadian Chilean Chinese Colombian Croatian Cuban
Czech Danish Dutch Ecuadorian Egyptian English Estonian Ethiopian Filipino Finnish French Georgian
German Ghanaian Greek Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish Israeli Italian
Jamaican Japanese Jordanian Kenyan Korean Latvian Lebanese Lithuanian Malaysian Mexican Moroccan
Nepalese Nigerian Norwegian Pakistani Palestinian Peruvian Polish Portuguese Romanian Russian
Scottish Serbian Slovak Slovenian Somali Spanish Swedish Swiss Syrian Taiwanese Tanzanian Thai
Tunisian Turkish Ugandan Ukrainian Uruguayan Venezuelan Vietnamese Welsh Zimbabwean
""")

LANGUAGES = _words("""
Afrikaans Albanian Amharic Arabic Armenian Basque Bengali Bosnian Bulgarian Cantonese Catalan
Chinese Croatian Czech Danish Dutch English Esperanto Estonian Farsi Finnish French Galician
Georgian German Greek Gujarati Hausa Hebrew Hindi Hungarian Icelandic Igbo Indonesian Irish Italian
Japanese Kannada Kazakh Khmer Korean Kurdish Lao Latin Latvian Lithuanian Macedonian Malay Malayalam
Mandarin Marathi Mongolian Nepali Norwegian Pashto Persian Polish Portuguese Punjabi Romanian
Russian Serbian Sinhala Slovak Slovenian Somali Spanish Swahili Swedish Tagalog Tamil Telugu Thai
Turkish Ukrainian Urdu Uzbek Vietnamese Welsh Xhosa Yoruba Zulu
""")

INSTRUMENTS_AND_SPORTS = _words("""
accordion badminton banjo baseball basketball bass bassoon cello chess clarinet cricket drums
flute football golf guitar handball harmonica harp hockey keyboard lacrosse mandolin oboe organ
padel piano rugby saxophone soccer softball squash tennis trombone trumpet tuba ukulele viola violin
volleyball
""")

DIETS = _words("vegetarian vegan pescatarian kosher halal")

CONDITIONS = _words("""
asthma diabetes epilepsy migraines migraine adhd autism arthritis eczema psoriasis hypertension
anemia anaemia depression insomnia dyslexia cancer lupus endometriosis hypothyroidism glaucoma
tinnitus scoliosis osteoporosis sciatica dementia gout celiac coeliac parkinson's alzheimer's
crohn's ibs pcos ocd hepatitis rosacea vertigo narcolepsy
""") | {"high blood pressure", "hay fever", "sleep apnea", "celiac disease", "coeliac disease"}

MEDICINES = _words("""
ibuprofen aspirin paracetamol acetaminophen metformin insulin sertraline omeprazole statins
atorvastatin lisinopril levothyroxine melatonin prozac ritalin adderall antidepressants
antihistamines warfarin amlodipine prednisone citalopram escitalopram fluoxetine lithium
gabapentin tramadol xanax ozempic losartan methotrexate beta-blockers thyroxine
""")

OWNED = _words("""
house flat apartment car boat bike bicycle motorcycle motorbike van caravan camper farm cottage
cabin condo scooter truck sailboat vineyard
""")

NOT_OWNED = _words("PhD Ph.D BA MA BSc MSc MBA ADHD OCD HIV IBS MRI GP CEO Google Amazon God")
"""Names behind "have a" that are nothing one owns."""

NO_PLACES = _words("""
Android Angular Arch Asana AWS Azure BigQuery Bluesky Chrome Debian Discord Django Docker Edge Emacs
Engineering Excel Facebook Fedora Figma Finance Firefox Flask GCP GitHub GitLab Gmail Go HR Instagram
iOS iPhone IT Java JavaScript Jira Kotlin Kubernetes LinkedIn Linux Mac macOS Management Marketing
Mastodon Medium MongoDB MySQL Node Notion Obsidian Office Operations Outlook Phase Plan Postgres
PostgreSQL Product Python QA Rails React Reddit Redis Rust Safari Sales Salesforce Senior Signal Slack
Snowflake Spotify Stripe Substack Support Svelte Swift Teams Telegram Terraform TikTok Trello Twitter
TypeScript Ubuntu VSCode Vim Vue WhatsApp Windows WordPress Zoom
""")
"""What one moves to, comes from or joins without living or working there."""

NEVER_NAMES = _words("""
I A An The This That These Those It Its He She We You They His Her Our Your Their My Me Us Him Them
What Which Who Whom Whose When Where Why How If And But Or So Yet Then Than As At By For From In
Into Of On Onto To With Without After Before Since Until While Because Although Though However
Maybe Perhaps Also Just Even Still Yes No Not Yeah Yep Nope Ok Okay Oh Ah Wow Hey Hi Hello Thanks
Thank Please Sorry Well Now Today Tomorrow Yesterday Tonight Last Next There Here Some Any All Both
Each Every Everyone Everything Everybody Someone Something Somebody Nobody Nothing Most Many Much
More Another Other One Two Three Four Five Six Seven Eight Nine Ten Is Are Was Were Be Been Am Do
Does Did Have Has Had Can Could Will Would Shall Should May Might Must Let Lets Good Great Nice Cool
Awesome Amazing Sounds Sure Happy Glad Really Very Actually Anyway Besides Meanwhile Finally
Recently Currently Lately Usually Always Never Sometimes Often According Monday Tuesday Wednesday
Thursday Friday Saturday Sunday January February March April June July August September October
November December Christmas Easter Call Remember Forget Note From Mom Mum Dad Congrats Bye
Congratulations Haha Lol Btw Fyi Tbh Imo Best Worst Crazy Perfect Interesting Funny Lovely Love
""")
"""Words that are written with a capital for another reason than being a name."""
