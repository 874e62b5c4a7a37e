//! The rules of issuing: the same that a scanner applies (docs/FORMAT.md, section "Scope"), so that no pass is signed
//! that a scanner with the same trust list refuses.

use freightpass_core::key::Kid;
use freightpass_core::pass::{Claims, PassNumber, StatusReference, Unsigned};
use freightpass_core::status::list_of;
use jiff::Timestamp;
use uuid::Uuid;

use super::error::Refusal;
use super::issuer::Issuer;
use super::subject::subject;
use crate::approval::Approved;
use crate::problem::FieldProblem;
use crate::profile::instant_in_bounds;

/// How long before its beginning a pass can be issued: the status lists of that time are published by then.
pub const BOOKING_AHEAD_S: u64 = 14 * 24 * 3600;

/// A pass that may be signed: every rule holds, and a key is chosen. It takes the place of the approval and is used
/// up by [`Issuer::sign`], so that one approval makes one pass.
#[derive(Debug)]
pub struct Plan {
    pub(super) application: Uuid,
    pub(super) enterprise: u32,
    pub(super) authority_number: u32,
    pub(super) kid: Kid,
    pub(super) list: u32,
    /// Complete but for the number and the index, which stand at their largest.
    pub(super) claims: Claims,
}

impl Issuer {
    /// Checks what was approved against the trust list in force and chooses the key.
    ///
    /// The pass begins with the approved window, or now if that has begun: nothing is dated back, and a key that is
    /// in force now may sign. The first broken rule is told.
    ///
    /// # Errors
    /// [`Refusal`]: the window is over or too far ahead, the life too long, the programme closed, the route out of
    /// scope, no key at hand, or the claims do not fit into a pass.
    pub fn plan(&self, approved: Approved, now: Timestamp) -> Result<Plan, Refusal> {
        let (nbf, exp) = window(&approved, u64::try_from(now.as_second()).unwrap_or(0))?;
        let code = approved.authority();
        let competence = self.competences.current();
        let out_of_scope = || Refusal::OutOfScope { authority: code.to_owned() };
        let authority = competence.authority(code).ok_or_else(out_of_scope)?;
        let longest_s = competence.longest_life_s;
        if exp - nbf > longest_s {
            return Err(Refusal::LifeTooLong { life_s: exp - nbf, longest_s });
        }
        let open = competence.programme(authority, approved.programme());
        if !open.is_some_and(|open| (open.from..open.until).contains(&nbf.into())) {
            let authority = code.to_owned();
            return Err(Refusal::ProgrammeClosed { programme: approved.programme(), authority, nbf });
        }
        let route = approved.divisions();
        if !matches!(route, [origin, destination, ..] if authority.covers(origin, destination)) {
            return Err(out_of_scope());
        }
        let no_key = || Refusal::KeyUnavailable { authority: code.to_owned(), nbf };
        let kid = self.signer.key_for(code, nbf).ok_or_else(no_key)?;
        let base = self.signer.status_base().ok_or_else(no_key)?;
        let list = list_of(exp.into());
        let authority_number = authority.number;
        let widest = PassNumber::new(authority_number, u16::MAX, 0x00ff_ffff).ok_or_else(no_key)?;
        let claims = Claims {
            iss: code.to_owned(),
            nbf,
            exp,
            number: widest,
            status: StatusReference { idx: u32::MAX, uri: format!("{base}{list}") },
            subject: subject(&approved, self.profile.as_ref()),
        };
        // Encoded once with the largest number and index: what fits now fits with any.
        Unsigned::new(&claims, kid)
            .map_err(|fault| Refusal::Invalid(vec![FieldProblem::new("pass", "format", fault.to_string())]))?;
        Ok(Plan {
            application: approved.application(),
            enterprise: approved.enterprise().number,
            authority_number,
            kid,
            list,
            claims,
        })
    }
}

impl Plan {
    /// Plate of the tractor.
    pub fn tractor(&self) -> &str {
        &self.claims.subject.tractor
    }

    /// First second of the pass, seconds since 1970.
    pub fn nbf(&self) -> u32 {
        self.claims.nbf
    }

    /// First second after the pass, seconds since 1970.
    pub fn exp(&self) -> u32 {
        self.claims.exp
    }

    /// The application that it is for.
    pub fn application(&self) -> Uuid {
        self.application
    }

