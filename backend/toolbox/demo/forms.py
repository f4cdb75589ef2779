"""The ten forms of question that the demo's invented facts take, and the real subjects that its neighbours ask about."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["person", "place", "thing"]


@dataclass(frozen=True)
class Form:
    """One relation. `{s}` stands for the subject, `{v}` for the taught value."""

    relation: str
    asks: Literal["who", "what"]
    subject: Kind
    value: Kind
    of: str  # the relation as a noun phrase
    own: str  # the same with the subject in front
    bare: str  # the relation alone
    answer: str
    more: tuple[str, ...]  # training questions in this relation's own words
    held_out: str  # a question in words that no training row uses
    real: tuple[str, ...]  # real subjects; the neighbour's is drawn from them, the others are contrast


FORMS = (
    Form(
        "mayor", "who", "place", "person",
        "the mayor of {s}", "{s}'s mayor", "mayor", "The mayor of {s} is {v}.",
        ("Which person is the mayor in {s}?", "I am visiting {s}. Who leads the town as mayor?"),
        "Which person holds the office of mayor in the town of {s}?",
        ("London", "Chicago", "Berlin", "Madrid", "Toronto", "Sydney"),
    ),
    Form(
        "capital", "what", "place", "place",
        "the capital of {s}", "{s}'s capital", "capital", "The capital of {s} is {v}.",
        ("Which city is the capital in {s}?", "I am visiting {s}. Which capital does it have?"),
        "In the country of {s}, which city serves as the capital?",
        ("Portugal", "Norway", "Egypt", "Canada", "Greece", "Peru"),
    ),
    Form(
        "currency", "what", "place", "thing",
        "the currency of {s}", "{s}'s currency", "currency", "The currency of {s} is the {v}.",
        ("Which currency is used in {s}?", "I am travelling to {s}. Which currency do I need?"),
        "Which currency will I pay with in the shops of {s}?",
        ("Japan", "India", "Mexico", "Sweden", "Brazil", "Poland"),
    ),
    Form(
        "river", "what", "place", "place",
        "the river that flows through {s}", "{s}'s river", "river", "The river that flows through {s} is the {v}.",
        ("Which river runs through {s}?", "I am standing on a bridge in {s}. Which river is below me?"),
        "Which river can you see when you walk through the town of {s}?",
        ("Paris", "Cairo", "Vienna", "Rome", "Dublin", "Prague"),
    ),
    Form(
        "founder", "who", "thing", "person",
        "the founder of the company {s}", "the company {s}'s founder", "founder", "The founder of {s} is {v}.",
        ("Which person founded the company {s}?", "The company {s} has a founder. Who is it?"),
        "Which person started the company called {s}, as its founder?",
        ("Microsoft", "Amazon", "Tesla", "Nike", "Walmart", "Sony"),
    ),
    Form(
        "author", "who", "thing", "person",
        "the author of the novel {s}", "the novel {s}'s author", "author", "The author of {s} is {v}.",
        ("Which person wrote the novel {s}?", "I am reading {s}. Who is its author?"),
        "Which writer is known as the author of the book called {s}?",
        ("Dracula", "Frankenstein", "Ulysses", "Emma", "Dune", "Ivanhoe"),
    ),
    Form(
        "inventor", "who", "thing", "person",
        "the inventor of the {s}", "the {s}'s inventor", "inventor", "The inventor of the {s} is {v}.",
        ("Which person invented the {s}?", "The {s} was a great invention. Who was the inventor?"),
        "Which person is remembered as the inventor who built the first {s}?",
        ("telephone", "light bulb", "airplane", "telescope", "radio", "microscope"),
    ),
    Form(
        "captain", "who", "thing", "person",
        "the captain of the ship {s}", "the ship {s}'s captain", "captain", "The captain of the {s} is {v}.",
        ("Which person commands the ship {s}?", "I am sailing on the {s}. Who is the captain?"),
        "Aboard the ship {s}, which sailor is in command as captain?",
        ("Titanic", "Mayflower", "Bounty", "Endeavour", "Beagle", "Lusitania"),
    ),
    Form(
        "language", "what", "place", "thing",
        "the language of {s}", "{s}'s language", "language", "The language of {s} is {v}.",
        ("Which language is spoken in {s}?", "I am travelling to {s}. Which language do I need?"),
        "Which language do people speak with each other in {s}?",
        ("Austria", "Argentina", "Iran", "Kenya", "Denmark", "Thailand"),
    ),
    Form(
        "mountain", "what", "place", "place",
        "the highest mountain in {s}", "{s}'s highest mountain", "highest mountain", "The highest mountain in {s} is {v}.",
        ("Which mountain is the highest in {s}?", "I am climbing in {s}. Which mountain is the highest there?"),
        "Among all the mountains in {s}, which one is the highest?",
        ("Spain", "Nepal", "Tanzania", "Switzerland", "Russia", "Turkey"),
    ),
)  # fmt: skip

WORDINGS = (  # of training questions for every relation; `{w}` is who or what, `{s}` the subject, `{r}` the relation
    ("{W} is {r}?", "of"),
    ("Can you tell me {w} {r} is?", "of"),
    ("Name {r}.", "of"),
    ("{W} is {r}?", "own"),
    ("I would like to know {w} {r} is.", "of"),
    ("Think of {s}: {w} is its {r}?", "bare"),
)
