//! The deployment behind a case: what it would publish, in its good order, and what somebody else might.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use freightpass_core::key::Kid;
use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::status::State;
use freightpass_core::trust::{Level, ListedKey, OffRoute, TrustContent};
use freightpass_vectors::edge::{EdgeKey, small_order};
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, DAY, DEPLOYMENT, T0};
use freightpass_vectors::write::{self, sha256};

use super::pass::Pass;
use super::seal::{self, public};
use super::source::Source;

/// Capacities: within a byte of the state, at its end and over it.
const CAPACITIES: &[u32] = &[64, 65, 8, 200, 67];
/// Lists, as [`world::states`] has them; passes of [`world::T0`] and a week are in 2970.
const LISTS: &[u32] = &[2969, 2970, 2971, 2973];

static TRUST: LazyLock<TrustContent> = LazyLock::new(world::trust);

/// A deployment in its course.
pub struct Publisher {
    /// The present, seconds since 1970.
    pub clock: u32,
    /// The newest trust list.
    pub trust: TrustContent,
    /// Who signs it.
    pub signers: Vec<&'static str>,
    /// The newest states, by list.
    pub states: BTreeMap<u32, State>,
    /// The states of the manifest before.
    pub bases: BTreeMap<u32, State>,
    /// The newest manifest.
    pub manifest: ManifestContent,
    /// The newest survivors sets.
    pub survivors: Vec<Vec<u8>>,
}

impl Publisher {
    /// A deployment like that of the vectors, with some things otherwise.
    pub fn new(s: &mut Source<'_>) -> Self {
        let trust = TRUST.clone();
        let states: BTreeMap<u32, State> = LISTS.iter().map(|list| (*list, state(*list, s.pick(CAPACITIES)))).collect();
        let manifest = ManifestContent {
            deployment: DEPLOYMENT,
            seq: 100,
            issued: world::ISSUED,
            expires: world::ISSUED + 3 * DAY,
            ttl: 600,
            trust_sequence: trust.sequence,
            trust_hash: [0; 32],
            lists: vec![],
        };
        let mut new = Publisher {
            clock: world::NOW as u32,
            trust,
            signers: vec!["root 1", "root 2"],
            bases: states.clone(),
            states,
            manifest,
            survivors: vec![],
        };
        new.name_all();
        new
    }

    /// The payload of the trust list.
    pub fn trust_payload(&self) -> Item {
        write::trust(&self.trust)
    }

    /// The trust list.
    pub fn trust_bytes(&self) -> Vec<u8> {
        seal::cosigned(&self.trust_payload(), &self.signers)
    }

    /// Names the trust list and the states in force in the manifest.
    pub fn name_all(&mut self) {
        self.manifest.trust_sequence = self.trust.sequence;
        self.manifest.trust_hash = sha256(&self.trust_payload().encode());
        self.manifest.lists = { self.states.iter() }
            .map(|(list, state)| {
                let hash = state.hash(&DEPLOYMENT);
                let base = self.bases.get(list).map_or(hash, |base| base.hash(&DEPLOYMENT));
                ListEntry { list: *list, n: state.n(), base, state: hash }
            })
            .collect();
    }

    /// The objects that bring every list up to date: snapshots, or deltas from the states before.
    pub fn objects(&self, s: &mut Source<'_>) -> Vec<Item> {
        self.states.values().map(|state| self.object(state, s)).collect()
    }

    fn object(&self, state: &State, s: &mut Source<'_>) -> Item {
        let base = self.bases.get(&state.list()).filter(|base| *base != state);
        match base {
            Some(base) if !s.one_in(3) => delta(base, state, s),
            _ => {
                let (revoked, suspended) = state.sets();
                write::snapshot(state.list(), state.n(), &world::set(&revoked), &world::set(&suspended))
            }
        }
    }

