//! The port of passes.

use freightpass::application::{ApplicationStore, State};
use freightpass::approval::Decision;
use freightpass::audit::EntryFilter;
use freightpass::pass::{Order, PassError, PassFilter, PassState, PassStore, Refusal, StatusReason};
use freightpass::revocation::{RevocationStore, Step, Why};
use freightpass::storage::{Backend, PageRequest, StorageError};
use freightpass_core::pass::{Enterprise, UnverifiedPass, decode_text};
use freightpass_core::status::list_of;
use uuid::Uuid;

use crate::issuing::{Office, STATUS_BASE, call_now, later, planned};
use crate::support::{HANGZHOU, NOW, SUZHOU, TestBackend, applicant, chief, everybody, form, sight_of, tractor};

pub async fn pass_says_what_was_approved_and_its_signature_holds<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let number = office.registry.listed(1).await;
    let application = office.submitted(form(1, 1)).await;
    let decision = Decision { end: Some(NOW + 86_400), ..Decision::default() };
    let call = call_now(&office, &chief(SUZHOU), "ApproveApplication");
    let order = Order { application, decision: Some(decision) };
    let issued = office.registry.store.issue(&call, office.issuer.clone(), order).await.unwrap();
    assert_eq!(issued.application.state, State::Approved);
    assert_eq!(issued.replaced, []);
    let pass = issued.pass;
    assert_eq!(pass.number().to_string().rsplit_once('-').unwrap().0, "320500-261201-00001");
    assert_eq!((pass.application, pass.enterprise), (application, number));
    assert_eq!((pass.state, pass.version, pass.reason, pass.replaced_by), (PassState::Issued, 1, None, None));
    let claims = &pass.claims;
    assert_eq!((claims.nbf, claims.exp), (NOW as u32 + 3_600, NOW as u32 + 86_400));
    assert_eq!(claims.iss, SUZHOU);
    assert_eq!(pass.list, list_of(claims.exp.into()));
    assert_eq!(claims.status.uri, format!("{STATUS_BASE}{}", pass.list));
    let subject = &claims.subject;
    assert_eq!((subject.tractor.as_str(), subject.trailer.as_deref()), ("苏E00001", Some("苏E0001挂")));
    assert_eq!(subject.crew[0].tail, "001X");
    // The example's code has a wrong check digit: a pass names it by its number.
    assert_eq!(subject.enterprise, Some(Enterprise::Number(number)));
    // What a driver carries is what the registry keeps.
    let bytes = decode_text(&pass.text()).unwrap();
    assert_eq!(bytes, pass.token);
    let read = UnverifiedPass::read(&bytes).unwrap();
    assert_eq!(&read.unverified_claims().unwrap(), claims);
    let signature: [u8; 64] = bytes[bytes.len() - 64..].try_into().unwrap();
    let message = freightpass_core::pass::Unsigned::new(claims, pass.kid).unwrap().message();
    assert!(office.keys.verifies(pass.kid, &message, &signature));
}

pub async fn same_request_gets_the_same_pass_and_no_second_one<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let application = office.applied(1).await;
    let call = call_now(&office, &chief(SUZHOU), "ApproveApplication");
    let first = office.registry.store.issue(&call, office.issuer.clone(), planned(application)).await.unwrap();
    office.clock.advance(60);
    let again = office.registry.store.issue(&call, office.issuer.clone(), planned(application)).await.unwrap();
    assert_eq!(again, first);
    let other = office.issue(application).await.unwrap_err();
    let found = Refusal::State { found: State::Approved, wanted: State::Approved };
    assert!(matches!(other, PassError::Refused(refusal) if refusal == found));
    let order = Order { application, decision: None };
    let call = call_now(&office, &chief(SUZHOU), "IssuePass");
    let second = office.registry.store.issue(&call, office.issuer.clone(), order).await.unwrap_err();
    let number = first.pass.number();
    assert!(matches!(second, PassError::Refused(Refusal::AlreadyIssued { number: found }) if found == number));
    assert_eq!(listed(&office, &PassFilter::default()).await, [number.to_string()]);
}

