//! Stories: several parts and scans, in an order that somebody chose against us.

use freightpass_core::status::{State, Value};
use freightpass_core::trust::TrustContent;

use crate::model::Expected;
use crate::topic::{self, Event, Topic, manifest, object, offer, refused, scan, trust};
use crate::world::{self, DAY, ISSUED, NOW, T0, at_index, delta, signed_manifest, signed_trust, states, text, typical};

pub fn topic() -> Topic {
    let mut topic = Topic::new("story", "Stories: several parts and scans, one after the other");
    topic.scanner("standard", &world::provision(), topic::standard());
    suspended_and_resumed(&mut topic);
    fast_forward(&mut topic);
    freeze(&mut topic);
    compromise(&mut topic);
    clock(&mut topic);
    topic
}

/// The states with one index of list 2970 set.
fn with(idx: u32, value: Value) -> Vec<State> {
    let mut all = states();
    all[1].set(idx, value).expect("an index of the list");
    all
}

fn signed(list: &TrustContent, seq: u32, issued: u32, all: &[State], key: &str) -> Vec<u8> {
    signed_manifest(&world::manifest(list, seq, issued, all), key)
}

fn suspended_and_resumed(topic: &mut Topic) {
    let list = world::trust();
    let (before, during) = (states(), with(42, Value::Suspended));
    let at_141 = signed(&list, 141, ISSUED, &during, "status 1");
    let at_142 = signed(&list, 142, ISSUED, &before, "status 1");
    let pass = || scan(text(&at_index(42)));
    topic.case(
        "a pass that is suspended and resumed is admitted again, and the suspension cannot be replayed",
        "3; FP-05",
        "standard",
        vec![
            Event::Scan(pass()),
            manifest(&at_141),
            object(&delta(&before[1], &during[1])),
            Event::Scan(pass().refuse("suspended")),
            manifest(&at_142),
            object(&delta(&during[1], &before[1])),
            Event::Scan(pass()),
            Event::Restart,
            Event::Scan(pass()),
            refused("manifest", &at_141, "rolled_back"),
            // A delta for a state that is held already changes nothing.
            offer("object", &delta(&before[1], &during[1]), Expected::outcome("unchanged")),
            Event::Scan(pass()),
        ],
    );
    let revoked = with(42, Value::Revoked);
    let at_143 = signed(&list, 143, ISSUED, &revoked, "status 1");
    let at_144 = signed(&list, 144, ISSUED, &before, "status 1");
    topic.case(
        "a pass that is revoked stays revoked, whatever is signed later",
        "3",
        "standard",
        vec![
            manifest(&at_143),
            object(&delta(&before[1], &revoked[1])),
            Event::Scan(pass().refuse("revoked")),
            manifest(&at_144),
            refused("object", &world::snapshot(&before[1]), "clears_revoked"),
            Event::Restart,
            Event::Scan(pass().refuse("revoked")),
        ],
    );
}

fn fast_forward(topic: &mut Topic) {
    let list = world::trust();
    // 2099-12-31; the key's window and the trust list reach there in this story.
    let future = 4_102_358_400;
    let mut long = list.clone();
    (long.sequence, long.issued, long.expires) = (6, T0, u32::MAX);
    long.status_keys.iter_mut().for_each(|key| key.until = u32::MAX);
    let mut marked = long.clone();
    (marked.sequence, marked.issued) = (7, T0 + 600);
    marked.status_keys[1].compromised = true;
    let honest_200 = signed(&long, 200, ISSUED, &states(), "status 1");
    let honest_199 = signed(&long, 199, ISSUED - 60, &states(), "status 1");
    let stolen = signed(&long, u32::MAX, future, &[], "status 2");
    let honest_201 = signed(&marked, 201, ISSUED + 60, &states(), "status 1");
    let pass = || scan(text(&typical()));
    let objects = || states().iter().map(|state| object(&world::snapshot(state))).collect::<Vec<_>>();
    let stealing = vec![
        trust(&signed_trust(&long)),
        manifest(&honest_200),
        Event::Scan(pass()),
        manifest(&stolen),
        Event::Scan(pass().refer("clock_behind")),
        refused("manifest", &honest_200, "rolled_back"),
        trust(&signed_trust(&marked)),
    ];
    topic.case(
        "a stolen status key that signs the year 2099 stops scanners until it is marked, and no longer",
        "2.3",
        "standard",
        {
            let after = vec![manifest(&honest_201)];
            let scans = vec![Event::Scan(pass()), Event::Restart, Event::Scan(pass())];
            [stealing.clone(), after, objects(), scans].concat()
        },
    );
    topic.case(
        "an old manifest of a good key is refused after a fast-forward",
        "2.3: the highest order of good keys",
        "standard",
        {
            let replays = vec![
                refused("manifest", &honest_199, "rolled_back"),
                refused("manifest", &stolen, "key_compromised"),
                manifest(&honest_201),
                refused("manifest", &honest_200, "rolled_back"),
            ];
            [stealing, replays].concat()
        },
    );
    // Both manifests name list 7 already; only the order of the good key bounds the replay.
    let named_199 = signed(&marked, 199, ISSUED - 60, &states(), "status 1");
    let named_200 = signed(&marked, 200, ISSUED, &states(), "status 1");
    let named_stolen = signed(&marked, u32::MAX, future, &[], "status 2");
    topic.case(
        "an older manifest under the same trust list is refused after a fast-forward",
        "2.3",
        "standard",
        vec![
            trust(&signed_trust(&long)),
            manifest(&named_200),
            manifest(&named_stolen),
            trust(&signed_trust(&marked)),
            refused("manifest", &named_199, "rolled_back"),
            Event::Restart,
            refused("manifest", &named_199, "rolled_back"),
            manifest(&named_200),
            Event::Scan(pass().refer("status_missing")),
        ],
    );
    let mut gone = long.clone();
    (gone.sequence, gone.issued) = (7, T0 + 600);
    gone.status_keys.remove(1);
    let honest = signed(&gone, 201, ISSUED + 60, &states(), "status 1");
    topic.case("a status key that a list no longer names counts as compromised", "2.2", "standard", {
        let stolen =
            vec![trust(&signed_trust(&long)), manifest(&stolen), trust(&signed_trust(&gone)), manifest(&honest)];
        [stolen, objects(), vec![Event::Scan(pass())]].concat()
    });
}

