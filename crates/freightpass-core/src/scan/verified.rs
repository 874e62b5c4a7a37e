//! Rows 9 to 12: what no fresher data and no right clock can undo.

use crate::cbor::Newer;
use crate::pass::{Claims, ReadClaims};
use crate::scan::moment::Moment;
use crate::scan::verdict::VerifiedPass;
use crate::scan::{OptionalAge, Reason};
use crate::status::{Value, list_of};
use crate::trust::KeyHolder;

/// A pass whose signature holds, under a key that some authority has or had.
pub(super) struct Verified<'b, 'h> {
    claims: Claims,
    newer: Option<Newer>,
    bytes: &'b [u8],
    holder: KeyHolder<'h>,
}

/// A verified pass that obeys the rules of the format.
pub(super) struct Sound<'a, 'h> {
    pub claims: &'a Claims,
    pub bytes: &'a [u8],
    pub holder: KeyHolder<'h>,
    /// The list in which its status stands: the week in which it expires.
    pub list: u32,
}

/// A sound pass that is not known to be revoked, nor expired by root-signed time.
pub(super) struct NotOver<'a, 'h>(pub Sound<'a, 'h>);

impl<'b, 'h> Verified<'b, 'h> {
    pub(super) fn new(read: ReadClaims, bytes: &'b [u8], holder: KeyHolder<'h>) -> Self {
        Self { claims: read.claims, newer: read.newer, bytes, holder }
    }

    /// What the verdict may show of it.
    pub fn into_shown(self) -> VerifiedPass {
        VerifiedPass::new(self.claims, self.holder.key.kid(), self.holder.authority.name.clone())
    }

    /// Rows 9 and 10: every critical key is known, the claims are sound, the status URI is that of the week in which
    /// the pass expires: neither thief nor issuer chooses the list.
    pub fn sound(&self, moment: &Moment<'h>) -> Result<Sound<'_, 'h>, Reason> {
        if let Some(Newer { map, key }) = self.newer {
            return Err(Reason::NewerKey { map, key });
        }
        self.claims.check().map_err(Reason::ClaimsInvalid)?;
        let list = list_of(self.claims.exp.into());
        let base = moment.held.trust().map_or("", |trust| trust.content().status_base.as_str());
        if !is_uri_of(&self.claims.status.uri, base, list) {
            return Err(Reason::ListMismatch { list });
        }
        Ok(Sound { claims: &self.claims, bytes: self.bytes, holder: self.holder, list })
    }
}

impl<'a, 'h> Sound<'a, 'h> {
    /// Rows 11 and 12: a revocation holds on old data too; root-signed time can only be right or late.
    pub fn not_over(self, moment: &Moment<'h>) -> Result<NotOver<'a, 'h>, Reason> {
        let idx = self.claims.status.idx;
        let known = moment.held.state(self.list).and_then(|state| state.value(idx));
        if known == Some(Value::Revoked) {
            let age_s: OptionalAge = moment.age();
            return Err(Reason::Revoked { list: self.list, idx, seq: moment.seq(), age_s });
        }
        let (exp, floor) = (self.claims.exp, moment.held.root_floor());
        if exp <= floor {
            return Err(Reason::Expired { exp, bound: floor.into(), row: 12 });
        }
        Ok(NotOver(self))
    }
}

/// Whether `uri` is exactly the base and the list's number in decimal, without leading zeros.
fn is_uri_of(uri: &str, base: &str, list: u32) -> bool {
    let number = uri.strip_prefix(base).unwrap_or_default();
    let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !(number.len() > 1 && number.starts_with('0'));
    plain && number.parse() == Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_the_base_and_the_number_and_nothing_else() {
        for (uri, list, is) in [
            ("HTTPS://A/2970", 2970, true),
            ("HTTPS://A/0", 0, true),
            ("HTTPS://A/4294967295", u32::MAX, true),
            ("HTTPS://A/", 0, false),
            ("HTTPS://A/02970", 2970, false),
            ("HTTPS://A/00", 0, false),
            ("HTTPS://A/+2970", 2970, false),
            ("HTTPS://A/2970 ", 2970, false),
            ("HTTPS://A/2971", 2970, false),
            ("HTTPS://A/4294967296", 0, false),
            ("HTTPS://B/2970", 2970, false),
            ("2970", 2970, false),
            ("", 0, false),
        ] {
            assert_eq!(is_uri_of(uri, "HTTPS://A/", list), is, "{uri}");
        }
    }
}
