//! The values that a verdict compared, by name: JSON of the command line, and answers of the service.

use data_encoding::HEXLOWER;
use freightpass_core::pass::ClaimsFault;
use freightpass_core::scan::{OptionalAge, Reason};
use serde_json::{Value, json};

/// The values of a reason, each under its name in docs/FORMAT.md. Fields of a pass stand here only where its signature
/// was verified before the reason could arise (rows 9 and later).
pub fn values(reason: &Reason) -> Vec<(&'static str, Value)> {
    match reason {
        Reason::NotAPass { kind } => vec![("kind", json!(kind.name()))],
        Reason::NewerPrefix { version } => vec![("version", json!(version))],
        Reason::NoTrust => vec![],
        Reason::Malformed(malformed) => vec![
            ("layer", json!(malformed.layer.name())),
            ("error", json!(malformed.fault.to_string())),
            ("field", json!(malformed.fault.field())),
            ("offset", json!(malformed.offset)),
        ],
        Reason::WrongType { found, wanted } => vec![("found", json!(found)), ("wanted", json!(wanted))],
        // The number is any that CBOR can write, beyond what JSON readers keep exactly.
        Reason::WrongAlg { found, wanted } => vec![("found", json!(found.to_string())), ("wanted", json!(wanted))],
        Reason::KeyUnknown { kid, sequence, age_s, current } => vec![
            ("kid", json!(kid.to_string())),
            ("sequence", json!(sequence)),
            ("age_s", age(*age_s)),
            ("current", json!(current)),
        ],
        Reason::IssuerMismatch { kid, owner, current } => {
            vec![("kid", json!(kid.to_string())), ("owner", json!(owner)), ("current", json!(current))]
        }
        Reason::BadSignature { kid } => vec![("kid", json!(kid.to_string()))],
        Reason::NewerKey { map, key } => vec![("map", json!(map)), ("key", json!(key))],
        Reason::ClaimsInvalid(fault) => of_claims(fault),
        Reason::ListMismatch { list } => {
            vec![("field", json!("status.uri")), ("rule", json!("list")), ("list", json!(list))]
        }
        Reason::Revoked { list, idx, seq, age_s } | Reason::Suspended { list, idx, seq, age_s } => {
            vec![("list", json!(list)), ("idx", json!(idx)), ("seq", json!(seq)), ("age_s", age(*age_s))]
        }
        Reason::Expired { exp, bound, row } => {
            vec![("exp", json!(exp)), (if *row == 12 { "floor" } else { "t" }, json!(bound))]
        }
        Reason::TrustBehind { held, named, age_s } => {
            vec![("held", json!(held)), ("named", json!(named)), ("age_s", age(*age_s))]
        }
        Reason::TrustExpired { held, expires, age_s } => {
            vec![("held", json!(held)), ("expires", json!(expires)), ("age_s", age(*age_s))]
        }
        Reason::Equivocation { order, age_s } => {
            vec![("trust_sequence", json!(order.0)), ("seq", json!(order.1)), ("age_s", age(*age_s))]
        }
        Reason::LifeTooLong { life_s, longest_s, current } => {
            vec![("life_s", json!(life_s)), ("longest_s", json!(longest_s)), ("current", json!(current))]
        }
        Reason::OutOfScope { authority, number, allowed, current } => vec![
            ("authority", json!(authority)),
            ("number", json!(number)),
            ("allowed", json!(allowed)),
            ("current", json!(current)),
        ],
        Reason::ProgrammeNotAllowed { programme, authority, current } => {
            vec![("programme", json!(programme)), ("authority", json!(authority)), ("current", json!(current))]
        }
        Reason::KeyWindow { nbf, from, until, current } => {
            vec![("nbf", json!(nbf)), ("from", json!(from)), ("until", json!(until)), ("current", json!(current))]
        }
        Reason::NotASurvivor { kid, set, current } => {
            vec![("kid", json!(kid.to_string())), ("set", json!(HEXLOWER.encode(set))), ("current", json!(current))]
        }
        Reason::SurvivorsMissing { kid, set } => {
            vec![("kid", json!(kid.to_string())), ("set", json!(set.as_ref().map(|set| HEXLOWER.encode(set))))]
        }
        Reason::ClockBehind { now, floor } | Reason::UnconfirmedStart { now, floor } => {
            vec![("now", json!(now)), ("floor", json!(floor))]
        }
        Reason::StatusMissing { list, seq, age_s } | Reason::ListUnknown { list, seq, age_s } => {
            vec![("list", json!(list)), ("seq", json!(seq)), ("age_s", age(*age_s))]
        }
        Reason::StatusStale { seq, age_s, limit_s } => {
            vec![("seq", json!(seq)), ("age_s", age(*age_s)), ("limit_s", json!(limit_s))]
        }
        Reason::IndexBeyond { idx, n } => vec![("idx", json!(idx)), ("n", json!(n))],
        Reason::NotYetValid { t, nbf } => vec![("t", json!(t)), ("nbf", json!(nbf))],
        Reason::PlateMismatch { read, signed } => vec![("read", json!(read)), ("signed", json!(signed))],
        Reason::OffRoute { here, route, refuse: _ } => {
            vec![("here", json!(here.to_string())), ("route", places(route))]
        }
        Reason::NoPlace { route } => vec![("route", places(route))],
    }
}

fn of_claims(fault: &ClaimsFault) -> Vec<(&'static str, Value)> {
    match fault {
        ClaimsFault::Window { nbf, exp } => {
            vec![("field", json!("exp")), ("rule", json!("window")), ("nbf", json!(nbf)), ("exp", json!(exp))]
        }
        ClaimsFault::Character { field, refused } => vec![
            ("field", json!(field)),
            ("rule", json!("character")),
            ("code_point", json!(format!("U+{:04X}", u32::from(refused.character)))),
            ("position", json!(refused.position)),
        ],
        ClaimsFault::Format { field } => vec![("field", json!(field)), ("rule", json!("format"))],
    }
}

fn age(age: OptionalAge) -> Value {
    json!(age.0)
}

fn places(route: &[freightpass_core::division::Division]) -> Value {
    route.iter().map(ToString::to_string).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use freightpass_core::characters::first_refused;
    use freightpass_core::key::Kid;

    use super::*;

    #[test]
    fn values_stand_under_their_names() {
        let revoked = Reason::Revoked { list: 2970, idx: 7, seq: 12, age_s: OptionalAge(Some(60)) };
        assert_eq!(
            values(&revoked),
            [("list", json!(2970)), ("idx", json!(7)), ("seq", json!(12)), ("age_s", json!(60))]
        );
        let unknown = Reason::BadSignature { kid: Kid([0xab; 8]) };
        assert_eq!(values(&unknown), [("kid", json!("abababababababab"))]);
        let refused = first_refused("a\u{202e}").unwrap();
        let invalid = Reason::ClaimsInvalid(ClaimsFault::Character { field: "tractor", refused });
        assert!(values(&invalid).contains(&("code_point", json!("U+202E"))));
        assert!(values(&invalid).contains(&("position", json!(1))));
    }

    #[test]
    fn the_two_ways_to_be_expired_name_what_they_were_compared_with() {
        let named = |row| values(&Reason::Expired { exp: 1, bound: 2, row })[1].0;
        assert_eq!((named(12), named(20)), ("floor", "t"));
    }
}
