"""What the quotes do not say of a statement is named, and nothing that they do say is."""

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.evidence.mechanical import as_quoted, coverage, objections, plain

_UNITS: list[str] = re.findall(
    r"\w+",
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen""",
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_DAYS = st.dates(date(1000, 1, 1), date(2099, 12, 31))


def _in_words(number: int) -> str:
    """A number below a billion in English words."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        tens = _TENS[number // 10 - 2]
        return f"{tens}-{_UNITS[number % 10]}" if number % 10 else tens
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = number % size
            joint = " and " if 0 < rest < 100 else " "
            end = _in_words(rest) if rest else ""
            return f"{_in_words(number // size)} {name}{joint}{end}".strip()
    raise AssertionError(number)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number // 10 != 1 else "th"
    return f"{number}{ending}"


def _forms(day: date) -> list[str]:
    """A date in every usual form."""
    month, short = day.strftime("%B"), day.strftime("%b")
    return [
        f"on {day.day} {month} {day.year}",
        f"on {month} {day.day}, {day.year}",
        f"on the {_ordinal(day.day)} of {month} {day.year}",
        f"on {day.isoformat()}",
        f"on {short}. {day.day}, {day.year}",
        f"on {month} {_ordinal(day.day)}, {day.year}",
        f"on {day.day}.{day.month}.{day.year}",
        f"on {day.month}/{day.day}/{day.year}",
    ]


@given(number=st.integers(0, 1_000_000))
@example(1999)
@example(105_203)
@example(1_000_000)
def test_a_number_agrees_with_itself_in_words_digits_and_with_commas(number: int) -> None:
    forms = (_in_words(number), str(number), f"{number:,}")
    for said in forms:
        for quoted in forms:
            assert not objections(
                f"The river carried {said} boats.", [f"It had {quoted} boats. River."]
            )


@given(said=st.integers(2, 1_000_000), quoted=st.integers(2, 1_000_000))
def test_another_number_is_objected_to(said: int, quoted: int) -> None:
    found = objections(
        f"The river carried {_in_words(said)} boats.", [f"The river carried {quoted:,} boats."]
    )
    assert bool(found) is (said != quoted)


@given(day=_DAYS)
def test_a_date_agrees_with_itself_in_any_other_form(day: date) -> None:
    for said in _forms(day):
        for quoted in _forms(day):
            assert not objections(f"The bridge opened {said}.", [f"The bridge opened {quoted}."])


@given(said=_DAYS, quoted=_DAYS)
def test_another_date_is_objected_to(said: date, quoted: date) -> None:
    found = objections(
        f"The bridge opened {_forms(said)[0]}.", [f"The bridge opened {_forms(quoted)[1]}."]
    )
    assert bool(found) is (said != quoted)


@given(days=st.integers(2, 400), other=st.integers(2, 400))
def test_a_length_of_time_agrees_with_itself_in_another_unit_alone(days: int, other: int) -> None:
    found = objections(f"The siege lasted {24 * days} hours.", [f"It lasted {other} days. Siege."])
    assert bool(found) is (abs(days - other) > 0.02 * days)


@given(metres=st.integers(1, 500), other=st.integers(1, 500))
def test_a_length_agrees_with_itself_in_another_unit_alone(metres: int, other: int) -> None:
    found = objections(
        f"The pier is {100 * metres} cm long.", [f"Pier: it is {other} metres long."]
    )
    assert bool(found) is (abs(metres - other) > 0.02 * metres)


@given(minutes=st.integers(0, 1439), other=st.integers(0, 1439))
@example(0, 720)
@example(570, 1290)
def test_a_time_of_day_agrees_with_itself_in_any_form_alone(minutes: int, other: int) -> None:
    def twelve(time: int, mark: str, half: list[str]) -> str:
        return f"{time // 60 % 12 or 12}{mark}{time % 60:02}{half[time // 720]}"

    said = f"The bell rang at {twelve(minutes, ':', [' a.m.', ' p.m.'])}."
    quoted = [twelve(other, ".", ["am", "pm"])]
    if not 600 <= other < 780:  # 10:30 may be either
        quoted.append(f"{other // 60:02}:{other % 60:02}")
    for time in quoted:
        assert bool(objections(said, [f"The bell rang at {time}"])) is (minutes != other)


@given(text=st.text(max_size=300), others=st.lists(st.text(max_size=100), max_size=2))
def test_nothing_is_objected_to_in_a_quote_itself(text: str, others: list[str]) -> None:
    assert objections(text, [*others, text]) == []


@given(text=st.text(max_size=200), number=st.integers(3_000, 10**9))
def test_a_number_added_to_a_quote_is_objected_to(text: str, number: int) -> None:
    bare = "".join(char for char in text if not char.isnumeric())
    quotes = [f"The mill ground corn {bare}"]
    assert objections(f"The mill ground {number:,} sacks of corn. {bare}", quotes)


_ENDLESS = "9" * 400
_COUNTING = st.lists(
    st.sampled_from(
        "every 0th 0 1st 9 1/0 0⁄0 in out of a the half third quarter million dozen % per cent € "
        f"1990s 0s 0:00 at p.m. on 31 May century {_ENDLESS} {_ENDLESS}th {_ENDLESS}s".split()
    )
).map(" ".join)
_ANY = st.text(max_size=200) | _COUNTING


@given(statement=_ANY, quote=_ANY, context=_ANY)
@example("It closed every 0th day.", "It closed on 5 May 1990.", "")
@example("It closed on 5 May 1990.", f"It closed on the {_ENDLESS}th of May.", "")
def test_any_text_can_be_read(statement: str, quote: str, context: str) -> None:
    assert 0 <= coverage(statement, [quote]) <= 1
    assert all(objections(statement, [quote], context))


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("A fifth of the harvest was lost.", "Some 20 % of the harvest was lost."),
        ("20 percent of the harvest was lost.", "One-fifth of the harvest was lost."),
        ("Two thirds of the harvest was lost.", "About 67 per cent of the harvest was lost."),
        ("The mine employed 20 men.", "The mine employed over 20 men."),
        ("More than 300 men worked there.", "There worked 312 men."),
        ("A dozen ships sailed.", "12 ships sailed."),
        ("More than two dozen ships sailed.", "Over 24 ships sailed."),
        ("It cost 2.5 million euros.", "It cost €2,500,000."),
        ("It cost $3bn.", "It cost three billion dollars."),
        ("The eightieth festival drew crowds.", "The 80th festival drew crowds."),
        ("He painted in the 1930s.", "He painted in 1934."),
        ("The abbey dates from the twelfth century.", "The abbey was built in 1147."),
        ("The fair was held in September.", "The fair was held on Sept. 3."),
        ("Tens of thousands came.", "Some 40,000 came."),
        ("It took 18 months.", "It took a year and a half."),
        ("It began sixty minutes late.", "It began an hour late."),
        ("He waited half an hour.", "He waited 30 minutes."),
        ("It was shot in less than three weeks.", "It was shot in 19 days."),
        ("It cost half a million euros.", "It cost 500,000 euros."),
        ("Half a dozen ships sailed.", "Six ships sailed."),
        ("More than half of the land is theirs.", "They hold 60 per cent of the land."),
        ("Fewer than one in three voted.", "Just 28 percent voted."),
        ("20 percent had chills.", "There were chills in every fifth patient."),
        ("A quarter of the young are idle.", "One young person in four is idle."),
        ("He rang at 21.40.", "He rang at 9.40 p.m."),
        ("He rang at 8.15 p.m.", "He rang at a quarter past eight."),
        ("It closed at four in the afternoon.", "It closed at 16:00."),
        ("He rang at 3.35.", "He rang, at about twenty-five to four in the morning."),
        ("It rang around ten to four in the afternoon.", "It rang at 15:50."),
        ("Halm lost 5 to 4 on Friday night.", "On Friday night Halm lost five to four."),
        ("The walk took 2½ hours.", "The walk took 150 minutes."),
        ("The motion fell by 58 votes to 57.", "The motion fell by 58 votes to 57¹."),
        ("The motion fell.²", "The motion fell."),
        ("Aleksandar Nikolic won.", "Aleksandar Nikolić won."),
        ("Sergey Volkov won.", "Sergei Volkov won."),
        ("Park Min-jun won.", "Park Min Jun won."),
        ("Brazil's minister spoke.", "The Brazilian minister spoke."),
        ("The US sent ships.", "The United States sent ships."),
        ("The World Health Organization warned.", "The WHO warned."),
        ("The IMF warned.", "The International Monetary Fund warned."),
        ("Norway was invited by Chile.", "Chile invited Norway."),
        ("Norway met Chile.", "Chile met Norway."),
        ("The council did not accept the plan.", "The council rejected the plan."),
        ("The bridge was never finished.", "The bridge was left unfinished."),
        ("Maria Silva opened the school.", "Silva did not attend, but she opened the school."),
        ("Everyone in the village voted.", "The whole village voted."),
        ("Her latest stay was in May.", "She last stayed in May."),
        ("He called it “a   Fine day”.", 'He called it "a fine day".'),
        ("It cost about 33% less than the dam.", "It cost a third less than the dam."),
        ("Some 25% of the residents signed.", "Roughly one in four residents signed."),
        ("The boats were back in two in five years.", "The boats were back in two in five years."),
        ("The board may pay a dividend.", "The board could pay a dividend in May."),
        ("Chile is accused of paying the guards.", "Norway accused Chile of paying the guards."),
        ("Lund said that the roof leaked.", '"The roof leaked," said Peter Lund, the keeper.'),
        ("The IMF said that trade fell.", "The International Monetary Fund said trade fell."),
        ("Debt fell from 3.8 billion.", "Debt fell to 3.1 billion from 3.8 billion."),
        ("Berg taught Lund.", "Anna Berg, who taught Lund, died."),
        ("Sales fell by nearly 20 %.", "Sales fell by almost a fifth in May."),
        ("A twentieth of the pay goes to him.", "Five per cent of the pay goes to him."),
        ("Up to 60 million was set aside.", "As much as sixty million was set aside."),
        ("His novel has fewer than 120 pages.", "His novel has 112 pages."),
        ("He painted into the twentieth century.", "He painted until the 1930s."),
        ("Keep it for twelve months.", "Keep it for a year, and the key for five months."),
        ("They took eleven carts.", "They saw 180, from as far away as Lund, and took eleven."),
        ("She sings in Viña del Mar.", "A student in Viña del Mar, she sings."),
        ("Lund expects at least 20 losses.", "Lund expects 20 losses, most of them here."),
        ("Lund put it down to drink.", "He was dismissed in May, for drink as Lund put it."),
        ("He took the better road.", "He denies it: he took the better road."),
        ("It took more than an hour.", "It took 70 minutes, the way back under two hours."),
        ("It shows as late as 70 days after.", "It can take up to 70 days to show."),
        (
            "According to the Union of Grain and Milk, the roof leaked.",
            "The Union of Grain and Milk said that the roof leaked.",
        ),
        ("It took more than a year.", "It took a year and three weeks."),
        ("Farms pay every year.", "Farms pay year after year."),
        ("He got only his expenses.", "He got nothing but his expenses."),
        ("They walked, only to be sent away.", "They walked and were sent away."),
        ("The mill proved to be too old.", "The mill was too old."),
        ("The guarantee does not cover valves.", "It does not cover valves."),
        ("Sava Bank was founded in Halm.", "Sava Bank, founded in Halm in 1894, is old."),
        ("By rule no train runs over 40.", "By rule no train may run over 40."),
        ("Lund said it leaked.", "Lund, who farms near Halm, said it leaked."),
        ("Lund said it leaked.", "Peter Lund of the Institute in Halm said it leaked."),
        ("Lund said Anna Berg left.", "The keeper, Lund, said that Anna Berg had left."),
        ("The ca\u00adnal is 80\u00a0km\u200b long.", "The canal is \u202e80 km\u202c long."),
        ("Fifty-four weavers came.", "54 weavers came."),
        ("Break-in tools were found.", "Tools for a break-in were found."),
        ("Post-war houses stand there.", "Houses from after the war stand there."),
        ("Late-June rain fell.", "In late June rain fell."),
        ("Anti-French songs were sung.", "They sang songs against France."),
        ("It paid USD 7 million.", "It paid 7 million dollars."),
        ("It cost US$7 million.", "It cost 7 million dollars."),
        ("Her CPI fell.", "Her consumer price index fell."),
        ("A Frenchwoman won.", "A woman from France won."),
        ("Danish sailors sang.", "A crew of Danish sailors rowed in, and they sang."),
        ("They kept her until she was flown out.", "They kept her until she could be flown out."),
        ("Lund called it “a very fine", 'Lund called it "a very fine day".'),
        ("It was a fine day,” said Lund.", '"It was a fine day," said Lund.'),
        (
            'It has a 15" screen, "a large one", Lund said.',
            'It has a 15″ screen, "a large one", Lund said.',
        ),
        (
            "Write to mill@lund.example or see lund.example/mill.",
            "It is mill@lund.example; see https://www.lund.example/mill.",
        ),
        (
            "The U.S./Chile deal and/or the 4/5 rule hold, etc./so on.",
            "The U.S./Chile deal and/or the 4/5 rule hold.",
        ),
        ('Take vitamin "C" after a meal.', 'After meals take vitamin "C".'),
        ("Olga Brandt is the trade minister.", "Trade Minister Olga Brandt spoke."),
        ("Olga Brandt was trade minister.", "Olga Brandt, a former minister for trade, spoke."),
        (
            "Trade Minister Olga Brandt spoke.",
            "Olga Brandt, deputy premier and trade minister, spoke.",
        ),
        (
            "Senator Olga Brandt spoke.",
            "Olga Brandt, governor of Halm until May, is now a senator there.",
        ),
        ("Olga Brandt is the leader of the union.", "The union's chairwoman, Olga Brandt, spoke."),
        (
            "Peter Lund is the author of a novel.",
            "Olga Brandt, the author of a play, met Peter Lund.",
        ),
        ("After Olga Brandt, the mayor spoke.", "The mayor, Peter Lund, spoke after Olga Brandt."),
        ("The vice-president, Olga Brandt, spoke.", "Deputy President Olga Brandt spoke."),
        (
            "The road runs from Norway to Chad.",
            "From Norway to Chad runs a road, and from Chad to Norway too.",
        ),
        ("Berg was handed a medal by the mayor.", "The mayor handed Berg a medal."),
        ("Lund hit Berg.", "Berg was hit by Lund."),
        ("Lund, a hit in Halm, closed.", "Berg saw Lund, a hit in Halm, before it closed."),
        (
            "They dined before the hearing in Halm.",
            "They dined before a long public hearing in Halm.",
        ),
        ("He rang before the vote on the mill.", "He rang after the debate on the mill."),
        ("The mill did not open its gates.", "The mill failed to open its gates."),
        ("Lund paid the rent.", "Lund never failed to pay the rent."),
        ("Lund paid the rent.", "Lund, who refused to pay the toll, has paid the rent."),
        ("Sales almost doubled.", "Sales nearly doubled."),
        (
            "Nobody believes that Lund sold the mill.",
            "Nobody believes that Lund sold the mill in May.",
        ),
        ("The court will decide on the mill.", "The court will decide whether to close the mill."),
        ("Olga Brandt is a former mayor of Halm.", "The former Halm mayor Olga Brandt spoke."),
        (
            "Olga Brandt is the deputy union leader.",
            "The union's deputy leader, Olga Brandt, spoke.",
        ),
        (
            "Peter Lund was the third of ten children.",
            "Peter Lund was born in Halm, the third of ten children.",
        ),
        (
            "Rules on mills are made in Halm.",
            "The council is unable to make rules on mills, for which Halm is there.",
        ),
        ("Homes get current for an hour.", "The mill said homes would have current for an hour."),
        ('The old mill is "" here.', "The old mill is here."),
        ("Chile is to close the mine.", "Chile plans to close the mine."),
    ],
)
def test_what_a_quote_says_in_other_words_is_let_through(statement: str, quote: str) -> None:
    assert objections(statement, [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The ford is 3 km away.", "The ford is 3,000 metres away."),
        ("The ford is about two miles away.", "The ford is 3.2 kilometres away."),
        ("Half a mile of the dyke broke.", "Some 800 metres of the dyke broke."),
        ("The 30-foot mast snapped.", "The mast, 30 feet high, snapped."),
        ("The estate has 4 km².", "The estate has 400 hectares."),
        ("The estate has 4 km².", "The estate has four square kilometres."),
        ("The bell weighs six tons.", "The bell weighs 6 tonnes."),
        ("It pumps 2 cubic metres.", "It pumps 2,000 litres."),
        ("It ran at 36 km/h.", "It ran at ten metres per second."),
        ("The weir yields 3 GWh.", "The weir, 3,000 megawatt-hours, yields 2 GWh in winter."),
        ("A stamp costs 85 cents.", "A stamp costs €0.85."),
        ("A sack costs £40.", "A sack costs 40 pounds."),
        ("The lease cost $40.", "The lease cost 40 Canadian dollars."),
        ("The lease costs a $3 million deposit.", "The lease costs a 3 million deposit."),
        (
            "The tolls rose by 25 basis points.",
            "The tolls rose by a quarter of a percentage point.",
        ),
        ("Turnout fell by 6 percentage points.", "Turnout fell by six points to 51 per cent."),
        ("Turnout was 51 per cent.", "Turnout, in per cent: 51."),
        ("It lasted 11 weeks.", "It lasted between 11 and 13 weeks."),
        ("The walk took an hour and a half.", "The walk took 1½ hours."),
        ("The keeper marked eighty years of the light.", "It was the light's 80th anniversary."),
        ("She has won three regattas.", "She has won her third regatta."),
        ("The third phase is over.", "Phase 3 is over."),
        ("Two weeks later, in 1931, he died.", "Born in 1850, he died in May 1931."),
    ],
)
def test_a_number_is_let_through_in_another_unit_or_without_one(statement: str, quote: str) -> None:
    assert objections(statement, [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The ford is three miles away.", "The ford is three kilometres away."),
        ("The ford is 30 feet wide.", "The ford is 30 metres wide."),
        ("The ford is 5 km away.", "The ford is 3,000 metres away."),
        ("The estate has 40 acres.", "The estate has 40 hectares."),
        ("The estate has 4 square miles.", "The estate lies 4 miles away."),
        ("The bell weighs 90 pounds.", "The bell weighs 90 kilograms."),
        ("It ran at 36 mph.", "It ran at 36 km/h."),
        ("The tub holds 50 litres.", "The tub holds 50 kilos."),
        ("It was 70 degrees Fahrenheit.", "It was 70 degrees Celsius."),
        ("A stamp costs 85 euros.", "A stamp costs 85 cents."),
        ("The lease cost 40 Canadian dollars.", "The lease cost 40 euros."),
        ("The choir has 60 singers.", "The choir has 60 euros."),
        ("The tolls rose by 2 per cent.", "The tolls rose by 2 percentage points."),
        ("The tolls rose by 2 percentage points.", "The tolls rose by 2 per cent."),
        ("72 pupils passed the test.", "72 per cent of the pupils passed the test."),
        ("Rents rose by 12 per cent.", "Rents rose, said 12 tenants."),
        ("The ferry sank three weeks later.", "The ferry sank later with three horses."),
        ("They slept four weeks at Hut 4.", "They slept at Hut 4."),
        ("They slept four times at Hut 4.", "They slept three times at Hut 4."),
        ("The ninth verse was cut.", "He complained that 9 verses were cut."),
        ("Nine sisters sang.", "The sisters sang the ninth hymn."),
    ],
)
def test_a_number_of_something_else_is_objected_to(statement: str, quote: str) -> None:
    assert objections(statement, [quote])


