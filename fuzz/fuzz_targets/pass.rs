//! A pass: claims that are read can be signed again, and then they are the same bytes but for keys that nobody names.
#![no_main]

use freightpass_core::cose::{Typ, sign1_header};
use freightpass_core::limits::PASS_MEMORY;
use freightpass_core::pass::{Unsigned, UnverifiedPass};
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::envelope;
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(Vectors::read().passes(), |bytes| {
    let read = within(PASS_MEMORY, bytes, || {
        let pass = UnverifiedPass::read(bytes)?;
        Ok((pass, pass.unverified_claims()?))
    });
    let (pass, claims) = match read {
        Ok(read) => read,
        Err(error) => return placed(&error, bytes),
    };
    let message = envelope::sign1(bytes).expect("it is a message");
    if claims.check().is_err() || message.protected != sign1_header(pass.kid(), Typ::Pass) {
        return;
    }
    let again = Unsigned::new(&claims, pass.kid()).expect("what is read can be signed").finish(&message.signature);
    match again.as_bytes().len() {
        same if same == bytes.len() => assert_eq!(again.as_bytes(), bytes),
        shorter => {
            assert!(shorter < bytes.len(), "{again:02x?}");
            let read = UnverifiedPass::read(again.as_bytes()).and_then(|pass| pass.unverified_claims());
            assert_eq!(read, Ok(claims));
        }
    }
});
