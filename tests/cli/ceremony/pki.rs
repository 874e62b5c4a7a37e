//! The certificates of a production deployment, as an authority's own PKI would issue them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};

/// A certificate and its key.
pub struct Leaf {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// One CA for servers and officers.
pub struct Pki {
    folder: PathBuf,
    ca: Issuer<'static, KeyPair>,
}

impl Pki {
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pair = KeyPair::generate().unwrap();
        fs::write(folder.join("ca.pem"), parameters.self_signed(&pair).unwrap().pem()).unwrap();
        Self { folder: folder.to_owned(), ca: Issuer::new(parameters, pair) }
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    pub fn server(&self) -> Leaf {
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.leaf("server", parameters)
    }

    /// The certificate of an officer, who is what its URI says.
    pub fn officer(&self, name: &str, uri: &str) -> Leaf {
        let mut parameters = CertificateParams::default();
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        parameters.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
        self.leaf(name, parameters)
    }

    fn leaf(&self, name: &str, mut parameters: CertificateParams) -> Leaf {
        parameters.use_authority_key_identifier_extension = true;
        let pair = KeyPair::generate().unwrap();
        let leaf =
            Leaf { certificate: self.folder.join(format!("{name}.pem")), key: self.folder.join(format!("{name}.key")) };
        fs::write(&leaf.certificate, parameters.signed_by(&pair, &self.ca).unwrap().pem()).unwrap();
        fs::write(&leaf.key, pair.serialize_pem()).unwrap();
        fs::set_permissions(&leaf.key, fs::Permissions::from_mode(0o600)).unwrap();
        leaf
    }
}
