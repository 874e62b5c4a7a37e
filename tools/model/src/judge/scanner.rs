//! What a scanner holds, and what it adopts (section 2).

use std::collections::BTreeMap;

use super::cbor::{self, Value};
use super::cose::{Sign, Sign1, cddl};
use super::manifest::Manifest;
use super::object::{Object, Status, Survivors};
use super::state::State;
use super::trust::{self, TrustList};
use super::{CDDL, DETERMINISM, Refusal, is_acceptable};

/// A part that is offered: adopted (true), or unchanged (false), or why it is refused.
pub type Answer = Result<bool, Refusal>;

type Kid = [u8; 8];

/// A scanner of one deployment.
#[derive(Debug, Clone)]
pub struct Scanner {
    pub(super) deployment: [u8; 8],
    roots: (usize, Vec<[u8; 32]>),
    pub(super) confirmed: bool,
    pub(super) trust: Option<TrustList>,
    pub(super) root_floor: u32,
    marked: Vec<Kid>,
    learnt: BTreeMap<Kid, Learnt>,
    pub(super) manifest: Option<Manifest>,
    /// By list: the state, and the key of the manifest under which it was adopted.
    pub(super) states: BTreeMap<u32, (State, Kid)>,
    pub(super) survivors: BTreeMap<Kid, Survivors>,
    trust_evidence: bool,
    manifest_evidence: BTreeMap<Kid, (u32, u32)>,
}

/// What a scanner remembers of a status key.
#[derive(Debug, Clone)]
struct Learnt {
    order: (u32, u32),
    hash: [u8; 32],
    issued: u32,
}

/// What can be seen of a scanner from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// Hash of the trust list.
    pub trust: Option<[u8; 32]>,
    /// Order of the manifest held.
    pub manifest: Option<(u32, u32)>,
    /// Highest order of the good keys.
    pub order: Option<(u32, u32)>,
    /// Floor and root floor.
    pub floors: (u32, u32),
    /// Hashes of the states, by list.
    pub states: BTreeMap<u32, [u8; 32]>,
    /// Whether the start is confirmed.
    pub confirmed: bool,
    /// Hashes of the survivors sets, by kid.
    pub survivors: BTreeMap<[u8; 8], [u8; 32]>,
}

impl Scanner {
    /// A new scanner of a provisioning file (2.6).
    pub fn provisioned(file: &[u8]) -> Result<Self, Refusal> {
        if file.len() > 512 {
            return Err(CDDL);
        }
        let value = cbor::read(file).ok_or(DETERMINISM)?;
        let read = || match value.array(4, 4)? {
            [kind, deployment, roots, floor] if *kind == Value::Int(4) => {
                Some((deployment.exactly()?, trust::roots(roots)?, floor.time()?))
            }
            _ => None,
        };
        let (deployment, roots, floor) = cddl(read())?;
        let twice = (1..roots.1.len()).any(|at| roots.1[..at].contains(&roots.1[at]));
        if twice || !roots.1.iter().all(is_acceptable) {
            return Err(CDDL);
        }
        Ok(Scanner {
            deployment,
            roots,
            confirmed: false,
            trust: None,
            root_floor: floor,
            marked: vec![],
            learnt: BTreeMap::new(),
            manifest: None,
            states: BTreeMap::new(),
            survivors: BTreeMap::new(),
            trust_evidence: false,
            manifest_evidence: BTreeMap::new(),
        })
    }

    /// The clock floor (2.7).
    pub fn floor(&self) -> u32 {
        self.learnt.values().map(|learnt| learnt.issued).fold(self.root_floor, u32::max)
    }

    /// Whether there is evidence that is not settled.
    pub fn has_evidence(&self) -> bool {
        self.trust_evidence || !self.manifest_evidence.is_empty()
    }

    /// What can be seen from outside.
    pub fn view(&self) -> View {
        View {
            trust: self.trust.as_ref().map(|list| list.hash),
            manifest: self.manifest.as_ref().map(Manifest::order),
            order: self.highest().map(|learnt| learnt.order),
            floors: (self.floor(), self.root_floor),
            states: self.states.iter().map(|(list, (state, _))| (*list, state.hash(&self.deployment))).collect(),
            confirmed: self.confirmed,
            survivors: self.survivors.iter().map(|(kid, set)| (*kid, set.hash)).collect(),
        }
    }

    /// An officer confirms the data's date (2.6).
    pub fn confirm_start(&mut self) -> Result<(), Refusal> {
        self.confirmed |= self.manifest.is_some();
        if self.confirmed { Ok(()) } else { Err("no_manifest") }
    }

