//! Rows 3 to 8: from bytes to a pass whose signature holds.

use crate::cose::{ALG_EDDSA, Typ};
use crate::pass::{TextError, UnverifiedPass};
use crate::scan::Reason;
use crate::scan::moment::Moment;
use crate::scan::verified::Verified;

/// A pass that nobody vouches for.
pub(super) struct Unverified<'b> {
    pass: UnverifiedPass<'b>,
}

impl<'b> Unverified<'b> {
    /// Row 3: text, envelope and determinism.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Reason> {
        Ok(Self { pass: UnverifiedPass::read(bytes)? })
    }

    /// Rows 4 to 8. The signature comes last because it is the dearest; kid and issuer must lead to one authority, or
    /// any listed key could sign in any authority's name.
    pub fn verify<'h>(self, moment: &Moment<'h>) -> Result<Verified<'b, 'h>, Reason> {
        let envelope = &self.pass.envelope;
        let trust = moment.held.trust().ok_or(Reason::NoTrust)?;
        if envelope.typ != Typ::Pass.value() {
            return Err(Reason::WrongType { found: envelope.typ, wanted: Typ::Pass.value() });
        }
        if envelope.alg != i128::from(ALG_EDDSA) {
            return Err(Reason::WrongAlg { found: envelope.alg, wanted: ALG_EDDSA });
        }
        let read = self.pass.read_claims()?;
        let kid = envelope.kid;
        let Some(holder) = trust.issuer(kid) else {
            let (sequence, age_s) = (trust.content().sequence, moment.age());
            return Err(Reason::KeyUnknown { kid, sequence, age_s, current: moment.is_current() });
        };
        if holder.authority.code != read.claims.iss {
            let owner = holder.authority.code.clone();
            return Err(Reason::IssuerMismatch { kid, owner, current: moment.is_current() });
        }
        if !trust.verifies(&holder, &envelope.message(), &envelope.signature) {
            return Err(Reason::BadSignature { kid });
        }
        Ok(Verified::new(read, self.pass.bytes(), holder))
    }
}

impl From<TextError> for Reason {
    fn from(error: TextError) -> Self {
        match error {
            TextError::NotAPass(kind) => Reason::NotAPass { kind },
            TextError::Newer { version } => Reason::NewerPrefix { version },
            TextError::Malformed(malformed) => Reason::Malformed(malformed),
        }
    }
}