    /// A next manifest: later, with some indexes changed.
    pub fn advance(&mut self, s: &mut Source<'_>) {
        self.clock = self.clock.saturating_add(s.pick(&[600, 0, 1, 3600, DAY, 8 * DAY]));
        self.bases = self.states.clone();
        self.manifest.seq = self.manifest.seq.saturating_add(1);
        self.manifest.issued = self.clock;
        self.manifest.expires = self.clock + 3 * DAY;
        for _ in 0..s.below(4) {
            let list = s.pick(LISTS);
            let Some(state) = self.states.get(&list) else { continue };
            let mut idx = s.below(state.n() as usize) as u32;
            let (mut revoked, mut suspended) = state.sets();
            if s.one_in(4) && !revoked.is_empty() {
                idx = s.pick(&revoked);
            }
            let mut n = state.n();
            suspended.retain(|at| *at != idx);
            match s.below(6) {
                0 => revoked.push(idx),
                1 => suspended.push(idx),
                2 => n += s.pick(&[8, 1, 64]),
                3 => n = n.saturating_sub(s.pick(&[1, 60])).max(1),
                4 => revoked.retain(|at| *at != idx),
                _ => {}
            }
            suspended.retain(|at| !revoked.contains(at) && *at < n);
            revoked.retain(|at| *at < n);
            for set in [&mut revoked, &mut suspended] {
                set.sort_unstable();
                set.dedup();
            }
            if let Ok(state) = State::from_sets(list, n, &revoked, &suspended) {
                self.states.insert(list, state);
            }
        }
        if s.one_in(8) {
            self.states.remove(&s.pick(LISTS));
        }
        self.name_all();
        if s.one_in(6) {
            let trust_sequence = self.manifest.trust_sequence;
            match s.below(6) {
                0 => self.manifest.trust_sequence = trust_sequence.saturating_add(1),
                1 => self.manifest.trust_sequence = trust_sequence.saturating_sub(1),
                2 => self.manifest.trust_hash[0] ^= 1,
                3 => self.manifest.seq = self.manifest.seq.saturating_sub(s.pick(&[1, 2, 50])),
                4 => self.manifest.deployment[0] ^= 1,
                _ => {
                    let sooner = s.pick(&[0, 1, 3600, 30 * DAY]);
                    self.manifest.issued = self.manifest.issued.saturating_sub(sooner);
                }
            }
        }
        if s.one_in(8) {
            self.manifest.issued = match s.below(4) {
                0 => s.near32(self.trust.expires),
                1 => s.near32(self.trust.status_keys[0].from),
                2 => s.near32(self.trust.status_keys[0].until),
                _ => {
                    // About the end of the first list.
                    self.manifest.lists.retain(|entry| entry.list >= world::LIST);
                    s.near32(world::LIST * 604_800)
                }
            };
            self.manifest.expires = self.manifest.issued.saturating_add(s.pick(&[DAY, 1, 0]));
        }
    }

    /// A next trust list, with up to three things otherwise. Survivors sets hold some of these passes.
    pub fn amend(&mut self, passes: &[Pass], s: &mut Source<'_>) {
        self.next_list(s);
        for _ in 0..1 + s.below(3) {
            self.amend_one(passes, s);
        }
    }

    /// Sequence and date of a next trust list.
    pub fn next_list(&mut self, s: &mut Source<'_>) {
        self.clock = self.clock.saturating_add(s.pick(&[600, 0, 1, 3600]));
        self.trust.sequence = self.trust.sequence.saturating_add(s.pick(&[1, 1, 2, 0]));
        self.trust.issued = self.clock.saturating_sub(s.pick(&[300, 0, DAY, 40 * DAY]));
    }

    /// The second status key is compromised.
    pub fn mark_status_key(&mut self) {
        self.trust.status_keys.iter_mut().skip(1).take(1).for_each(|key| key.compromised = true);
    }

    /// Calls every key good again.
    pub fn revive(&mut self) {
        let listed = self.trust.authorities.iter_mut().flat_map(|authority| &mut authority.keys);
        listed.chain(&mut self.trust.status_keys).for_each(|key| key.compromised = false);
    }

