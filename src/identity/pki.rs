//! A development PKI: one CA, a server certificate for this machine, client certificates for officers. It is made so
//! that `serve` and `demo` need no ceremony; production brings its own, and the configuration refuses this one there.
//!
//! Layout below its folder: `ca.pem`, `ca.key`, `server.pem`, `server.key`, `deployment` (16 hexadecimal digits),
//! `officers/<body>.<officer>.pem` and `.key`. Keys are PKCS#8 PEM, mode 0600.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::{Span, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use x509_parser::pem::parse_x509_pem;

use super::certificate::uri_of;
use super::officer::Officer;

/// How the name of a development CA begins.
pub(super) const DEVELOPMENT_CA: &str = "freightpass development CA";

/// The CA outlives a development deployment.
const CA_DAYS: i64 = 3650;

/// Server and officers: long enough for a rehearsal, short enough that expiry is seen.
const LEAF_DAYS: i64 = 365;

/// A leaf that ends within this time is made anew at the next start.
const RENEW_BEFORE_DAYS: i64 = 30;

/// Why the development PKI could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A certificate could not be made or read.
    #[error("{path}: {problem}", path = path.display())]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A body or a name of which no file may be named.
    #[error("no certificate can be made for {text:?}: only ASCII letters, digits, -, _ and . are allowed, and no ..")]
    Name {
        /// What was asked for.
        text: String,
    },
    /// The folder belongs to another deployment.
    #[error("{path}: this development PKI belongs to deployment {found}, the registry to {wanted}; remove the folder to make a new one", path = path.display())]
    OtherDeployment {
        /// The folder.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What the registry says.
        wanted: String,
    },
}

/// A certificate and its key, as files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// The private key, PKCS#8 PEM.
    pub key: PathBuf,
}

/// The development PKI of one data folder.
pub struct DevelopmentPki {
    folder: PathBuf,
    deployment: [u8; 8],
    ca: Issuer<'static, KeyPair>,
}

impl DevelopmentPki {
    /// Opens the PKI below `folder`, and makes it where it is missing: CA and server certificate.
    ///
    /// A crash on the way leaves either nothing or whole files (each is written beside its place and renamed); the next
    /// call makes what is missing. The CA's certificate is renamed last and says that there is a CA.
    pub fn open_or_create(folder: &Path, deployment: [u8; 8], now: Timestamp) -> Result<Self, PkiError> {
        let certificate = folder.join("ca.pem");
        let key = folder.join("ca.key");
        if !certificate.exists() {
            create_folder(folder)?;
            let pair = KeyPair::generate().map_err(|error| fault(&key, error))?;
            write(&key, pair.serialize_pem().as_bytes(), 0o600)?;
            write(&folder.join("deployment"), HEXLOWER.encode(&deployment).as_bytes(), 0o644)?;
            let signed =
                ca_parameters(&deployment, now).self_signed(&pair).map_err(|error| fault(&certificate, error))?;
            write(&certificate, signed.pem().as_bytes(), 0o644)?;
        }
        let pki = Self::open(folder, now)?;
        if pki.deployment != deployment {
            return Err(PkiError::OtherDeployment {
                path: folder.to_owned(),
                found: HEXLOWER.encode(&pki.deployment),
                wanted: HEXLOWER.encode(&deployment),
            });
        }
        pki.server(now)?;
        Ok(pki)
    }

