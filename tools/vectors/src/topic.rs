//! A file in its making: objects become named parts, events become steps.

use std::collections::BTreeMap;

use crate::model::{Adopt, Case, Confirm, Decode, Expected, File, Scan, Scanner, Step};
use crate::world;

/// A file in its making.
pub struct Topic {
    name: &'static str,
    file: File,
}

/// What happens to a scanner, with the objects themselves.
#[derive(Clone)]
pub enum Event {
    /// A part is offered.
    Adopt {
        /// `trust`, `manifest`, `object` or `bundle`.
        kind: &'static str,
        /// The object.
        bytes: Vec<u8>,
        /// What becomes of it.
        expected: Expected,
        /// For a bundle: what becomes of its parts.
        parts: Vec<Expected>,
    },
    /// An officer confirms the data's date.
    ConfirmStart,
    /// An officer would confirm a date that nobody saw.
    ConfirmNothing,
    /// Stored, and read again.
    Restart,
    /// A scan.
    Scan(Scan),
}

impl Topic {
    /// An empty file `NAME.json`, whose scanners begin with `standard`.
    pub fn new(name: &'static str, topic: &str) -> Self {
        let file = File {
            topic: topic.into(),
            format: 1,
            parts: BTreeMap::new(),
            scanners: BTreeMap::new(),
            cases: Vec::new(),
        };
        Self { name, file }
    }

    /// Names a scanner that cases start from.
    pub fn scanner(&mut self, name: &str, provision: &[u8], events: Vec<Event>) {
        let scanner = Scanner { provision: self.part("provision", provision), steps: self.steps(events) };
        assert!(self.file.scanners.insert(name.into(), scanner).is_none(), "scanner {name} twice");
    }

    /// A case of steps.
    pub fn case(&mut self, name: &str, note: &str, scanner: &str, events: Vec<Event>) {
        assert!(self.file.scanners.contains_key(scanner), "no scanner {scanner}");
        let steps = self.steps(events);
        self.add(Case { name: name.into(), note: note.into(), decode: None, scanner: Some(scanner.into()), steps });
    }

    /// A case of one scan.
    pub fn scan(&mut self, name: &str, note: &str, scanner: &str, scan: Scan) {
        self.case(name, note, scanner, vec![Event::Scan(scan)]);
    }

    /// A case of one scan by the standard scanner.
    pub fn standard(&mut self, name: &str, note: &str, scan: Scan) {
        if !self.file.scanners.contains_key("standard") {
            self.scanner("standard", &world::provision(), standard());
        }
        self.scan(name, note, "standard", scan);
    }

    /// A case of one object.
    pub fn decode(&mut self, name: &str, note: &str, decode: Decode) {
        let decode = Some(decode);
        self.add(Case { name: name.into(), note: note.into(), decode, scanner: None, steps: vec![] });
    }

    fn add(&mut self, case: Case) {
        assert!(self.file.cases.iter().all(|other| other.name != case.name), "case {} twice", case.name);
        self.file.cases.push(case);
    }

    fn steps(&mut self, events: Vec<Event>) -> Vec<Step> {
        let step = |event| match event {
            Event::Adopt { kind, bytes, expected, parts } => {
                Step::Adopt(Adopt { kind: kind.into(), part: self.part(kind, &bytes), expected, parts })
            }
            Event::ConfirmStart => Step::ConfirmStart(Confirm { expected: Expected::outcome("confirmed") }),
            Event::ConfirmNothing => Step::ConfirmStart(Confirm { expected: Expected::code("refused", "no_manifest") }),
            Event::Restart => Step::Restart,
            Event::Scan(scan) => Step::Scan(Box::new(scan)),
        };
        events.into_iter().map(step).collect()
    }

    /// The name of a part with these bytes.
    fn part(&mut self, kind: &str, bytes: &[u8]) -> String {
        let text = rows(bytes);
        if let Some((name, _)) = self.file.parts.iter().find(|(_, known)| **known == text) {
            return name.clone();
        }
        let number = 1 + self.file.parts.keys().filter(|name| name.starts_with(kind)).count();
        let name = format!("{kind}-{number:02}");
        self.file.parts.insert(name.clone(), text);
        name
    }