    /// The trust list with one thing otherwise.
    pub fn amend_one(&mut self, passes: &[Pass], s: &mut Source<'_>) {
        let at = s.pick(&[3, 0, 2, 4, 1, 5, 6]).min(self.trust.authorities.len() - 1);
        match s.below(24) {
            0 => self.trust.max_age = s.pick(&[DAY, 600, 0, 3 * DAY, 7 * DAY, u32::MAX]),
            1 => self.trust.skew = s.pick(&[300, 0, 1, 600]),
            2 => self.trust.longest_life = s.pick(&[7 * DAY, 7 * DAY - 1, 30 * DAY, DAY, 0, u32::MAX]),
            3 => {
                let hours = s.pick(&[1, 0, 24]) * 3600;
                let (from, until) = (s.near32(T0), s.near32(T0 + hours));
                if let Some(key) = s_key(&mut self.trust.authorities[at].keys, s) {
                    (key.from, key.until) = (from, until);
                }
            }
            4 | 5 => self.compromise(at, passes, s),
            6 => {
                let at = s.below(self.trust.status_keys.len());
                self.trust.status_keys[at].compromised ^= true;
            }
            7 if self.trust.status_keys.len() > 1 => {
                let at = s.below(self.trust.status_keys.len());
                self.trust.status_keys.remove(at);
            }
            8 => self.trust.status_keys.push(world_key(s.pick(&["status 3", "spare 1", "status 1", "root 1"]))),
            9 => {
                let name = s.pick(&["spare 1", "spare 2", "CN-3205", "CN"]);
                self.trust.authorities[at].keys.push(world_key(name));
            }
            10 => drop(self.trust.authorities.remove(at.max(1).min(self.trust.authorities.len() - 1))),
            11 => {
                let threshold = s.pick(&[2, 1, 3, 4]);
                let names = s.pick(&[
                    &["root 2", "root 3", "root 4"][..],
                    &["root 1", "root 2", "root 3"],
                    &["root 1", "root 4"],
                    &["root 3"],
                    &["root 1", "root 1", "root 2"],
                ]);
                self.trust.roots.threshold = threshold;
                self.trust.roots.keys = names.iter().map(|name| public(name)).collect();
            }
            12 => {
                self.signers = s
                    .pick(&[&["root 1", "root 2", "root 3", "root 4"][..], &["root 1"], &["root 2", "root 3"]])
                    .to_vec()
            }
            13 => self.trust.status_base = s.pick(&["HTTPS://S.FP.CN/204/", "HTTPS://S.FP.CN/205/", "HTTPS://"]).into(),
            14 => {
                let programme = s.below(self.trust.programmes.len());
                let programme = &mut self.trust.programmes[programme];
                match s.below(4) {
                    0 => programme.from = s.near32(T0),
                    1 => programme.until = s.near32(T0),
                    2 => programme.off_route = if s.one_in(2) { OffRoute::Refer } else { OffRoute::Refuse },
                    _ => programme.number = s.pick(&[1, 2, 3, 4, 6]),
                }
            }
            15 => self.trust.authorities[at].programmes = s.pick(&[&[1, 2, 4, 5][..], &[2], &[], &[1]]).to_vec(),
            16 => {
                let end = s.pick(&[self.clock + 3600, self.clock, self.clock + DAY, self.trust.issued]);
                self.trust.expires = s.near32(end);
            }
            17 => {
                let from = s.below(self.trust.authorities.len());
                let (code, number) = (self.trust.authorities[from].code.clone(), self.trust.authorities[from].number);
                match s.below(3) {
                    0 => self.trust.authorities[at].code = code,
                    1 => self.trust.authorities[at].number = number,
                    _ => self.trust.authorities[at].level = Level::Nation,
                }
            }
            20 => {
                self.revive();
            }
            21 => {
                let key = match s.below(3) {
                    0 => s.pick(&small_order()),
                    1 => [0xee; 32], // y over p with a sign, or no point at all
                    _ => EdgeKey::mixed(seal::key("CN"), 1 + s.below(7)).public(),
                };
                let listed = ListedKey { key, ..world_key("CN") };
                match s.below(3) {
                    0 => self.trust.authorities[at].keys.push(listed),
                    1 => self.trust.status_keys.push(listed),
                    _ => self.trust.roots.keys.push(key),
                }
            }
            23 => match s.below(3) {
                0 => self.trust.status_base = "H".repeat(s.pick(&[40, 41, 8, 7])),
                1 => self.trust.authorities[at].code = "A".repeat(s.pick(&[16, 17, 1, 0])),
                _ => self.trust.authorities[at].name = "A".repeat(s.pick(&[90, 91, 1, 0])),
            },
            22 => {
                let root = s.pick(&["spare 1", "CN-3205", "status 1"]);
                self.trust.roots.keys.push(public(root));
            }
            18 => {
                let twice = self.trust.survivors.first().copied().unwrap_or((Kid([1; 8]), [1; 32]));
                self.trust.survivors.extend([twice, twice]);
                self.trust.deployment[7] ^= u8::from(s.one_in(4));
            }
            _ => {
                let at = s.below(self.trust.status_keys.len());
                let (from, until) = (s.near32(self.clock), s.near32(self.clock.saturating_add(DAY)));
                (self.trust.status_keys[at].from, self.trust.status_keys[at].until) = (from, until);
            }
        }
    }