pub async fn pass_of_an_application_decided_before_is_issued_later<B: TestBackend>() {
    use freightpass::approval::ApprovalStore;

    let office = Office::open::<B>().await;
    let application = office.applied(1).await;
    let order = Order { application, decision: None };
    let issue = || call_now(&office, &chief(SUZHOU), "IssuePass");
    let early = office.registry.store.issue(&issue(), office.issuer.clone(), order.clone()).await.unwrap_err();
    let found = Refusal::State { found: State::Submitted, wanted: State::Approved };
    assert!(matches!(early, PassError::Refused(refusal) if refusal == found));
    let decide = call_now(&office, &chief(SUZHOU), "ApproveApplication");
    office.registry.store.decide(&decide, application, Decision::default()).await.unwrap();
    office.clock.advance(7_200);
    let pass = office.registry.store.issue(&issue(), office.issuer.clone(), order).await.unwrap().pass;
    // The planned start is an hour ago: nothing is dated back.
    assert_eq!(i64::from(pass.claims.nbf), NOW + 7_200);
}

pub async fn serials_count_by_authority_and_local_day_and_are_never_given_twice<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let mut at_hangzhou = form(3, 3);
    at_hangzhou.authority = HANGZHOU.to_owned();
    let (one, two) = (office.applied(1).await, office.applied(2).await);
    office.registry.listed(3).await;
    let three = office.submitted(at_hangzhou).await;
    assert_eq!(spoken(office.issue(one).await), "320500-261201-00001");
    // A refusal after that gives no number away.
    office.issue(Uuid::now_v7()).await.unwrap_err();
    assert_eq!(spoken(office.issue(two).await), "320500-261201-00002");
    assert_eq!(spoken(office.issue_as(HANGZHOU, three).await), "330100-261201-00001");
    // 2026-12-01 00:00 in Beijing was the start; one second before the next local midnight, and at it.
    office.clock.set(NOW + 86_399);
    let four = office.applied(4).await;
    assert_eq!(spoken(office.issue(four).await), "320500-261201-00003");
    office.clock.set(NOW + 86_400);
    let five = office.applied(5).await;
    assert_eq!(spoken(office.issue(five).await), "320500-261202-00001");
}

pub async fn batch_goes_on_past_refusals_that_leave_nothing_behind<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let (one, two) = (office.applied(1).await, office.applied(2).await);
    let overlapping = office.submitted(form(1, 1)).await;
    let return_leg = office.submitted(later(form(1, 1), 7)).await;
    let mut elsewhere = form(2, 2);
    elsewhere.authority = HANGZHOU.to_owned();
    let elsewhere = office.submitted(elsewhere).await;
    let orders: Vec<_> = [one, overlapping, Uuid::from_u128(9), elsewhere, return_leg, two].map(planned).into();
    let call = call_now(&office, &chief(SUZHOU), "BatchApproveApplications");
    let results = office.registry.store.issue_batch(&call, office.issuer.clone(), orders.clone()).await.unwrap();
    let [first, overlap, unknown, foreign, back, last] = &results[..] else { panic!("{results:?}") };
    let first = first.as_ref().unwrap();
    assert_eq!(overlap, &Err(Refusal::Overlap { number: first.pass.number() }));
    assert_eq!((unknown, foreign), (&Err(Refusal::NoApplication), &Err(Refusal::NoApplication)));
    assert_eq!(back.as_ref().unwrap().pass.number().serial(), 2);
    assert_eq!(last.as_ref().unwrap().pass.number().serial(), 3);
    // The return leg ends a week later: in the next list, where its place is the first.
    let places = [first, back.as_ref().unwrap(), last.as_ref().unwrap()].map(|issued| &issued.pass);
    assert_eq!(places.map(|pass| (pass.list - first.pass.list, pass.claims.status.idx)), [(0, 0), (1, 0), (0, 1)]);
    let refused = office.registry.store.application(&everybody(), overlapping).await.unwrap().unwrap();
    assert_eq!(refused.application.state, State::Submitted);
    let about = EntryFilter { subject: Some(overlapping.to_string()), ..EntryFilter::default() };
    assert_eq!(office.registry.entries(&about).await.len(), 1, "only its submission");
    let again = office.registry.store.issue_batch(&call, office.issuer.clone(), orders).await.unwrap();
    assert_eq!(again, results);
}

