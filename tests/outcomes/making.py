"""Small seeded tables that look like the released ones, with the truth beside them. Nobody in them is real.

`make_tables` writes the Deportation Data Project's parquet; `made_tables` gives them as rows in memory, which
`layout_making.py` writes in the layouts of the releases. Facility codes and names are real places; how each treats detainers
here is drawn by lot and says nothing about the place.
"""

import datetime as dt
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

RELEASE = "2099-ICLI-00001"
FIRST_DAY, LAST_DAY = dt.date(2023, 10, 1), dt.date(2025, 9, 30)

# code, name as detainers write it, city, state, area (None as in a fifth of the rows)
FACILITIES = (
    ("SUFFOMA", "SUFFOLK HOC SBAY", "BOSTON", "MASSACHUSETTS", "Boston Area of Responsibility"),
    ("SUFFONY", "SUFFOLK CO.CORREC FAC", "RIVERHEAD", "NEW YORK", "New York City Area of Responsibility"),
    ("FRANKPA", "FRANKLIN COUNTY JAIL", "CHAMBERSBURG", "PENNSYLVANIA", None),
    ("FRACONY", "FRANKLIN COUNTY JAIL", "MALONE", "NEW YORK", "Buffalo Area of Responsibility"),
    ("BUCKSPA", "BUCKS COUNTY JAIL (PENNSYLVANIA)", "DOYLESTOWN", "PENNSYLVANIA", "Philadelphia Area of Responsibility"),
    ("TRAVITX", "TRAVIS COUNTY JAIL", "AUSTIN", "TEXAS", "San Antonio Area of Responsibility"),
    ("KINCOWA", "KING COUNTY ADULT JAIL", "SEATTLE", "WASHINGTON", "Seattle Area of Responsibility"),
    ("MNCFSTC", "MINN.C.F.,ST.CLOUD", "ST. CLOUD", "MINNESOTA", "St. Paul Area of Responsibility"),
    ("ZNOWHERE", "SYNTHETIC COUNTY JAIL", "NOWHERE", None, None),
)

# what really happened: share, and how it is reported (lift reason or blank, with weights)
TRUTHS: dict[str, tuple[int, tuple[tuple[str | None, int], ...]]] = {
    "handed_over": (42, (("Booked into Detention", 80), (None, 17), ("Case Closed", 3))),
    "declined": (18, (("Detainer Declined by LEA", 75), (None, 20), ("Lifted", 5))),
    "released": (
        14,
        (
            ("No longer in State, Local, or Federal Custody", 50),
            ("Early Release", 10),
            (None, 35),
            ("Detainer Declined by LEA", 5),
        ),
    ),
    "lifted": (8, (("Lifted", 40), ("Prosecutorial Discretion", 20), ("Case Closed", 30), ("Lifted - Lack of Space", 10))),
    "not_removable": (4, (("Noncitizen Not Amenable to Removal", 60), ("Not Amenable to Removal", 40))),
    "citizen": (2, (("USC or Presumptive Claim to US Citizenship", 80), (None, 20))),
    "moved": (3, (("Transferred", 70), (None, 30))),
    "died": (1, (("Died", 100),)),
    "superseded": (3, (("Superseding - New Form Issued", 100),)),
    "open": (5, ((None, 100),)),
}

