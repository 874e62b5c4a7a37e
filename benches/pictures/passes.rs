//! Passes to be printed: genuine ones of the typical size, signed by a key of this bench.

use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::division::{Code, Division};
use freightpass_core::key::Kid;
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject, Unsigned,
};
use freightpass_core::status::list_of;

const NOW: u32 = 1_796_054_400; // 2026-12-01 00:00 in Beijing

/// The text of a pass of two people and two plates, another for every serial.
pub fn pass(serial: u32) -> String {
    let place = |code| Division::Code(Code::new(code).expect("a code"));
    let person = |name: &str, tail: &str, role| Crew { name: name.into(), tail: tail.into(), role };
    let exp = NOW + 7 * 86_400;
    let claims = Claims {
        iss: "CN-3205".into(),
        nbf: NOW,
        exp,
        number: PassNumber::new(320_500, 2526, serial + 1).expect("a number"),
        status: StatusReference { idx: 54_321 + serial, uri: format!("HTTPS://S.FP.CN/20/{}", list_of(exp.into())) },
        subject: Subject {
            programme: 1,
            tractor: "苏E12345".into(),
            trailer: Some("苏E8765挂".into()),
            crew: vec![person("张建国", "123X", CrewRole::Driver), person("李明", "4567", CrewRole::Relief)],
            route: vec![place(320_583), place(330_106), place(3304), place(31)],
            leg: Leg::Loaded,
            cargo: CargoCategory(6),
            enterprise: Some(Enterprise::Code([1; 11])),
        },
    };
    let key = SigningKey::from_bytes(&[3; 32]);
    let unsigned = Unsigned::new(&claims, Kid::of(key.verifying_key().as_bytes())).expect("a pass that can be signed");
    unsigned.sign(|message| key.sign(message).to_bytes()).text()
}