pub async fn rehearsal_of_a_batch_refuses_as_the_batch_does_and_leaves_nothing_behind<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let first = office.applied(1).await;
    let overlapping = office.submitted(form(1, 1)).await;
    let orders: Vec<_> = [first, overlapping, Uuid::nil()].into_iter().map(planned).collect();
    let call = call_now(&office, &chief(SUZHOU), "BatchApproveApplications");
    let store = &office.registry.store;
    let rehearsed = store.rehearse_batch(&call, office.issuer.clone(), orders.clone()).await.unwrap();
    assert_eq!(rehearsed[0].as_ref().map(|made| (made.id, made.state)), Ok((first, State::Submitted)));
    assert!(matches!(rehearsed[1], Err(Refusal::Overlap { .. })), "{rehearsed:?}");
    assert_eq!(rehearsed[2], Err(Refusal::NoApplication));
    let passes = store.passes(&everybody(), &PassFilter::default(), &PageRequest::first(9)).await.unwrap();
    assert_eq!(passes.items, []);
    // Under the same request id it is then made, with the first number of the day.
    let made = store.issue_batch(&call, office.issuer.clone(), orders).await.unwrap();
    assert_eq!(made[0].as_ref().unwrap().pass.number().serial(), 1);
    assert_eq!(made[1].as_ref().err(), rehearsed[1].as_ref().err());
    assert_eq!(made[2].as_ref().err(), rehearsed[2].as_ref().err());
}

pub async fn overlap_is_refused_with_the_number_of_the_first<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let first = office.passed(1).await.number();
    let meets = |office: &Office<_>, application| {
        let call = call_now(office, &chief(SUZHOU), "ApproveApplication");
        let (store, issuer) = (office.registry.store.clone(), office.issuer.clone());
        async move {
            match store.issue(&call, issuer, planned(application)).await {
                Ok(issued) => Ok(issued.pass.number()),
                Err(PassError::Refused(Refusal::Overlap { number })) => Err(number),
                Err(other) => panic!("{other}"),
            }
        }
    };
    // The last second of the first, then the second after it.
    let mut touching = later(form(1, 1), 7);
    touching.planned.start -= 1;
    let touching = office.submitted(touching).await;
    assert_eq!(meets(&office, touching).await, Err(first));
    let after = office.submitted(later(form(1, 1), 7)).await;
    meets(&office, after).await.unwrap();
    // Another tractor, the same time.
    office.registry.listed(2).await;
    let other = office.submitted(form(2, 2)).await;
    meets(&office, other).await.unwrap();
}

pub async fn places_are_leased_in_blocks_for_one_list_and_one_key<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let mut orders = Vec::new();
    for n in 1..=300 {
        orders.push(planned(office.applied(n).await));
    }
    let other = {
        let mut form = form(301, 301);
        form.authority = HANGZHOU.to_owned();
        office.registry.listed(301).await;
        office.submitted(form).await
    };
    let batch = |orders: &[Order]| {
        let call = call_now(&office, &chief(SUZHOU), "BatchApproveApplications");
        let (store, issuer, orders) = (office.registry.store.clone(), office.issuer.clone(), orders.to_vec());
        async move {
            let results = store.issue_batch(&call, issuer, orders).await.unwrap();
            results.into_iter().map(|issued| issued.unwrap().pass.claims.status.idx).collect::<Vec<_>>()
        }
    };
    assert!(batch(&orders[..200]).await.into_iter().eq(0..200));
    // Hangzhou signs with another key: the next block. The rest of Suzhou's block is used first, then the block after.
    let issued = office.issue_as(HANGZHOU, other).await.unwrap();
    assert_eq!(issued.pass.claims.status.idx, 256);
    assert!(batch(&orders[200..]).await.into_iter().eq((200..256).chain(512..556)));
}

