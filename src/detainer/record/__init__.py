"""The record: events, and what they add up to. Pure: no database, no framework, no clock of its own.

Its rooms, each standing on those before it:

    when         an instant or an uncertain date (EDTF) as an interval of UTC instants
    plain        what a text and a JSON object of the record may hold
    said         the words that payloads are built from: bounded texts, closed lists, the papers of a request
    kinds        the kinds of event of the three streams (stay, request, file), each with its payload
    forms        what the form of a request can carry, and where a request contradicts its form
    canonical    the one way to write JSON that is hashed
    event        one event, its hash, the chain; what was known at a time; what stands after corrections
    correction   whether a correction may stand
    lifecycle    state x event -> state of the three streams, as one table
    account      whose word an event is, and whether the agency that did it confirms it
    standing     the events of a stream that count, and those of the custodian who has the request now
    outcome      how a request ended, from its events alone; what became of each of its asks
    views        a request, a stay, a file as their events tell them
"""
