"""Random facts for the property tests."""

from typing import Any

from hypothesis import strategies as st

from detainer.law.facts import CHOICES, FOLLOWS, KINDS

ROUGH_DAYS = ["2017", "2020-02-29", "2024-01", "2024-01-28", "2026-01", "2026-01-28", "2026-01-29"]
offences = st.fixed_dictionaries(
    {},
    optional={
        "offence": st.sampled_from(["robbery", "serious", "theft", "domestic violence"]),
        "class": st.sampled_from(["felony", "misdemeanor"]),
        "statute": st.sampled_from(["Cal. Penal Code 211", "Cal. Penal Code § 211(a)(1)", "Cal. Penal Code 484"]),
        "on": st.sampled_from(ROUGH_DAYS),
        "offence_on": st.sampled_from(ROUGH_DAYS),
        "finding": st.sampled_from(["conviction", "juvenile_adjudication"]),
        "wobbler": st.booleans(),
        "reduced": st.booleans(),
        "probable_cause_found": st.booleans(),
        "punishable_by_state_prison": st.booleans(),
        "days_inside_since": st.sampled_from([0, 400]),
    },
)


def values_of(name: str) -> st.SearchStrategy[Any]:
    kind = KINDS[name]
    table: dict[str, st.SearchStrategy[Any]] = {
        "yes_no": st.booleans(),
        "choice": st.sampled_from(CHOICES.get(name, ("none",))),
        "choices": st.lists(st.sampled_from(CHOICES.get(name, ("none",))), max_size=2),
        "number": st.integers(0, 100),
        "date": st.sampled_from(ROUGH_DAYS),
        "text": st.sampled_from(["PERC", "Chicago", "Boston"]),
        "list": st.lists(offences, max_size=2),
    }
    return table[kind]


def consistent(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts without those that others of them rule out."""
    for name, table in FOLLOWS.items():
        value = facts.get(name)
        words = tuple(str(word) for word in value) if isinstance(value, list) else value
        fact, follows = table.get(words, ("", None))
        if facts.get(fact, follows) != follows:
            facts = {key: value for key, value in facts.items() if key != fact}
    return facts


# What most rules turn on is drawn more often.
_USUAL = ("facility", "warrant", "purpose", "convictions", "pending_charges", "agreement_287g", "final_order", "form")
_names = st.sets(st.sampled_from(_USUAL), max_size=6) | st.sets(st.sampled_from(sorted(KINDS)), max_size=30)
some_facts = (
    st.tuples(_names, _names)
    .flatmap(lambda names: st.fixed_dictionaries({name: values_of(name) for name in sorted(names[0] | names[1])}))
    .map(consistent)
)
