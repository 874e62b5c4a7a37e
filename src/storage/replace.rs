//! Putting one pass in the place of another inside one transaction: the new one is issued, the old one revoked.
//!
//! 1. The new pass is decided, checked, and gets its number and its place.
//! 2. The old one is revoked: its row, the status log, the audit log, the number of the new one.
//! 3. The new pass is signed and stored, with the papers of its people if they are not those of the application.
//!
//! A crash anywhere in it means that nothing happened: there is never a moment in which both or neither are in force.

use freightpass_core::pass::PassNumber;

use super::amended_crew;
use super::backend::Backend;
use super::issue::{InTheWay, Issuing, in_the_way, kept_or_undone, savepoint};
use super::pass::Answer;
use super::standing::{Standing, standing};
use super::work::Work;
use crate::approval::PassCrew;
use crate::identity::Sight;
use crate::pass::{Issuer, Order, Pass, PassError, PassState, Refusal};
use crate::problem::FieldProblem;
use crate::profile::Paper;
use crate::revocation::{Amendment, RevocationError, Why};
use crate::whitelist::{CrewRole, Person};

/// Issues one pass in the place of those that overlap.
pub(super) async fn issue<DB: Backend>(
    work: &mut Work<DB>,
    sight: &Sight,
    issuer: &Issuer,
    order: &Order,
) -> Result<Answer, PassError> {
    let mut issuing = Issuing::new(issuer)?;
    let answer = accept(work, &mut issuing, sight, order).await?;
    issuing.finish(work).await?;
    Ok(answer)
}

/// Issues many; a refused order leaves nothing behind, and the passes it would have replaced stay.
pub(super) async fn issue_batch<DB: Backend>(
    work: &mut Work<DB>,
    sight: &Sight,
    issuer: &Issuer,
    orders: &[Order],
) -> Result<Vec<Result<Answer, Refusal>>, PassError> {
    let mut issuing = Issuing::new(issuer)?;
    let answers = accept_all(work, &mut issuing, sight, orders).await?;
    issuing.finish(work).await?;
    Ok(answers)
}

/// Everything of [`issue_batch`] but the signing: for a transaction that is rolled back.
pub(super) async fn rehearse_batch<DB: Backend>(
    work: &mut Work<DB>,
    sight: &Sight,
    issuer: &Issuer,
    orders: &[Order],
) -> Result<Vec<Result<Answer, Refusal>>, PassError> {
    accept_all(work, &mut Issuing::new(issuer)?, sight, orders).await
}

async fn accept_all<DB: Backend>(
    work: &mut Work<DB>,
    issuing: &mut Issuing<'_>,
    sight: &Sight,
    orders: &[Order],
) -> Result<Vec<Result<Answer, Refusal>>, PassError> {
    let mut answers = Vec::with_capacity(orders.len());
    for order in orders {
        savepoint(work).await?;
        let accepted = accept(work, issuing, sight, order).await;
        answers.push(kept_or_undone(work, accepted).await?);
    }
    Ok(answers)
}

/// Issues a pass with another trailer or crew for the application of the pass `number`, and revokes that one. Gives
/// the number of the new pass, and that of the revocation in the status log.
pub(super) async fn amend<DB: Backend>(
    work: &mut Work<DB>,
    issuer: &Issuer,
    number: PassNumber,
    amendment: Amendment,
) -> Result<(PassNumber, u64), RevocationError> {
    let own = Sight::Bodies(vec![work.call().officer.body.clone()]);
    let old = work.pass(&own, number).await?.ok_or(RevocationError::NotFound)?;
    // Only an issued pass is amended: an amendment must not let a suspended truck go on.
    old.state.suspend().map_err(|_| not_issued(&old))?;
    let mut issuing = Issuing::new(issuer)?;
    if old.expired(u64::try_from(issuing.now().as_second()).unwrap_or(0)) {
        return Err(RevocationError::Expired { number, exp: old.claims.exp.into() });
    }
    let applied = work.application(old.application).await?.ok_or(RevocationError::NotFound)?.form.crew;
    let crew = amended_crew::of_pass(work, number).await?.unwrap_or_else(|| applied.clone());
    let trailer = old.claims.subject.trailer.clone();
    let new_trailer = amendment.trailer.unwrap_or_else(|| trailer.clone());
    let new_crew = amendment.crew.unwrap_or_else(|| crew.clone());
    if new_trailer == trailer && new_crew.iter().map(on_board).eq(crew.iter().map(on_board)) {
        let nothing = FieldProblem::new("trailer", "nothing_to_change", "the pass says so already");
        return Err(RevocationError::Invalid(vec![nothing]));
    }
    let approved = work.approved(old.application).await.map_err(PassError::from)?;
    let approved = approved.amended(Some(new_trailer), Some(new_crew.iter().map(PassCrew::from).collect()));
    let plan = issuer.plan(approved, issuing.now()).map_err(PassError::from)?;
    let others = in_the_way(work, &plan).await?.into_iter().find(|other| other.number() != number);
    if let Some(other) = others {
        return Err(PassError::from(other.refusal()).into());
    }
    let new = issuing.accept_plan(work, plan).await?;
    let standing = Standing { number, list: old.list, idx: old.claims.status.idx, state: old.state };
    let seqs = work.change_passes(&[standing], PassState::Revoked, &amendment.why, Some(new)).await?;
    issuing.finish(work).await?;
    if new_crew != applied {
        amended_crew::insert(work, new, &new_crew).await?;
    }
    let seq = seqs.map(|seqs| *seqs.start()).ok_or(RevocationError::NotFound)?;
    Ok((new, seq))
}

/// Accepts one order and revokes what overlaps, if it lies within the sight.
async fn accept<DB: Backend>(
    work: &mut Work<DB>,
    issuing: &mut Issuing<'_>,
    sight: &Sight,
    order: &Order,
) -> Result<Answer, PassError> {
    let plan = issuing.plan(work, order).await?;
    let mut old = Vec::new();
    for other in in_the_way(work, &plan).await? {
        match (other, standing(work, sight, other.number()).await?) {
            (InTheWay::Overlapping(_), Some(standing)) => old.push(standing),
            // The application's own pass is amended, not replaced; what the caller may not revoke stays in the way.
            _ => return Err(other.refusal().into()),
        }
    }
    let number = issuing.accept_plan(work, plan).await?;
    work.change_passes(&old, PassState::Revoked, &Why::replaced_by(number), Some(number)).await?;
    let replaced = old.iter().map(|pass| pass.number.to_bytes()).collect();
    Ok(Answer { application: order.application, number, replaced })
}

fn not_issued(old: &Pass) -> RevocationError {
    let step = crate::pass::InvalidTransition { from: old.state, to: PassState::Revoked };
    RevocationError::State { number: old.number(), step }
}

/// Who is on board for what: two people may have one name and the last characters of their papers in common.
fn on_board(person: &Person) -> (&str, &Paper, CrewRole) {
    (&person.name, &person.paper, person.role)
}