DETAINERS = pa.schema(
    [
        ("detainer_prepare_date", pa.date32()),
        ("facility_state", pa.string()),
        ("facility_aor", pa.string()),
        ("departure_country", pa.string()),
        ("departed_date", pa.date32()),
        ("case_status", pa.string()),
        ("detainer_prepared_criminality", pa.string()),
        ("detention_facility", pa.string()),
        ("detention_facility_code", pa.string()),
        ("facility_city", pa.string()),
        ("detainer_prep_threat_level", pa.string()),
        ("gender", pa.string()),
        ("citizenship_country", pa.string()),
        ("birth_country", pa.string()),
        ("birth_year", pa.int32()),
        ("entry_status", pa.string()),
        ("most_serious_conviction_charge", pa.string()),
        ("msc_sentence_days", pa.float64()),
        ("msc_sentence_months", pa.float64()),
        ("msc_sentence_years", pa.float64()),
        ("msc_charge_code", pa.string()),
        ("msc_charge_date", pa.date32()),
        ("felon", pa.string()),
        ("processing_disposition", pa.string()),
        ("case_category", pa.string()),
        ("apprehension_method", pa.string()),
        ("final_order_yes_no", pa.string()),
        ("final_order_date", pa.date32()),
        ("apprehension_date", pa.timestamp("us", tz="UTC")),
        ("entry_date", pa.date32()),
        ("deportation_ordered_yes_no", pa.string()),
        ("order_show_cause_served_yes_no", pa.string()),
        ("biometric_match_yes_no", pa.string()),
        ("statements_made_yes_no", pa.string()),
        ("federal_interest_yes_no", pa.string()),
        ("resume_custody_yes_no", pa.string()),
        ("detainer_lift_reason", pa.string()),
        ("detainer_lift_reason_code", pa.string()),
        ("detainer_type", pa.string()),
        ("tod_current_duty_site", pa.string()),
        ("unique_identifier", pa.string()),
        ("duplicate_likely", pa.bool_()),
        ("file_original", pa.string()),
        ("sheet_original", pa.string()),
        ("row_original", pa.int32()),
    ]
)
ARRESTS = pa.schema(
    [
        ("apprehension_date", pa.date32()),
        ("apprehension_type", pa.string()),
        ("apprehension_state_filled_in", pa.string()),
        ("apprehension_aor", pa.string()),
        ("final_program", pa.string()),
        ("apprehension_method", pa.string()),
        ("apprehension_criminality", pa.string()),
        ("case_status", pa.string()),
        ("birth_year", pa.int32()),
        ("citizenship_country", pa.string()),
        ("gender", pa.string()),
        ("apprehension_site_landmark", pa.string()),
        ("unique_identifier", pa.string()),
        ("apprehension_date_time", pa.timestamp("us", tz="UTC")),
        ("file_original", pa.string()),
        ("sheet_original", pa.string()),
        ("row_original", pa.int32()),
    ]
)
DETENTIONS = pa.schema(
    [
        ("stay_book_in_date_time", pa.timestamp("us", tz="UTC")),
        ("book_in_date_time", pa.timestamp("us", tz="UTC")),
        ("detention_facility", pa.string()),
        ("book_out_date_time", pa.timestamp("us", tz="UTC")),
        ("stay_book_out_date_time", pa.timestamp("us", tz="UTC")),
        ("detention_release_reason", pa.string()),
        ("stay_release_reason", pa.string()),
        ("gender", pa.string()),
        ("citizenship_country", pa.string()),
        ("bond_posted_amount", pa.float64()),
        ("detention_facility_code", pa.string()),
        ("birth_year", pa.int32()),
        ("book_in_criminality", pa.string()),
        ("unique_identifier", pa.string()),
        ("stay_ID", pa.string()),
        ("stint_ID", pa.string()),
        ("file_original", pa.string()),
        ("sheet_original", pa.string()),
        ("row_original", pa.int32()),
    ]
)
TRUTH = pa.schema(
    [
        ("row_original", pa.int32()),
        ("person", pa.string()),
        ("outcome", pa.string()),
        ("arrest_days", pa.int32()),
        ("book_in_days", pa.int32()),
        ("identifier_missing", pa.bool_()),
        ("duplicate_of_row", pa.int32()),
    ]
)
SCHEMAS = {"detainers": DETAINERS, "arrests": ARRESTS, "detentions": DETENTIONS, "truth": TRUTH}

Row = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """Where `make_tables` wrote: the three tables, and `truth`, whose `row_original` is that of the detainers."""

    detainers: Path
    arrests: Path
    detentions: Path
    truth: Path


def make_tables(folder: Path, detainers: int = 200, seed: int = 4, release: str = RELEASE) -> Made:
    """Write detainers.parquet, arrests.parquet, detentions.parquet into the folder, and truth/detainers.parquet."""
    made = made_tables(detainers, seed, release)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.parquet" for name in ("detainers", "arrests", "detentions")}
    paths["truth"] = folder / "truth" / "detainers.parquet"
    for name, path in paths.items():
        pq.write_table(pa.Table.from_pylist(made[name], schema=SCHEMAS[name]), path, compression="zstd")
    return Made(**paths)