pub async fn key_that_does_not_sign_leaves_nothing_behind<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let application = office.applied(1).await;
    office.keys.set_signs(false);
    let call = call_now(&office, &chief(SUZHOU), "ApproveApplication");
    let failed = office.registry.store.issue(&call, office.issuer.clone(), planned(application)).await.unwrap_err();
    assert!(matches!(failed, PassError::Signer(_)), "{failed}");
    let found = office.registry.store.application(&everybody(), application).await.unwrap().unwrap();
    assert_eq!((found.application.state, found.steps.len()), (State::Submitted, 1));
    assert_eq!(listed(&office, &PassFilter::default()).await, [""; 0]);
    // The same request id goes on where nothing was done.
    office.keys.set_signs(true);
    let issued = office.registry.store.issue(&call, office.issuer.clone(), planned(application)).await.unwrap();
    assert_eq!((issued.pass.number().serial(), issued.pass.claims.status.idx), (1, 0));
}

pub async fn caller_who_goes_away_leaves_one_pass_or_none_and_a_retry_gets_it<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let mut numbers = Vec::new();
    for n in 1..=20 {
        let application = office.applied(n).await;
        let call = call_now(&office, &chief(SUZHOU), "ApproveApplication");
        let once = |call: freightpass::audit::Call| {
            let (store, issuer) = (office.registry.store.clone(), office.issuer.clone());
            async move { store.issue(&call, issuer, planned(application)).await }
        };
        let caller = tokio::spawn(once(call.clone()));
        for _ in 0..n {
            tokio::task::yield_now().await;
        }
        caller.abort();
        numbers.push(once(call).await.unwrap().pass.number().to_string());
    }
    assert_eq!(listed(&office, &PassFilter::default()).await, numbers);
}

pub async fn rules_of_the_trust_list_refuse_by_name<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let nbf = NOW as u32 + 3_600;
    office.keys.end(SUZHOU, nbf);
    let application = office.applied(1).await;
    let no_key = office.issue(application).await.unwrap_err();
    let wanted = Refusal::KeyUnavailable { authority: SUZHOU.to_owned(), nbf };
    assert!(matches!(no_key, PassError::Refused(refusal) if refusal == wanted));
    office.keys.add(SUZHOU, 3, nbf, nbf + 1);
    let kid = office.issue(application).await.unwrap().pass.kid;
    assert!(freightpass::pass::Signer::keys_in_use(office.keys.as_ref(), nbf).contains(&kid));
}

pub async fn filters_hold_together_and_pages_follow_each_other<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let mut passes = Vec::new();
    for n in 1..=5 {
        passes.push(office.passed(n).await);
    }
    let back = office.submitted(later(form(2, 2), 7)).await;
    passes.push(office.issue(back).await.unwrap().pass);
    let numbers: Vec<_> = passes.iter().map(|pass| pass.number().to_string()).collect();
    let of = |change: fn(&mut PassFilter)| {
        let mut filter = PassFilter::default();
        change(&mut filter);
        filter
    };
    assert_eq!(listed(&office, &of(|f| f.tractor = Some(tractor(2)))).await, [&numbers[1][..], &numbers[5]]);
    let valid = of(|f| {
        f.tractor = Some(tractor(2));
        f.valid_at = Some(NOW as u64 + 3_600 + 7 * 86_400);
    });
    assert_eq!(listed(&office, &valid).await, [&numbers[5][..]]);
    assert_eq!(listed(&office, &of(|f| f.valid_at = Some(NOW as u64 + 3_599))).await, [""; 0]);
    assert_eq!(listed(&office, &of(|f| f.authority = Some(HANGZHOU.to_owned()))).await, [""; 0]);
    assert_eq!(listed(&office, &of(|f| f.state = Some(PassState::Revoked))).await, [""; 0]);
    let enterprise = PassFilter { enterprise: Some(passes[2].enterprise), ..PassFilter::default() };
    assert_eq!(listed(&office, &enterprise).await, [&numbers[2][..]]);
    let application = PassFilter { application: Some(back), ..PassFilter::default() };
    assert_eq!(listed(&office, &application).await, [&numbers[5][..]]);

    let store = &office.registry.store;
    let everything = PassFilter::default();
    let (mut found, mut page) = (Vec::new(), PageRequest::first(4));
    loop {
        let next = store.passes(&everybody(), &everything, &page).await.unwrap();
        found.extend(next.items.iter().map(|pass| pass.number().to_string()));
        if next.next.is_empty() {
            break;
        }
        page.token = next.next;
    }
    assert_eq!(found, numbers);
    let stolen = store.passes(&sight_of(SUZHOU), &everything, &page).await.unwrap_err();
    assert!(matches!(stolen, StorageError::PageToken));
}

