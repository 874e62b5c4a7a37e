//! What checkpoints ask, and what they are told.

use std::collections::HashMap;

use freightpass_core::scan::{Outcome, VerifiedPass};
use freightpass_core::status::Value;

use super::{signed_leg, signed_role, time_s};
use crate::checkpoint::{Checked, HeldByScanner, Judged, ScanReport};
use crate::problem::FieldProblem;
use crate::rpc::proto;

/// What a scanner says that it holds; a hash of another length names nothing that we know, and is refused, as is one
/// that is said twice.
pub fn held(held: Option<proto::Held>) -> Result<HeldByScanner, Vec<FieldProblem>> {
    let held = held.unwrap_or_default();
    let mut problems = Vec::new();
    let mut hash = |field: String, bytes: &[u8]| match <[u8; 32]>::try_from(bytes) {
        Ok(hash) => Some(hash),
        Err(_) => {
            problems.push(FieldProblem::new(field, "length", "a hash has 32 bytes"));
            None
        }
    };
    let mut states: Vec<(u32, [u8; 32])> = Vec::with_capacity(held.states.len());
    let mut repeated = Vec::new();
    for (at, state) in held.states.iter().enumerate() {
        if states.iter().any(|(list, _)| *list == state.list) {
            repeated.push(FieldProblem::new(format!("held.states[{at}].list"), "repeated", "stands there already"));
        }
        if let Some(hash) = hash(format!("held.states[{at}].state_hash"), &state.state_hash) {
            states.push((state.list, hash));
        }
    }
    let mut survivors = Vec::with_capacity(held.survivors.len());
    for (at, set) in held.survivors.iter().enumerate() {
        let Some(set) = hash(format!("held.survivors[{at}]"), set) else { continue };
        if survivors.contains(&set) {
            repeated.push(FieldProblem::new(format!("held.survivors[{at}]"), "repeated", "stands there already"));
        }
        survivors.push(set);
    }
    problems.append(&mut repeated);
    if problems.is_empty() {
        Ok(HeldByScanner { trust_seq: held.trust_seq, manifest_seq: held.manifest_seq, states, survivors })
    } else {
        Err(problems)
    }
}

/// What is known of a pass.
pub fn checked(checked: Checked) -> proto::CheckPassResponse {
    let state = match checked.value {
        None => proto::PassState::Unspecified,
        Some(Value::Valid) => proto::PassState::Issued,
        Some(Value::Revoked) => proto::PassState::Revoked,
        Some(Value::Suspended) => proto::PassState::Suspended,
    };
    proto::CheckPassResponse {
        log_seq: checked.log_seq,
        state: state.into(),
        reason: checked.reason.into(),
        verdict: checked.judged.map(|judged| verdict(&judged, checked.log_seq)),
    }
}

fn verdict(judged: &Judged, log_seq: u64) -> proto::Verdict {
    let freshness = judged.verdict.freshness();
    let mut values =
        HashMap::from([("t".to_owned(), freshness.t.to_string()), ("floor".to_owned(), freshness.floor.to_string())]);
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    };
    put("trust_sequence", freshness.trust_sequence.map(|value| value.to_string()));
    put("manifest_seq", freshness.manifest_seq.map(|value| value.to_string()));
    put("issued", freshness.issued.map(|value| value.to_string()));
    put("age_s", freshness.age_s.map(|value| value.to_string()));
    put("detail", judged.verdict.reason().map(ToString::to_string));
    for (name, value) in judged.verdict.reason().map(crate::scanner::values).unwrap_or_default() {
        put(name, Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    }
    put("log_seq", judged.sharpened.then(|| log_seq.to_string()));
    proto::Verdict {
        outcome: outcome(judged.outcome).into(),
        code: judged.code.to_owned(),
        values,
        notes: match judged.outcome {
            Outcome::Admit => judged.verdict.notes().iter().map(|note| note.code().to_owned()).collect(),
            Outcome::Refer | Outcome::Refuse => Vec::new(),
        },
        fields: judged.verdict.pass().map(signed_fields),
    }
}

fn signed_fields(pass: &VerifiedPass) -> proto::SignedFields {
    let claims = pass.claims();
    let subject = &claims.subject;
    let crew = subject.crew.iter().map(|person| proto::SignedCrew {
        name: person.name.clone(),
        paper_tail: person.tail.clone(),
        role: signed_role(person.role).into(),
    });
    proto::SignedFields {
        pass_number: claims.number.to_string(),
        authority: claims.iss.clone(),
        authority_name: pass.authority_name().to_owned(),
        programme: subject.programme.into(),
        tractor: subject.tractor.clone(),
        trailer: subject.trailer.clone().unwrap_or_default(),
        crew: crew.collect(),
        route: subject.route.iter().map(ToString::to_string).collect(),
        leg: signed_leg(subject.leg).into(),
        cargo_category: subject.cargo.0.into(),
        start_time: Some(time_s(claims.nbf.into())),
        end_time: Some(time_s(claims.exp.into())),
    }
}

