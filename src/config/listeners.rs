//! Where people and scanners come in.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::section::section;

section! {
    /// Where scanners and holders come in. Plaintext is for loopback alone. Certificates are read anew when their files
    /// change and on SIGHUP, without a restart.
    PublicListener {
        /// Address and port; port 0 takes a free one.
        address: SocketAddr = ([127, 0, 0, 1], 8440).into();
        /// Certificate chain, PEM. Without it the listener speaks plaintext, which only a loopback address may.
        certificate: Option<PathBuf> = None, example "\"/etc/freightpass/tls/public.pem\"";
        /// Its private key, PEM.
        key: Option<PathBuf> = None, example "\"/etc/freightpass/tls/public.key\"";
    }
}

section! {
    /// Where officers come in, by mutual TLS always. In development the PKI below the data folder serves where nothing is
    /// set; production refuses it.
    AdminListener {
        /// Address and port; port 0 takes a free one.
        address: SocketAddr = ([127, 0, 0, 1], 8441).into();
        /// Certificate chain, PEM.
        certificate: Option<PathBuf> = None, example "\"/etc/freightpass/tls/admin.pem\"";
        /// Its private key, PEM.
        key: Option<PathBuf> = None, example "\"/etc/freightpass/tls/admin.key\"";
        /// CA certificates, PEM: whoever holds a certificate of theirs with a freightpass URI in it is an officer.
        client_ca: Option<PathBuf> = None, example "\"/etc/freightpass/tls/officers-ca.pem\"";
    }
}
