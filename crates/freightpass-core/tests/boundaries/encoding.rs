//! What the core writes is what the vectors' own encoder writes, byte for byte, and what it shows is what was written.

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::cose;
use freightpass_core::division::Division;
use freightpass_core::key::PublicKey;
use freightpass_core::pass::{
    Claims, ClaimsFault, Crew, CrewRole, Enterprise, Leg, NotAPass, PassNumber, Unsigned, UnverifiedPass,
};
use freightpass_core::scan::{OptionalAge, Reason};
use freightpass_core::status::{Delta, Snapshot, State};
use freightpass_core::trust::{Level, TrustContent, TrustFault, UnverifiedTrustList};
use freightpass_vectors::world::{self, DAY, DEPLOYMENT, ISSUED, T0, changed, public, typical};
use freightpass_vectors::write;

/// Claims that differ in everything that is optional.
fn all_claims() -> Vec<Claims> {
    let mut all = vec![typical()];
    for (leg, enterprise, role) in [
        (Leg::Empty, Some(Enterprise::Number(23)), CrewRole::Driver),
        (Leg::Return, Some(Enterprise::Number(u32::MAX)), CrewRole::Passenger),
        (Leg::Loaded, None, CrewRole::Relief),
    ] {
        all.push(changed(|claims| {
            claims.subject.trailer = None;
            (claims.subject.leg, claims.subject.enterprise) = (leg, enterprise);
            claims.subject.crew[1].role = role;
        }));
    }
    all
}

#[test]
fn a_pass_is_signed_as_the_vectors_sign_it() {
    use ed25519_dalek::Signer;
    let (key, kid) = (world::key("CN-3205"), world::kid_of("CN-3205"));
    for claims in all_claims() {
        let wanted = world::pass(&claims);
        let unsigned = Unsigned::new(&claims, kid).unwrap();
        assert_eq!(unsigned.message(), wanted.signed());
        let signed = unsigned.sign(|message| key.sign(message).to_bytes());
        assert_eq!(signed.as_bytes(), wanted.bytes());
        assert_eq!(signed.text(), world::text(&claims));
        let bytes = signed.into_bytes();
        assert_eq!(bytes, wanted.bytes());
        let read = UnverifiedPass::read(&bytes).unwrap();
        assert_eq!((read.kid(), read.bytes(), read.unverified_claims()), (kid, &bytes[..], Ok(claims)));
    }
}

#[test]
fn a_pass_of_the_cap_is_signed_and_one_byte_more_is_not() {
    // The names of three people, filled up byte by byte.
    let signed = |filled: usize| {
        let claims = changed(|claims| {
            let name = |at: usize| "n".repeat(1 + filled.saturating_sub(59 * at).min(59));
            let person = |at| Crew { name: name(at), tail: "123456".into(), role: CrewRole::Driver };
            claims.subject.crew = (0..3).map(person).collect();
            claims.subject.route = vec![Division::Text("A".repeat(8)); 10];
        });
        let unsigned = Unsigned::new(&claims, world::kid_of("CN-3205"));
        unsigned.map(|unsigned| unsigned.finish(&[0; 64]).as_bytes().len())
    };
    let most = (0..177).take_while(|filled| signed(*filled).is_ok()).last().unwrap();
    assert_eq!(signed(most), Ok(512));
    assert_eq!(signed(most - 1), Ok(511));
    assert_eq!(signed(most + 1), Err(ClaimsFault::Format { field: "pass" }));
}

#[test]
fn a_trust_list_is_encoded_as_the_vectors_encode_it() {
    let mut list = world::trust();
    list.authorities[1].keys[0].compromised = true;
    list.survivors = vec![(world::kid_of("CN-31"), [7; 32])];
    let payload = list.encode().unwrap();
    assert_eq!(payload, write::trust(&list).encode());
    let cosignatures = ["root 1", "root 2"].map(|name| {
        use ed25519_dalek::Signer;
        let kid = world::kid_of(name);
        (kid, world::key(name).sign(&cose::cosignature_message(kid, &payload)).to_bytes())
    });
    let object = cose::sign(&payload, &cosignatures);
    assert_eq!(object, world::signed_trust(&list));
    let read = UnverifiedTrustList::read(&object).unwrap();
    assert_eq!(read.payload(), payload);
    assert_eq!(read.cosignatures(), cosignatures);
    let shown = read.unverified_list().unwrap();
    assert_eq!((shown.content(), shown.hash()), (&list, &write::sha256(&payload)));
}

