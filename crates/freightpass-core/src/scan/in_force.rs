//! Rows 20 to 22: now, this truck, here.

use alloc::vec::Vec;

use crate::division::Division;
use crate::scan::current::NotRevoked;
use crate::scan::moment::Moment;
use crate::scan::{Observation, Place, Policy, Reason};
use crate::trust::OffRoute;

/// The only proof from which an admission is built.
pub(super) struct InForce {
    /// Whether the place was compared with the route.
    pub place_checked: bool,
}

impl NotRevoked<'_, '_> {
    /// Rows 20, 21 and 22.
    pub fn in_force(self, moment: &Moment<'_>, policy: &Policy, seen: &Observation) -> Result<InForce, Reason> {
        let claims = self.0.claims;
        if moment.t.saturating_add(moment.skew) < claims.nbf.into() {
            return Err(Reason::NotYetValid { t: moment.t, nbf: claims.nbf });
        }
        if moment.t >= claims.exp.into() {
            return Err(Reason::Expired { exp: claims.exp, bound: moment.t, row: 20 });
        }
        if let Some(read) = &seen.plate {
            let subject = &claims.subject;
            let mut signed = core::iter::once(&subject.tractor).chain(&subject.trailer);
            if !signed.any(|plate| plate == read) {
                let signed: Vec<_> = core::iter::once(&subject.tractor).chain(&subject.trailer).cloned().collect();
                return Err(Reason::PlateMismatch { read: read.clone(), signed });
            }
        }
        let place_checked = self.in_place(moment, policy, seen)?;
        Ok(InForce { place_checked })
    }

    fn in_place(&self, moment: &Moment<'_>, policy: &Policy, seen: &Observation) -> Result<bool, Reason> {
        let subject = &self.0.claims.subject;
        let Some(here) = &seen.county else {
            return match policy.place {
                Place::Required => Err(Reason::NoPlace { route: subject.route.clone() }),
                Place::Unchecked => Ok(false),
            };
        };
        if is_on_route(here, &subject.route) {
            return Ok(true);
        }
        let programme = moment.held.trust().and_then(|trust| trust.programme(subject.programme));
        let refuse = programme.is_some_and(|programme| programme.off_route == OffRoute::Refuse);
        Err(Reason::OffRoute { here: here.clone(), route: subject.route.clone(), refuse })
    }
}

/// A code of the route is a prefix of the checkpoint's county, in any order; both ends are widened to their prefecture.
fn is_on_route(here: &Division, route: &[Division]) -> bool {
    let ends = 2;
    let widened = route.iter().take(ends).map(Division::widened);
    let between = route.iter().skip(ends).cloned();
    widened.chain(between).any(|place| place.contains(here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::division::Code;

    fn place(code: u32) -> Division {
        Division::Code(Code::new(code).unwrap())
    }

    #[test]
    fn ends_are_widened_and_what_lies_between_is_taken_as_written() {
        let route = [place(320_583), place(330_106), place(3404), place(41), place(429_004)];
        for (here, on) in [
            (320_505, true),
            (330_102, true),
            (340_402, true),
            (340_502, false),
            (410_102, true),
            (429_004, true),
            (429_005, false),
            (320_102, false),
        ] {
            assert_eq!(is_on_route(&place(here), &route), on, "{here}");
        }
    }

    #[test]
    fn a_municipality_is_one_prefecture_and_a_county_run_by_a_province_is_itself() {
        let route = [place(310_115), place(659_009)];
        assert!(is_on_route(&place(310_230), &route));
        assert!(is_on_route(&place(659_009), &route));
        assert!(!is_on_route(&place(659_008), &route));
        assert!(!is_on_route(&place(652_301), &route));
        let to_dongguan = [place(4419), place(310_101)];
        assert!(is_on_route(&place(4419), &to_dongguan));
    }

    #[test]
    fn text_divisions_are_compared_whole() {
        let text = |t: &str| Division::Text(t.into());
        let route = [text("DE-BY"), text("DE-HE")];
        assert!(is_on_route(&text("DE-HE"), &route));
        assert!(!is_on_route(&text("DE"), &route));
    }
}
