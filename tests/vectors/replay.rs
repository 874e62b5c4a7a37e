//! Replays a case: what the core answers, compared with what the file says, whole.

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::{Adoption, AdoptionError, Held};
use freightpass_core::malformed::Malformed;
use freightpass_core::pass::{ClaimsFault, NumberError, PassNumber};
use freightpass_core::scan::{self, Observation, Place, Policy, Reason, Verdict};
use freightpass_core::status::{self, Delta, Snapshot, StatusError};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::TrustFault;
use freightpass_vectors::model::{Adopt, Case, Decode, Expected, File, Scan, Scanner, Step};

/// Replays a case of `file`.
///
/// # Errors
/// What was answered instead, with the step.
pub fn replay(file: &File, case: &Case) -> Result<(), String> {
    if let Some(decode) = &case.decode {
        return decoded(decode);
    }
    let name = case.scanner.as_deref().ok_or("neither an object nor a scanner")?;
    let scanner = file.scanners.get(name).ok_or("an unknown scanner")?;
    let mut held = provisioned(file, scanner)?;
    if case.steps.is_empty() {
        return Err("no steps".into());
    }
    steps(file, &mut held, &scanner.steps)?;
    steps(file, &mut held, &case.steps)
}

/// The bytes of a hexadecimal text, in which `(N*XX)` is the byte XX N times.
pub fn bytes_of(hex: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for part in hex.split_inclusive([')', '(']) {
        let part = part.trim_end_matches(['(', ')']);
        match part.split_once('*') {
            Some((count, byte)) => {
                let count: usize = count.parse().map_err(|_| "no count")?;
                bytes.extend(plain_bytes_of(byte)?.repeat(count));
            }
            None => bytes.extend(plain_bytes_of(part)?),
        }
    }
    Ok(bytes)
}

fn plain_bytes_of(hex: &str) -> Result<Vec<u8>, String> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    bytes.collect::<Option<_>>().filter(|_| hex.len().is_multiple_of(2)).ok_or_else(|| "no hexadecimal".into())
}

fn part(file: &File, name: &str) -> Result<Vec<u8>, String> {
    bytes_of(file.parts.get(name).ok_or_else(|| format!("no part {name}"))?)
}

fn provisioned(file: &File, scanner: &Scanner) -> Result<Held, String> {
    let provision = Provision::decode(&part(file, &scanner.provision)?).map_err(|error| error.to_string())?;
    Ok(Held::provisioned(&provision))
}

fn steps(file: &File, held: &mut Held, steps: &[Step]) -> Result<(), String> {
    for (number, step) in (1..).zip(steps) {
        let done = match step {
            Step::Adopt(adopt) => adopted(file, held, adopt),
            Step::ConfirmStart(confirm) => {
                let confirmed = held
                    .confirm_start()
                    .map_or_else(|_| Expected::code("refused", "no_manifest"), |()| Expected::outcome("confirmed"));
                same(&confirmed, &confirm.expected, 0)
            }
            Step::Restart => restarted(held),
            Step::Scan(scan) => scanned(held, scan),
        };
        done.map_err(|error| format!("step {number}: {error}"))?;
    }
    Ok(())
}

fn same(answered: &Expected, expected: &Expected, inputs: usize) -> Result<(), String> {
    if answered.offset.is_some_and(|offset| offset > inputs) {
        return Err(format!("offset {:?} is outside the input of {inputs}", answered.offset));
    }
    // A field or an offset is compared where the file gives one; everything else whole.
    let field = expected.field.as_ref().and(answered.field.clone());
    let offset = expected.offset.and(answered.offset);
    let answered = Expected { field, offset, ..answered.clone() };
    if answered == *expected { Ok(()) } else { Err(format!("answered {answered:?}, expected {expected:?}")) }
}

