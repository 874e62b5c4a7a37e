//! Making the next trust list, on a machine that holds a root key: a draft from nothing or from the list in force,
//! changed step by step, encoded once, then cosigned by one root after the other.
//!
//! The rules here are the ceremony's own, on top of what every scanner asks: an authority's number follows from its
//! division, a key is not ended before its time without a word, compromised is final.

use ed25519_dalek::{Signer as _, SigningKey};
use freightpass_core::bundle::Provision;
use freightpass_core::cose;
use freightpass_core::division::Division;
use freightpass_core::key::{KeyError, Kid, PublicKey};
use freightpass_core::malformed::Malformed;
use freightpass_core::trust::{
    Authority, ListedKey, Programme, Roots, TrustContent, TrustFault, TrustList, UnverifiedTrustList,
};

/// Longest number of a nation's own bodies in cn, which have no division.
const NATION_NUMBERS: std::ops::RangeInclusive<u32> = 1..=99_999;

/// A trust list that is not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    content: TrustContent,
}

/// What a first trust list begins with; authorities, programmes and keys are added to the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The deployment.
    pub deployment: [u8; 8],
    /// Root keys and threshold.
    pub roots: Roots,
    /// When it is made, seconds since 1970.
    pub issued: u32,
    /// From when on it speaks no more, seconds since 1970.
    pub expires: u32,
    /// Longest age of a manifest by which a checkpoint may admit, seconds.
    pub max_age: u32,
    /// How far a checkpoint's clock may be off, seconds, at most 600.
    pub skew: u32,
    /// Longest life of a pass, seconds.
    pub longest_life: u32,
    /// What the status URI of every pass begins with, 8 to 40 bytes; it can never be changed.
    pub status_base: String,
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// The deployment: it signs manifests.
    Status,
    /// The authority of this code: it signs passes.
    Authority(String),
}

