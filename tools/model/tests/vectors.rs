//! The judge, and the core beside it, give the answers of tests/vectors: a second implementation conforms.

use freightpass_model::case::{Case, Kind, Step};
use freightpass_model::compare::{Answered, compare};
use freightpass_model::judge::{Answer, Division, Outcome, Question, Scanner, decode_set};
use freightpass_vectors::model::{self, Expected, File};

/// Sets of lists up to this n are decoded: the judge takes bytes by the index, and the vectors have sets of 2^26.
const N: u32 = 1 << 20;

#[test]
fn the_judge_answers_every_vector_as_its_file_says() {
    let (mut scanners, mut objects, mut wrong) = (0, 0, Vec::new());
    for (name, text) in freightpass_vectors::files() {
        let file: File = serde_json::from_str(&text).expect("a file of vectors");
        for case in &file.cases {
            let told = |what: &dyn std::fmt::Debug| format!("{name}: {}: {what:?}", case.name);
            if let Some(decode) = &case.decode {
                objects += usize::from(decoded(decode, &told));
                continue;
            }
            let scanner = &file.scanners[case.scanner.as_ref().expect("a scanner")];
            let steps: Vec<&model::Step> = scanner.steps.iter().chain(&case.steps).collect();
            let asked = Case {
                provision: bytes(&file.parts[&scanner.provision]),
                steps: steps.iter().map(|step| asked(&file, step)).collect(),
            };
            scanners += 1;
            let answered = match compare(&asked) {
                Ok(answered) if answered.len() == steps.len() => answered,
                Ok(answered) => {
                    wrong.push(told(&answered));
                    continue;
                }
                Err(error) => {
                    wrong.push(told(&(error.core, error.judge)));
                    continue;
                }
            };
            for (answered, step) in answered.into_iter().zip(steps) {
                wrong.extend(is_expected(answered, step).err().map(|error| told(&error)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{scanners} cases of scanners, {objects} of objects");
    assert!(scanners > 300 && objects > 30, "{scanners} cases of scanners, {objects} of objects");
}

fn asked(file: &File, step: &model::Step) -> Step {
    match step {
        model::Step::Adopt(adopt) => {
            let kind = match adopt.kind.as_str() {
                "trust" => Kind::Trust,
                "manifest" => Kind::Manifest,
                "bundle" => Kind::Bundle,
                _ => Kind::Object,
            };
            Step::Offer(kind, bytes(&file.parts[&adopt.part]))
        }
        model::Step::ConfirmStart(_) => Step::Confirm,
        model::Step::Restart => Step::Restart,
        model::Step::Scan(scan) => Step::Scan(Box::new(Question {
            text: scan.text.clone(),
            now: scan.now,
            county: scan
                .county
                .as_ref()
                .map(|county| county.parse().map_or_else(|_| Division::Text(county.clone()), Division::Code)),
            plate: scan.plate.clone(),
            last_seen: scan.last_seen,
            max_age: scan.max_age,
            skew: scan.skew,
            place_unchecked: scan.place_unchecked,
        })),
    }
}

fn is_expected(answered: Answered, step: &model::Step) -> Result<(), String> {
    match (answered, step) {
        (Answered::Offer(answer), model::Step::Adopt(adopt)) => same(&offered(answer), &adopt.expected),
        (Answered::Bundle(Err(code)), model::Step::Adopt(adopt)) => same(&offered(Err(code)), &adopt.expected),
        (Answered::Bundle(Ok(parts)), model::Step::Adopt(adopt)) => {
            same(&["read".into(), String::new()], &adopt.expected)?;
            if parts.len() != adopt.parts.len() {
                return Err(format!("{} parts", parts.len()));
            }
            { parts.into_iter().zip(&adopt.parts) }.try_for_each(|(part, expected)| same(&offered(part), expected))
        }
        (Answered::Confirm(answer), model::Step::ConfirmStart(confirm)) => {
            let answer = answer.map_or_else(|code| ["refused", code], |()| ["confirmed", ""]);
            same(&answer.map(Into::into), &confirm.expected)
        }
        (Answered::Restart, model::Step::Restart) => Ok(()),
        (Answered::Scan(verdict), model::Step::Scan(scan)) => {
            let (outcome, code) = match verdict.outcome {
                Outcome::Admit => ("admit", ""),
                Outcome::Refuse => ("refuse", verdict.code),
                Outcome::Refer => ("refer", verdict.code),
            };
            same(&[outcome, code].map(Into::into), &scan.expected)?;
            if verdict.notes == scan.notes { Ok(()) } else { Err(format!("notes {:?}", verdict.notes)) }
        }
        (answered, step) => Err(format!("{answered:?} to {step:?}")),
    }
}

fn offered(answer: Answer) -> [String; 2] {
    match answer {
        Ok(true) => ["adopted", ""],
        Ok(false) => ["unchanged", ""],
        Err(code) => ["refused", code],
    }
    .map(Into::into)
}

/// Outcome and code; malformed with its layer, a set's rule as `set`.
fn same(answered: &[String; 2], expected: &Expected) -> Result<(), String> {
    let code = match (expected.code.as_deref(), &expected.layer) {
        (Some("malformed"), Some(layer)) => format!("malformed {layer}"),
        (Some(code), _) if code.starts_with("set_") => "set".into(),
        (code, _) => code.unwrap_or_default().into(),
    };
    if *answered == [expected.outcome.clone(), code] {
        Ok(())
    } else {
        Err(format!("answered {answered:?}, expected {expected:?}"))
    }
}

/// Whether the judge can decode such an object by itself; if so, it is read or refused as expected.
fn decoded(decode: &model::Decode, told: &dyn Fn(&dyn std::fmt::Debug) -> String) -> bool {
    let is_read = match (decode.object.as_str(), decode.n) {
        ("set", Some(n)) if n <= N => {
            let indexes = decode_set(&bytes(&decode.input), n);
            if let Some(value) = &decode.value {
                let text = |indexes: Vec<u32>| indexes.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
                assert_eq!(indexes.clone().map(text).as_ref(), Some(value), "{}", told(value));
            }
            indexes.is_some()
        }
        ("provision", _) => Scanner::provisioned(&bytes(&decode.input)).is_ok(),
        _ => return false,
    };
    assert_eq!(is_read, decode.expected.outcome == "read", "{}", told(&decode.expected));
    true
}

/// Hexadecimal in which `(N*XX)` is the byte XX N times.
fn bytes(text: &str) -> Vec<u8> {
    let plain = |hex: &str| -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
        pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
    };
    let mut all = Vec::new();
    for part in text.split(['(', ')']) {
        match part.split_once('*') {
            Some((count, byte)) => all.extend(plain(byte).repeat(count.parse().expect("a count"))),
            None => all.extend(plain(part)),
        }
    }
    all
}