pub async fn sight_ends_at_the_authority_and_at_the_enterprise<B: TestBackend>() {
    use freightpass::identity::Sight;

    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    office.passed(2).await;
    let store = &office.registry.store;
    let county = Sight::County { division: "320583".to_owned() };
    let own = Sight::Enterprise { code: applicant(1).body };
    for (sight, seen, listed) in [
        (sight_of(SUZHOU), true, 2),
        (everybody(), true, 2),
        (own, true, 1),
        (sight_of(HANGZHOU), false, 0),
        (Sight::Enterprise { code: applicant(2).body }, false, 1),
        (county, false, 0),
    ] {
        let found = store.pass(&sight, pass.number()).await.unwrap();
        assert_eq!(found.is_some(), seen, "{sight:?}");
        let page = store.passes(&sight, &PassFilter::default(), &PageRequest::first(10)).await.unwrap();
        assert_eq!(page.items.len(), listed, "{sight:?}");
    }
}

fn spoken(issued: Result<freightpass::pass::Issued, PassError>) -> String {
    let number = issued.unwrap().pass.number().to_string();
    number.rsplit_once('-').unwrap().0.to_owned()
}

async fn listed<DB: Backend>(office: &Office<DB>, filter: &PassFilter) -> Vec<String> {
    let page = office.registry.store.passes(&everybody(), filter, &PageRequest::first(1_000)).await.unwrap();
    page.items.iter().map(|pass| pass.number().to_string()).collect()
}

pub async fn pass_is_issued_again_only_after_a_revocation_that_lets_it<B: TestBackend>() {
    let office = Office::open::<B>().await;
    for (n, reason) in (1..).zip(StatusReason::ALL) {
        let Ok(why) = Why::of(Step::Revoke, Some(reason), "an example") else { continue };
        let first = office.passed(n).await;
        let call = call_now(&office, &chief(SUZHOU), "RevokePass");
        office.registry.store.take(&call, &sight_of(SUZHOU), first.number(), Step::Revoke, why).await.unwrap();
        office.clock.advance(60);
        let order = Order { application: first.application, decision: None };
        let call = call_now(&office, &chief(SUZHOU), "IssuePass");
        let again = office.registry.store.issue(&call, office.issuer.clone(), order).await;
        match again {
            Ok(issued) => {
                assert!(reason.lets_issue_again(), "{reason:?}");
                let numbers = office.registry.store.numbers_of(&sight_of(SUZHOU), first.application, 1).await.unwrap();
                assert_eq!(numbers, [issued.pass.number()], "the newest");
            }
            Err(PassError::Refused(Refusal::RevokedBefore { number, reason: told })) => {
                assert!(!reason.lets_issue_again(), "{reason:?}");
                assert_eq!((number, told), (first.number(), reason));
            }
            Err(other) => panic!("{reason:?}: {other}"),
        }
    }
}
