//! From a client certificate to an officer: the certificate was verified against the deployment's CA by rustls; here
//! its one URI says who it is.
//!
//! The URI is `freightpass://<deployment>/<body>/<officer>?roles=a,b`: the deployment as 16 hexadecimal digits, the
//! code of the authority, county office or enterprise, the officer's name, the roles. It is read by one exact grammar,
//! without percent-decoding, so that no two spellings name one officer.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::officer::{Officer, Role};

/// Bodies are authority codes (16 bytes, formats.md) or enterprise codes (18 characters); more is no body.
pub const MAX_BODY_BYTES: usize = 32;

/// An officer's name stands in every audit entry and request row.
pub const MAX_OFFICER_BYTES: usize = 64;

const SCHEME: &str = "freightpass://";

/// Why a certificate names no officer of this deployment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The bytes are no X.509 certificate.
    #[error("the client certificate cannot be read")]
    Unreadable,
    /// No subject alternative name, or none that is a URI of ours.
    #[error("the client certificate has no URI freightpass://... as subject alternative name")]
    NoUri,
    /// Two URIs of ours: which officer is it?
    #[error("the client certificate has more than one URI freightpass://...")]
    TwoUris,
    /// The URI does not have the form.
    #[error("the URI of the client certificate is malformed: {0}")]
    Malformed(&'static str),
    /// It belongs to another deployment.
    #[error("the client certificate belongs to deployment {found}, this is {wanted}")]
    OtherDeployment {
        /// The deployment in the certificate.
        found: String,
        /// The deployment of this service.
        wanted: String,
    },
    /// A role that does not exist.
    #[error("the client certificate names an unknown role")]
    UnknownRole,
    /// An applicant acts for an enterprise and cannot hold an authority's role as well.
    #[error("the client certificate joins the role applicant with a role of an authority")]
    MixedRoles,
}

/// The officer that the certificate (DER) names, for a service of `deployment`.
pub fn officer_of(certificate: &[u8], deployment: &[u8; 8]) -> Result<Officer, CertificateFault> {
    let (rest, certificate) = X509Certificate::from_der(certificate).map_err(|_| CertificateFault::Unreadable)?;
    if !rest.is_empty() {
        return Err(CertificateFault::Unreadable);
    }
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| CertificateFault::Unreadable)?
        .ok_or(CertificateFault::NoUri)?;
    let mut uris = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) if uri.starts_with(SCHEME) => Some(*uri),
        _ => None,
    });
    let uri = uris.next().ok_or(CertificateFault::NoUri)?;
    if uris.next().is_some() {
        return Err(CertificateFault::TwoUris);
    }
    officer_of_uri(uri, deployment)
}

/// The URI that names `officer` in `deployment`: what [`officer_of`] reads.
pub fn uri_of(officer: &Officer, deployment: &[u8; 8]) -> String {
    let roles: Vec<_> = officer.roles.iter().map(|role| role.name()).collect();
    format!("{SCHEME}{}/{}/{}?roles={}", HEXLOWER.encode(deployment), officer.body, officer.name, roles.join(","))
}

/// The officer that `uri` names.
pub fn officer_of_uri(uri: &str, deployment: &[u8; 8]) -> Result<Officer, CertificateFault> {
    use CertificateFault::Malformed;

    let rest = uri.strip_prefix(SCHEME).ok_or(CertificateFault::NoUri)?;
    let (path, query) = rest.split_once('?').ok_or(Malformed("no roles"))?;
    let mut parts = path.split('/');
    let (Some(found), Some(body), Some(name), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Malformed("not deployment/body/officer"));
    };

    let wanted = HEXLOWER.encode(deployment);
    if found.len() != wanted.len() || !found.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Malformed("deployment"));
    }
    if found != wanted {
        return Err(CertificateFault::OtherDeployment { found: found.to_owned(), wanted });
    }
    let body_byte = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    if !spelled(body, MAX_BODY_BYTES, body_byte) {
        return Err(Malformed("body"));
    }
    let name_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    if !spelled(name, MAX_OFFICER_BYTES, name_byte) || name.starts_with('.') {
        return Err(Malformed("officer"));
    }

    let list = query.strip_prefix("roles=").ok_or(Malformed("no roles"))?;
    let mut roles = BTreeSet::new();
    for role in list.split(',') {
        let role = Role::by_name(role).ok_or(CertificateFault::UnknownRole)?;
        if !roles.insert(role) {
            return Err(Malformed("a role twice"));
        }
    }
    if roles.contains(&Role::Applicant) && roles.len() > 1 {
        return Err(CertificateFault::MixedRoles);
    }
    Ok(Officer { body: body.to_owned(), name: name.to_owned(), roles: roles.into_iter().collect() })
}

