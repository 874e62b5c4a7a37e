//! A trust list that is not signed yet, and the steps that change it.

use freightpass_core::bundle::Provision;
use freightpass_core::division::Division;
use freightpass_core::key::{Kid, PublicKey};
use freightpass_core::trust::{Authority, ListedKey, Programme, Roots, TrustContent, TrustList};

use super::error::CeremonyError;

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
    ///
    /// # Errors
    /// [`CeremonyError::ClockBehind`] where it would be made before the one that it follows.
    pub fn next(current: &TrustList, issued: u32, expires: u32) -> Result<Self, CeremonyError> {
        let content = current.content().clone();
        if issued < content.issued {
            return Err(CeremonyError::ClockBehind { issued: content.issued, now: issued });
        }
        let sequence = content.sequence.saturating_add(1);
        Ok(Self { content: TrustContent { sequence, issued, expires, ..content } })
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

    /// Replaces a key by another of the same holder, which signs from `from` to `until`. The old one signs until
    /// `old_until` at the latest, which may be later than `from`: in between either of them signs, so that nothing waits
    /// for the new key to arrive where it signs. It stays listed, so that what it signed counts to its end.
    pub fn rotate(
        &mut self,
        old: Kid,
        new: [u8; 32],
        (from, until): (u32, u32),
        old_until: u32,
    ) -> Result<Kid, CeremonyError> {
        let (holder, listed) = self.find(old)?;
        if listed.compromised {
            return Err(CeremonyError::Compromised { kid: old });
        }
        listed.until = listed.until.min(old_until);
        self.add_key(&holder, new, from, until)
    }

    /// Marks a key as compromised. With the hash of its survivors set its honest passes go on; without one they are
    /// referred. A set that is listed already stays where no other is given.
    pub fn compromise(&mut self, kid: Kid, survivors: Option<[u8; 32]>) -> Result<(), CeremonyError> {
        self.find(kid)?.1.compromised = true;
        if let Some(hash) = survivors {
            self.content.survivors.retain(|(of, _)| *of != kid);
            self.content.survivors.push((kid, hash));
        }
        Ok(())
    }

    /// Takes a key off the list, once nothing that it signed can still count: its window ended a longest life of a pass
    /// before this list was made. A status key that is not listed counts as compromised; passes of an authority's key
    /// that is not listed are refused.
    pub fn drop_key(&mut self, kid: Kid) -> Result<(), CeremonyError> {
        let (issued, life) = (self.content.issued, self.content.longest_life);
        let (holder, listed) = self.find(kid)?;
        if listed.compromised {
            return Err(CeremonyError::Compromised { kid });
        }
        let needed_until = listed.until.saturating_add(life);
        if needed_until > issued {
            return Err(CeremonyError::StillCounts { kid, needed_until });
        }
        self.keys(&holder)?.retain(|listed| listed.kid() != kid);
        Ok(())
    }

    /// Gives a listed authority another name, level, division or other programmes; its code, number and keys stay.
    pub fn amend_authority(&mut self, authority: Authority) -> Result<(), CeremonyError> {
        check_number(&authority)?;
        let listed = self.authority(&authority.code)?;
        if listed.number != authority.number {
            // The number stands in every pass of the authority.
            let (code, found, wanted) = (authority.code, authority.number, listed.number.to_string());
            return Err(CeremonyError::Number { code, found, wanted });
        }
        *listed = Authority { keys: std::mem::take(&mut listed.keys), ..authority };
        Ok(())
    }

    /// Takes an authority off the list with its keys: from then on every pass of it is refused.
    pub fn drop_authority(&mut self, code: &str) -> Result<(), CeremonyError> {
        let gone: Vec<Kid> = self.authority(code)?.keys.iter().map(ListedKey::kid).collect();
        self.content.survivors.retain(|(of, _)| !gone.contains(of));
        self.content.authorities.retain(|listed| listed.code != code);
        Ok(())
    }

    /// Adds a programme, or replaces the one of its number.
    pub fn put_programme(&mut self, programme: Programme) -> Result<(), CeremonyError> {
        let Programme { number, from, until, .. } = programme;
        if until <= from {
            return Err(CeremonyError::NeverOpen { number, from, until });
        }
        self.content.programmes.retain(|listed| listed.number != number);
        self.content.programmes.push(programme);
        Ok(())
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

    /// Whether manifests go on to be signed: from the moment of the list until every checkpoint has it (max_age later) a
    /// good status key is in its window at every moment. Without one nothing is published, and every pass is referred.
    pub fn check_goes_on(&self) -> Result<(), CeremonyError> {
        let (mut at, end) = (self.content.issued, self.content.issued.saturating_add(self.content.max_age));
        while at <= end {
            let good = self.content.status_keys.iter().filter(|key| !key.compromised && key.covers(at));
            match good.map(|key| key.until).max() {
                Some(until) => at = until,
                None => return Err(CeremonyError::NoStatusKey { at }),
            }
        }
        Ok(())
    }

    /// The draft's bytes: the payload that the roots sign.
    pub fn encode(&self) -> Result<Vec<u8>, CeremonyError> {
        Ok(self.content.encode()?)
    }

    /// What a scanner of this list is provisioned with: its roots, and a floor.
    pub fn provision(&self) -> Result<Provision, CeremonyError> {
        Ok(Provision::new(self.content.deployment, self.content.roots.clone(), self.content.issued)?)
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