/// Why a step of the ceremony is refused.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// No authority has the code.
    #[error("no authority has the code {code}")]
    NoAuthority {
        /// The code.
        code: String,
    },
    /// The code is taken.
    #[error("an authority with the code {code} is listed already")]
    AuthorityExists {
        /// The code.
        code: String,
    },
    /// The number is not the one that follows from the division.
    #[error("the number of {code} is {found}, its division asks for {wanted}")]
    Number {
        /// The authority.
        code: String,
        /// The number given.
        found: u32,
        /// What it has to be.
        wanted: String,
    },
    /// No key of the list has the name.
    #[error("the list names no key {kid}")]
    NoKey {
        /// The name.
        kid: Kid,
    },
    /// The key is compromised, for ever.
    #[error("the key {kid} is compromised, which is final")]
    Compromised {
        /// The key.
        kid: Kid,
    },
    /// No programme has the number.
    #[error("no programme has the number {number}")]
    NoProgramme {
        /// The number.
        number: u16,
    },
    /// A public key that no scanner accepts.
    #[error("the public key is {0}")]
    Key(#[from] KeyError),
    /// The list would not be adopted.
    #[error("no scanner would adopt this list: {0}")]
    Fault(#[from] TrustFault),
    /// The bytes are neither a draft nor a trust list.
    #[error("neither a draft nor a trust list: {0}")]
    Unreadable(#[from] Malformed),
    /// The key is no root key of the list, nor one of those that must sign it.
    #[error("the key {kid} is none of the roots that can sign this list")]
    NotARoot {
        /// The key.
        kid: Kid,
    },
}

impl Draft {
    /// The first list of a deployment, without authorities.
    pub fn first(beginning: Beginning) -> Self {
        let content = TrustContent {
            deployment: beginning.deployment,
            sequence: 1,
            issued: beginning.issued,
            expires: beginning.expires,
            roots: beginning.roots,
            authorities: Vec::new(),
            max_age: beginning.max_age,
            skew: beginning.skew,
            longest_life: beginning.longest_life,
            programmes: Vec::new(),
            status_base: beginning.status_base,
            survivors: Vec::new(),
            status_keys: Vec::new(),
        };
        Self { content }
    }

    /// The list after `current`, with the same contents and a new life.
    pub fn next(current: &TrustList, issued: u32, expires: u32) -> Self {
        let content = current.content().clone();
        let sequence = content.sequence.saturating_add(1);
        Self { content: TrustContent { sequence, issued, expires, ..content } }
    }

    /// What the draft says so far.
    pub fn content(&self) -> &TrustContent {
        &self.content
    }

    /// Adds an authority. Where its division is a code of GB/T 2260 its number is the code, filled with zeros on the
    /// right to six digits; without a division it is 1 to 99999.
    pub fn add_authority(&mut self, authority: Authority) -> Result<(), CeremonyError> {
        check_number(&authority)?;
        if self.content.authorities.iter().any(|listed| listed.code == authority.code) {
            return Err(CeremonyError::AuthorityExists { code: authority.code });
        }
        self.content.authorities.push(authority);
        Ok(())
    }

    /// Adds a key. Passes begin in its window, manifests are issued in it: publish it max_age before it is used.
    pub fn add_key(&mut self, holder: &Holder, key: [u8; 32], from: u32, until: u32) -> Result<Kid, CeremonyError> {
        let kid = PublicKey::from_bytes(&key)?.kid();
        self.keys(holder)?.push(ListedKey { key, from, until, compromised: false });
        Ok(kid)
    }

    /// Replaces a key by another of the same holder at `at`: the old one signs until then and stays listed, so that what
    /// it signed counts to its end.
    pub fn rotate(&mut self, old: Kid, new: [u8; 32], at: u32, until: u32) -> Result<Kid, CeremonyError> {
        let (holder, listed) = self.find(old)?;
        if listed.compromised {
            return Err(CeremonyError::Compromised { kid: old });
        }
        listed.until = listed.until.min(at);
        self.add_key(&holder, new, at, until)
    }

    /// Marks a key as compromised. With the hash of its survivors set its honest passes go on; without one they are
    /// referred.
    pub fn compromise(&mut self, kid: Kid, survivors: Option<[u8; 32]>) -> Result<(), CeremonyError> {
        self.find(kid)?.1.compromised = true;
        self.content.survivors.retain(|(of, _)| *of != kid);
        self.content.survivors.extend(survivors.map(|hash| (kid, hash)));
        Ok(())
    }

    /// Takes a key off the list. A status key that is not listed counts as compromised; passes of an authority's key
    /// that is not listed are refused: leave it listed for the longest life after its window.
    pub fn drop_key(&mut self, kid: Kid) -> Result<(), CeremonyError> {
        let (holder, listed) = self.find(kid)?;
        if listed.compromised {
            return Err(CeremonyError::Compromised { kid });
        }
        self.keys(&holder)?.retain(|listed| listed.kid() != kid);
        Ok(())
    }

    /// Adds a programme, or replaces the one of its number.
    pub fn put_programme(&mut self, programme: Programme) {
        self.content.programmes.retain(|listed| listed.number != programme.number);
        self.content.programmes.push(programme);
    }

    /// Lets an authority issue under a programme.
    pub fn allow(&mut self, code: &str, programme: u16) -> Result<(), CeremonyError> {
        if !self.content.programmes.iter().any(|listed| listed.number == programme) {
            return Err(CeremonyError::NoProgramme { number: programme });
        }
        let authority = self.authority(code)?;
        if !authority.programmes.contains(&programme) {
            authority.programmes.push(programme);
        }
        Ok(())
    }

    /// Changes the roots: the list then needs the signatures of the old ones and of the new.
    pub fn set_roots(&mut self, roots: Roots) {
        self.content.roots = roots;
    }

    /// Changes what checkpoints are held to, in seconds: longest age of a manifest, clock skew, longest life of a pass.
    pub fn set_limits(&mut self, max_age: u32, skew: u32, longest_life: u32) {
        (self.content.max_age, self.content.skew, self.content.longest_life) = (max_age, skew, longest_life);
    }

    /// The draft's bytes: the payload that the roots sign.
    pub fn encode(&self) -> Result<Vec<u8>, CeremonyError> {
        Ok(self.content.encode()?)
    }

    /// What a scanner of this list is provisioned with: its roots, and a floor.
    pub fn provision(&self) -> Provision {
        Provision { deployment: self.content.deployment, roots: self.content.roots.clone(), floor: self.content.issued }
    }

    fn authority(&mut self, code: &str) -> Result<&mut Authority, CeremonyError> {
        let found = self.content.authorities.iter_mut().find(|authority| authority.code == code);
        found.ok_or_else(|| CeremonyError::NoAuthority { code: code.to_owned() })
    }

    fn keys(&mut self, holder: &Holder) -> Result<&mut Vec<ListedKey>, CeremonyError> {
        match holder {
            Holder::Status => Ok(&mut self.content.status_keys),
            Holder::Authority(code) => Ok(&mut self.authority(code)?.keys),
        }
    }

    fn find(&mut self, kid: Kid) -> Result<(Holder, &mut ListedKey), CeremonyError> {
        let status = self.content.status_keys.iter_mut().map(|key| (Holder::Status, key));
        let passes = self.content.authorities.iter_mut().flat_map(|authority| {
            let holder = Holder::Authority(authority.code.clone());
            authority.keys.iter_mut().map(move |key| (holder.clone(), key))
        });
        status.chain(passes).find(|(_, key)| key.kid() == kid).ok_or(CeremonyError::NoKey { kid })
    }
}

/// Adds the signature of one root key to a draft (the payload's bytes) or to a list that others have signed. Signing
/// twice with one key changes nothing. `before` is the list in force, whose roots sign too; none for a first list.
pub fn cosign(bytes: &[u8], key: &SigningKey, before: Option<&TrustList>) -> Result<Vec<u8>, CeremonyError> {
    let kid = Kid::of(key.verifying_key().as_bytes());
    let read = UnverifiedTrustList::read(bytes);
    let (payload, mut signatures) = match &read {
        Ok(list) => (list.payload(), list.cosignatures()),
        Err(_) => (bytes, Vec::new()),
    };
    signatures.retain(|(by, _)| *by != kid);
    signatures.push((kid, key.sign(&cose::cosignature_message(kid, payload)).to_bytes()));
    let object = cose::sign(payload, &signatures);
    let list = UnverifiedTrustList::read(&object)?.unverified_list()?;
    let roots = list.roots().iter().chain(before.into_iter().flat_map(TrustList::roots));
    if !roots.into_iter().any(|root| root.kid() == kid) {
        return Err(CeremonyError::NotARoot { kid });
    }
    Ok(object)
}

/// How many of its roots, and of those of the list before it, have signed a list: (valid, needed) for each.
pub fn signed(object: &[u8], before: Option<&TrustList>) -> Result<Vec<(usize, u8)>, CeremonyError> {
    let unverified = UnverifiedTrustList::read(object)?;
    let list = unverified.unverified_list()?;
    let signatures = unverified.cosignatures();
    let count = |roots: &[PublicKey]| {
        let signed = |root: &&PublicKey| {
            let message = cose::cosignature_message(root.kid(), unverified.payload());
            signatures.iter().any(|(kid, signature)| *kid == root.kid() && root.verifies(&message, signature))
        };
        roots.iter().filter(signed).count()
    };
    let lists = before.into_iter().chain([&list]);
    Ok(lists.map(|list| (count(list.roots()), list.content().roots.threshold)).collect())
}

/// The division of that code: a number of GB/T 2260 where it is one, else a text.
pub fn division(code: &str) -> Option<Division> {
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        return freightpass_core::division::Code::new(code.parse().ok()?).map(Division::Code);
    }
    (2..=8).contains(&code.len()).then(|| Division::Text(code.to_owned()))
}

fn check_number(authority: &Authority) -> Result<(), CeremonyError> {
    let (right, wanted) = match &authority.division {
        Some(Division::Code(code)) => {
            let digits = code.value().to_string();
            let wanted = format!("{digits:0<6}");
            (authority.number.to_string() == wanted, wanted)
        }
        Some(Division::Text(_)) => return Ok(()),
        None => (NATION_NUMBERS.contains(&authority.number), "1 to 99999".to_owned()),
    };
    if right {
        return Ok(());
    }
    Err(CeremonyError::Number { code: authority.code.clone(), found: authority.number, wanted })
}

#[cfg(test)]
mod tests {
    use freightpass_core::hold::{Adoption, AdoptionError, Held};
    use freightpass_core::trust::{Level, OffRoute};

    use super::*;

    const NOW: u32 = 1_796_054_400;
    const DAY: u32 = 86_400;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn public(seed: u8) -> [u8; 32] {
        key(seed).verifying_key().to_bytes()
    }

    fn kid(seed: u8) -> Kid {
        Kid::of(&public(seed))
    }

    fn authority(code: &str, number: u32, division: &str, key: u8) -> Authority {
        let listed = ListedKey { key: public(key), from: NOW, until: NOW + 365 * DAY, compromised: false };
        Authority {
            code: code.to_owned(),
            number,
            name: code.to_owned(),
            level: Level::Prefecture,
            division: super::division(division),
            programmes: vec![],
            keys: vec![listed],
        }
    }

    /// Two of three roots (1, 2, 3), status key 4, one authority with key 5.
    fn first() -> Draft {
        let mut draft = Draft::first(Beginning {
            deployment: *b"ceremony",
            roots: Roots { threshold: 2, keys: vec![public(1), public(2), public(3)] },
            issued: NOW,
            expires: NOW + 90 * DAY,
            max_age: DAY,
            skew: 300,
            longest_life: 30 * DAY,
            status_base: "HTTPS://PASS.TEST/S/".to_owned(),
        });
        draft.add_key(&Holder::Status, public(4), NOW, NOW + 365 * DAY).unwrap();
        let off_route = OffRoute::Refuse;
        draft.put_programme(Programme { number: 1, name: "test".into(), from: NOW, until: NOW + 365 * DAY, off_route });
        draft.add_authority(authority("CN-3205", 320_500, "3205", 5)).unwrap();
        draft.allow("CN-3205", 1).unwrap();
        draft
    }

    fn in_force() -> (Held, TrustList) {
        let draft = first();
        let one = cosign(&draft.encode().unwrap(), &key(1), None).unwrap();
        let two = cosign(&one, &key(3), None).unwrap();
        let mut held = Held::provisioned(&draft.provision());
        assert_eq!(held.adopt_trust(&two), Ok(Adoption::Adopted));
        let list = held.trust().unwrap().clone();
        (held, list)
    }

    #[test]
    fn first_list_is_adopted_when_the_threshold_has_signed_and_not_before() {
        let draft = first();
        let one = cosign(&draft.encode().unwrap(), &key(1), None).unwrap();
        let again = cosign(&one, &key(1), None).unwrap();
        assert_eq!(again, one);
        assert_eq!(signed(&one, None).unwrap(), [(1, 2)]);
        let mut held = Held::provisioned(&draft.provision());
        assert_eq!(held.adopt_trust(&one), Err(AdoptionError::Threshold { valid: 1, threshold: 2 }));
        let two = cosign(&one, &key(2), None).unwrap();
        assert_eq!(signed(&two, None).unwrap(), [(2, 2)]);
        assert_eq!(held.adopt_trust(&two), Ok(Adoption::Adopted));
    }

    #[test]
    fn stranger_and_damaged_draft_are_refused() {
        let payload = first().encode().unwrap();
        let stranger = cosign(&payload, &key(9), None);
        assert!(matches!(stranger, Err(CeremonyError::NotARoot { kid: by }) if by == kid(9)));
        assert!(matches!(cosign(&payload[1..], &key(1), None), Err(CeremonyError::Unreadable(_))));
        assert!(matches!(cosign(b"", &key(1), None), Err(CeremonyError::Unreadable(_))));
    }

    #[test]
    fn rotation_ends_the_old_window_and_keeps_it_listed() {
        let (mut held, list) = in_force();
        let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY);
        let new = draft.rotate(kid(5), public(6), NOW + 3 * DAY, NOW + 400 * DAY).unwrap();
        assert_eq!(new, kid(6));
        let keys = &draft.content().authorities[0].keys;
        assert_eq!((keys[0].until, keys[1].from), (NOW + 3 * DAY, NOW + 3 * DAY));
        let payload = draft.encode().unwrap();
        let signed_list = cosign(&cosign(&payload, &key(2), Some(&list)).unwrap(), &key(3), Some(&list)).unwrap();
        assert_eq!(held.adopt_trust(&signed_list), Ok(Adoption::Adopted));
        assert_eq!(held.trust().unwrap().content().sequence, 2);
    }

    #[test]
    fn compromised_key_carries_its_survivors_and_never_comes_back() {
        let (mut held, list) = in_force();
        let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY);
        draft.compromise(kid(5), Some([7; 32])).unwrap();
        assert_eq!(draft.content().survivors, [(kid(5), [7; 32])]);
        let refused = draft.rotate(kid(5), public(6), NOW, NOW + DAY);
        assert!(matches!(refused, Err(CeremonyError::Compromised { .. })));
        assert!(matches!(draft.drop_key(kid(5)), Err(CeremonyError::Compromised { .. })));
        draft.add_key(&Holder::Authority("CN-3205".into()), public(6), NOW, NOW + 99 * DAY).unwrap();
        let list_2 = cosign(&cosign(&draft.encode().unwrap(), &key(1), None).unwrap(), &key(2), None).unwrap();
        assert_eq!(held.adopt_trust(&list_2), Ok(Adoption::Adopted));
        assert!(held.trust().unwrap().issuer(kid(5)).unwrap().listed.compromised);
        assert!(matches!(draft.compromise(kid(9), None), Err(CeremonyError::NoKey { .. })));
    }

    #[test]
    fn new_roots_need_the_old_ones_and_themselves() {
        let (mut held, list) = in_force();
        let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY);
        draft.set_roots(Roots { threshold: 1, keys: vec![public(7)] });
        let payload = draft.encode().unwrap();
        let by_new = cosign(&payload, &key(7), Some(&list)).unwrap();
        assert_eq!(signed(&by_new, Some(&list)).unwrap(), [(0, 2), (1, 1)]);
        assert!(matches!(held.adopt_trust(&by_new), Err(AdoptionError::Threshold { valid: 0, threshold: 2 })));
        assert!(matches!(cosign(&by_new, &key(1), None), Err(CeremonyError::NotARoot { .. })));
        let by_old = cosign(&cosign(&by_new, &key(1), Some(&list)).unwrap(), &key(2), Some(&list)).unwrap();
        assert_eq!(held.adopt_trust(&by_old), Ok(Adoption::Adopted));
    }

    #[test]
    fn number_follows_from_the_division() {
        let mut draft = first();
        for (division, number) in [("32", 320_000), ("3301", 330_100), ("429004", 429_004)] {
            let mut new = authority(&format!("CN-{division}"), number + 1, division, 6);
            assert!(matches!(draft.add_authority(new.clone()), Err(CeremonyError::Number { .. })));
            new.number = number;
            draft.add_authority(new).unwrap();
        }
        let nation = Authority { division: None, level: Level::Nation, ..authority("CN", 100_000, "11", 8) };
        assert!(matches!(draft.add_authority(nation.clone()), Err(CeremonyError::Number { .. })));
        draft.add_authority(Authority { number: 99_999, ..nation }).unwrap();
        let twice = draft.add_authority(authority("CN-3205", 320_500, "3205", 9));
        assert!(matches!(twice, Err(CeremonyError::AuthorityExists { .. })));
        draft.add_authority(authority("DE-BY", 7, "DE-BY", 10)).unwrap();
    }
}