    /// A bundle (2.6): the answers to its parts, or why it cannot be taken apart.
    pub fn offer_bundle(&mut self, bytes: &[u8]) -> Result<Vec<Answer>, Refusal> {
        if bytes.len() > 32 << 20 {
            return Err(CDDL);
        }
        let value = cbor::read(bytes).ok_or(DETERMINISM)?;
        let part = |part: &Value, cap| part.bytes().filter(|bytes| bytes.len() <= cap).map(<[u8]>::to_vec);
        let all = |value: &Value, least, most, cap| value.each(least, most, |one| part(one, cap));
        let read = || match value.array(4, 4)? {
            [kind, lists, manifest, objects] if *kind == Value::Int(3) => {
                Some((all(lists, 1, 16, 1 << 20)?, part(manifest, 16 << 10)?, all(objects, 0, 1024, 8 << 20)?))
            }
            _ => None,
        };
        let (lists, manifest, objects) = cddl(read())?;
        let mut answers = Vec::new();
        answers.extend(lists.iter().map(|list| self.offer_trust(list)));
        answers.push(self.offer_manifest(&manifest));
        answers.extend(objects.iter().map(|object| self.offer_object(object)));
        Ok(answers)
    }

    /// A trust list (2.2).
    pub fn offer_trust(&mut self, bytes: &[u8]) -> Answer {
        let message = Sign::read(bytes, 1 << 20)?;
        if message.typ != 65002 {
            return Err("wrong_type");
        }
        let list = cddl(TrustList::read(&message.payload, &message.payload_bytes))?;
        if list.deployment != self.deployment {
            return Err("other_deployment");
        }
        let mut roots = self.roots.clone();
        if let Some(held) = &self.trust {
            if list.sequence < held.sequence {
                return Err("rolled_back");
            }
            if list.sequence == held.sequence && list.hash == held.hash {
                return Ok(false);
            }
            roots = (held.threshold, held.roots.clone());
        }
        let valid = message.valid(&roots.1);
        if valid < roots.0 {
            return Err("threshold");
        }
        if list.newer {
            return Err("format_newer");
        }
        list.rules()?;
        // Counted anew where they are those held, too: the core spares itself that.
        if message.valid(&list.roots) < list.threshold {
            return Err("threshold");
        }
        if let Some(held) = &self.trust {
            if list.sequence == held.sequence {
                self.trust_evidence = true;
                return Err("equivocation");
            }
            if list.status_base != held.status_base {
                return Err("status_base_changed");
            }
        }
        if list.marks().iter().any(|(kid, compromised)| !compromised && self.marked.contains(kid)) {
            return Err("compromised_revived");
        }
        self.put_in_force(list);
        Ok(true)
    }

    fn put_in_force(&mut self, list: TrustList) {
        self.survivors.retain(|kid, set| list.survivors_of(*kid) == Some(set.hash));
        let is_good = |kid: &Kid| list.status_key(*kid).is_some_and(|key| !key.compromised);
        self.learnt.retain(|kid, _| is_good(kid));
        self.manifest_evidence.retain(|kid, _| is_good(kid));
        self.states.retain(|_, (_, kid)| is_good(kid));
        self.manifest = self.manifest.take().filter(|manifest| is_good(&manifest.kid));
        self.trust_evidence = false;
        self.manifest_evidence.retain(|_, (named, _)| *named >= list.sequence);
        if let Some(manifest) = &self.manifest
            && manifest.trust_sequence == list.sequence
            && manifest.trust_hash != list.hash
        {
            let (kid, order) = (manifest.kid, manifest.order());
            self.caught(kid, order);
        }
        self.marked.extend(list.marks().iter().filter(|(_, compromised)| *compromised).map(|(kid, _)| *kid));
        self.root_floor = self.root_floor.max(list.issued);
        self.trust = Some(list);
    }

    fn caught(&mut self, kid: Kid, order: (u32, u32)) {
        let highest = self.manifest_evidence.entry(kid).or_insert(order);
        *highest = order.max(*highest);
    }

    fn highest(&self) -> Option<&Learnt> {
        self.learnt.values().max_by_key(|learnt| learnt.order)
    }