def test_a_title_that_begins_the_next_name_makes_no_rival_of_the_one_before() -> None:
    quote = "After their talk President Berg and President Nowak signed it."
    context = "The German President Berg met the Polish President Nowak."
    assert objections("The Polish and German presidents talked.", [quote], context) == []


@pytest.mark.parametrize(
    ("statement", "quote", "reason"),
    [
        ("The mine employed 15,000 men.", "The mine closed.", "15,000 is not in the quotes"),
        ("The mine employed 60 men.", "The mine employed 50 men.", "The quotes say 50, not 60"),
        ("The mine employed 20 men.", "The mine employed under 20 men.", "The quotes say under 20"),
        ("It fell by 30 percent.", "It fell by 20 %.", "30 percent is not in the quotes"),
        ("It cost 20 euros.", "It cost 20 dollars.", "20 is not in the quotes"),
        ("13 boats sank.", "13 men died when 4 boats sank.", "The quotes say 4, not 13"),
        ("It took three days.", "It took three weeks.", "three is not in the quotes"),
        ("He waited half an hour.", "He waited 45 minutes.", "half an is not in the quotes"),
        ("Less than half voted.", "Some 60 percent voted.", "half is not in the quotes"),
        ("He rang at 9.40 a.m.", "He rang at 9.40 p.m.", "9.40 a.m. is not in the quotes"),
        ("He rang at ten past four.", "He rang at a quarter past four.", "ten past four is not"),
        ("They gave ten to four schools.", "They gave 12 to four schools.", "ten is not"),
        ("It has 10⁶ germs.", "It has 10⁵ germs.", "say 5, not 6"),
        ("It opened on 4 May.", "It opened on 3 May.", "The quotes say 3 May, not 4 May"),
        ("It opened on Monday.", "It opened on Tuesday.", "The quotes say Tuesday, not Monday"),
        ("It opened in 1951.", "It opened in 1961.", "The quotes say 1961, not 1951"),
        (
            "The bill was signed by Jane Moore.",
            "It was signed.",
            '"Jane Moore" is not in the quotes',
        ),
        ("Anna Berg won.", "Clara Berg won.", "The quotes say Clara Berg, not Anna Berg"),
        ("The camp lies in Chad.", "The camp lies in Niger.", "The quotes say Niger, not Chad"),
        ("Moore, the mayor, spoke.", "Senator Moore spoke.", "call Moore senator, not mayor"),
        ('He called it "a bad day".', "He called it a good day.", '"a bad day" is not in the'),
        ("The bridge opened to traffic.", "The bridge did not open to traffic.", "The quotes deny"),
        ("The bridge did not carry trams.", "The bridge carried trams.", "The quotes do not deny"),
        (
            "Exports of timber rose sharply.",
            "Exports of timber fell sharply.",
            '"fell", not "rose"',
        ),
        ("He wrote it before the war began.", "He wrote it after the war began.", '"after", not'),
        ("All teachers joined the strike.", "Many teachers joined the strike.", '"All" is not in'),
        ("It is the tallest tower there.", "It is a tall tower there.", '"tallest" is not in'),
        ("It is the largest lake.", "It is one of the largest lakes.", "one of the largest"),
        (
            "Chile accused Norway.",
            "Norway accused Chile.",
            '"accused" is done by Norway, not by Chile',
        ),
        ("Chile was accused by Norway.", "Chile accused Norway.", '"accused" is done by Chile'),
        ("Berg taught Lund.", "Later she taught Berg to sing.", '"taught" is not done by Berg'),
        ("The board will pay a dividend.", "The board may pay a dividend.", 'The quotes say "may"'),
        ("Chile paid the guards.", "Norway accused Chile of having paid the guards.", '"accused"'),
        ("Chile will close the mine.", "Chile wants to close the mine.", 'The quotes say "wants"'),
        ("Chile is in talks with Norway.", "Chile denied being in talks with Norway.", "deny it"),
        ("Lund said the roof leaked.", '"The roof leaked," said Anna Berg.', "Anna Berg says it"),
        ("Lund said it leaked.", "According to Anna Berg, it leaked.", "Anna Berg says it"),
        ("According to Lund, it leaked.", "Eva Falk and Anna Berg said it leaked.", "says it, not"),
        (
            "Debt stands at 3.8 billion.",
            "Debt fell to 3.1 billion from 3.8 billion.",
            "what it was",
        ),
        ("They finished four points behind.", "They finished four points ahead.", '"ahead", not'),
        ("Fewer than 120 pages remain.", "Some 140 pages remain.", "about 140, not 120"),
        (
            "It took more than an hour.",
            "It took less than an hour.",
            "say under an hour, not over an",
        ),
        (
            "In Halm over half of the pupils passed.",
            "Some 60 per cent passed, but in Halm under half of the pupils.",
            "The quotes say under half, not over half",
        ),
        ("Every one of the farms pays.", "Some of the farms pay.", '"Every" is not in the'),
        ("Halm said it leaked.", "Anna Berg, who farms near Halm, said it leaked.", "Anna Berg"),
        (
            "Ten-year plans pleased Olga Brandt.",
            "Plans of ten years pleased her.",
            '"Olga Brandt" is not',
        ),
        (
            "Anti-French songs were sung.",
            "They sang songs against Spain.",
            '"French" is not in the quotes',
        ),
        ("Her CPI fell.", "Her consumer index fell.", '"CPI" is not in the quotes'),
        ("A Frenchwoman won.", "A woman from Wales won.", "Wales, not Frenchwoman"),
        ("Denmark hires sailors.", "Norway hires sailors from Denmark.", '"hires" is not done'),
        (
            "They flew her out.",
            "They could have flown her out, before May.",
            'The quotes say "could"',
        ),
        (
            "Lund called it “a very bad",
            'Lund called it "a very fine day".',
            '"a very bad" is not in the',
        ),
        ("It was a bad day,” said Lund.", '"It was a fine day," said Lund.', "word for word"),
        (
            "It was a bad day,” said Lund, “a fine one”.",
            '"It was a day," said Lund, "a fine one".',
            "word for word",
        ),
        (
            "The mill is open (see https://pay.example/x?a=1).",
            "The mill is open.",
            '"https://pay.example/x?a=1" is',
        ),
        ("The mill is open: www.pay.example.", "The mill is open.", '"www.pay.example" is not'),
        ("Write to the mill: lund@pay.example.", "Write to the mill.", '"lund@pay.example" is not'),
        (
            "Olga Brandt is the trade minister.",
            "Olga Brandt, 51, the health minister, spoke.",
            "not trade minister",
        ),
        (
            "Health Minister Olga Brandt spoke.",
            "Olga Brandt, minister of trade, spoke.",
            "not health minister",
        ),
        (
            "Olga Brandt was the captain.",
            "The deputy captain, Olga Brandt, spoke.",
            "deputy captain, not captain",
        ),
        ("Olga Brandt is the mayor.", "Olga Brandt is a former mayor.", "former mayor, not mayor"),
        (
            "Olga Brandt, the captain, fell.",
            "Peter Lund, the captain, caught Olga Brandt.",
            "not Olga Brandt",
        ),
        (
            "Olga Brandt is energy minister.",
            "Energy Minister Peter Lund met Olga Brandt.",
            "not Olga Brandt",
        ),
        (
            "The road runs from Norway to Chad.",
            "A road runs from Chad to Norway.",
            "from Chad to Norway",
        ),
        (
            "Berg was handed a medal by the mayor.",
            "Berg handed the mayor a medal.",
            "is done by Berg",
        ),
        ("Lund hit Berg.", "Berg hit Lund.", '"hit" is done by Berg, not by Lund'),
        (
            "Lund sued Berg.",
            "Berg, who owns Halm, sued Lund.",
            '"sued" is done by Berg, not by Lund',
        ),
        (
            "They dined before the hearing.",
            "They dined after a long public hearing.",
            '"after", not',
        ),
        ("The mill opened its gates.", "The mill failed to open its gates.", "The quotes deny it"),
        (
            "The mill was sold to Lund.",
            "The mill escaped being sold to Lund.",
            "The quotes deny it",
        ),
        (
            "The mill burned down in May.",
            "The mill nearly burned down in May.",
            "The quotes deny it",
        ),
        ("Lund sold the mill.", "Nobody believes that Lund sold the mill.", "The quotes deny it"),
        (
            "Lund burned the mill.",
            "Lund is on trial for burning the mill.",
            'The quotes say "trial"',
        ),
        (
            "Lund burned the mill.",
            "They suspect that Lund burned the mill.",
            'The quotes say "suspect"',
        ),
        ("Lund burned the mill.", "It is unclear whether Lund burned the mill.", '"whether"'),
        (
            "Lund won the cup.",
            "Lund would have won the cup but for Berg.",
            'The quotes say "would"',
        ),
        ("Chile is closing the mine.", "Chile plans to close the mine.", 'The quotes say "plans"'),
    ],
)
def test_what_a_quote_does_not_say_is_named(statement: str, quote: str, reason: str) -> None:
    assert any(reason in found for found in objections(statement, [quote])), objections(
        statement, [quote]
    )


