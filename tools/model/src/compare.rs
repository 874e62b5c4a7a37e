//! Both readings of one case, step by step: the core's and the judge's.

use std::fmt;

use freightpass_core::bundle::Provision;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::{Adoption, AdoptionError, Held};
use freightpass_core::key::Kid;
use freightpass_core::malformed::{Layer, Malformed};
use freightpass_core::scan::{self, Observation, Outcome, Place, Policy, Reason};
use freightpass_core::status::StatusError;
use freightpass_core::trust::TrustFault;

use crate::case::{Case, Kind, Step};
use crate::judge::{self, Answer, Question, Refusal, Scanner, Verdict, View};

/// Where the core and the judge do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The step, from 0; none where it is the provisioning file.
    pub step: Option<usize>,
    /// What the core answers.
    pub core: String,
    /// What the judge answers.
    pub judge: String,
    /// What was asked.
    pub asked: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {:?}: core {}, judge {}\n{}", self.step, self.core, self.judge, self.asked)
    }
}

impl std::error::Error for Disagreement {}

/// What both answered to a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// To an object.
    Offer(Answer),
    /// To the parts of a bundle, or to what is none.
    Bundle(Result<Vec<Answer>, Refusal>),
    /// To the officer who confirms the data's date.
    Confirm(Result<(), Refusal>),
    /// After a restart nothing is otherwise.
    Restart,
    /// To a scan.
    Scan(Verdict),
}

/// Gives a case to both, and tells what they answered, a step at a time; nothing for a provisioning file that is none.
///
/// # Errors
/// The first step at which they do not agree: in the verdict (outcome, row, code, layer, notes), in the answer to an
/// object, or in what is held afterwards.
pub fn compare(case: &Case) -> Result<Vec<Answered>, Box<Disagreement>> {
    let core = Provision::decode(&case.provision).map_err(|error| malformed(&error));
    let judge = Scanner::provisioned(&case.provision);
    same(None, &core.as_ref().map(|_| ()), &judge.as_ref().map(|_| ()), || format!("{:02x?}", case.provision))?;
    let (Ok(core), Ok(mut scanner)) = (core, judge) else { return Ok(vec![]) };
    let mut held = Held::provisioned(&core);
    let mut all = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let asked = || format!("{step:02x?}");
        match step {
            Step::Offer(Kind::Bundle, bytes) => {
                let core = held.adopt_bundle(bytes).map_err(|error| malformed(&error));
                let core = core.map(|parts| parts.into_iter().map(|part| answer(part.outcome)).collect::<Vec<_>>());
                let judge = scanner.offer_bundle(bytes);
                same(Some(at), &core, &judge, asked)?;
                all.push(Answered::Bundle(judge));
            }
            Step::Offer(kind, bytes) => {
                let (core, judge) = match kind {
                    Kind::Trust => (held.adopt_trust(bytes), scanner.offer_trust(bytes)),
                    Kind::Manifest => (held.adopt_manifest(bytes), scanner.offer_manifest(bytes)),
                    Kind::Object | Kind::Bundle => (held.adopt_object(bytes), scanner.offer_object(bytes)),
                };
                let core = answer(core);
                if (core, judge) != (Err("not_disjoint"), Err("set")) {
                    same(Some(at), &core, &judge, asked)?;
                }
                all.push(Answered::Offer(judge));
            }
            Step::Confirm => {
                let core = held.confirm_start().map_err(|_| "no_manifest");
                let judge = scanner.confirm_start();
                same(Some(at), &core, &judge, asked)?;
                all.push(Answered::Confirm(judge));
            }
            Step::Restart => {
                let stored = held.to_own_file().map_err(|error| error.to_string());
                match stored.and_then(|stored| Held::from_own_file(&stored).map_err(|error| error.to_string())) {
                    Ok(read) => held = read,
                    Err(error) => same(Some(at), &error, &String::from("what was stored is read"), asked)?,
                }
                all.push(Answered::Restart);
            }
            Step::Scan(question) => {
                let (core, judge) = (core_verdict(&held, question), judge::scan(&scanner, question));
                same(Some(at), &core, &judge, asked)?;
                all.push(Answered::Scan(judge));
            }
        }
        if !matches!(step, Step::Scan(_)) {
            same(Some(at), &view(&held, &scanner.view()), &scanner.view(), asked)?;
        }
    }
    Ok(all)
}

fn same<T: PartialEq + fmt::Debug>(
    step: Option<usize>,
    core: &T,
    judge: &T,
    asked: impl FnOnce() -> String,
) -> Result<(), Box<Disagreement>> {
    if core == judge {
        return Ok(());
    }
    Err(Box::new(Disagreement { step, core: format!("{core:02x?}"), judge: format!("{judge:02x?}"), asked: asked() }))
}