fn freeze(topic: &mut Topic) {
    let mut six = world::trust();
    (six.sequence, six.issued) = (6, T0);
    six.authorities[3].keys[0].compromised = true;
    let fresh = signed(&six, 101, ISSUED, &states(), "status 1");
    let pass = || scan(text(&typical()));
    topic.case(
        "a withheld trust list does not keep a stolen key alive",
        "5, row 13",
        "standard",
        vec![
            Event::Scan(pass()),
            manifest(&fresh),
            Event::Scan(pass().refer("trust_behind")),
            trust(&signed_trust(&six)),
            Event::Scan(pass().refer("survivors_missing")),
        ],
    );
    topic.case(
        "a withheld manifest shows as age",
        "5, row 17",
        "standard",
        vec![
            Event::Scan(pass().at(u64::from(ISSUED + DAY))),
            Event::Scan(pass().at(u64::from(ISSUED + DAY + 1)).refer("status_stale")),
        ],
    );
    let again = signed(&world::trust(), 101, ISSUED + DAY, &states(), "status 1");
    topic.case(
        "a manifest that is signed again with nothing changed makes old states fresh",
        "2.3",
        "standard",
        vec![
            Event::Scan(pass().at(u64::from(ISSUED + DAY + 1)).refer("status_stale")),
            manifest(&again),
            Event::Scan(pass().at(u64::from(ISSUED + DAY + 1))),
        ],
    );
}

fn compromise(topic: &mut Topic) {
    let mut marked = world::trust();
    (marked.sequence, marked.issued) = (6, T0);
    marked.status_keys[0].compromised = true;
    let pass = || scan(text(&typical()));
    let by_the_other = signed(&marked, 101, ISSUED, &states(), "status 2");
    let mut events = vec![
        Event::Scan(scan(text(&at_index(3))).refuse("revoked")),
        trust(&signed_trust(&marked)),
        Event::Scan(pass().refer("status_missing")),
        Event::Scan(scan(text(&at_index(3))).refer("status_missing")),
        manifest(&by_the_other),
    ];
    events.extend(states().iter().map(|state| object(&world::snapshot(state))));
    events.push(Event::Scan(pass()));
    events.push(Event::Scan(scan(text(&at_index(3))).refuse("revoked")));
    topic.case("what a compromised status key said is forgotten, states too", "2.2", "standard", events);
}

fn clock(topic: &mut Topic) {
    let pass = || scan(text(&typical()));
    let later = signed(&world::trust(), 101, ISSUED + DAY, &states(), "status 1");
    topic.case(
        "a manifest moves the floor, and the clock is behind it",
        "2.7",
        "standard",
        vec![
            Event::Scan(pass()),
            manifest(&later),
            Event::Scan(pass().refer("clock_behind")),
            Event::Scan(pass().at(NOW + u64::from(DAY))),
            Event::Restart,
            Event::Scan(pass().refer("clock_behind")),
        ],
    );
    let mut six = world::trust();
    (six.sequence, six.issued) = (6, T0 + 3 * DAY);
    six.expires = T0 + 90 * DAY;
    topic.case(
        "a trust list moves the floor of roots, and expired passes are refused at any clock",
        "2.7; 5, row 12",
        "standard",
        vec![
            Event::Scan(scan(text(&world::valid_in(T0, T0 + 2 * DAY)))),
            trust(&signed_trust(&six)),
            Event::Scan(scan(text(&world::valid_in(T0, T0 + 2 * DAY))).at(0).refuse("expired")),
            Event::Scan(pass().at(0).refer("clock_behind")),
        ],
    );
    let slip = world::manifest(&world::trust(), 3, ISSUED - 60, &states());
    let slip = freightpass_core::manifest::ManifestContent { trust_hash: [7; 32], ..slip };
    topic.case(
        "an old slip of the publisher is no evidence for ever",
        "2.3: what came after it settled it",
        "standard",
        vec![
            refused("manifest", &signed_manifest(&slip, "status 1"), "rolled_back"),
            Event::Scan(pass()),
            Event::Restart,
            Event::Scan(pass()),
        ],
    );
    let (mut six, mut seven) = (world::trust(), world::trust());
    (six.sequence, six.issued) = (6, T0 + 3 * DAY);
    (seven.sequence, seven.issued) = (7, T0);
    topic.case(
        "a later trust list that is dated earlier does not move the floor of roots back",
        "2.7: the newest issued of those adopted",
        "standard",
        vec![
            trust(&signed_trust(&six)),
            trust(&signed_trust(&seven)),
            Event::Restart,
            Event::Scan(scan(text(&world::valid_in(T0, T0 + 2 * DAY))).at(0).refuse("expired")),
        ],
    );
}
