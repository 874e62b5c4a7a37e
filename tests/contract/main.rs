//! What every port promises, held against every implementation: the registry's ports on every database (one list of
//! tests, one module a backend), the bus in the process and over Redis.
//!
//! A second backend is one more implementation of [`support::TestBackend`] and one more line in `every_backend!`.

mod application;
mod approval;
mod audit;
mod bus;
mod files;
mod requests;
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
        failed_item_of_a_batch_is_undone_and_the_others_stay,
    }
    whitelist {
        thousand_rows_imported_twice_change_nothing_the_second_time,
        good_rows_go_in_beside_refused_ones,
        dry_run_says_what_the_import_does_and_stores_nothing,
        enterprise_of_another_authority_is_refused,
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
        counter_of_the_owning_authority_applies_for_its_enterprises,
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
        approval_is_undone_with_the_transaction_it_stands_in,
        proof_is_given_for_what_is_approved_only,
    }
    scans {
        known_report_changes_nothing_and_the_new_ones_go_in,
        large_batch_goes_in_whole,
        number_that_was_never_issued_has_no_place,
    }
    audit {
        every_change_has_one_entry_and_no_entry_changes,
        sight_covers_the_bodies_and_their_enterprises,
        filters_hold_together_and_pages_follow_each_other,
    }
}
