//! The verdict: every row, every boundary, and which row goes first.

mod freshness;
mod issuing;
mod road;

use freightpass_core::pass::Claims;
use freightpass_core::trust::TrustContent;

use crate::model::Scan;
use crate::topic::{self, Event, Topic, manifest, object, refused, scan, trust};
use crate::world::{
    self, DAY, ISSUED, LIMITS, NOW, T0, at_index, by, changed, place, signed_manifest, signed_trust, snapshot, states,
    text, typical, valid_in,
};
use crate::write;

pub fn topic() -> Topic {
    let mut topic = Topic::new("scan", "The verdict: rows, boundaries, precedence");
    scanners(&mut topic);
    issuing::issuers(&mut topic);
    issuing::old_data(&mut topic);
    issuing::powers(&mut topic);
    issuing::windows(&mut topic);
    freshness::clocks(&mut topic);
    freshness::status(&mut topic);
    road::in_force(&mut topic);
    road::plates(&mut topic);
    road::places(&mut topic);
    road::policies(&mut topic);
    precedence(&mut topic);
    topic
}

/// The present, as passes and trust lists count it.
const PRESENT: u32 = NOW as u32;

fn unconfirmed() -> Vec<Event> {
    topic::standard().into_iter().filter(|event| !matches!(event, Event::ConfirmStart)).collect()
}

/// What a scanner adopts of this trust list and a manifest issued then.
fn with(list: &TrustContent, issued: u32) -> Vec<Event> {
    let named = world::manifest(list, 100, issued, &states());
    let mut events = vec![trust(&signed_trust(list)), manifest(&signed_manifest(&named, "status 1"))];
    events.extend(states().iter().map(|state| object(&snapshot(state))));
    events.push(Event::ConfirmStart);
    events
}

fn list(change: impl FnOnce(&mut TrustContent)) -> TrustContent {
    let mut list = world::trust();
    change(&mut list);
    list
}

fn scanners(topic: &mut Topic) {
    let mut add = |name: &str, events: Vec<Event>| topic.scanner(name, &world::provision(), events);
    let standard = topic::standard();
    add("standard", standard.clone());
    add("new", vec![]);
    add("unconfirmed", unconfirmed());
    let without_states: Vec<Event> =
        standard.iter().filter(|event| !matches!(event, Event::Adopt { kind: "object", .. })).cloned().collect();
    add("no states", without_states);
    // Only a compromised status key takes a manifest away again: its list is dated as list 5 is.
    let dropped = list(|list| {
        list.sequence = 6;
        list.status_keys[0].compromised = true;
    });
    add("no manifest", [standard.clone(), vec![trust(&signed_trust(&dropped))]].concat());
    add("trust ends now", with(&list(|list| list.expires = PRESENT), ISSUED));
    add("trust ends in a second", with(&list(|list| list.expires = PRESENT + 1), ISSUED));
    add("trust ended a second ago", with(&list(|list| list.expires = PRESENT - 1), ISSUED));
    let six = list(|list| (list.sequence, list.issued) = (6, T0));
    let behind = signed_manifest(&world::manifest(&six, 101, ISSUED, &states()), "status 1");
    add("trust behind", [standard.clone(), vec![manifest(&behind)]].concat());
    let twin = signed_trust(&list(|list| list.max_age = 1));
    add("equivocation", [standard.clone(), vec![refused("trust", &twin, "equivocation")]].concat());
    let marked = list(|list| {
        (list.sequence, list.issued) = (6, T0);
        list.authorities[3].keys[0].compromised = true;
    });
    add("compromised", with(&marked, ISSUED));
    let named = world::manifest(&world::trust(), 100, ISSUED, &states());
    let short = freightpass_core::manifest::ManifestContent { expires: ISSUED + 3600, ..named };
    let mut brief = with(&world::trust(), ISSUED);
    brief[1] = manifest(&signed_manifest(&short, "status 1"));
    add("brief manifest", brief);
}

fn status_of(claims: &Claims, idx: u32) -> freightpass_core::pass::StatusReference {
    freightpass_core::pass::StatusReference { idx, ..claims.status.clone() }
}

