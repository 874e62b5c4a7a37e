//! The course of a case: a scanner is set up, things are offered, and in between passes are scanned.

use freightpass_vectors::item::Item;
use freightpass_vectors::world::{DAY, DEPLOYMENT, T0, roots};
use freightpass_vectors::write;

use super::pass::{self, Pass};
use super::publisher::Publisher;
use super::source::Source;
use super::{Case, Kind, Step, damage, question, seal};

struct Story<'b> {
    s: Source<'b>,
    publisher: Publisher,
    /// Passes that were made before whatever happens.
    passes: Vec<Pass>,
    /// Whatever was ever published.
    shelf: Vec<(Kind, Vec<u8>)>,
    steps: Vec<Step>,
}

/// Tells a case.
pub fn told(mut s: Source<'_>) -> Case {
    let mut roots = roots();
    roots.threshold = s.pick(&[2, 2, 2, 2, 2, 2, 2, 2, 1, 3]);
    let provision = write::provision(
        &DEPLOYMENT,
        &roots,
        s.pick(&[
            T0 - 10 * DAY,
            T0 - 10 * DAY,
            T0 - 10 * DAY,
            T0 - 10 * DAY,
            T0 - DAY,
            T0 + 7200,
            T0 + 7201,
            T0 + 8 * DAY,
        ]),
    );
    let provision = if s.one_in(60) { damage::item(provision, &mut s) } else { provision }.encode();
    let publisher = Publisher::new(&mut s);
    let mut story = Story { s, publisher, passes: vec![], shelf: vec![], steps: vec![] };
    story.set_up();
    for _ in 0..story.s.below(5) {
        story.event();
    }
    for _ in 0..1 + story.s.below(32) {
        story.scan();
    }
    Case { provision, steps: story.steps }
}