fn malformed(error: &Malformed) -> Refusal {
    match error.layer {
        Layer::Text => judge::TEXT,
        Layer::Envelope => judge::ENVELOPE,
        Layer::Determinism => judge::DETERMINISM,
        Layer::Cddl => judge::CDDL,
    }
}

fn answer(outcome: Result<Adoption, AdoptionError>) -> Answer {
    match outcome {
        Ok(Adoption::Adopted) => Ok(true),
        Ok(Adoption::Unchanged) => Ok(false),
        Err(
            AdoptionError::Malformed(error)
            | AdoptionError::Trust(TrustFault::Malformed(error))
            | AdoptionError::Status(StatusError::Malformed(error)),
        ) => Err(malformed(&error)),
        // Which of the rules of a set's code is broken first depends on how it is read.
        Err(AdoptionError::Status(error)) if error.code().starts_with("set_") => Err("set"),
        Err(error) => Err(error.code()),
    }
}

/// What can be seen of the core's scanner, for the lists and keys of the judge's view and those that it misses itself.
fn view(held: &Held, judge: &View) -> View {
    let lists = held.manifest().into_iter().flat_map(|manifest| manifest.lists.iter().map(|entry| entry.list));
    let lists = lists.chain(judge.states.keys().copied());
    let kids = held.trust().into_iter().flat_map(|list| list.content().survivors.iter().map(|(kid, _)| kid.0));
    let kids = kids.chain(judge.survivors.keys().copied());
    View {
        trust: held.trust().map(|list| *list.hash()),
        manifest: held.manifest().map(|manifest| manifest.order()),
        order: held.order(),
        floors: (held.floor(), held.root_floor()),
        states: lists.filter_map(|list| Some((list, *held.state_hash(list)?))).collect(),
        confirmed: held.is_confirmed(),
        survivors: kids.filter_map(|kid| Some((kid, held.survivors(Kid(kid))?.hash()))).collect(),
    }
}

fn core_verdict(held: &Held, question: &Question) -> Verdict {
    let place = if question.place_unchecked { Place::Unchecked } else { Place::Required };
    let policy = Policy { max_age: question.max_age, skew: question.skew, place };
    let county = question.county.as_ref().and_then(|county| match county {
        judge::Division::Code(code) => Code::new(*code).map(Division::Code),
        judge::Division::Text(text) => Some(Division::Text(text.clone())),
    });
    let seen = Observation { county, plate: question.plate.clone(), last_seen: question.last_seen };
    let verdict = scan::scan(&question.text, held, &policy, &seen, question.now);
    let mut notes: Vec<&'static str> = verdict.notes().iter().map(|note| note.code()).collect();
    notes.sort_unstable();
    let outcome = match verdict.outcome() {
        Outcome::Admit => judge::Outcome::Admit,
        Outcome::Refer => judge::Outcome::Refer,
        Outcome::Refuse => judge::Outcome::Refuse,
    };
    let code = match verdict.reason() {
        Some(Reason::Malformed(error)) => malformed(error),
        _ => verdict.code(),
    };
    Verdict { outcome, row: verdict.reason().map_or(0, row), code, notes }
}

/// The row of the table, of which only its code and 12 or 20 are in the core.
fn row(reason: &Reason) -> u8 {
    match reason {
        Reason::NotAPass { .. } => 1,
        Reason::NewerPrefix { .. } => 2,
        Reason::Malformed(_) => 3,
        Reason::NoTrust => 4,
        Reason::WrongType { .. } | Reason::WrongAlg { .. } => 5,
        Reason::KeyUnknown { .. } => 6,
        Reason::IssuerMismatch { .. } => 7,
        Reason::BadSignature { .. } => 8,
        Reason::NewerKey { .. } => 9,
        Reason::ClaimsInvalid(_) | Reason::ListMismatch { .. } => 10,
        Reason::Revoked { .. } => 11,
        Reason::Expired { row, .. } => *row,
        Reason::TrustBehind { .. } | Reason::TrustExpired { .. } | Reason::Equivocation { .. } => 13,
        Reason::LifeTooLong { .. }
        | Reason::OutOfScope { .. }
        | Reason::ProgrammeNotAllowed { .. }
        | Reason::KeyWindow { .. } => 14,
        Reason::NotASurvivor { .. } | Reason::SurvivorsMissing { .. } => 15,
        Reason::ClockBehind { .. } | Reason::UnconfirmedStart { .. } => 16,
        Reason::StatusMissing { .. } | Reason::StatusStale { .. } | Reason::ListUnknown { .. } => 17,
        Reason::IndexBeyond { .. } => 18,
        Reason::Suspended { .. } => 19,
        Reason::NotYetValid { .. } => 20,
        Reason::PlateMismatch { .. } => 21,
        Reason::OffRoute { .. } | Reason::NoPlace { .. } => 22,
    }
}
