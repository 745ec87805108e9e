"""The published columns as they are listed: for each table the kind, the name and the other titles of every column.

The titles are those of the releases in their original layouts (2007-2015 as NPR holds them, 14-03290, 2019-ICFO-53623,
2023-ICFO-42034, 2024-ICFO-41855, 2025-ICFO-18038, 2025-ICLI-00019, 2026-ICLI-00005 and the mid-2026 files) and of the
Deportation Data Project's cleaned tables, whose names are the names here. `columns` reads the lists.
"""

import datetime as dt
from typing import Final, Literal, NamedTuple, get_args

TableName = Literal["detainers", "arrests", "detentions", "removals", "encounters"]
TABLE_NAMES: Final[tuple[TableName, ...]] = get_args(TableName)


class Listed(NamedTuple):
    """A table: what a row of it is, the column of its day, the columns of which a file must have one, and all its columns.

    A column is a line `kind name = Title | Title`; a line that begins with `|` goes on with the one before.
    """

    name: TableName
    row: str
    day: str
    marks: str
    columns: str


# What is said of some columns besides: the fields of `columns.Column` by name.
FURTHER: Final[dict[str, dict[str, object]]] = {
    "unique_identifier": {"opaque": True},
    "stay_ID": {"opaque": True},
    "stint_ID": {"opaque": True},
    "apprehension_date_time": {"also": "apprehension_date"},
    "projected_release_date": {"ahead": True},
    "detainer_prepare_date": {"since": dt.date(1985, 1, 1)},
    # The project's table of stays has one row for all the facilities of a stay: its first book-in is that of the stay.
    "book_in_date_time": {"since": dt.date(1985, 1, 1), "also": "stay_book_in_date_time"},
    "event_date": {"since": dt.date(1985, 1, 1)},
    "departed_date": {"since": dt.date(1960, 1, 1)},
    "apprehension_date": {"since": dt.date(1960, 1, 1), "also": "apprehension_date_time"},
    "msc_sentence_days": {"unit": "days"},
    "msc_sentence_months": {"unit": "months"},
    "msc_sentence_years": {"unit": "years"},
    "bond_posted_amount": {"unit": "US dollars"},
    "initial_bond_set_amount": {"unit": "US dollars"},
}


_PERSON: Final = """
    text gender = Sex
    text citizenship_country = Citizenship | Country of Citizenship | Citizenship County | Nationality
    text birth_country = Country of Birth | Birth Country PER
    integer birth_year = Year of Birth
"""
_CASE: Final = """
    text case_status =
    text case_category =
    text case_threat_level = RC Threat Level | Removal Threat Level
    text case_criminality =
    yes_no final_order_yes_no = Case Final Order Yes No
    date final_order_date = Case Final Order Date
    date departed_date = Departure Date
    text departure_country = Departed To Country
    text port_of_departure =
    text processing_disposition =
    text processing_disposition_code =
"""
_CONVICTION: Final = """
    number msc_sentence_days = Sentence Days | Detainer Most Serious Conviction Sentence Days
    number msc_sentence_months = Sentence Months | Detainer Most Serious Conviction Sentence Months
    number msc_sentence_years = Sentence Years | Detainer Most Serious Conviction Sentence Years
    date msc_charge_date = Detainer Most Serious Conviction Charge Date | Most Serious Criminal Conviction Charge Date
    date msc_conviction_date = Most Serious Conviction Date | Detainer Most Serious Conviction Conviction Date
        | Most Serious Criminal Conviction Date
    text felon = Aggravated Felon Yes No | Aggravated Felon | Aggravated Felon Type
    date entry_date =
    text entry_status =
"""
_ORIGIN: Final = """
    text unique_identifier = Anonymized Identifier | Anonymized Unique Identifier | Unique ID | Alien Number Unique Identifier
        | Sequence Number/Unique Identifier | Unique Person ID | Unique Subject Identifier
    yes_no duplicate_likely = likely_duplicate | duplicate_possible | dupe_flag_day
    text file_original = file | filename | source_file
    text sheet_original = sheet
    integer row_original = row
"""