fn malformed(outcome: &str, error: &Malformed) -> Expected {
    Expected {
        field: error.fault.field().map(Into::into),
        offset: Some(error.offset),
        ..Expected::malformed(outcome, error.layer.name(), error.fault.code())
    }
}

fn adopted(file: &File, held: &mut Held, adopt: &Adopt) -> Result<(), String> {
    let bytes = part(file, &adopt.part)?;
    let before = held.clone();
    let outcome = match adopt.kind.as_str() {
        "trust" => held.adopt_trust(&bytes),
        "manifest" => held.adopt_manifest(&bytes),
        "object" => held.adopt_object(&bytes),
        "bundle" => return bundle(held, &bytes, adopt),
        other => return Err(format!("kind {other}")),
    };
    let evidence = matches!(outcome, Err(AdoptionError::Equivocation { .. }));
    if !matches!(outcome, Ok(Adoption::Adopted)) && !evidence && *held != before {
        return Err("what was not adopted changed what is held".into());
    }
    same(&adoption(&outcome), &adopt.expected, bytes.len())
}

fn bundle(held: &mut Held, bytes: &[u8], adopt: &Adopt) -> Result<(), String> {
    let results = match held.adopt_bundle(bytes) {
        Ok(results) => results,
        Err(error) => return same(&malformed("refused", &error), &adopt.expected, bytes.len()),
    };
    same(&Expected::outcome("read"), &adopt.expected, bytes.len())?;
    let count = results.iter().count();
    if count != adopt.parts.len() {
        return Err(format!("{count} parts, expected {}", adopt.parts.len()));
    }
    for (result, expected) in results.iter().zip(&adopt.parts) {
        same(&adoption(&result.outcome), expected, bytes.len())
            .map_err(|error| format!("{:?}: {error}", result.part))?;
    }
    Ok(())
}

fn adoption(outcome: &Result<Adoption, AdoptionError>) -> Expected {
    match outcome {
        Ok(Adoption::Adopted) => Expected::outcome("adopted"),
        Ok(Adoption::Unchanged) => Expected::outcome("unchanged"),
        Err(AdoptionError::Malformed(error) | AdoptionError::Trust(TrustFault::Malformed(error))) => {
            malformed("refused", error)
        }
        Err(AdoptionError::Status(StatusError::Malformed(error))) => malformed("refused", error),
        Err(error) => Expected::code("refused", error.code()),
    }
}

/// A new process reads what the old one stored, and holds the same.
fn restarted(held: &mut Held) -> Result<(), String> {
    let stored = held.to_own_file().map_err(|error| error.to_string())?;
    let read = Held::from_own_file(&stored).map_err(|error| error.to_string())?;
    if read != *held {
        return Err("what was stored is not what is read".into());
    }
    *held = read;
    Ok(())
}

fn scanned(held: &Held, scan: &Scan) -> Result<(), String> {
    let place = if scan.place_unchecked { Place::Unchecked } else { Place::Required };
    let policy = Policy { max_age: scan.max_age, skew: scan.skew, place };
    let county = scan.county.as_deref().map(division).transpose()?;
    let seen = Observation { county, plate: scan.plate.clone(), last_seen: scan.last_seen };
    let verdict = scan::scan(&scan.text, held, &policy, &seen, scan.now);
    same(&answer(&verdict), &scan.expected, scan.text.len())?;
    let mut notes: Vec<&str> = verdict.notes().iter().map(|note| note.code()).collect();
    notes.sort_unstable();
    if notes != scan.notes {
        return Err(format!("notes {notes:?}, expected {:?}", scan.notes));
    }
    // No field is shown before the signature is verified (rows 1 to 8).
    if verdict.reason().is_some_and(is_before_the_signature) == verdict.pass().is_some() {
        return Err(format!("fields shown: {}", verdict.pass().is_some()));
    }
    Ok(())
}