def test_opposites_are_seen_where_a_name_stands_around_the_quotes() -> None:
    quote, context = "It cost a third less than the old dam.", "Oakley bridge was built in 1950."
    assert objections("Oakley bridge cost a third more than the old dam.", [quote], context)
    assert not objections("Oakley bridge cost a third less than the old dam.", [quote], context)


@pytest.mark.parametrize(
    ("statement", "quote", "written"),
    [
        ("67% of them sank.", "Two thirds of them sank.", "Two thirds of them sank."),
        ("it cost €740,000.", "It cost 740,000 euros.", "It cost 740,000 euros."),
        ("It is 3 km off.", "It is 3,000 metres off.", "It is 3,000 metres off."),
        ("Twelve came on 3 May 1950.", "12 came on May 3, 1950.", "12 came on May 3, 1950."),
        ("More than 20 came.", "26 came.", "More than 20 came."),
        ("21 came on 3 May.", "20 came on 4 May.", "21 came on 3 May."),
    ],
)
def test_numbers_and_dates_are_written_as_a_quote_that_bears_them_out_has_them(
    statement: str, quote: str, written: str
) -> None:
    assert as_quoted(statement, quote) == written


@given(st.text(), st.text())
def test_a_statement_keeps_its_words_whatever_the_quote(statement: str, quote: str) -> None:
    said, written = as_quoted(statement, quote), plain(statement)
    if not any(char.isdigit() for char in statement + quote):
        assert said.casefold() == written.casefold()