    /// Marks a key of an authority, with a survivors set of some of these passes, or without one.
    pub fn compromise(&mut self, at: usize, passes: &[Pass], s: &mut Source<'_>) {
        let Some(key) = s_key(&mut self.trust.authorities[at].keys, s) else { return };
        key.compromised = true;
        let kid = key.kid();
        self.trust.survivors.retain(|(of, _)| *of != kid);
        if s.one_in(6) {
            return;
        }
        let mut entries: BTreeMap<(u32, u32), [u8; 10]> = BTreeMap::new();
        let salt = [s.byte(); 16];
        for pass in passes {
            if s.one_in(4) {
                continue;
            }
            let (list, idx) = (pass.list, pass.idx.wrapping_add(s.pick(&[0, 0, 0, 1, u32::MAX])));
            let entry = sha256(&[&b"FP-SURV-1"[..], &salt, &pass.bytes].concat());
            entries.insert((list, idx), entry[..10].try_into().expect("ten bytes"));
            if s.one_in(3) {
                entries.insert((list, idx.wrapping_sub(1)), [1; 10]);
            }
        }
        let mut runs: Vec<(u32, u32, Vec<u8>)> = Vec::new();
        for ((list, idx), entry) in entries {
            match runs.last_mut() {
                Some((of, first, run))
                    if *of == list && u64::from(*first) + run.len() as u64 / 10 == u64::from(idx) =>
                {
                    run.extend(entry);
                }
                _ => runs.push((list, idx, entry.to_vec())),
            }
        }
        let run = |(list, first, run): (u32, u32, Vec<u8>)| {
            Item::List(vec![Item::Int(list.into()), Item::Int(first.into()), Item::Bytes(run)])
        };
        let runs = Item::List(runs.into_iter().map(run).collect());
        let set = Item::List(vec![Item::Int(2), Item::bytes(&kid.0), Item::bytes(&salt), runs]);
        let set = if s.one_in(12) { super::damage::item(set, s) } else { set }.encode();
        self.trust.survivors.push((kid, sha256(&set)));
        self.survivors.push(set);
    }
}

fn s_key<'k>(keys: &'k mut [ListedKey], s: &mut Source<'_>) -> Option<&'k mut ListedKey> {
    let at = s.below(keys.len());
    keys.get_mut(at)
}

fn world_key(name: &str) -> ListedKey {
    ListedKey { key: public(name), from: T0 - 30 * DAY, until: T0 + 300 * DAY, compromised: false }
}

/// A state in which 3 is revoked and 4 suspended, and a row of others.
fn state(list: u32, n: u32) -> State {
    let row: Vec<u32> = [3].into_iter().chain(20..25).filter(|idx| *idx < n).collect();
    State::from_sets(list, n, &row, &[4]).expect("a state")
}

/// The delta from one state to another, whatever they are.
fn delta(old: &State, new: &State, s: &mut Source<'_>) -> Item {
    let value = |state: &State, idx: u32| {
        let byte = state.array().get(idx as usize / 4).copied().unwrap_or(0);
        byte >> (2 * (idx % 4)) & 3
    };
    let mut sets: [Vec<u32>; 3] = [vec![], vec![], vec![]];
    for idx in 0..new.n() {
        let (was, is) = (value(old, idx), value(new, idx));
        if was != is {
            sets[match is {
                1 => 0,
                2 => 1,
                _ => 2,
            }]
            .push(idx);
        }
    }
    if s.one_in(3) {
        // An entry that changes nothing, or what was final.
        let idx = if s.one_in(2) { 3 } else { s.below(new.n() as usize) as u32 };
        if !sets.iter().any(|set| set.contains(&idx)) {
            let set = &mut sets[s.below(3)];
            set.push(idx);
            set.sort_unstable();
        }
    }
    let sets = sets.map(|set| world::set(&set));
    write::delta(new.list(), new.n(), &old.hash(&DEPLOYMENT), [&sets[0], &sets[1], &sets[2]])
}