fn precedence(topic: &mut Topic) {
    let mut both =
        |name: &str, scanner: &str, scan: Scan| topic.scan(name, "5: the first row that applies", scanner, scan);
    let mut old = valid_in(T0, PRESENT);
    old.status.idx = 3;
    both("revoked and expired is revoked", "standard", scan(text(&old)).refuse("revoked"));
    old.status.idx = 4;
    both("suspended and expired is suspended", "standard", scan(text(&old)).refuse("suspended"));
    let mut early = valid_in(PRESENT + 301, T0 + 7 * DAY);
    early.status.idx = 4;
    both("suspended and not yet valid is suspended", "standard", scan(text(&early)).refuse("suspended"));
    let mut elsewhere = at_index(3);
    elsewhere.subject.route = [650_102, 650_104].map(place).to_vec();
    both("revoked and out of scope is revoked", "standard", scan(text(&elsewhere)).refuse("revoked"));
    both("revoked under a trust list behind is revoked", "trust behind", scan(text(&at_index(3))).refuse("revoked"));
    both("revoked at an unconfirmed start is revoked", "unconfirmed", scan(text(&at_index(3))).refuse("revoked"));
    both(
        "revoked under an expired trust list is revoked",
        "trust ends now",
        scan(text(&at_index(3))).refuse("revoked"),
    );
    both(
        "suspended under a trust list behind is referred",
        "trust behind",
        scan(text(&at_index(4))).refer("trust_behind"),
    );
    both("revoked with a wrong list is a mismatch", "standard", {
        scan(text(&changed(|claims| (claims.status.idx, claims.status.uri) = (3, format!("{}2969", world::BASE)))))
            .refuse("list_mismatch")
    });
    both("forbidden characters and a wrong list are invalid claims", "standard", {
        scan(text(&changed(|claims| {
            claims.status.uri = format!("{}2969", world::BASE);
            claims.subject.tractor = "苏E\u{200b}12345".into();
        })))
        .refuse("claims_invalid")
        .field("tractor")
    });
    both("a newer key and forbidden characters are newer", "standard", {
        scan(world::altered(|claims| claims.with(8, 1).edit(-65537, |body| body.with(1, "苏E\u{200b}12345"))))
            .refer("format_newer")
    });
    let mut long = valid_in(T0, T0 + LIMITS.2 + 1);
    long.subject.route = [650_102, 650_104].map(place).to_vec();
    both("too long and out of scope is too long", "standard", scan(text(&long)).refuse("life_too_long"));
    let mut scope = changed(|claims| claims.subject.route = [650_102, 650_104].map(place).to_vec());
    scope.subject.programme = 3;
    both(
        "out of scope and of another's programme is out of scope",
        "standard",
        scan(text(&scope)).refuse("out_of_scope"),
    );
    let mut programme = valid_in(T0 + 3600, T0 + 7 * DAY);
    programme.subject.programme = 3;
    both("another's programme outside the key's window is not allowed", "standard", {
        scan(write::text(&by("CN-3205 short", &write::claims(&programme)).bytes())).refuse("programme_not_allowed")
    });
    both(
        "out of scope under a compromised key is out of scope",
        "compromised",
        scan(text(&scope)).refuse("out_of_scope"),
    );
    both("a compromised key at a clock behind is a missing set", "compromised", {
        scan(text(&typical())).at(0).refer("survivors_missing")
    });
    both(
        "a clock behind without states is a clock behind",
        "no states",
        scan(text(&typical())).at(0).refer("clock_behind"),
    );
    both("expired and another plate is expired", "standard", {
        scan(text(&valid_in(T0, PRESENT))).plate("苏E99999").refuse("expired")
    });
    both("another plate off the route is another plate", "standard", {
        scan(text(&typical())).plate("苏E99999").county("650104").refuse("plate_mismatch")
    });
    both("another plate without county is another plate", "standard", {
        Scan { county: None, ..scan(text(&typical())).plate("苏E99999") }.refuse("plate_mismatch")
    });
    both("an unknown key with a bad signature is unknown", "standard", {
        let claims = write::claims(&typical());
        let mut members = by("nobody", &claims).members();
        members[3] = crate::item::Item::bytes(&[9; 64]);
        let bytes = crate::item::Item::Tag(18, Box::new(crate::item::Item::List(members))).encode();
        scan(write::text(&bytes)).refuse("key_unknown")
    });
    both("an expired pass with one letter of the plate changed is a bad signature", "standard", {
        // FP-07 (c): nothing of it is shown.
        let message = world::pass(&valid_in(T0, PRESENT));
        let signature = message.signature();
        let mut claims = valid_in(T0, PRESENT);
        claims.subject.tractor = "苏E12346".into();
        let mut members = world::pass(&claims).members();
        members[3] = crate::item::Item::bytes(&signature);
        let bytes = crate::item::Item::Tag(18, Box::new(crate::item::Item::List(members))).encode();
        scan(write::text(&bytes)).refuse("bad_signature")
    });
}