#[test]
fn a_trust_list_that_no_scanner_would_adopt_is_not_encoded() {
    let fault = |change: fn(&mut TrustContent)| {
        let mut list = world::trust();
        change(&mut list);
        list.encode().map(|_| ()).map_err(|fault| fault.code())
    };
    assert_eq!(fault(|_| ()), Ok(()));
    assert_eq!(fault(|list| list.expires = list.issued), Err("window"));
    assert_eq!(fault(|list| list.skew = 601), Err("malformed"));
    assert_eq!(fault(|list| list.roots.keys[0] = [0; 32]), Err("key_unacceptable"));
}

#[test]
fn a_trust_list_finds_what_it_names() {
    let mut content = world::trust();
    content.survivors = vec![(world::kid_of("CN-31"), [7; 32]), (world::kid_of("CN-32"), [8; 32])];
    content.authorities[1].keys[0].compromised = true;
    content.status_keys[1].compromised = true;
    let object = world::signed_trust(&content);
    let list = UnverifiedTrustList::read(&object).unwrap().unverified_list().unwrap();
    let levels =
        ["CN", "CN-32", "CN-3205", "CN-9999"].map(|code| list.authority(code).map(|authority| authority.level));
    assert_eq!(levels, [Some(Level::Nation), Some(Level::Province), Some(Level::Prefecture), None]);
    assert_eq!(list.authority("CN-3205"), Some(&content.authorities[3]));
    assert_eq!([1, 3, 4].map(|number| list.programme(number).map(|one| one.number)), [Some(1), Some(3), None]);
    let holder = list.issuer(world::kid_of("CN-3205 short")).unwrap();
    assert_eq!((holder.authority.code.as_str(), holder.listed.from), ("CN-3205", T0 - 3600));
    assert_eq!(holder.key.as_bytes(), &public("CN-3205 short"));
    assert_eq!(holder.listed.kid(), world::kid_of("CN-3205 short"));
    assert!(list.issuer(world::kid_of("status 1")).is_none());
    let (key, listed) = list.status_key(world::kid_of("status 2")).unwrap();
    assert_eq!((*key.as_bytes(), listed.compromised), (public("status 2"), true));
    assert!(list.status_key(world::kid_of("CN-3205")).is_none());
    assert_eq!(list.survivors(world::kid_of("CN-32")), Some(&[8; 32]));
    assert_eq!(list.survivors(world::kid_of("CN-3205")), None);
    let roots: Vec<[u8; 32]> = list.roots().iter().map(|root| *root.as_bytes()).collect();
    assert_eq!(roots, content.roots.keys);
    let mut compromised: Vec<_> = list.compromised().collect();
    compromised.sort_unstable();
    let mut wanted = ["CN-31", "status 2"].map(world::kid_of);
    wanted.sort_unstable();
    assert_eq!(compromised, wanted);
}

#[test]
fn a_list_with_another_payload_is_another_list() {
    let read = |list: &TrustContent, keys: &[&str]| {
        let object = world::cosigned(&write::trust(list), keys);
        UnverifiedTrustList::read(&object).unwrap().unverified_list().unwrap()
    };
    let (list, other) = (world::trust(), TrustContent { max_age: DAY - 1, ..world::trust() });
    assert_eq!(read(&list, &["root 1"]), read(&list, &["root 2"]));
    assert_ne!(read(&list, &["root 1"]), read(&other, &["root 1"]));
}

#[test]
fn a_manifest_is_signed_as_the_vectors_sign_it() {
    use ed25519_dalek::Signer;
    let content = world::standard_manifest();
    let key = world::key("status 1");
    let signed = content.sign(world::kid_of("status 1"), |message| key.sign(message).to_bytes());
    assert_eq!(signed, Ok(world::signed_manifest(&content, "status 1")));
}