    /// A manifest (2.3).
    pub fn offer_manifest(&mut self, bytes: &[u8]) -> Answer {
        let message = Sign1::read(bytes, 16 << 10)?;
        let list = self.trust.as_ref().ok_or("no_trust")?;
        if message.typ != 65003 {
            return Err("wrong_type");
        }
        if message.alg != -8 {
            return Err("wrong_alg");
        }
        let new = cddl(Manifest::read(&message.payload, &message.payload_bytes, message.kid))?;
        let key = list.status_key(message.kid).ok_or("key_unknown")?;
        if key.compromised {
            return Err("key_compromised");
        }
        if !message.is_signed_by(&key.public) {
            return Err("bad_signature");
        }
        if new.newer {
            return Err("format_newer");
        }
        if new.deployment != self.deployment {
            return Err("other_deployment");
        }
        if !key.covers(new.issued) || new.issued >= list.expires {
            return Err("key_window");
        }
        if new.trust_sequence < list.sequence || self.highest().is_some_and(|highest| new.order() < highest.order) {
            return Err("rolled_back");
        }
        if new.trust_sequence == list.sequence && new.trust_hash != list.hash {
            self.caught(new.kid, new.order());
            return Err("equivocation");
        }
        if let Some(highest) = self.highest().filter(|highest| highest.order == new.order()) {
            if highest.hash != new.hash {
                self.caught(new.kid, new.order());
                return Err("equivocation");
            }
            if self.manifest.is_some() {
                return Ok(false);
            }
        }
        if let Some(held) = &self.manifest {
            for entry in &held.lists {
                match new.entry(entry.list) {
                    None if u64::from(new.issued) < (u64::from(entry.list) + 1) * 604_800 => {
                        return Err("live_list_omitted");
                    }
                    Some(later) if later.n < entry.n => return Err("shrinks"),
                    _ => {}
                }
            }
        }
        let learnt = Learnt { order: new.order(), hash: new.hash, issued: new.issued };
        let before = self.learnt.insert(new.kid, learnt.clone());
        self.learnt.insert(new.kid, Learnt { issued: before.map_or(0, |it| it.issued).max(learnt.issued), ..learnt });
        self.manifest_evidence.retain(|_, caught| *caught >= new.order());
        self.states.retain(|list, _| new.entry(*list).is_some());
        self.manifest = Some(new);
        Ok(true)
    }

    /// A snapshot, a delta or a survivors set (2.4, 2.5).
    pub fn offer_object(&mut self, bytes: &[u8]) -> Answer {
        match Object::read(bytes)? {
            Object::Status(status) => self.offer_status(&status),
            Object::Survivors(set) => self.offer_survivors(set),
        }
    }

    fn offer_status(&mut self, object: &Status) -> Answer {
        let manifest = self.manifest.as_ref().ok_or("no_manifest")?;
        let entry = manifest.entry(object.list).ok_or("list_unknown")?;
        let held = self.states.get(&object.list).map(|(state, _)| state);
        if held.is_some_and(|state| state.hash(&self.deployment) == entry.state) {
            return Ok(false);
        }
        let changes = object.changes(entry.n)?;
        let mut values = vec![0; object.n as usize];
        if let Some(base) = changes.base {
            let held = held.filter(|state| state.hash(&self.deployment) == base).ok_or("wrong_base")?;
            if object.n < held.n() {
                return Err("shrinks");
            }
            values = held.values.clone();
            values.resize(object.n as usize, 0);
        }
        let entries = changes.sets.iter().flat_map(|(value, indexes)| indexes.iter().map(|idx| (*idx, *value)));
        let mut entries: Vec<(u32, u8)> = entries.collect();
        entries.sort_unstable();
        for (idx, value) in entries {
            let place = &mut values[idx as usize];
            if changes.base.is_some() && *place == value {
                return Err("no_change");
            }
            if *place == 1 {
                return Err("clears_revoked");
            }
            *place = value;
        }
        let state = State { list: object.list, values };
        if state.hash(&self.deployment) != entry.state {
            return Err("wrong_hash");
        }
        if held.is_some_and(|held| held.is_cleared_by(&state)) {
            return Err("clears_revoked");
        }
        let kid = manifest.kid;
        self.states.insert(object.list, (state, kid));
        Ok(true)
    }

    fn offer_survivors(&mut self, set: Survivors) -> Answer {
        let list = self.trust.as_ref().ok_or("no_trust")?;
        if list.survivors_of(set.kid) != Some(set.hash) {
            return Err("survivors_unknown");
        }
        let is_new = !self.survivors.contains_key(&set.kid);
        self.survivors.insert(set.kid, set);
        Ok(is_new)
    }

    /// The state of a list where the manifest names it with this n and hash.
    pub(super) fn current_state(&self, list: u32) -> Option<&State> {
        let entry = self.manifest.as_ref()?.entry(list)?;
        let (state, _) = self.states.get(&list)?;
        (state.n() == entry.n && state.hash(&self.deployment) == entry.state).then_some(state)
    }
}