fn is_before_the_signature(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::NotAPass { .. }
            | Reason::NewerPrefix { .. }
            | Reason::Malformed(_)
            | Reason::NoTrust
            | Reason::WrongType { .. }
            | Reason::WrongAlg { .. }
            | Reason::KeyUnknown { .. }
            | Reason::IssuerMismatch { .. }
            | Reason::BadSignature { .. }
    )
}

fn division(text: &str) -> Result<Division, String> {
    match text.parse().ok() {
        Some(code) => Code::new(code).map(Division::Code).ok_or_else(|| format!("division {text}")),
        None => Ok(Division::Text(text.into())),
    }
}

fn answer(verdict: &Verdict) -> Expected {
    let outcome = verdict.outcome().name();
    match verdict.reason() {
        None => Expected::outcome(outcome),
        Some(Reason::Malformed(error)) => malformed(outcome, error),
        Some(Reason::ClaimsInvalid(ClaimsFault::Character { field, .. })) => {
            Expected::code(outcome, verdict.code()).field(field)
        }
        Some(_) => Expected::code(outcome, verdict.code()),
    }
}

fn decoded(decode: &Decode) -> Result<(), String> {
    if decode.object == "pass_number" {
        let answered = match decode.input.parse::<PassNumber>() {
            Ok(number) if number.to_string() == decode.input => Expected::outcome("read"),
            Ok(number) => return Err(format!("read as {number}")),
            Err(error) => Expected::code("refused", number_code(error)),
        };
        return same(&answered, &decode.expected, decode.input.len());
    }
    let bytes = bytes_of(&decode.input)?;
    let n = || decode.n.ok_or("no n");
    let value = match decode.object.as_str() {
        "set" => match status::set::decode(&bytes, n()?) {
            Ok(indexes) => Ok(Some(indexes.iter().map(u32::to_string).collect::<Vec<_>>().join(" "))),
            Err(error) => Err(Expected::code("refused", error.code())),
        },
        "snapshot" => again(Snapshot::decode(&bytes, n()?).and_then(|it| it.encode()).map_err(status_error), &bytes)?,
        "delta" => again(Delta::decode(&bytes, n()?).and_then(|it| it.encode()).map_err(status_error), &bytes)?,
        "survivors" => again(Survivors::decode(&bytes).map(|it| it.encode()).map_err(refused), &bytes)?,
        "bundle" => again(Bundle::decode(&bytes).map(|it| it.encode()).map_err(refused), &bytes)?,
        "provision" => {
            let file = Provision::decode(&bytes);
            let spoken = file.as_ref().ok().map(|file| file.fingerprint().to_string());
            again(file.map(|it| it.encode()).map_err(refused), &bytes)?.map(|_| spoken)
        }
        other => return Err(format!("object {other}")),
    };
    match value {
        Ok(value) => {
            if decode.value.is_some() && value != decode.value {
                return Err(format!("read as {value:?}, expected {:?}", decode.value));
            }
            same(&Expected::outcome("read"), &decode.expected, bytes.len())
        }
        Err(answered) => same(&answered, &decode.expected, bytes.len()),
    }
}

/// What is read is encoded to the same bytes again.
fn again(encoded: Result<Vec<u8>, Expected>, bytes: &[u8]) -> Result<Result<Option<String>, Expected>, String> {
    match encoded {
        Ok(encoded) if encoded == bytes => Ok(Ok(None)),
        Ok(_) => Err("encoding what was read gives other bytes".into()),
        Err(answered) => Ok(Err(answered)),
    }
}

fn refused(error: Malformed) -> Expected {
    malformed("refused", &error)
}

fn status_error(error: StatusError) -> Expected {
    match error {
        StatusError::Malformed(error) => refused(error),
        other => Expected::code("refused", other.code()),
    }
}

fn number_code(error: NumberError) -> &'static str {
    match error {
        NumberError::Shape => "shape",
        NumberError::Date => "date",
        NumberError::Range => "range",
        NumberError::CheckDigit => "check_digit",
    }
}
