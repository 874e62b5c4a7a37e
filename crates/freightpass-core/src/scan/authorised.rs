//! Rows 13 to 15: whether the authority might issue the pass, behind the doubts about the trust list itself.

use crate::division::Division;
use crate::hold::Evidence;
use crate::scan::Reason;
use crate::scan::moment::Moment;
use crate::scan::verified::{NotOver, Sound};

/// A pass that its authority might issue, with a key that is its own alone or among the survivors.
pub(super) struct Authorised<'a, 'h>(pub Sound<'a, 'h>);

impl<'a, 'h> NotOver<'a, 'h> {
    /// Rows 13, 14 and 15.
    pub fn authorised(self, moment: &Moment<'h>) -> Result<Authorised<'a, 'h>, Reason> {
        if let Some(doubt) = trust_in_doubt(moment) {
            return Err(doubt);
        }
        let pass = self.0;
        within_powers(&pass, moment)?;
        survives(&pass, moment)?;
        Ok(Authorised(pass))
    }
}

/// Row 13: the trust list held is not the one in force, speaks no more, or a signer said two things at once.
pub(super) fn trust_in_doubt(moment: &Moment<'_>) -> Option<Reason> {
    let trust = moment.held.trust()?.content();
    if let Some(manifest) = moment.held.manifest()
        && manifest.trust_sequence > trust.sequence
    {
        let (held, named) = (trust.sequence, manifest.trust_sequence);
        return Some(Reason::TrustBehind { held, named, age_s: moment.age() });
    }
    if moment.t >= trust.expires.into() {
        return Some(Reason::TrustExpired { held: trust.sequence, expires: trust.expires, age_s: moment.age() });
    }
    let order = match moment.held.evidence()? {
        Evidence::Trust { sequence } => (sequence, 0),
        Evidence::Manifest { order } => order,
    };
    Some(Reason::Equivocation { order, age_s: moment.age() })
}

/// Row 14, in its order: life, scope, programme, window of the key. `nbf` decides: there is no other signing time.
fn within_powers(pass: &Sound<'_, '_>, moment: &Moment<'_>) -> Result<(), Reason> {
    // Asked for only where something is wrong.
    let current = || moment.is_current();
    let (claims, authority, listed) = (pass.claims, pass.holder.authority, pass.holder.listed);
    let longest_s = moment.held.trust().map_or(0, |trust| trust.content().longest_life);
    // nbf < exp: the claims are sound.
    let life_s = claims.exp.saturating_sub(claims.nbf);
    if life_s > longest_s {
        return Err(Reason::LifeTooLong { life_s, longest_s, current: current() });
    }
    let number = claims.number.authority();
    let ends = claims.subject.route.iter().take(2);
    let inside = |end: &Division| authority.division.as_ref().is_none_or(|division| division.contains(end));
    if number != authority.number || !ends.into_iter().any(inside) {
        let (authority, allowed) = (authority.code.clone(), authority.number);
        return Err(Reason::OutOfScope { authority, number, allowed, current: current() });
    }
    let programme = claims.subject.programme;
    let listed_for_it = authority.programmes.contains(&programme);
    let open = moment.held.trust().and_then(|trust| trust.programme(programme)).is_some_and(|p| p.open_at(claims.nbf));
    if !listed_for_it || !open {
        return Err(Reason::ProgrammeNotAllowed { programme, authority: authority.code.clone(), current: current() });
    }
    if !listed.covers(claims.nbf) {
        return Err(Reason::KeyWindow { nbf: claims.nbf, from: listed.from, until: listed.until, current: current() });
    }
    Ok(())
}

/// Row 15: under a compromised key only the survivors pass.
fn survives(pass: &Sound<'_, '_>, moment: &Moment<'_>) -> Result<(), Reason> {
    if !pass.holder.listed.compromised {
        return Ok(());
    }
    let kid = pass.holder.key.kid();
    let named = moment.held.trust().and_then(|trust| trust.survivors(kid)).copied();
    let (Some(set), Some(survivors)) = (named, moment.held.survivors(kid)) else {
        return Err(Reason::SurvivorsMissing { kid, set: named });
    };
    if survivors.contains(pass.list, pass.claims.status.idx, pass.bytes) {
        Ok(())
    } else {
        Err(Reason::NotASurvivor { kid, set, current: moment.is_current() })
    }
}