impl Story<'_> {
    fn set_up(&mut self) {
        for _ in 0..1 + self.s.below(2) {
            let pass = pass::made(&self.publisher, &mut self.s);
            self.passes.push(pass);
        }
        if self.s.one_in(3) {
            for _ in 0..1 + self.s.below(3) {
                self.publisher.amend_one(&self.passes, &mut self.s);
            }
            if !self.s.one_in(12) {
                self.publisher.name_all();
            }
        }
        if !self.s.one_in(24) {
            self.offer_trust();
        }
        if !self.s.one_in(24) {
            self.offer_manifest();
        }
        self.offer_objects();
        if !self.s.one_in(16) {
            self.steps.push(Step::Confirm);
        }
    }

    fn event(&mut self) {
        match self.s.below(20) {
            0 => self.scan(),
            1 | 2 => {
                self.publisher.advance(&mut self.s);
                self.offer_manifest();
                self.offer_objects();
            }
            3 | 4 => {
                self.publisher.amend(&self.passes, &mut self.s);
                self.offer_trust();
                if !self.s.one_in(3) {
                    self.publisher.manifest.seq = self.publisher.manifest.seq.saturating_add(1);
                    self.publisher.name_all();
                    self.offer_manifest();
                }
                self.offer_objects();
            }
            5 if !self.shelf.is_empty() => {
                let at = self.s.below(self.shelf.len());
                let (kind, bytes) = self.shelf[at].clone();
                self.steps.push(Step::Offer(kind, bytes));
            }
            6 => {
                // A second manifest of the same order.
                self.publisher.manifest.ttl ^= 1;
                self.offer_manifest();
            }
            7 => {
                // A second trust list of the same sequence.
                self.publisher.amend_one(&self.passes, &mut self.s);
                self.offer_trust();
            }
            8 if !self.shelf.is_empty() => {
                let at = self.s.below(self.shelf.len());
                let (kind, bytes) = self.shelf[at].clone();
                let bytes = damage::bytes(bytes, &mut self.s);
                self.steps.push(Step::Offer(kind, bytes));
            }
            9 => self.bundle(),
            10 => {
                let payload = write::manifest(&self.publisher.manifest);
                let bytes = seal::damaged(write::MANIFEST, &payload, "status 1", &mut self.s);
                self.steps.push(Step::Offer(Kind::Manifest, bytes));
            }
            11 => {
                let signers = self.publisher.signers.clone();
                let bytes = seal::damaged_cosigned(&self.publisher.trust_payload(), &signers, &mut self.s);
                self.steps.push(Step::Offer(Kind::Trust, bytes));
            }
            12 => self.steps.push(Step::Confirm),
            13 if !self.shelf.is_empty() => {
                // Whatever there is, in any order.
                for _ in 0..self.s.below(12) {
                    let at = self.s.below(self.shelf.len());
                    let (kind, bytes) = self.shelf[at].clone();
                    self.steps.push(Step::Offer(kind, bytes));
                }
            }
            14 | 15 => self.mark(),
            18 => self.contradict(),
            16 => {
                // A row of deltas, each from the state before.
                for _ in 0..2 {
                    self.publisher.advance(&mut self.s);
                    self.offer_manifest();
                    self.offer_objects();
                }
            }
            _ => self.steps.push(Step::Restart),
        }
    }

    /// A status key signs two manifests of one order; then a list comes that settles it, or marks the key, or neither.
    fn contradict(&mut self) {
        let ahead = self.s.one_in(2);
        if ahead {
            self.publisher.next_list(&mut self.s);
            if self.s.one_in(2) {
                self.publisher.mark_status_key();
            }
        }
        self.publisher.name_all();
        self.publisher.manifest.seq = self.publisher.manifest.seq.saturating_add(1);
        self.offer_manifest_by("status 1");
        self.offer_objects();
        let name = self.s.pick(&["status 2", "status 2", "status 1"]);
        self.publisher.manifest.ttl ^= 1;
        self.offer_manifest_by(name);
        if !ahead {
            self.publisher.next_list(&mut self.s);
            self.publisher.mark_status_key();
        }
        if !self.s.one_in(4) {
            self.offer_trust();
        }
    }

    /// The key of the most frequent authority is compromised; sometimes a later list calls it good again.
    fn mark(&mut self) {
        let at = self.publisher.trust.authorities.len().min(4) - 1;
        self.publisher.next_list(&mut self.s);
        self.publisher.compromise(at, &self.passes, &mut self.s);
        self.offer_trust();
        self.publisher.name_all();
        self.publisher.manifest.seq = self.publisher.manifest.seq.saturating_add(1);
        self.offer_manifest();
        self.offer_objects();
        if self.s.one_in(3) {
            self.publisher.next_list(&mut self.s);
            self.publisher.revive();
            self.offer_trust();
        }
    }

    fn offer(&mut self, kind: Kind, bytes: Vec<u8>) {
        self.shelf.push((kind, bytes.clone()));
        // Some things come later, or never.
        if !self.s.one_in(32) {
            self.steps.push(Step::Offer(kind, bytes));
        }
    }

    fn offer_trust(&mut self) {
        let bytes = self.publisher.trust_bytes();
        self.offer(Kind::Trust, bytes);
    }

    fn offer_manifest(&mut self) {
        let name = match self.s.below(32) {
            0..22 => "status 1",
            22..29 => "status 2",
            29 | 30 => "status 3",
            _ => "CN-3205",
        };
        self.offer_manifest_by(name);
    }

    fn offer_manifest_by(&mut self, name: &str) {
        let bytes = seal::whole(write::MANIFEST, &write::manifest(&self.publisher.manifest), name);
        self.offer(Kind::Manifest, bytes);
    }

    fn offer_objects(&mut self) {
        for object in self.publisher.objects(&mut self.s) {
            let bytes = match self.s.below(20) {
                17 => {
                    let other = self.s.pick(&[(1 << 26) + 1, 1 << 26, 64, 66, i64::from(u32::MAX), 0]);
                    replaced(object, 2, Item::Int(other)).encode()
                }
                18 => damage::item(object, &mut self.s).encode(),
                19 => damage::bytes(object.encode(), &mut self.s),
                _ => object.encode(),
            };
            self.offer(Kind::Object, bytes);
        }
        for set in self.publisher.survivors.clone() {
            if !self.s.one_in(8) {
                self.offer(Kind::Object, set);
            }
        }
    }

    /// Everything of now, and something older, in one.
    fn bundle(&mut self) {
        let older = self.shelf.iter().find(|(kind, _)| *kind == Kind::Trust).map(|(_, bytes)| bytes.clone());
        let trust: Vec<Vec<u8>> = older.into_iter().chain([self.publisher.trust_bytes()]).collect();
        let manifest = seal::whole(write::MANIFEST, &write::manifest(&self.publisher.manifest), "status 1");
        let objects: Vec<Vec<u8>> = self.publisher.objects(&mut self.s).iter().map(Item::encode).collect();
        let all = |parts: &[Vec<u8>]| Item::List(parts.iter().map(|part| Item::bytes(part)).collect());
        let bundle = Item::List(vec![Item::Int(3), all(&trust), Item::bytes(&manifest), all(&objects)]);
        let bundle = if self.s.one_in(3) { damage::item(bundle, &mut self.s) } else { bundle };
        self.offer(Kind::Bundle, bundle.encode());
    }

    fn scan(&mut self) {
        let old = self.passes.len();
        let pass = match self.s.below(3) {
            0 | 1 if self.steps.len() > 12 && self.s.one_in(2) => self.passes[self.s.below(old)].clone(),
            0 => self.passes[self.s.below(old)].clone(),
            _ => pass::made(&self.publisher, &mut self.s),
        };
        let question = question::asked(&pass, &self.publisher, &mut self.s);
        self.steps.push(Step::Scan(Box::new(question)));
    }
}

/// An array with another item at this place.
fn replaced(item: Item, at: usize, by: Item) -> Item {
    match item {
        Item::List(mut items) if at < items.len() => {
            items[at] = by;
            Item::List(items)
        }
        other => other,
    }
}
