//! The audit log's port.

use freightpass::application::ApplicationStore;
use freightpass::audit::{AuditStore, EntryFilter};
use freightpass::identity::Sight;
use freightpass::storage::{PageRequest, StorageError};

use crate::application::submit;
use crate::support::{
    HANGZHOU, NOW, SUZHOU, TestBackend, applicant, call, code, everybody, form, listing, row, sight_of,
};

pub async fn every_change_has_one_entry_and_no_entry_changes<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let made = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let before = registry.entries(&EntryFilter::default()).await;
    registry.store.withdraw(&call(&applicant(1), "WithdrawApplication"), made.id).await.unwrap();
    let after = registry.entries(&EntryFilter::default()).await;
    assert_eq!(after[..2], before);
    assert_eq!(after.len(), 3);
    let told: Vec<_> =
        after.iter().map(|entry| (entry.method.as_str(), entry.subject_kind.as_str(), entry.body.clone())).collect();
    assert_eq!(
        told,
        [
            ("ImportEntries", "enterprise", SUZHOU.to_owned()),
            ("SubmitApplication", "application", code(1)),
            ("WithdrawApplication", "application", code(1)),
        ]
    );
    assert!(after.iter().all(|entry| entry.at.as_second() == NOW && !entry.request_id.is_nil()));
    for entry in &after {
        for personal in ["张", "李四", "138000", "57000000", "3205831980"] {
            assert!(!entry.detail.contains(personal), "{personal} stands in {}", entry.detail);
        }
    }
}

pub async fn sight_covers_the_bodies_and_their_enterprises<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    registry.import(HANGZHOU, vec![row(1, listing(2, 2))]).await;
    let mut own = registry.store.begin_own("publisher", jiff::Timestamp::from_second(NOW).unwrap()).await.unwrap();
    own.audit("manifest", "1", &serde_json::json!({})).await.unwrap();
    own.commit(&()).await.unwrap();
    for (sight, sees) in [
        // What the service does by itself is nobody's but theirs who see everything.
        (Sight::All, 4),
        (everybody(), 3),
        (sight_of(SUZHOU), 2),
        (sight_of(HANGZHOU), 1),
        (Sight::Bodies(Vec::new()), 0),
        (Sight::Enterprise { code: code(1) }, 0),
        (Sight::County { division: "320583".to_owned() }, 0),
    ] {
        let page = registry.store.entries(&sight, &EntryFilter::default(), &PageRequest::default()).await.unwrap();
        assert_eq!(page.items.len(), sees, "{sight:?}");
    }
}

pub async fn filters_hold_together_and_pages_follow_each_other<B: TestBackend>() {
    let registry = B::registry().await;
    for n in 0..7 {
        registry.listed(n).await;
    }
    submit(&registry, &applicant(3), form(3, 3)).await.unwrap();
    let none = EntryFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let time = |seconds| Some(jiff::Timestamp::from_second(seconds).unwrap());
    for (filter, expected) in [
        (none(), 8),
        (EntryFilter { subject_kind: text("enterprise"), ..none() }, 7),
        (EntryFilter { subject_kind: text("enterprise"), subject: text("2"), ..none() }, 1),
        (EntryFilter { body: text(&code(3)), ..none() }, 1),
        (EntryFilter { officer: text("chief"), ..none() }, 7),
        (EntryFilter { method: text("SubmitApplication"), officer: text("chief"), ..none() }, 0),
        (EntryFilter { from: time(NOW), before: time(NOW + 1), ..none() }, 8),
        (EntryFilter { before: time(NOW), ..none() }, 0),
        (EntryFilter { from: time(NOW + 1), ..none() }, 0),
    ] {
        let mut request = PageRequest::first(3);
        let mut seqs = Vec::new();
        loop {
            let page = registry.store.entries(&everybody(), &filter, &request).await.unwrap();
            assert!(page.items.len() <= 3);
            seqs.extend(page.items.iter().map(|entry| entry.seq));
            if page.next.is_empty() {
                break;
            }
            request.token = page.next;
        }
        assert_eq!(seqs.len(), expected, "{filter:?}");
        assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]));
    }
    let token = registry.store.entries(&everybody(), &none(), &PageRequest::first(3)).await.unwrap().next;
    let refused = registry.store.entries(&sight_of(SUZHOU), &none(), &PageRequest { size: 3, token }).await;
    assert!(matches!(refused, Err(StorageError::PageToken)));
}