def made_tables(detainers: int = 200, seed: int = 4, release: str = RELEASE) -> dict[str, list[Row]]:
    """Return the rows of detainers, arrests, detentions and truth; the same for the same numbers, on every machine.

    About one in eight has no identifier, one in twelve is an exact copy of the row before, one in twenty has text in other
    case or with doubled blanks, some have the text "NA"; a tenth of the declined are arrested at large later.
    """
    lot = random.Random(seed)
    rows: list[Row] = []
    arrests: list[Row] = []
    stints: list[Row] = []
    truths: list[Row] = []
    while len(rows) < detainers:
        number = len(rows)
        row, truth, events = _case(lot, f"person-{seed}-{number}", number + 8, release)
        rows.append(row)
        truths.append(truth)
        arrests += events["arrests"]
        stints += events["detentions"]
        if lot.random() < 1 / 12 and len(rows) < detainers:
            rows.append(row | {"row_original": number + 9})
            truths.append(truth | {"row_original": number + 9, "duplicate_of_row": number + 8})
    for table, name in ((arrests, "Arrests"), (stints, "Detentions")):
        for number, row in enumerate(table):
            row.update(_origin(release, name, number + 8))
    return {"detainers": rows, "arrests": arrests, "detentions": stints, "truth": truths}


def _case(lot: random.Random, person: str, row: int, release: str) -> tuple[Row, Row, dict[str, list[Row]]]:
    code, name, city, state, area = lot.choice(FACILITIES)
    day = FIRST_DAY + dt.timedelta(days=lot.randrange((LAST_DAY - FIRST_DAY).days - 30))
    outcome = lot.choices(list(TRUTHS), [share for share, _ in TRUTHS.values()])[0]
    stated = TRUTHS[outcome][1]
    reason = lot.choices([said for said, _ in stated], [weight for _, weight in stated])[0]
    missing = lot.random() < (0.2 if outcome != "handed_over" else 0.06)
    known = {
        "unique_identifier": None if missing else hashlib.sha256(person.encode()).hexdigest()[:40],
        "gender": lot.choices(["Male", "Female", "Unknown"], [88, 11, 1])[0],
        "citizenship_country": lot.choice(["MEXICO", "GUATEMALA", "HONDURAS", "BRAZIL", "CHINA, PEOPLES REPUBLIC OF"]),
        "birth_year": lot.randrange(1950, 2006),
    }
    arrest, book_in = _events(lot, outcome, day)
    ordered = lot.random() < 0.3
    criminality = lot.choice(["1 Convicted Criminal", "2 Pending Criminal Charges", "3 Other Immigration Violator"])
    detainer = known | {
        "detainer_prepare_date": day,
        "facility_state": state,
        "facility_aor": area,
        "case_status": lot.choice(["ACTIVE", "ACTIVE", "8-Excluded/Removed - Inadmissibility", None]),
        "detainer_prepared_criminality": criminality,
        "detention_facility": _noisy(lot, name),
        "detention_facility_code": code,
        "facility_city": _noisy(lot, city),
        "detainer_prep_threat_level": lot.choice(["1", "2", "3", None]),
        "birth_country": known["citizenship_country"],
        "entry_status": lot.choice(["Not  Applicable", "Not  Applicable", "Present Without Admission", "NA", None]),
        "most_serious_conviction_charge": lot.choice(["Driving Under Influence Liquor", "Assault", None]),
        "msc_sentence_months": lot.choice([None, None, 6.0, 24.0]),
        "msc_charge_code": lot.choice(["5404", "0999", None]),
        "msc_charge_date": lot.choice([None, day - dt.timedelta(days=lot.randrange(1, 2000))]),
        "felon": lot.choice(["Not an Aggravated Felon", "Drugs", None]),
        "processing_disposition": lot.choice(["Detainer", "Warrant of Arrest/Notice to Appear", None]),
        "case_category": "[3] Deportable - Administratively Final Order" if ordered else None,
        "final_order_yes_no": "YES" if ordered else lot.choice(["NO", None]),
        "final_order_date": day - dt.timedelta(days=lot.randrange(30, 4000)) if ordered else None,
        "apprehension_date": arrest,
        "deportation_ordered_yes_no": "YES" if ordered else "NO",
        "order_show_cause_served_yes_no": lot.choice(["YES", "NO"]),
        "biometric_match_yes_no": lot.choice(["YES", "NO"]),
        "statements_made_yes_no": lot.choice(["YES", "NO"]),
        "resume_custody_yes_no": lot.choice(["YES", "NO", None]),
        "detainer_lift_reason": reason,
        "detainer_lift_reason_code": {"Booked into Detention": "B", "Detainer Declined by LEA": "A"}.get(reason or ""),
        "detainer_type": "I247A - Immigration Detainer - Immigration Detainer - Notice of Action"
        if day < dt.date(2025, 5, 1)
        else "I247A - Immigration Detainer - Notice of Action (as of May 2025)",
        "tod_current_duty_site": lot.choice(["ERO - Pacific Enforcement Response Center", "BOSTON, MA, DOCKET CONTROL OFFICE"]),
    }
    truth = {
        "row_original": row,
        "person": person,
        "outcome": outcome,
        "arrest_days": None if missing else _days(day, arrest),
        "book_in_days": None if missing else _days(day, book_in),
        "identifier_missing": missing,
        "duplicate_of_row": None,
    }
    events: dict[str, list[Row]] = {"arrests": [], "detentions": []}
    if arrest is not None:
        events["arrests"].append(
            known
            | {
                "apprehension_date": arrest.date(),
                "apprehension_date_time": arrest,
                "apprehension_type": None if day < dt.date(2025, 8, 1) else "Targeted",
                "apprehension_state_filled_in": state,
                "apprehension_aor": area,
                "final_program": "ERO Criminal Alien Program" if outcome == "handed_over" else "Fugitive Operations",
                "apprehension_method": "CAP Local Incarceration" if outcome == "handed_over" else "Located",
                "apprehension_criminality": criminality,
                "case_status": "ACTIVE",
                "apprehension_site_landmark": name,
            }
        )
    if book_in is not None:
        out = book_in + dt.timedelta(days=lot.randrange(1, 60))
        stays = {"stay_book_in_date_time": book_in, "stay_book_out_date_time": out, "stay_release_reason": "Removed"}
        events["detentions"].append(
            known
            | stays
            | {
                "book_in_date_time": book_in,
                "book_out_date_time": out,
                "detention_facility": "SYNTHETIC HOLD ROOM",
                "detention_release_reason": "Removed",
                "detention_facility_code": "ZHOLD",
                "book_in_criminality": criminality,
                "bond_posted_amount": lot.choice([None, 1500.0]),
                "stay_ID": f"{known['unique_identifier']}_{book_in.isoformat()}",
                "stint_ID": f"{known['unique_identifier']}_{book_in.isoformat()}_ZHOLD",
            }
        )
    return detainer | _origin(release, "Detainers", row), truth, events


