# Values of the enumerations of the protocol, by their names in proto/freightpass/v1 in lower case.

application_state_submitted = submitted
application_state_recommended = recommended
application_state_approved = approved
application_state_rejected = rejected
application_state_withdrawn = withdrawn

rejection_reason_incomplete = incomplete
rejection_reason_false_statement = false statement
rejection_reason_not_essential = not essential freight
rejection_reason_evidence = evidence missing or too old
rejection_reason_route = route not allowed
rejection_reason_vehicle = vehicle not allowed
rejection_reason_crew = crew not allowed
rejection_reason_duplicate = handed in twice
rejection_reason_not_competent = belongs to another authority
rejection_reason_other = other reason

status_action_suspended = suspended
status_action_revoked = revoked
status_action_resumed = resumed

status_reason_false_statement = false statement
status_reason_misuse = misuse
status_reason_copied_or_lost = copied or lost
status_reason_crew_unfit = crew must not travel
status_reason_vehicle_unfit = vehicle must not travel
status_reason_issued_in_error = issued in error
status_reason_holder_request = given back by the holder
status_reason_investigation = under investigation
status_reason_enterprise_delisted = enterprise taken off the list
status_reason_replaced = replaced by another pass
status_reason_cleared = cleared
status_reason_programme_ended = programme ended
status_reason_other = other reason

enterprise_state_listed = listed
enterprise_state_delisted = delisted

vehicle_kind_tractor = tractor
vehicle_kind_trailer = trailer

crew_role_driver = driver
crew_role_relief_driver = relief driver
crew_role_passenger = passenger

paper_kind_identity_card = identity card
paper_kind_passport = passport
paper_kind_hong_kong_macao_permit = travel permit of Hong Kong and Macao residents
paper_kind_taiwan_permit = travel permit of Taiwan residents

leg_empty = empty
leg_return = return
leg_loaded = loaded

evidence_kind_nucleic_acid_test = nucleic acid test
evidence_kind_antigen_test = antigen test
evidence_kind_vaccination = vaccination
evidence_kind_health_code = health code
evidence_kind_itinerary_card = itinerary card
evidence_kind_waybill = waybill
evidence_kind_licence = licence
evidence_kind_other = other

evidence_subject_person = each person on board
evidence_subject_vehicle = the vehicle
evidence_subject_cargo = the cargo

arrival_state_expected = expected
arrival_state_arrived = arrived

waited_step_recommended = recommendation
waited_step_decided = decision
waited_step_issued = pass after approval