LISTED: Final = (
    Listed(
        "detainers",
        "a prepared request",
        "detainer_prepare_date",
        "detainer_lift_reason detainer_type detainer_prepared_criminality detainer_prep_threat_level",
        """
    date detainer_prepare_date = Detainer Prepared Date | Prepare Date | Detainer Prepare Date Time | Detainer Issued Date
        | Detainer Issue Date | Issued Date | Issue Date | Detainer Date | date
    text facility_state = State | Facility ST | Detainer Facility State | Detention Facility State
    text facility_city = City | Detainer Facility City | Detention Facility City
    text facility_county = County | Detainer Facility County | Detention Facility County
    text facility_aor = AOR | Detainer AOR | Area of Responsibility | ICE AOR | Detainer Facility AOR | Detention Facility AOR
    text detention_facility = Detainer Detention Facility | Detainer Facility | det_facility | Facility | Facility Name
        | Detention Facility Name | Detainer Facility Name
    text detention_facility_code = Detainer Detention Facility Code | Detainer Facility Code | Facility Code
    text detainer_type = Detainer Form Type | Type of Detainer | Detainer Form
    text detainer_lift_reason = lift_reason | Detainer Lift Reason Description | Detainer Lifted Reason
    text detainer_lift_reason_code = Lift Reason Code
    text detainer_lift_reason_2 = Detainer Lift Reason2
    text detainer_lift_reason_code_2 = Detainer Lift Reason Code2 | Detainer Lift Reason 2 Code
    date detainer_lift_date = Lift Date | Detainer Lifted Date | Lifted Date
    text detainer_prepared_criminality = Detainer Criminality
    text detainer_prep_threat_level = Detainer Threat Level | Threat Level
    text most_serious_conviction_charge = MSC | MSC Charge | Detainer Most Serious Conviction Charge | MSC NCIC Charge
        | Most Serious NCIC Charge
    text msc_charge_code = Detainer Most Serious Conviction Charge Code
    text arrest_time_case_category = TOA Case Category
    text arrest_time_case_category_code = TOA Case Category Code
    text arrest_time_current_program = TOA Current Program
    text final_program = Program | TOD Final Program | Apprehension Final Program
    text apprehension_method =
    moment apprehension_date =
    yes_no prior_felony_yes_no =
    yes_no multiple_prior_misd_yes_no =
    yes_no violent_misdemeanor_yes_no =
    yes_no illegal_entry_yes_no =
    yes_no illegal_reentry_yes_no =
    yes_no immigration_fraud_yes_no =
    yes_no significant_risk_yes_no =
    yes_no other_removal_reason_yes_no =
    text other_removal_reason =
    yes_no criminal_street_gang_yes_no =
    yes_no aggravated_felony_yes_no =
    yes_no deportation_ordered_yes_no =
    yes_no order_show_cause_served_yes_no =
    date order_show_cause_served_date =
    yes_no biometric_match_yes_no =
    yes_no statements_made_yes_no =
    yes_no unlawful_attempt_yes_no =
    yes_no unlawful_entry_yes_no =
    yes_no visa_yes_no =
    yes_no federal_interest_yes_no = Federal Register Notice Yes No
    yes_no resume_custody_yes_no =
    yes_no active_investigation_yes_no =
    yes_no arrest_warrant_served_yes_no =
    date arrest_warrant_served_date =
    yes_no notify_release_request_yes_no =
    yes_no request_acceptance_yes_no =
    yes_no previous_detainer_cancel_yes_no =
    date projected_release_date =
    text tod_current_duty_site =
    text apprehension_site_landmark = Apprehension Landmark
    text apprehension_aor =
"""
        + _PERSON
        + _CASE
        + _CONVICTION
        + _ORIGIN,
    ),
    Listed(
        "detentions",
        "a stay in one facility",
        "book_in_date_time",
        "book_out_date_time detention_release_reason stay_release_reason detention_facility_code",
        """
    moment stay_book_in_date_time = Stay Book In Date | Initial Book In Date Time
    moment book_in_date_time = Detention Book In Date And Time | Detention Book In Date | Book In Date
        | History Intake Date | History Book In Date And Time
    text detention_facility = History Detention Facility | Detention Facility First
    text detention_facility_code = History Detention Facility Code | Detention Facility Code First
    moment book_out_date_time = Detention Book Out Date Time | Detention Book Out Date | Book Out Date
        | History Book Out Date | History Book Out Date And Time
    moment stay_book_out_date_time = Final Book Out Date Time
    text detention_release_reason = Release Reason | History Release Reason
    date stay_book_out_date =
    text stay_release_reason = Final Release Reason
    text religion =
    text marital_status = Marital
    text ethnicity = Ethnic
    text race =
    yes_no known_terrorist_yes_no =
    yes_no suspected_gang_yes_no =
    text msc_charge = Most Serious Conviction Charge | Charge
    text most_serious_conviction_code = MSC Charge Code | Most Serious Conviction (MSC) Charge Code
    yes_no offense_ina_236c_yes_no =
    yes_no case_ina_236c_yes_no =
    date bond_posted_date =
    number bond_posted_amount =
    text detainee_classification =
    text final_charge =
    number initial_bond_set_amount =
    date initial_bond_set_date =
    text book_in_criminality =
    text final_program = Apprehension Final Program
    text final_program_group = Apprehension Final Program Group
    text msc_criminal_charge_status = Most Serious Conviction Criminal Charge Status
    text msc_criminal_charge_status_code =
    text msc_crime_class = Most Serious Conviction Crime Class
    text book_in_site = Book In DCO | Docket Control Office
    text book_in_aor = Area of Responsibility
    text arresting_agency =
    text apprehension_method =
    date apprehension_date = ERO Apprehension Date
    text apprehension_site_landmark = Apprehension Landmark | ERO Apprehension Landmark
    text stay_ID =
    text stint_ID =
    number initial_bond_set_amount_lowest_seen =
    date initial_bond_set_date_earliest_seen =
    number bond_posted_amount_lowest_seen =
    date bond_posted_date_earliest_seen =
    yes_no duplicate_likely_bond =
    yes_no duplicate_likely_sameday =
    yes_no duplicate_drop_row =
    text city = Detention Facility City
    text state = Detention Facility State Code
    text county = Detention Facility County
"""
        + _PERSON
        + _CASE
        + _CONVICTION
        + _ORIGIN,
    ),
    Listed(
        "encounters",
        "an encounter or a database event",
        "event_date",
        "event_type lead_event_type responsible_aor responsible_site event_landmark encounter_criminality operation",
        """
    date event_date = Encounter Date
    text responsible_aor = Event Area of Responsibility | Area of Responsibility | AOR
    text responsible_site =
    text lead_event_type =
    text lead_source =
    text event_type =
    text final_program =
    text final_program_group =
    text arresting_agency =
    text encounter_criminality =
    text encounter_threat_level =
    text event_landmark = Landmark
    text operation =
    integer fiscal_year =
"""
        + _PERSON
        + _CASE
        + _ORIGIN,
    ),
    Listed(
        "removals",
        "a removal",
        "departed_date",
        "port_of_departure docket_aor case_aor removal_date final_charge_section_code final_charge_code prior_deport_yes_no",
        """
    text docket_aor = Case AOR | Area of Responsibility
    text apprehension_state = State
    text apprehension_county = County
    text msc_ncic_charge = MSC Charge | Most Serious Criminal Conviction
    text msc_ncic_charge_code = MSC Charge Code | Most Serious Criminal Conviction Code
    text msc_criminal_charge_status = Most Serious Criminal Conviction Status
    text msc_criminal_charge_status_code =
    text final_program = Current Program | Removal Program
    text final_program_code = Removal Program Code
    text arresting_agency =
    text case_category_time_of_arrest = TOA Case Category
    text latest_arrest_program_current = Latest Arrest Program | Latest Apprehension Final Program
    text latest_arrest_program_current_code = Latest Arrest Program Code
    moment latest_person_apprehension_date = Latest Arrest Apprehension Date | Latest Apprehension Date
        | Apprehension Date | Arrest Date
    text final_charge_code = Charge Code
    text final_charge_section_code = Final Charge Section | Charge Section Code
    yes_no prior_deport_yes_no = Prior Removal
    date latest_person_departed_date = Most Recent Prior Depart Date
    date removal_date =
    date case_close_date = Case Closed Date
    yes_no known_terrorist_yes_no =
    yes_no suspected_gang_yes_no =
    integer age_at_removal =
    integer fiscal_year =
"""
        + _PERSON
        + _CASE
        + _CONVICTION
        + _ORIGIN,
    ),
    Listed(
        "arrests",
        "an administrative arrest",
        "apprehension_date",
        "apprehension_method apprehension_type apprehension_aor apprehension_site_landmark apprehension_criminality",
        """
    date apprehension_date = Arrest Date
    moment apprehension_date_time =
    text apprehension_type =
    text apprehension_state_filled_in =
    text apprehension_state_original = State | Apprehension State
    text apprehension_county = County
    text apprehension_city = City
    text apprehension_aor = TOA Current Duty AOR | Area of Responsibility | AOR
    text final_program = Apprehension Final Program
    text final_program_group =
    text arresting_agency =
    text arrest_created_by =
    text apprehension_method = Arrest Method
    text apprehension_criminality =
    text apprehension_site_landmark = Apprehension Landmark | Event Landmark | Landmark
    text operation =
    text toa_current_duty_site =
    integer duplicate_episode_identifier =
    yes_no duplicate_episode_first =
    yes_no duplicate_drop_row =
    integer fiscal_year =
"""
        + _PERSON
        + _CASE
        + _ORIGIN,
    ),
)
