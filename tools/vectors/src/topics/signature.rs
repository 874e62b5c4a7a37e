//! The Ed25519 rule: signatures that the owner of a key made so that verifiers in use differ about them.

use freightpass_core::key::Kid;
use freightpass_core::trust::ListedKey;

use crate::edge::{self, EdgeKey, ORDER_8};
use crate::item::Item;
use crate::model::Expected;
use crate::topic::{self, Event, Topic, manifest, offer, refused, scan, trust};
use crate::world::{self, at_index, key, kid_of, signed_manifest, signed_trust, standard_manifest, typical};
use crate::write::{self, Message};

pub fn topic() -> Topic {
    let mut topic = Topic::new("signature", "The Ed25519 rule, where verifiers in use differ");
    ordinary_keys(&mut topic);
    mixed_keys(&mut topic);
    cosignatures(&mut topic);
    manifests(&mut topic);
    topic
}

fn good() -> Message {
    world::pass(&typical())
}

fn ordinary_keys(topic: &mut Topic) {
    let message = good();
    let signed = message.signed();
    let owner = EdgeKey::of(&key("CN-3205"));
    let mut bad = |name: &str, note: &str, equation: bool, signature: [u8; 64]| {
        assert_eq!(owner.equation_holds(&signature, &signed), equation, "{name}");
        assert!(owner.equation_with_cofactor_holds(&signature, &signed), "{name}");
        topic.standard(name, note, scan(write::text(&message.bytes_with(&signature))).refuse("bad_signature"));
    };
    bad(
        "R is the neutral element and the equation holds",
        "1.5: R is of small order",
        true,
        owner.sign_without_nonce(edge::identity(), &signed),
    );
    bad(
        "R is the neutral element spelled as y = p + 1 and the equation of points holds",
        "1.5: R is not canonical, and of small order",
        true,
        owner.sign_without_nonce(edge::identity_not_canonical(), &signed),
    );
    let mut negative_zero = edge::identity();
    negative_zero[31] |= 0x80;
    bad(
        "R is the neutral element with the sign of x set and the equation of points holds",
        "1.5: R is not canonical",
        true,
        owner.sign_without_nonce(negative_zero, &signed),
    );
    let order_8 = edge::small_order()[ORDER_8];
    bad(
        "R is of order 8 and only the equation with cofactor holds",
        "1.5",
        false,
        owner.sign_without_nonce(order_8, &signed),
    );
    for (name, torsion) in [("8", ORDER_8), ("4", 2), ("2", 4)] {
        bad(
            &format!("R is off by a point of order {name} and only the equation with cofactor holds"),
            "1.5: without cofactor",
            false,
            owner.sign_off_by(torsion, 0, &signed),
        );
    }
    let again = owner.sign_off_by(0, 0, &signed);
    topic.standard("a nonce of another maker is a nonce", "1.5: any R whose equation holds", {
        scan(write::text(&message.bytes_with(&again)))
    });
}

fn mixed_keys(topic: &mut Topic) {
    // The owner of CN-3205 lists a key outside the subgroup of order L beside the good one.
    let owner = EdgeKey::mixed(&key("CN-3205 mixed"), ORDER_8);
    let mut list = world::trust();
    list.authorities[3].keys.push(ListedKey { key: owner.public(), ..world::listed("CN-3205") });
    let named = world::manifest(&list, 100, world::ISSUED, &world::states());
    let mut events = topic::standard();
    events[0] = trust(&signed_trust(&list));
    events[1] = manifest(&signed_manifest(&named, "status 1"));
    topic.scanner("a mixed key is listed", &world::provision(), events);
    topic.scanner("new", &world::provision(), vec![]);
    topic.case("a key of mixed order is a key", "1.5: canonical, not of small order", "new", {
        vec![trust(&signed_trust(&list))]
    });

    let message = |idx: u32| {
        let header = write::header(&key("CN-3205"), write::PASS).with(4, Item::bytes(&Kid::of(&owner.public()).0));
        Message::new(&header, &write::claims(&at_index(idx)), &key("CN-3205"))
    };
    let signed = message(42).signed();
    let mut case = |name: &str, note: &str, idx: u32, signature: [u8; 64], valid: bool| {
        assert!(owner.equation_with_cofactor_holds(&signature, &message(idx).signed()), "{name}");
        let scan = scan(write::text(&message(idx).bytes_with(&signature)));
        let scan = if valid { scan } else { scan.refuse("bad_signature") };
        topic.scan(name, note, "a mixed key is listed", scan);
    };
    for (name, reduced, unreduced) in [
        ("the equation holds", true, true),
        ("only the equation with cofactor holds", false, false),
        ("the equation holds for k modulo L alone", true, false),
        ("the equation holds for k of 512 bits alone", false, true),
    ] {
        let signature =
            owner.sign_where(&signed, |k| ((k.reduced_mod_8() == 0), (k.unreduced_mod_8 == 0)) == (reduced, unreduced));
        assert_eq!(owner.equation_holds(&signature, &signed), reduced, "{name}");
        case(&format!("a key of mixed order, {name}"), "1.5: k is reduced modulo L", 42, signature, reduced);
    }
    // S = k a satisfies the equation where R = -[k]T. R is hashed into k, so not every message has such an R.
    let (idx, signature) = (42..)
        .flat_map(|idx| edge::small_order()[1..8].iter().map(|r| (idx, *r)).collect::<Vec<_>>())
        .map(|(idx, r)| (idx, owner.sign_without_nonce(r, &message(idx).signed())))
        .find(|(idx, signature)| owner.equation_holds(signature, &message(*idx).signed()))
        .expect("an R that fits");
    case("a key of mixed order, R is of small order and the equation holds", "1.5", idx, signature, false);
}

fn cosignatures(topic: &mut Topic) {
    let (header, payload) = (write::trust_header(), write::trust(&world::trust()).encode());
    let bent = |torsion: Option<usize>| {
        let owner = EdgeKey::of(&key("root 2"));
        let cosignature = write::cosignature_by(&header, &payload, kid_of("root 2"), |message| match torsion {
            Some(torsion) => owner.sign_off_by(torsion, 0, message),
            None => owner.sign_without_nonce(edge::identity(), message),
        });
        write::cosigned(&header, &payload, vec![write::cosignature(&header, &payload, &key("root 1")), cosignature])
    };
    for (name, torsion) in
        [("whose R is the neutral element", None), ("that only the equation with cofactor holds for", Some(ORDER_8))]
    {
        topic.case(
            &format!("a cosignature {name} counts for nothing"),
            "2.2",
            "new",
            vec![offer("trust", &bent(torsion), Expected::code("refused", "threshold"))],
        );
    }
}

fn manifests(topic: &mut Topic) {
    let status = key("status 1");
    let message =
        Message::new(&write::header(&status, write::MANIFEST), &write::manifest(&standard_manifest()), &status);
    let owner = EdgeKey::of(&status);
    let mut case = |name: &str, signature: [u8; 64]| {
        let bytes = message.bytes_with(&signature);
        let events: Vec<Event> =
            vec![trust(&signed_trust(&world::trust())), refused("manifest", &bytes, "bad_signature")];
        topic.case(name, "1.5, 2.3", "new", events);
    };
    case("a manifest whose R is the neutral element", owner.sign_without_nonce(edge::identity(), &message.signed()));
    case("a manifest that only the equation with cofactor holds for", owner.sign_off_by(ORDER_8, 0, &message.signed()));
}
