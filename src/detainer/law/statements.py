"""Each yes/no fact as a clause of a sentence, said as so and as not so."""

STATEMENTS: dict[str, tuple[str, str]] = {
    "agreement_287g": ("the custodian has a 287(g) agreement", "the custodian has no 287(g) agreement"),
    "acts_under_287g": (
        "the custodian's officers would act under the 287(g) agreement",
        "the custodian's officers would not act under a 287(g) agreement",
    ),
    "officer_certified_287g": ("the officer is certified under 287(g)", "the officer is not certified under 287(g)"),
    "certified_need_287g": (
        "a public-safety need for the 287(g) agreement was certified in writing",
        "no need for the 287(g) agreement was certified",
    ),
    "governor_made_287g": ("the Governor made the 287(g) agreement", "the Governor did not make the 287(g) agreement"),
    "federal_contract": ("the person is held by contract for the federal government", "there is no federal contract"),
    "criminal_alien_program": (
        "the county or city takes part in ICE's Criminal Alien Program",
        "the county or city takes no part in ICE's Criminal Alien Program",
    ),
    "basic_ordering_agreement": (
        "the custodian has an ICE Basic Ordering Agreement",
        "the custodian has no ICE Basic Ordering Agreement",
    ),
    "indemnified": ("the custodian is indemnified", "the custodian is not indemnified"),
    "no_cost": ("it costs the custodian nothing", "it costs the custodian something"),
    "form_complete": ("the form is complete and signed", "the form is incomplete or unsigned"),
    "in_writing": ("the request is in writing", "the request is not in writing"),
    "on_request": ("the requester asked for it", "the requester did not ask for it"),
    "requester_present": (
        "an officer of the requester is present at release",
        "no officer of the requester is present at release",
    ),
    "nonpublic_area": ("it takes place in a non-public area", "it takes place in an area open to the public"),
    "public_information": ("the information is already public", "the information is not public"),
    "requested_by_person": ("the person asked for it", "the person did not ask for it"),
    "written_federal_instruction": (
        "a written federal instruction names the person",
        "no written federal instruction names the person",
    ),
    "counsel_present": (
        "the person's lawyer is present or waived",
        "the person's lawyer is neither present nor waived",
    ),
    "status_undetermined": (
        "the custodian could not determine the person's status",
        "the custodian determined the person's status",
    ),
    "determinate_sentence_served": (
        "the person has served the determinate part of the sentence",
        "the person has not served the determinate part of the sentence",
    ),
    "pickup_confirmed_in_writing": (
        "DHS confirmed in writing that it will take custody on release and deport the person",
        "DHS did not confirm in writing that it will take custody on release and deport the person",
    ),
    "federal_consent": (
        "the federal government consents to take the person earlier",
        "the federal government does not consent to take the person earlier",
    ),
    "federal_criminal_custody": (
        "the person is in federal criminal custody",
        "the person is not in federal criminal custody",
    ),
    "person_named": ("the request names the person", "the request does not name the person"),
    "immigration_crime": (
        "the request concerns a federal crime about immigration status",
        "the request does not concern a federal crime about immigration status",
    ),
    "confidential_information": (
        "some of the information is confidential in state law",
        "none of the information is confidential in state law",
    ),
    "hinders_investigation": ("it would hinder a criminal investigation", "it would hinder no criminal investigation"),
    "exigent": ("life or safety is at risk", "there is no emergency"),
    "required_by_law": ("another law compels it", "no other law compels it"),
    "copy_served": ("the person was given a copy of the request", "the person was given no copy of the request"),
    "warrant_complete": ("the warrant is completed and signed", "the warrant is incomplete or unsigned"),
    "probable_cause_stated": (
        "the request states probable cause of removability",
        "the request states no probable cause of removability",
    ),
    "judicial_probable_cause": (
        "a judge found probable cause of a crime in writing",
        "no judge found probable cause of a crime",
    ),
    "outstanding_federal_felony_warrant": (
        "there is a federal felony warrant for the person",
        "there is no federal felony warrant for the person",
    ),
    "outstanding_warrant": (
        "there is another outstanding criminal warrant for the person",
        "there is no other outstanding criminal warrant for the person",
    ),
    "court_order": ("a court ordered it", "no court ordered it"),
    "judicial_subpoena": ("there is a court's subpoena", "there is no court's subpoena"),
    "judicial_writ": (
        "a judge's writ moves the person to or from federal custody",
        "no judge's writ moves the person to or from federal custody",
    ),
    "judicial_identity_order": (
        "a judicial official ordered the hold after checking identity",
        "no judicial official ordered the hold",
    ),
    "neutral_review": (
        "someone outside the issuing chain reviewed probable cause",
        "no one outside the issuing chain reviewed probable cause",
    ),
    "final_order": ("there is a final order of removal", "there is no final order of removal"),
    "pending_removal_proceedings": (
        "the person is in removal proceedings",
        "the person is not in removal proceedings",
    ),
    "ice_habeas_writ": (
        "a writ is being arranged to bring the person from ICE custody to court",
        "no writ is being arranged to bring the person from ICE custody",
    ),
    "federal_release_order": ("a federal court ordered release", "no federal court ordered release"),
    "likely_to_escape_found": (
        "it was found that the person would likely escape before a warrant can be had",
        "it was not found that the person would likely escape before a warrant can be had",
    ),
    "lawful_status_proved": (
        "the person has shown proof of lawful status",
        "the person has shown no proof of lawful status",
    ),
    "status_verified": (
        "the federal government verified that the person is unlawfully present",
        "the federal government has not verified that the person is unlawfully present",
    ),
    "unlawful_presence_suspected": (
        "there is reason to believe that the person is not lawfully present",
        "there is no reason to believe that the person is not lawfully present",
    ),
    "unlawful_presence_probable_cause": (
        "there is probable cause to believe that the person is not lawfully present",
        "there is no probable cause to believe that the person is not lawfully present",
    ),
    "contradicted": (
        "the custodian has information against removability",
        "the custodian has no information against removability",
    ),
    "contradiction_checked": ("the custodian checked that information", "the custodian did nothing to check it"),
    "previously_removed": ("the person was removed before", "the person was not removed before"),
    "state_prison_sentence": (
        "the person was sentenced to a term in a prison of this state",
        "the person was never sentenced to a term in a prison of this state",
    ),
    "served_five_years_elsewhere": (
        "the person served at least five years of a sentence of five years or more in another state",
        "the person did not serve five years of a sentence of five years or more in another state",
    ),
    "registered_sex_offender": (
        "the person is on a sex offender registry",
        "the person is on no sex offender registry",
    ),
    "terrorist_watchlist": (
        "the person is a match in a terrorist database",
        "the person is no match in a terrorist database",
    ),
    "gang_database": ("the person is a match in a gang database", "the person is no match in a gang database"),
    "consent_in_writing": ("the person consented in writing", "the person did not consent in writing"),
    "rights_explained": ("the person's rights were explained", "the person's rights were not explained"),
    "counsel_notified": ("the person's lawyer was told", "the person's lawyer was not told"),
    "told_and_heard": (
        "the person was told why and could contest it",
        "the person was not told why, or could not contest it",
    ),
    "charged": ("the person is charged with a crime", "the person is not charged with a crime"),
    "lra_described": ("the Laken Riley Act describes the person", "the Laken Riley Act does not describe the person"),
    "arresting_agency": ("the custodian itself arrested the person", "the custodian did not arrest the person"),
    "drug_arrest": (
        "the arrest was for a controlled-substance offence",
        "the arrest was not for a controlled-substance offence",
    ),
    "agency_asked_for_detainer": (
        "the custodian itself asked DHS for the detainer or reported the person",
        "the custodian did not ask DHS for the detainer or report the person",
    ),
    "federal_crime_suspected": (
        "there is reasonable suspicion of a federal crime",
        "there is no reasonable suspicion of a federal crime",
    ),
    "eligible_for_release": (
        "the ground for the custodian's own custody has ended",
        "the custodian's own custody has not ended",
    ),
    "state_charges_resolved": ("the state charges are resolved", "the state charges are not resolved"),
    "possible_and_safe": (
        "the custodian judges it possible and safe",
        "the custodian judges it impossible or unsafe",
    ),
    "undue_burden": ("the custodian judges it an undue burden", "the custodian judges it no undue burden"),
    "facially_sufficient": (
        "the papers are sufficient on their face",
        "the papers are not sufficient on their face",
    ),
    "public_safety_need": ("public safety needs it", "public safety does not need it"),
    "seamless_transfer": (
        "the custodian finds that it makes the transfer seamless",
        "the custodian finds that it does not make the transfer seamless",
    ),
}
