//! What goes to logs by Debug holds nothing by which a person is known.

use std::fmt::Debug;

use freightpass::application::{
    Application, ApplicationDetail, ApplicationFilter, Draft, DraftPerson, EnterpriseRef, State,
};
use freightpass::approval::PassCrew;
use freightpass::pass::{Issued, StatusReason};
use freightpass::profile::{Paper, PaperKind};
use freightpass::revocation::{AmendDraft, Amendment, Why};
use freightpass::whitelist::{
    CheckedRow, CrewRole, Details, Enterprise, EnterpriseDetail, EnterpriseState, EnterpriseWrite, Listing, Person,
    RawPerson, RawRow,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::issuing::Office;
use crate::support::{Embedded, call, chief, form, listing};

const NAME: &str = "canary-name";
const PAPER: &str = "canary-paper";
const PHONE: &str = "canary-phone";

#[test]
fn debug_of_what_holds_people_shows_none_of_them() {
    let text = str::to_owned;
    let person = Person {
        name: text(NAME),
        paper: Paper { kind: PaperKind::Passport, number: text(PAPER) },
        mobile: Some(text(PHONE)),
        role: CrewRole::Driver,
    };
    let sent = DraftPerson {
        name: text(NAME),
        paper_kind: Some(PaperKind::Passport),
        paper_number: text(PAPER),
        mobile: text(PHONE),
        role: Some(CrewRole::Driver),
    };
    let typed = RawPerson { name: text(NAME), paper_number: text(PAPER), mobile: text(PHONE), ..RawPerson::default() };
    let row = RawRow { contact_name: text(NAME), contact_phone: text(PHONE), crew: vec![typed], ..RawRow::default() };
    let listing =
        Listing { contact_name: text(NAME), contact_phone: text(PHONE), people: vec![person.clone()], ..listing(1, 1) };
    let details = Details {
        name: text("enterprise"),
        industry: 1,
        contact_name: text(NAME),
        contact_phone: text(PHONE),
        waiver: None,
    };
    let at = Timestamp::UNIX_EPOCH;
    let enterprise = Enterprise {
        number: 1,
        code: text("code"),
        code_waiver: None,
        name: text("enterprise"),
        authority: text("CN-3205"),
        industry: listing.industry,
        contact_name: text(NAME),
        contact_phone: text(PHONE),
        state: EnterpriseState::Listed,
        version: 1,
        listed_at: at,
        changed_at: at,
    };
    let mut form = form(1, 1);
    form.crew = vec![person.clone()];
    let application = Application {
        id: Uuid::nil(),
        form,
        enterprise: EnterpriseRef { number: 1, code: text("code"), code_waived: false, name: text("enterprise") },
        state: State::Submitted,
        version: 1,
        approved: None,
        submitted_at: at,
        changed_at: at,
        recommended: None,
    };
    let detail = ApplicationDetail {
        application,
        contact_name: text(NAME),
        contact_phone: text(PHONE),
        amended_crew: vec![person.clone()],
        steps: Vec::new(),
    };
    let write =
        EnterpriseWrite { new: true, details: Some(details), new_vehicles: 0, new_people: 0, changed_people: 0 };
    let why = Why::told(StatusReason::Replaced, "on the way").unwrap();
    let shown: [&dyn Debug; 11] = [
        &PassCrew::from(&person),
        &ApplicationFilter { paper: Some(person.paper.clone()), ..ApplicationFilter::default() },
        &Amendment { trailer: None, crew: Some(vec![person.clone()]), why },
        &AmendDraft { crew: vec![sent.clone()], ..AmendDraft::default() },
        &Draft { crew: vec![sent], ..Draft::default() },
        &CheckedRow { line: 1, listing: Ok(listing) },
        &EnterpriseDetail { enterprise, vehicles: Vec::new(), people: vec![person.clone()] },
        &person,
        &row,
        &detail,
        &write,
    ];
    for one in shown {
        let said = format!("{one:?} {one:#?}");
        assert!(!said.contains("canary"), "{said}");
        assert!(!said.contains("nary-paper") && !said.contains("aper\""), "the last characters of a paper: {said}");
    }
}

#[tokio::test]
async fn debug_of_a_pass_shows_nobody_on_it() {
    let office = Office::open::<Embedded>().await;
    let application = office.applied(1).await;
    let issued: Issued = office.issue(application).await.unwrap();
    let said = format!("{issued:?} {:?}", call(&chief("CN-3205"), "ApproveApplication"));
    assert!(said.contains("苏E00001"), "{said}");
    for secret in ["张1", "32058319800000001X", "13800000001"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}
