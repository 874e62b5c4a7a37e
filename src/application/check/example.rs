//! A good draft, for the tests of the checks. All of it is made up.

use freightpass_core::division::{Code, Division};
use jiff::Timestamp;

use crate::application::{Draft, DraftEvidence, DraftPerson, EvidenceKind, Form, Leg};
use crate::identity::{AuthorityScope, Competence, ProgrammeWindow};
use crate::profile::PaperKind;
use crate::profile::cn::{Cn, gb11643_check_digit};
use crate::whitelist::{Category, CrewRole};

/// 2026-12-01 00:00 in Beijing.
pub(super) const NOW: i64 = 1_796_054_400;
/// A day, in seconds.
pub(super) const DAY: i64 = 86_400;

/// What the trust list says.
fn competence() -> Competence {
    Competence {
        longest_life_s: 30 * 86_400,
        authorities: vec![AuthorityScope {
            code: "CN-3205".to_owned(),
            number: 320_500,
            level: 3,
            division: Code::new(3205).map(Division::Code),
            programmes: vec![1, 3],
        }],
        programmes: vec![
            ProgrammeWindow { number: 1, from: 0, until: u64::MAX },
            ProgrammeWindow { number: 2, from: 0, until: u64::MAX },
            ProgrammeWindow { number: 3, from: 0, until: u64::try_from(NOW + DAY).unwrap() },
        ],
        ..Competence::default()
    }
}

/// A draft with which nothing is wrong.
pub(super) fn draft() -> Draft {
    Draft {
        authority: "CN-3205".to_owned(),
        programme: 1,
        enterprise_code: "91350100m000100y43".to_owned(),
        tractor: "苏e12345".to_owned(),
        trailer: " ".to_owned(),
        gross_mass_kg: 38_000,
        crew: vec![person(1, CrewRole::Driver), person(2, CrewRole::Passenger)],
        cargo_category: Some(Category::Food),
        cargo_description: "rice".to_owned(),
        cargo_mass_kg: 12_000,
        origin: "320583".to_owned(),
        destination: "330102".to_owned(),
        via: vec!["33".to_owned()],
        planned_start: Some(NOW + 60),
        planned_end: Some(NOW + DAY),
        leg: Some(Leg::Loaded),
        evidence: vec![DraftEvidence {
            kind: Some(EvidenceKind::Waybill),
            taken: Some(NOW),
            valid_for_s: Some(DAY),
            issuer: "depot".to_owned(),
            person: 0,
        }],
    }
}

/// Somebody from Kunshan.
pub(super) fn person(n: u32, role: CrewRole) -> DraftPerson {
    let body = format!("32058319880101{n:03}");
    DraftPerson {
        name: "张三".to_owned(),
        paper_kind: Some(PaperKind::IdentityCard),
        paper_number: format!("{body}{}", gb11643_check_digit(&body).unwrap()),
        mobile: "13800138000".to_owned(),
        role: Some(role),
    }
}

/// The form, or field and rule of each problem.
pub(super) fn checked(draft: &Draft) -> Result<Form, Vec<(String, String)>> {
    let at = Timestamp::from_second(NOW).unwrap();
    draft
        .check(&Cn, &competence(), at)
        .map_err(|problems| problems.into_iter().map(|it| (it.field, it.rule.into_owned())).collect())
}

/// A change of a good draft, and the one problem that it makes.
pub(super) fn assert_refused(change: impl FnOnce(&mut Draft), field: &str, rule: &str) {
    let mut draft = draft();
    change(&mut draft);
    assert_eq!(checked(&draft), Err(vec![(field.to_owned(), rule.to_owned())]));
}

/// A change of a good draft that is good too.
pub(super) fn assert_taken(change: impl FnOnce(&mut Draft)) {
    let mut draft = draft();
    change(&mut draft);
    checked(&draft).unwrap();
}