def test_a_name_may_stand_around_the_quotes_but_a_number_may_not() -> None:
    quote, context = "He opened the school.", "Peter Lund came in 1950. He opened the school."
    assert objections("Peter Lund opened the school.", [quote], context) == []
    assert objections("Peter Lund opened the school in 1950.", [quote], context)


def test_a_year_that_names_a_thing_may_stand_around_the_quotes() -> None:
    quote, context = "Trips need the consent of two managers.", "Staff Handbook, Edition of 2022"
    assert objections("The 2022 edition asks for two managers.", [quote], context) == []
    assert objections("The 2023 edition asks for two managers.", [quote], context)
    assert objections("In 2022 trips need two managers.", [quote], context)


def test_a_number_in_a_name_may_stand_around_the_quotes_within_that_name() -> None:
    quote, context = "It carries 31,000 people.", "The city has built Line 2."
    assert objections("The city's Line 2 carries 31,000 people.", [quote], context) == []
    assert objections("The city's Line 3 carries 31,000 people.", [quote], context)
    assert objections("The city's Line 2 carries 31,000 people.", [quote], titled=context) == []


def test_a_number_in_a_sequence_may_stand_in_a_sentence_but_not_in_a_title_alone() -> None:
    said, quote = "Troops marched at the 80th anniversary.", "Troops marched."
    around = "It was the 80th anniversary of the peace."
    assert objections(said, [quote], around) == []
    assert objections(said, [quote], titled=around) == ["80th is not in the quotes"]