#[test]
fn what_travels_unsigned_is_encoded_as_the_vectors_encode_it() {
    let bundle = Bundle { trust: vec![vec![1], vec![2; 300]], manifest: vec![3; 24], objects: vec![vec![], vec![5]] };
    let wanted = write::bundle(&[&[1], &[2; 300]], &[3; 24], &[&[], &[5]]);
    assert_eq!(bundle.encode(), wanted.encode());
    let provision = Provision::new(DEPLOYMENT, world::roots(), T0).unwrap();
    assert_eq!(provision.encode(), write::provision(&DEPLOYMENT, &world::roots(), T0).encode());
    let old = State::from_sets(2970, 40, &[3], &[4, 5]).unwrap();
    let new = State::from_sets(2970, 41, &[3, 4, 9], &[8]).unwrap();
    assert_eq!(Snapshot::new(new.clone()).encode(), Ok(world::snapshot(&new)));
    let delta = Delta::between(&old, &new, &DEPLOYMENT).unwrap();
    assert_eq!(delta.encode(), Ok(world::delta(&old, &new)));
    assert_eq!((delta.list(), delta.n(), delta.base()), (2970, 41, &old.hash(&DEPLOYMENT)));
    assert_eq!(delta.changes(), (vec![4, 9], vec![8], vec![5]));
}

#[test]
fn numbers_show_their_parts() {
    let number = PassNumber::new(320_500, 838, 42).unwrap();
    assert_eq!((number.authority(), number.day(), number.serial()), (320_500, 838, 42));
    assert_eq!(number.to_bytes(), [4, 0xe3, 0xf4, 3, 0x46, 0, 0, 42]);
    let most = 0x00ff_ffff;
    let made = |authority, serial| PassNumber::new(authority, 0, serial).is_some();
    assert_eq!([0, 1, 2].map(|number| made(number, 1)), [false, true, true]);
    assert_eq!([0, 1, 2].map(|number| made(1, number)), [false, true, true]);
    assert_eq!([most - 1, most, most + 1].map(|number| made(number, 1)), [true, true, false]);
    assert_eq!([most - 1, most, most + 1].map(|number| made(1, number)), [true, true, false]);
}

#[test]
fn words_for_people_carry_the_values_and_logs_carry_no_person() {
    let stale = |age| Reason::StatusStale { seq: 1, age_s: OptionalAge(age), limit_s: 9 }.to_string();
    assert_eq!(stale(Some(10)), "the status is 10 s old, at most 9 s");
    assert_eq!(stale(None), "the status is ? s old, at most 9 s");
    let kinds = [NotAPass::Url, NotAPass::Hc1, NotAPass::Shc, NotAPass::Other].map(|kind| Reason::NotAPass { kind });
    let names = ["url", "hc1", "shc", "other"].map(|name| format!("not a freight pass ({name})"));
    assert_eq!(kinds.map(|reason| reason.to_string()), names);
    assert_eq!(world::place(320_583).to_string(), "320583");
    let person = &typical().subject.crew[1];
    assert_eq!(format!("{person:?}"), "Crew { role: Relief, .. }");
    let kid = world::kid_of("root 1");
    let hex: String = kid.0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((kid.to_string(), format!("{kid:?}")), (hex.clone(), format!("Kid({hex})")));
    let key = PublicKey::from_bytes(&public("root 1")).unwrap();
    assert_eq!(format!("{key:?}"), format!("PublicKey({hex})"));
    // Millions of cells are counted, not written.
    let state = State::from_sets(1, 9, &[3, 4], &[5]).unwrap();
    assert_eq!(format!("{state:?}"), "State { list: 1, n: 9, revoked: 2, suspended: 1 }");
    let delta = Delta::between(&State::empty(1, 9).unwrap(), &state, &DEPLOYMENT).unwrap();
    let shown = format!("{delta:?}");
    assert!(
        shown.starts_with("Delta { list: 1, n: 9, base: [") && shown.ends_with("revoked: 2, suspended: 1, valid: 0 }")
    );
    assert_eq!(TrustFault::Window.to_string(), "expires is not after issued");
    assert_eq!(Reason::NotYetValid { t: 1, nbf: ISSUED }.to_string(), format!("in force from {ISSUED}, it is 1"));
}