    /// Opens the PKI below `folder`, which must exist; `now` is only needed to know the CA's name.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Self, PkiError> {
        let spelled = folder.join("deployment");
        let text = read(&spelled)?;
        let deployment = u64::from_str_radix(text.trim(), 16)
            .ok()
            .filter(|_| text.trim().len() == 16)
            .ok_or_else(|| fault(&spelled, "not 16 hexadecimal digits"))?
            .to_be_bytes();
        let key = folder.join("ca.key");
        let pair = KeyPair::from_pem(&read(&key)?).map_err(|error| fault(&key, error))?;
        Ok(Self { folder: folder.to_owned(), deployment, ca: Issuer::new(ca_parameters(&deployment, now), pair) })
    }

    /// The certificate of the CA: what a client trusts, and what the server asks of clients.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The server's certificate, for `localhost` and the loopback addresses; made anew when it ends soon.
    pub fn server(&self, now: Timestamp) -> Result<Identity, PkiError> {
        let mut parameters = leaf_parameters("freightpass development server", now);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let name = |text: &str| text.try_into().map_err(|error| fault(&self.folder, error));
        parameters.subject_alt_names = vec![
            SanType::DnsName(name("localhost")?),
            SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()),
            SanType::IpAddress(std::net::Ipv6Addr::LOCALHOST.into()),
        ];
        self.leaf(&self.folder.join("server"), parameters, now)
    }

    /// The certificate of `officer`; made where it is missing, made anew when it ends soon or names other roles.
    pub fn officer(&self, officer: &Officer, now: Timestamp) -> Result<Identity, PkiError> {
        for text in [&officer.body, &officer.name] {
            if !names_a_file(text) {
                return Err(PkiError::Name { text: text.clone() });
            }
        }
        let folder = self.folder.join("officers");
        create_folder(&folder)?;
        let uri = uri_of(officer, &self.deployment);
        let mut parameters = leaf_parameters(&officer.to_string(), now);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        parameters.subject_alt_names =
            vec![SanType::URI(uri.as_str().try_into().map_err(|error| fault(&folder, error))?)];
        let place = folder.join(format!("{}.{}", officer.body, officer.name));
        let identity = files(&place);
        if identity.certificate.exists() && !certificate_holds(&identity.certificate, &uri)? {
            fs::remove_file(&identity.certificate)
                .map_err(|source| PkiError::File { path: identity.certificate.clone(), source })?;
        }
        self.leaf(&place, parameters, now)
    }

    fn leaf(&self, place: &Path, parameters: CertificateParams, now: Timestamp) -> Result<Identity, PkiError> {
        let identity = files(place);
        if identity.certificate.exists()
            && identity.key.exists()
            && not_after(&identity.certificate)? > days_after(now, RENEW_BEFORE_DAYS)
        {
            return Ok(identity);
        }
        let pair = KeyPair::generate().map_err(|error| fault(&identity.key, error))?;
        let signed = parameters.signed_by(&pair, &self.ca).map_err(|error| fault(&identity.certificate, error))?;
        // The old certificate must not stand beside the new key, should the machine stop in between.
        if identity.certificate.exists() {
            fs::remove_file(&identity.certificate)
                .map_err(|source| PkiError::File { path: identity.certificate.clone(), source })?;
        }
        write(&identity.key, pair.serialize_pem().as_bytes(), 0o600)?;
        write(&identity.certificate, signed.pem().as_bytes(), 0o644)?;
        Ok(identity)
    }
}

/// Whether a file may be named after a body or an officer: such names come out of tables too, and shall not choose where
/// a key is written.
fn names_a_file(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.bytes().all(allowed) && !text.contains("..")
}

/// When the first certificate of the PEM file `path` ceases to count.
fn not_after(path: &Path) -> Result<Timestamp, PkiError> {
    let text = read(path)?;
    let (_, pem) = parse_x509_pem(text.as_bytes()).map_err(|error| fault(path, error))?;
    let certificate = pem.parse_x509().map_err(|error| fault(path, error))?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).map_err(|error| fault(path, error))
}

fn certificate_holds(path: &Path, uri: &str) -> Result<bool, PkiError> {
    use x509_parser::extensions::GeneralName;

    let text = read(path)?;
    let (_, pem) = parse_x509_pem(text.as_bytes()).map_err(|error| fault(path, error))?;
    let certificate = pem.parse_x509().map_err(|error| fault(path, error))?;
    let names = certificate.subject_alternative_name().map_err(|error| fault(path, error))?;
    Ok(names.is_some_and(|names| {
        names.value.general_names.iter().any(|name| matches!(name, GeneralName::URI(found) if *found == uri))
    }))
}

fn ca_parameters(deployment: &[u8; 8], now: Timestamp) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, format!("{DEVELOPMENT_CA} {}", HEXLOWER.encode(deployment)));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut parameters, now, CA_DAYS);
    parameters
}

fn leaf_parameters(name: &str, now: Timestamp) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.use_authority_key_identifier_extension = true;
    set_validity(&mut parameters, now, LEAF_DAYS);
    parameters
}

fn days_after(now: Timestamp, days: i64) -> Timestamp {
    now.checked_add(Span::new().hours(days.saturating_mul(24))).unwrap_or(Timestamp::MAX)
}