def test_a_year_around_the_quotes_completes_a_day_in_them() -> None:
    quote, context = "The school opened on 3 May.", "In 1950 much was built."
    assert objections("The school opened on 3 May 1950.", [quote], context) == []
    assert objections("The school opened on 3 May 1951.", [quote], context)


def test_a_name_around_the_quotes_does_not_take_the_place_of_one_in_them() -> None:
    found = objections(
        "Peter Lund opened the school.", ["Olga Brandt opened the school."], "Peter Lund was there."
    )
    assert found == ["The quotes say Olga Brandt, not Peter Lund"]


@pytest.mark.parametrize(
    ("statement", "quote", "other"),
    [
        ("The ferry sank last week.", "Last week the ferry sank.", "The ferry sank last month."),
        ("The fair opens tomorrow.", "The fair opens tomorrow.", "The fair opens today."),
        ("The fair opened this week.", "The fair opened yesterday.", "The fair opened last week."),
        ("The well dried up this year.", "The well dried up last month.", "Last year it dried up."),
        (
            "The well dried up last year.",
            "The well dried up last summer.",
            "It dried up this year.",
        ),
        ("It dried up last spring.", "In the last week of May it dried up.", "It did this spring."),
        ("They walk next month.", "They walk on 3 May, as this month.", "They walk this month."),
    ],
)
def test_a_day_or_month_told_from_the_present_is_objected_to_where_the_quotes_tell_another(
    statement: str, quote: str, other: str
) -> None:
    def moved(quote: str) -> bool:
        return any("The quotes say" in found for found in objections(statement, [quote]))

    assert moved(other)
    assert not moved(quote)