def _events(lot: random.Random, outcome: str, day: dt.date) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return when ICE arrested and booked the person: after a handover, or at large after a declined or released one."""
    if outcome == "handed_over":
        arrest = _at(lot, day + dt.timedelta(days=lot.choice([0, 1, 2, 5, 30, 200])))
        return (arrest if lot.random() > 0.06 else None), arrest + dt.timedelta(hours=lot.randrange(1, 30))
    if outcome in ("declined", "released") and lot.random() < 0.2:
        arrest = _at(lot, day + dt.timedelta(days=lot.choice([20, 59, 100, 300])))
        return arrest, arrest + dt.timedelta(hours=lot.randrange(1, 30))
    return None, None


def _at(lot: random.Random, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(lot.randrange(24), lot.randrange(60)), dt.UTC)


def _days(day: dt.date, moment: dt.datetime | None) -> int | None:
    return None if moment is None else (moment.date() - day).days


def _noisy(lot: random.Random, text: str) -> str:
    return lot.choice([text.title(), text + " ", text.replace(" ", "  ", 1)]) if lot.random() < 0.05 else text


def _origin(release: str, table: str, row: int) -> Row:
    return {
        "file_original": f"{release}_{table}_FY24_SYNTHETIC.xlsx",
        "sheet_original": "FY2024",
        "row_original": row,
    }


if __name__ == "__main__":
    import sys

    print(json.dumps({name: str(path) for name, path in vars(make_tables(Path(sys.argv[1]))).items()}, indent=1))
