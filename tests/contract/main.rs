//! What every port promises, held against every implementation: the registry's ports on every database (one list of
//! tests, one module a backend), the bus in the process and over Redis.
//!
//! A second backend is one more implementation of [`support::TestBackend`] and one more line in `every_backend!`.

mod application;
mod approval;
mod arrival;
mod audit;
mod bus;
mod files;
mod issuing;
mod killed;
mod pass;
mod privacy;
mod programme;
mod publication;
mod report;
mod requests;
mod revocation;
mod scans;
mod support;
mod trust;
mod whitelist;

#[path = "../support/redis.rs"]
mod redis_server;

/// Makes each test of each room a test of each backend.
macro_rules! every_backend {
    ($($room:ident { $($test:ident),* $(,)? })*) => {
        mod sqlite {
            $(mod $room {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::$room::$test::<crate::support::Embedded>().await;
                })*
            })*
        }
    };
}

every_backend! {
    requests {
        same_request_gets_its_answer_again,
        same_request_with_other_contents_is_refused_and_stores_nothing,
        same_request_of_another_officer_is_another_request,
        fifty_copies_of_one_request_make_one_change,
        caller_who_goes_away_never_leaves_half_a_change,
        failed_item_of_a_batch_is_undone_and_the_others_stay,
    }
    whitelist {
        thousand_rows_imported_twice_change_nothing_the_second_time,
        good_rows_go_in_beside_refused_ones,
        dry_run_says_what_the_import_does_and_stores_nothing,
        enterprise_of_another_authority_is_refused,
        body_that_is_no_authority_takes_no_enterprise_for_its_own,
        wrong_check_digit_needs_a_waiver_that_is_kept_and_audited,
        changed_details_are_written_once_and_raise_the_version,
        delisted_enterprise_is_not_put_back_by_an_import,
        one_person_of_two_enterprises_is_found_in_both,
        filters_hold_together_and_pages_follow_each_other,
        sight_ends_at_the_authority_and_at_the_enterprise,
    }
    application {
        application_comes_back_as_it_was_handed_in,
        good_items_of_a_batch_go_in_and_a_retry_gets_the_same_ones,
        enterprise_unknown_foreign_or_delisted_is_refused,
        tractor_that_is_not_listed_is_refused,
        nobody_but_its_applicant_applies_for_an_enterprise,
        refused_form_goes_in_under_the_same_id_once_it_is_put_right,
        identifiers_ascend_in_the_order_of_the_commits,
        application_keeps_the_contact_that_it_was_handed_in_with,
        enterprise_takes_back_its_own_application_once,
        sight_ends_at_authority_county_and_enterprise,
        filters_hold_together_and_pages_follow_each_other,
    }
    approval {
        county_recommends_what_touches_it_and_nothing_else,
        of_twenty_decisions_at_once_exactly_one_is_made,
        shorter_window_is_kept_and_a_wider_one_changes_nothing,
        another_authority_decides_nothing,
        rejection_keeps_its_reason_and_is_final,
        delisted_enterprise_is_not_approved,
        batch_is_decided_by_item_in_one_transaction,
        batch_under_a_used_request_id_decides_nothing,
        approval_is_undone_with_the_transaction_it_stands_in,
        proof_is_given_for_what_is_approved_only,
    }
    programme {
        rules_take_the_place_of_those_before_and_are_audited_whole,
        rules_are_listed_by_authority_and_programme,
        evidence_is_weighed_at_the_start_that_is_allowed,
        window_that_has_begun_is_weighed_at_the_moment_of_the_decision,
        recommendation_is_waited_for_where_the_rules_ask_for_it,
        batch_decides_what_was_seen_and_refuses_by_item_what_was_changed_since,
    }
    arrival {
        arrival_is_announced_within_the_pass_and_the_last_word_stands,
        first_report_stands_and_a_second_one_is_told_of_it,
        retry_of_a_report_is_told_that_it_was_the_first,
        stopped_pass_brings_no_truck,
        arrivals_are_seen_and_reported_where_the_truck_goes_and_where_its_pass_is_from,
        filters_hold_together_and_pages_follow_each_other,
    }
    report {
        figures_are_those_of_a_clerk_who_writes_everything_down,
        only_the_first_pass_of_an_application_was_waited_for,
    }
    scans {
        known_report_changes_nothing_and_the_new_ones_go_in,
        large_batch_goes_in_whole,
        number_that_was_never_issued_has_no_place,
    }
    pass {
        pass_says_what_was_approved_and_its_signature_holds,
        same_request_gets_the_same_pass_and_no_second_one,
        pass_of_an_application_decided_before_is_issued_later,
        serials_count_by_authority_and_local_day_and_are_never_given_twice,
        batch_goes_on_past_refusals_that_leave_nothing_behind,
        rehearsal_of_a_batch_refuses_as_the_batch_does_and_leaves_nothing_behind,
        overlap_is_refused_with_the_number_of_the_first,
        places_are_leased_in_blocks_for_one_list_and_one_key,
        key_that_does_not_sign_leaves_nothing_behind,
        caller_who_goes_away_leaves_one_pass_or_none_and_a_retry_gets_it,
        pass_is_issued_again_only_after_a_revocation_that_lets_it,
        rules_of_the_trust_list_refuse_by_name,
        filters_hold_together_and_pages_follow_each_other,
        sight_ends_at_the_authority_and_at_the_enterprise,
    }
    revocation {
        fifty_revocations_at_once_make_one_change_and_get_its_seq,
        retry_of_a_revocation_is_told_that_it_was_the_first,
        suspended_pass_goes_on_and_revoked_is_final,
        what_the_caller_may_not_see_is_not_changed,
        expired_pass_is_revoked_while_its_list_is_live,
        enterprise_is_stopped_as_the_dry_run_said,
        amended_pass_takes_the_place_of_the_old_one,
        amended_crew_is_kept_and_found_by_its_papers,
        overlapping_pass_is_replaced_when_asked_to,
        batch_replaces_what_stands_and_never_its_own_items,
        rest_of_a_replaced_keys_lease_is_published_as_revoked,
        filters_hold_together_and_pages_follow_each_other,
    }
    audit {
        every_change_has_one_entry_and_no_entry_changes,
        sight_covers_the_bodies_and_their_enterprises,
        filters_hold_together_and_pages_follow_each_other,
    }
}
