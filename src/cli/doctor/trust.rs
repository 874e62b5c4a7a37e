//! Trust list and keys: that they open, go together, and last.

use freightpass_core::trust::{TrustList, UnverifiedTrustList};

use super::Look;
use super::finding::Severity::{Error, Fatal, Info, Warn};
use crate::config::Mode;
use crate::trust::bootstrap::KEYS_FOLDER;
use crate::trust::{Expiry, KeyStore, Passphrase, StoredList, ends, is_root};

impl Look<'_> {
    /// What the trust list in force lets run out, and which of its keys are here.
    pub(super) fn trust(&mut self, lists: &[StoredList]) {
        let newest = lists.last().and_then(|list| {
            let read = UnverifiedTrustList::read(&list.object).ok()?;
            read.unverified_list().ok()
        });
        let Some(list) = newest else {
            let advice =
                "put provision.fp and trust.fp of the ceremony into the data folder: `freightpass trust --help`";
            self.findings.add(Fatal, "trust", "there is no trust list", advice);
            return;
        };
        for end in ends(&list) {
            let what = match &end.what {
                Expiry::TrustList => format!("trust list {}", list.content().sequence),
                Expiry::StatusKeys => "the last good status key".to_owned(),
                Expiry::AuthorityKeys { authority } => format!("the last good key of {authority}"),
                Expiry::Programme { number } => format!("programme {number}"),
            };
            let advice = "hold a ceremony and install the next trust list: `freightpass trust --help`";
            self.ends("trust", &what, end.at, advice);
        }
        self.held(&list);
    }

    fn held(&mut self, list: &TrustList) {
        let Ok(passphrase) = Passphrase::read(&self.config.passphrase_file()) else { return };
        let Ok(keys) = KeyStore::open(&self.config.data_folder.join(KEYS_FOLDER), passphrase) else { return };
        let content = list.content();
        let now = u32::try_from(self.now).unwrap_or(u32::MAX);
        let signs = content.status_keys.iter().any(|key| !key.compromised && key.covers(now) && keys.holds(key.kid()));
        if !signs {
            let advice = "put a key there that the trust list names, or install a list that names one that is there";
            self.findings.add(Error, "keys", "no status key that may sign now is here: nothing is published", advice);
        }
        for kid in keys.held() {
            let status = list.status_key(kid).map(|(_, listed)| listed);
            let issuer = list.issuer(kid).map(|holder| holder.listed);
            match status.or(issuer) {
                Some(listed) if listed.compromised => {
                    let found = format!("{kid} is here, and the trust list calls it compromised");
                    self.findings.add(Warn, "keys", found, "remove its file when its survivors are in force");
                }
                Some(_) => {}
                None => {
                    let found = format!("{kid} is here, and the trust list does not name it");
                    self.findings.add(Info, "keys", found, "install the list that names it, or remove its file");
                }
            }
        }
    }

    /// That every key file opens.
    pub(super) async fn keys(&mut self) {
        let folder = self.config.data_folder.join(KEYS_FOLDER);
        if !folder.exists() {
            return;
        }
        if self.config.mode == Mode::Production
            && let Some(path) = super::files::below(&folder).into_iter().find(|path| is_root(path))
        {
            let found = format!("{}: a root key lies on the server", path.display());
            self.findings.add(Fatal, "keys", found, "keep it on a machine without a network, and remove it here");
        }
        let passphrase = match Passphrase::read(&self.config.passphrase_file()) {
            Ok(passphrase) => passphrase,
            Err(error) => {
                self.findings.add(Fatal, "keys", error, "put the passphrase of the keys back");
                return;
            }
        };
        match KeyStore::open(&folder, passphrase) {
            Ok(keys) => self.findings.ok("keys", format_args!("{} key(s) open", keys.held().len())),
            Err(error) => self.findings.add(Fatal, "keys", error, "put the key and its passphrase back from a backup"),
        }
    }
}
