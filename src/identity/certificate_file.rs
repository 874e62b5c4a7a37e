//! What a PEM file of certificates says of itself: until when it counts, and whether a development PKI made it.

use std::path::Path;

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::x509::X509Name;

use super::pki::{DEVELOPMENT_CA, PkiError};

/// When each certificate of the PEM file ceases to count, in their order; at least one.
pub fn ends(path: &Path) -> Result<Vec<Timestamp>, PkiError> {
    each(path, |certificate| {
        Timestamp::from_second(certificate.validity().not_after.timestamp()).map_err(|error| fault(path, error))
    })
}

/// Whether any certificate of the PEM file is of a development PKI, or is its CA.
pub fn is_of_development(path: &Path) -> Result<bool, PkiError> {
    let named = |name: &X509Name<'_>| {
        name.iter_common_name().any(|part| part.as_str().is_ok_and(|text| text.starts_with(DEVELOPMENT_CA)))
    };
    let found = each(path, |certificate| Ok(named(certificate.issuer()) || named(certificate.subject())))?;
    Ok(found.contains(&true))
}

fn each<T>(path: &Path, ask: impl Fn(&X509Certificate<'_>) -> Result<T, PkiError>) -> Result<Vec<T>, PkiError> {
    let text = std::fs::read(path).map_err(|source| PkiError::File { path: path.to_owned(), source })?;
    let mut found = Vec::new();
    for pem in Pem::iter_from_buffer(&text) {
        let pem = pem.map_err(|error| fault(path, error))?;
        if pem.label == "CERTIFICATE" {
            found.push(ask(&pem.parse_x509().map_err(|error| fault(path, error))?)?);
        }
    }
    if found.is_empty() { Err(fault(path, "holds no certificate")) } else { Ok(found) }
}

fn fault(path: &Path, problem: impl ToString) -> PkiError {
    PkiError::Certificate { path: path.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;
    use crate::identity::DevelopmentPki;

    #[test]
    fn every_certificate_of_a_file_tells_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chain.pem");
        let mut text = String::new();
        for year in [2031, 2030] {
            let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            parameters.not_after = date_time_ymd(year, 1, 1);
            text += &parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
        }
        std::fs::write(&path, text).unwrap();
        let ends: Vec<String> = ends(&path).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(ends, ["2031-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]);
        assert!(!is_of_development(&path).unwrap());
    }

    #[test]
    fn what_a_development_pki_made_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let pki = DevelopmentPki::open_or_create(folder.path(), [7; 8], now).unwrap();
        assert!(is_of_development(&pki.ca()).unwrap());
        assert!(is_of_development(&pki.server(now).unwrap().certificate).unwrap());
    }

    #[test]
    fn a_file_without_a_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        for text in ["", "no PEM\n", &KeyPair::generate().unwrap().serialize_pem()] {
            std::fs::write(&path, text).unwrap();
            assert!(ends(&path).unwrap_err().to_string().contains("key.pem"), "{text}");
        }
    }
}