    /// The file's name and text.
    pub fn finish(self) -> (String, String) {
        let mut text = serde_json::to_string_pretty(&self.file).expect("strings and numbers");
        text.push('\n');
        (format!("{}.json", self.name), text)
    }
}

/// One byte this often in a row is written as `(N*XX)`, so that an object at its cap is no file of megabytes.
const LONG_ROW: usize = 256;

/// Bytes as the files have them: in hexadecimal, where `(N*XX)` is the byte XX N times.
pub fn rows(bytes: &[u8]) -> String {
    let rows = bytes.chunk_by(|a, b| a == b);
    rows.map(|row| if row.len() < LONG_ROW { hex(row) } else { format!("({}*{:02x})", row.len(), row[0]) }).collect()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the standard scanner adopts: the trust list 5, the manifest 100 and its states, confirmed.
pub fn standard() -> Vec<Event> {
    let mut events = vec![
        trust(&world::signed_trust(&world::trust())),
        manifest(&world::signed_manifest(&world::standard_manifest(), "status 1")),
    ];
    events.extend(world::states().iter().map(|state| object(&world::snapshot(state))));
    events.push(Event::ConfirmStart);
    events
}

/// A trust list that is adopted.
pub fn trust(bytes: &[u8]) -> Event {
    offer("trust", bytes, Expected::outcome("adopted"))
}

/// A manifest that is adopted.
pub fn manifest(bytes: &[u8]) -> Event {
    offer("manifest", bytes, Expected::outcome("adopted"))
}

/// An object that is adopted.
pub fn object(bytes: &[u8]) -> Event {
    offer("object", bytes, Expected::outcome("adopted"))
}

/// A part that is refused with this code.
pub fn refused(kind: &'static str, bytes: &[u8], code: &str) -> Event {
    offer(kind, bytes, Expected::code("refused", code))
}

/// A part and what becomes of it.
pub fn offer(kind: &'static str, bytes: &[u8], expected: Expected) -> Event {
    Event::Adopt { kind, bytes: bytes.to_vec(), expected, parts: vec![] }
}

/// A scan of `text` at [`world::NOW`] in Kunshan, admitted.
pub fn scan(text: impl Into<String>) -> Scan {
    Scan {
        text: text.into(),
        now: world::NOW,
        county: Some("320583".into()),
        plate: None,
        last_seen: None,
        max_age: None,
        skew: None,
        place_unchecked: false,
        expected: Expected::outcome("admit"),
        notes: vec!["compare_plate".into()],
    }
}

impl Scan {
    /// The same at another time.
    pub fn at(self, now: u64) -> Self {
        Self { now, ..self }
    }

    /// The same in another county.
    pub fn county(self, county: &str) -> Self {
        Self { county: Some(county.into()), ..self }
    }

    /// The same with a plate that was read.
    pub fn plate(self, plate: &str) -> Self {
        Self { plate: Some(plate.into()), ..self }
    }

    /// Refused with this code.
    pub fn refuse(self, code: &str) -> Self {
        self.expect(Expected::code("refuse", code))
    }

    /// Referred with this code.
    pub fn refer(self, code: &str) -> Self {
        self.expect(Expected::code("refer", code))
    }

    /// Refused as malformed, in this layer, with this fault.
    pub fn malformed(self, layer: &str, fault: &str) -> Self {
        self.expect(Expected::malformed("refuse", layer, fault))
    }

    /// The same with the offset of the fault.
    pub fn offset(mut self, offset: usize) -> Self {
        self.expected = self.expected.at(offset);
        self
    }

    /// The same with the field of the fault.
    pub fn field(mut self, field: &str) -> Self {
        self.expected = self.expected.field(field);
        self
    }

    fn expect(self, expected: Expected) -> Self {
        Self { expected, notes: vec![], ..self }
    }
}