fn outcome(outcome: Outcome) -> proto::Outcome {
    match outcome {
        Outcome::Admit => proto::Outcome::Admit,
        Outcome::Refuse => proto::Outcome::Refuse,
        Outcome::Refer => proto::Outcome::Refer,
    }
}

/// The reports of a checkpoint; what they say of codes and names is checked by the room.
pub fn scan_reports(reports: Vec<proto::ScanReport>) -> Result<Vec<ScanReport>, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut converted = Vec::with_capacity(reports.len());
    for (at, report) in reports.into_iter().enumerate() {
        match scan_report(report) {
            Ok(report) => converted.push(report),
            Err(problem) => problems.push(problem.under(&format!("reports[{at}]"))),
        }
    }
    if problems.is_empty() { Ok(converted) } else { Err(problems) }
}

fn scan_report(report: proto::ScanReport) -> Result<ScanReport, FieldProblem> {
    let id = uuid::Uuid::try_parse(&report.scan_id)
        .ok()
        .filter(|id| report.scan_id.len() == 36 && !id.is_nil())
        .ok_or_else(|| FieldProblem::new("scan_id", "uuid", "not a UUID"))?;
    let number = match report.pass_number.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|error: freightpass_core::pass::NumberError| {
            FieldProblem::new("pass_number", "pass_number", error.to_string())
        })?),
    };
    let outcome = match proto::Outcome::try_from(report.outcome) {
        Ok(proto::Outcome::Admit) => Outcome::Admit,
        Ok(proto::Outcome::Refuse) => Outcome::Refuse,
        Ok(proto::Outcome::Refer) => Outcome::Refer,
        Ok(proto::Outcome::Unspecified) | Err(_) => {
            return Err(FieldProblem::new("outcome", "missing", "say what was decided"));
        }
    };
    let scanned_at = crate::rpc::request::moment(report.scan_time)
        .ok_or_else(|| FieldProblem::new("scan_time", "missing", "is required"))?;
    Ok(ScanReport { id, checkpoint: report.checkpoint, number, outcome, code: report.code, scanned_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_of_another_length_is_named() {
        let asked = proto::Held {
            states: vec![proto::HeldState { list: 1, state_hash: vec![0; 31].into() }],
            survivors: vec![vec![0; 32].into(), Vec::new().into()],
            ..Default::default()
        };
        let fields: Vec<_> = held(Some(asked)).unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["held.states[0].state_hash", "held.survivors[1]"]);
        assert_eq!(held(None).unwrap(), HeldByScanner::default());
    }

    #[test]
    fn what_is_said_twice_is_named() {
        let state = |list| proto::HeldState { list, state_hash: vec![0; 32].into() };
        let asked = proto::Held {
            states: vec![state(1), state(2), state(1)],
            survivors: vec![vec![0; 32].into(), vec![1; 32].into(), vec![1; 32].into()],
            ..Default::default()
        };
        let fields: Vec<_> = held(Some(asked)).unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["held.states[2].list", "held.survivors[2]"]);
    }

    #[test]
    fn a_report_without_id_outcome_or_time_is_named() {
        let good = proto::ScanReport {
            scan_id: "0197f0e2-7c1e-7d3a-b5a4-2f6d1c9e8a70".into(),
            checkpoint: "G2".into(),
            pass_number: String::new(),
            outcome: proto::Outcome::Refer.into(),
            code: "not_a_pass".into(),
            scan_time: Some(prost_types::Timestamp { seconds: 1_796_054_400, nanos: 0 }),
        };
        assert_eq!(scan_reports(vec![good.clone()]).unwrap().len(), 1);
        let field = |bad: proto::ScanReport| scan_reports(vec![good.clone(), bad]).unwrap_err()[0].field.clone();
        assert_eq!(field(proto::ScanReport { scan_id: "1".into(), ..good.clone() }), "reports[1].scan_id");
        assert_eq!(field(proto::ScanReport { pass_number: "1".into(), ..good.clone() }), "reports[1].pass_number");
        assert_eq!(field(proto::ScanReport { outcome: 0, ..good.clone() }), "reports[1].outcome");
        assert_eq!(field(proto::ScanReport { scan_time: None, ..good.clone() }), "reports[1].scan_time");
    }
}