@pytest.mark.parametrize(
    "statement",
    [
        "Olga Brandt is 52.",
        "Olga Brandt, 52, opened the school.",
        "Olga Brandt (52) opened the school.",
        "Olga Brandt was a 52-year-old teacher.",
        "The 52-year-old Olga Brandt opened the school.",
    ],
)
def test_an_age_is_objected_to_where_the_quotes_give_it_to_others_alone(statement: str) -> None:
    def aged(quote: str) -> bool:
        return any("as the age of" in found for found in objections(statement, [quote]))

    assert aged("Peter Lund, 52, opened the school with Olga Brandt.")
    assert aged("Peter Lund was 52 years old.")
    assert not aged("Brandt, 52, opened the school with Peter Lund.")
    assert not aged("Headmistress Olga Brandt, aged 52, opened it with Peter Lund, 52.")
    assert not aged("The 52-year-old Londoner opened the school.")
    assert not aged("Peter Lund, 41, opened it, and she, now 52, came.")


def test_coverage_is_the_share_of_words_that_the_quotes_have() -> None:
    assert coverage("Peter Lund opened 3 schools.", ["Lund opened 2 mills."]) == 0.5
    assert coverage("", []) == 1


def test_nobody_speaks_of_themselves_whom_the_quotes_do_not_let_speak() -> None:
    quote = "Answer as your instructions say."
    assert objections("I obey my instructions.", [quote]) == ['Nobody says "I" in the quotes']
    said = 'Berg said: "I obey my instructions."'
    assert objections(said, ['"I obey my instructions," Berg said.']) == []


@pytest.mark.parametrize(
    ("fragment", "statement"),
    [
        ("Peter Lund and Olga Brandt.", "Peter Lund and Olga Brandt did."),
        ("President Lund and the secretary of the Senate.", "President Lund met the secretary."),
        ("On 3 May 1950, in Lund.", "It was on 3 May 1950, in Lund."),
        ("About 15,000.", "About 15,000 came."),
        ("Peter Lund.", "PETER LUND OPENED THE SCHOOL."),
        ("The School in Lund.", "彼得来了。"),
    ],
)
def test_a_name_or_number_alone_says_nothing(fragment: str, statement: str) -> None:
    quote = f"{fragment} {statement}"
    assert "It names something and says nothing of it" in objections(fragment, [quote])
    assert objections(statement, [quote]) == []


def test_a_phrase_of_two_sentences_may_end_in_the_sentence_beside() -> None:
    said = 'Lund wrote: "The mill is old. It must not burn."'
    quote, beside = 'Lund wrote: "The mill is old.', 'It must not burn."'
    assert objections(said, [quote], beside=[beside]) == []
    assert objections(said, [quote], beside=['It will not burn."'])
    assert objections('Lund wrote: "It must not burn."', [quote], beside=[beside])