fn spelled(text: &str, most: usize, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.len() <= most && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const DEPLOYMENT: [u8; 8] = [0x0f, 1, 2, 3, 4, 5, 6, 7];

    #[test]
    fn the_uri_of_an_officer_reads_back() {
        let officer =
            Officer { body: "CN-3205".into(), name: "chief".into(), roles: vec![Role::Approver, Role::Revoker] };
        let uri = uri_of(&officer, &DEPLOYMENT);
        assert_eq!(uri, "freightpass://0f01020304050607/CN-3205/chief?roles=approver,revoker");
        assert_eq!(officer_of_uri(&uri, &DEPLOYMENT), Ok(officer));
    }

    #[rstest]
    #[case("https://x/", CertificateFault::NoUri)]
    #[case("freightpass://0f01020304050607/A/b", CertificateFault::Malformed("no roles"))]
    #[case("freightpass://0f01020304050607/A/b?role=approver", CertificateFault::Malformed("no roles"))]
    #[case(
        "freightpass://0f01020304050607/A?roles=approver",
        CertificateFault::Malformed("not deployment/body/officer")
    )]
    #[case(
        "freightpass://0f01020304050607/A/b/c?roles=approver",
        CertificateFault::Malformed("not deployment/body/officer")
    )]
    #[case("freightpass://0f0102030405060/A/b?roles=approver", CertificateFault::Malformed("deployment"))]
    #[case("freightpass://0f0102030405060g/A/b?roles=approver", CertificateFault::Malformed("deployment"))]
    #[case("freightpass://0f01020304050607//b?roles=approver", CertificateFault::Malformed("body"))]
    #[case("freightpass://0f01020304050607/cn/b?roles=approver", CertificateFault::Malformed("body"))]
    #[case("freightpass://0f01020304050607/A%2F/b?roles=approver", CertificateFault::Malformed("body"))]
    #[case("freightpass://0f01020304050607/A/B?roles=approver", CertificateFault::Malformed("officer"))]
    #[case("freightpass://0f01020304050607/A/..?roles=approver", CertificateFault::Malformed("officer"))]
    #[case("freightpass://0f01020304050607/A/b?roles=", CertificateFault::UnknownRole)]
    #[case("freightpass://0f01020304050607/A/b?roles=approver,", CertificateFault::UnknownRole)]
    #[case("freightpass://0f01020304050607/A/b?roles=root", CertificateFault::UnknownRole)]
    #[case("freightpass://0f01020304050607/A/b?roles=revoker,revoker", CertificateFault::Malformed("a role twice"))]
    #[case("freightpass://0f01020304050607/A/b?roles=applicant,approver", CertificateFault::MixedRoles)]
    fn a_uri_with_a_fault_names_it(#[case] uri: &str, #[case] fault: CertificateFault) {
        assert_eq!(officer_of_uri(uri, &DEPLOYMENT), Err(fault));
    }

    #[test]
    fn a_certificate_of_another_deployment_is_refused() {
        assert_eq!(
            officer_of_uri("freightpass://ff01020304050607/A/b?roles=approver", &DEPLOYMENT),
            Err(CertificateFault::OtherDeployment {
                found: "ff01020304050607".into(),
                wanted: "0f01020304050607".into(),
            })
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(officer_of(&bytes, &DEPLOYMENT).is_err());
        }

        #[test]
        fn what_reads_is_spelled_in_one_way(uri in "freightpass://0f01020304050607/[A-Z0-9-]{1,33}/[a-z0-9._-]{1,8}\\?roles=(approver|revoker|auditor)(,(approver|revoker|auditor))?") {
            if let Ok(officer) = officer_of_uri(&uri, &DEPLOYMENT) {
                let again = uri_of(&officer, &DEPLOYMENT);
                prop_assert_eq!(officer_of_uri(&again, &DEPLOYMENT), Ok(officer));
            }
        }
    }
}