/// From the midnight (UTC) before yesterday's end to the midnight `days` on: certificates count days here.
fn set_validity(parameters: &mut CertificateParams, now: Timestamp, days: i64) {
    let midnight = |at: Timestamp| {
        let day = TimeZone::UTC.to_datetime(at).date();
        rcgen::date_time_ymd(i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs())
    };
    parameters.not_before = midnight(days_after(now, -1));
    parameters.not_after = midnight(days_after(now, days));
}

fn files(place: &Path) -> Identity {
    let with = |ending: &str| {
        let mut path = place.as_os_str().to_owned();
        path.push(ending);
        PathBuf::from(path)
    };
    Identity { certificate: with(".pem"), key: with(".key") }
}

fn create_folder(path: &Path) -> Result<(), PkiError> {
    fs::create_dir_all(path).map_err(|source| PkiError::File { path: path.to_owned(), source })
}

fn read(path: &Path) -> Result<String, PkiError> {
    fs::read_to_string(path).map_err(|source| PkiError::File { path: path.to_owned(), source })
}

/// Writes beside the place and renames, so that a reader finds the whole file or none.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), PkiError> {
    let beside = path.with_extension("new");
    let written = || -> io::Result<()> {
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(|source| PkiError::File { path: path.to_owned(), source })
}

fn fault(path: &Path, problem: impl ToString) -> PkiError {
    PkiError::Certificate { path: path.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::certificate::officer_of;
    use super::super::officer::Role;
    use super::*;

    const DEPLOYMENT: [u8; 8] = *b"\x01rehears";

    fn chief() -> Officer {
        Officer { body: "CN-3205".into(), name: "chief".into(), roles: vec![Role::Approver, Role::Revoker] }
    }

    fn read_officer(identity: &Identity) -> Officer {
        let text = fs::read(&identity.certificate).unwrap();
        let (_, pem) = parse_x509_pem(&text).unwrap();
        officer_of(&pem.contents, &DEPLOYMENT).unwrap()
    }

    #[test]
    fn an_officers_certificate_names_the_officer_and_stays_until_it_ends_soon() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        let pki = DevelopmentPki::open_or_create(folder.path(), DEPLOYMENT, now).unwrap();
        let identity = pki.officer(&chief(), now).unwrap();
        assert_eq!(read_officer(&identity), chief());

        let first = fs::read(&identity.certificate).unwrap();
        let reopened = DevelopmentPki::open_or_create(folder.path(), DEPLOYMENT, now).unwrap();
        reopened.officer(&chief(), now).unwrap();
        assert_eq!(fs::read(&identity.certificate).unwrap(), first);

        let late = days_after(now, LEAF_DAYS - RENEW_BEFORE_DAYS);
        reopened.officer(&chief(), late).unwrap();
        assert_ne!(fs::read(&identity.certificate).unwrap(), first);
        assert!(not_after(&identity.certificate).unwrap() > days_after(late, LEAF_DAYS - 2));
    }

    #[test]
    fn no_name_leads_out_of_the_folder_of_officers() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        let pki = DevelopmentPki::open_or_create(&folder.path().join("a/pki"), DEPLOYMENT, now).unwrap();
        for (body, name) in
            [("../../x", "desk"), ("x/y", "desk"), ("CN", "../x"), ("..", "desk"), ("", "desk"), ("甲", "x")]
        {
            let officer = Officer { body: body.into(), name: name.into(), roles: vec![Role::Applicant] };
            assert!(matches!(pki.officer(&officer, now), Err(PkiError::Name { .. })), "{body} {name}");
        }
        assert!(!folder.path().join("a/x.desk.key").exists());
    }

    #[test]
    fn other_roles_make_another_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        let pki = DevelopmentPki::open_or_create(folder.path(), DEPLOYMENT, now).unwrap();
        pki.officer(&chief(), now).unwrap();
        let auditor = Officer { roles: vec![Role::Auditor], ..chief() };
        assert_eq!(read_officer(&pki.officer(&auditor, now).unwrap()), auditor);
    }

    #[test]
    fn a_folder_of_another_deployment_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        DevelopmentPki::open_or_create(folder.path(), DEPLOYMENT, now).unwrap();
        assert!(matches!(
            DevelopmentPki::open_or_create(folder.path(), [9; 8], now),
            Err(PkiError::OtherDeployment { .. })
        ));
    }

    #[test]
    fn keys_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        let pki = DevelopmentPki::open_or_create(folder.path(), DEPLOYMENT, now).unwrap();
        for key in [folder.path().join("ca.key"), pki.server(now).unwrap().key, pki.officer(&chief(), now).unwrap().key]
        {
            assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