    /// Number of the authority, the beginning of the pass number.
    pub fn authority_number(&self) -> u32 {
        self.authority_number
    }

    /// The status list, and the key that will sign: a place is leased for both.
    pub fn place(&self) -> (u32, Kid) {
        (self.list, self.kid)
    }
}

/// nbf and exp.
fn window(approved: &Approved, now: u64) -> Result<(u32, u32), Refusal> {
    let window = approved.window();
    if window.end <= now {
        return Err(Refusal::TimeOver { end: window.end });
    }
    if window.start > now.saturating_add(BOOKING_AHEAD_S) {
        return Err(Refusal::TooEarly { start: window.start, from: window.start - BOOKING_AHEAD_S });
    }
    let seconds = |field: &str, time: u64| {
        instant_in_bounds(i64::try_from(time).unwrap_or(i64::MAX))
            .map_err(|error| Refusal::Invalid(vec![error.of(field)]))
    };
    Ok((seconds("start_time", window.start.max(now))?, seconds("end_time", window.end)?))
}

#[cfg(test)]
mod tests {
    use freightpass_core::pass::Leg;
    use rstest::rstest;

    use super::*;
    use crate::application::Window;
    use crate::pass::example::{Case, DAY, NOW};

    #[test]
    fn plan_names_the_list_of_its_end_and_nothing_is_dated_back() {
        let plan = window(NOW - 3_600, NOW + DAY).plan().unwrap();
        assert_eq!((u64::from(plan.nbf()), u64::from(plan.exp())), (NOW, NOW + DAY));
        let list = list_of(NOW + DAY);
        assert_eq!(plan.place(), (list, Kid([7; 8])));
        assert_eq!(plan.claims.status.uri, format!("HTTPS://S.FP.CN/20/{list}"));
        assert_eq!(plan.claims.subject.leg, Leg::Return);
    }

    #[rstest]
    #[case::last_second_of_the_window(window(NOW - 10, NOW + 1), "")]
    #[case::window_over(window(NOW - 10, NOW), "TimeOver")]
    #[case::last_bookable_start(window(NOW + BOOKING_AHEAD_S, NOW + BOOKING_AHEAD_S + 1), "")]
    #[case::start_too_far_ahead(window(NOW + BOOKING_AHEAD_S + 1, NOW + BOOKING_AHEAD_S + 2), "TooEarly")]
    #[case::longest_life(window(NOW, NOW + 30 * DAY), "")]
    #[case::a_second_longer(window(NOW, NOW + 30 * DAY + 1), "LifeTooLong")]
    #[case::longest_life_counts_from_now(window(NOW - 10, NOW + 30 * DAY), "")]
    #[case::opens_with_the_pass(Case { open: (NOW + 10, NOW + 11), ..Case::default() }, "")]
    #[case::opens_a_second_later(Case { open: (NOW + 11, NOW + 12), ..Case::default() }, "ProgrammeClosed")]
    #[case::closed_with_the_pass(Case { open: (0, NOW + 10), ..Case::default() }, "ProgrammeClosed")]
    #[case::programme_of_others(Case { programme: 2, ..Case::default() }, "ProgrammeClosed")]
    #[case::neither_end_inside(Case { origin: 320_683, ..Case::default() }, "OutOfScope")]
    #[case::key_begins_with_the_pass(Case { keys: NOW as u32 + 10..u32::MAX, ..Case::default() }, "")]
    #[case::key_begins_a_second_later(Case { keys: NOW as u32 + 11..u32::MAX, ..Case::default() }, "KeyUnavailable")]
    #[case::key_ends_with_the_pass(Case { keys: 0..NOW as u32 + 10, ..Case::default() }, "KeyUnavailable")]
    #[case::crew_that_no_pass_carries(Case { crew: 4, ..Case::default() }, "Invalid")]
    #[case::beyond_32_bits(window(NOW + 1, u64::from(u32::MAX) + 1), "Invalid")]
    fn rules_hold_at_their_bounds(#[case] case: Case, #[case] refusal: &str) {
        let refused = case.plan().err().map(|refusal| format!("{refusal:?}")).unwrap_or_default();
        let name = refused.split([' ', '(']).next().unwrap_or_default();
        assert_eq!(name, refusal, "{refused}");
    }

    fn window(start: u64, end: u64) -> Case {
        Case { window: Window { start, end }, ..Case::default() }
    }
}
