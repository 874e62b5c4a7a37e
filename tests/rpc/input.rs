//! Bad input to every field of every method, by the descriptors: a complete request that would be taken, with one fault
//! in it. INVALID_ARGUMENT that names the field and nothing else, nothing stored, never INTERNAL.

use freightpass::identity::roles::TABLE;
use freightpass::rpc::proto;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass_core::characters::first_refused;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, Value};
use tonic::Code;

use crate::example::id;
use crate::path::{Path, leaves};
use crate::raw::call;
use crate::refusal::{Refusal, fields, reason, refusal};
use crate::world::{ANSWERS_ARE_KEPT, Rows, World, same};

/// What people and machines put into fields that were not meant for it.
const HOSTILE: &[&str] = &[
    "'; DROP TABLE passes; --",
    "\" OR 1=1 --",
    "../../../../etc/passwd",
    "%s%s%n",
    "${jndi:ldap://x/a}",
    "<script>alert(1)</script>",
    "\u{202e}txt.exe",
    "\u{feff}\u{200b}",
    "\u{1b}[2J",
    "\r\nset-cookie: a=b",
    "𬭎𬭎𬭎",
    "ＡＢＣ１２３",
    "-1",
    "99999999999999999999",
    "NaN",
    " ",
];

/// More items than any list may have.
const TOO_MANY: usize = 1_000;

/// What becomes of a request whose field holds what was not meant for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// INVALID_ARGUMENT that names the field.
    Named,
    /// A key that nothing has.
    NotFound,
    /// A filter, or something to look at, that finds nothing.
    Nothing,
    /// Words: they are taken, or the field is named. What is taken is data.
    Words,
    /// The field may hold it: there is nothing to try.
    Taken,
}

/// Fields that take words as people write them, by the ends of their paths.
const WORDS: &[&str] = &[
    "enterprise_name",
    "contact_name",
    "code_waiver_reason",
    "crew[0].name",
    "cargo_description",
    "evidence[0].issuer",
    "issuers[0]",
    "consignee",
    "reports[0].checkpoint",
    "reports[0].code",
];

/// Fields at fault beside the one that is, because they are compared with it.
const COMPARED: &[(&str, &str)] = &[("gross_mass_kg", "cargo_mass_kg")];

/// Fields that are only looked for: whatever they say is found or not.
const LOOKED_FOR: &[&str] = &[
    "text",
    "filter.authority",
    "filter.subject_kind",
    "filter.subject",
    "filter.body",
    "filter.officer",
    "filter.method",
    "filter.name_prefix",
];

/// Words that change something once and not again: the test of words is theirs.
const OFFICERS_WORDS: &[(&str, &str)] = &[
    ("RecommendApplication", "comment"),
    ("RejectApplication", "reason_text"),
    ("BatchRejectApplications", "reason_text"),
    ("RevokePass", "reason_text"),
    ("SuspendPass", "reason_text"),
    ("ResumePass", "reason_text"),
    ("RevokeEnterprise", "reason_text"),
    ("AmendPass", "reason_text"),
    ("AmendPass", "crew[0].name"),
];

#[tokio::test]
async fn a_field_out_of_bounds_is_named_and_nothing_is_stored() {
    let fate = |method: &str, path: &Path, value: &Value| match value {
        Value::U32(_) if path.is_filter() => Fate::Nothing,
        Value::U32(_) => match path.spelled().as_str() {
            "rows[0].line" | "held.trust_seq" | "held.manifest_seq" | "held.states[0].list" => Fate::Taken,
            "enterprise_number" | "number" => Fate::NotFound,
            _ => Fate::Named,
        },
        Value::I32(_) if method == "GetTrustLists" => Fate::Taken,
        _ => Fate::Named,
    };
    let tried = try_all(out_of_bounds, fate).await;
    assert!(tried > 350, "{tried}");
}

#[tokio::test]
async fn hostile_text_is_named_or_finds_nothing() {
    let hostile = |path: &Path| match path.leaf().kind() {
        Kind::String => HOSTILE.iter().map(|text| Value::String((*text).to_owned())).collect(),
        _ => Vec::new(),
    };
    let fate = |method: &str, path: &Path, value: &Value| {
        let at = path.spelled();
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if OFFICERS_WORDS.contains(&(method, at.as_str())) || (blank && path.is_optional()) {
            Fate::Taken
        } else if WORDS.iter().any(|end| at.ends_with(end)) {
            Fate::Words
        } else if LOOKED_FOR.contains(&at.as_str()) {
            Fate::Nothing
        } else {
            Fate::Named
        }
    };
    let tried = try_all(hostile, fate).await;
    assert!(tried > 1_000, "{tried}");
}

#[tokio::test]
async fn a_field_that_is_left_out_is_named_and_nothing_is_stored() {
    let empty = |path: &Path| match path.leaf().kind() {
        // A time that is not there is tried by taking it out.
        Kind::Message(_) => Vec::new(),
        _ => vec![Value::default_value(&path.leaf().kind())],
    };
    let fate = |_: &str, path: &Path, _: &Value| match path.is_filter() || path.is_optional() {
        true => Fate::Taken,
        false => Fate::Named,
    };
    let tried = try_all(empty, fate).await;
    assert!(tried > 60, "{tried}");
}

#[tokio::test]
async fn a_list_that_is_too_long_is_named_and_nothing_is_stored() {
    let world = World::start().await;
    let before = world.registry().await;
    let mut tried = 0;
    for (service, method, _) in TABLE {
        let request = request_of(service, method);
        for path in leaves(&request) {
            for list in path.lists() {
                let mut message = decoded(&request, &world.request(method));
                let Some(item) = list.get(&message) else { continue };
                list.put_list(&mut message, vec![item; TOO_MANY]);
                let answer = call(world.sees(service, method), service, method, message.encode_to_vec()).await;
                let refused = refusal(method, answer).unwrap_or_else(|_| panic!("{method} {}", list.spelled()));
                let at = list.spelled();
                let named = at.strip_suffix("[0]").unwrap();
                assert_eq!(refused.code, Code::InvalidArgument, "{method} {at}: {refused:?}");
                assert_eq!(refused.fields, [named], "{method}");
                tried += 1;
            }
        }
    }
    assert!(tried > 15, "{tried}");
    same(&before, &world.registry().await, false, "a list that is too long");
}

#[tokio::test]
async fn officers_words_come_back_as_they_were_written_or_are_named() {
    let world = World::start().await;
    let mut client = RevocationServiceClient::new(world.chief.clone());
    let suspend = proto::SuspendPassRequest::decode(world.request("SuspendPass").as_slice()).unwrap();
    let mut taken = 0;
    for text in HOSTILE {
        let request =
            proto::SuspendPassRequest { request_id: id(), reason_text: (*text).to_owned(), ..suspend.clone() };
        let before = world.registry().await;
        match client.suspend_pass(request).await {
            Ok(made) => {
                assert_eq!(made.into_inner().change.unwrap().reason_text, text.trim());
                taken += 1;
                let resume = proto::ResumePassRequest {
                    request_id: id(),
                    pass_number: suspend.pass_number.clone(),
                    reason: proto::StatusReason::Cleared.into(),
                    reason_text: (*text).to_owned(),
                };
                let made = client.resume_pass(resume).await.unwrap().into_inner();
                assert_eq!(made.change.unwrap().reason_text, text.trim());
            }
            Err(status) => {
                assert_eq!(fields(&status), ["reason_text"], "{text:?}: {status:?}");
                assert!(first_refused(text).is_some(), "{text:?}: {status:?}");
                same(&before, &world.registry().await, false, text);
            }
        }
    }
    assert!((1..HOSTILE.len()).contains(&taken), "{taken}");
}

/// Tries each value in each field of a complete request of every method, and gives how many were tried.
async fn try_all(values: impl Fn(&Path) -> Vec<Value>, fate: impl Fn(&str, &Path, &Value) -> Fate) -> usize {
    let world = World::start().await;
    let mut tried = 0;
    let mut before = world.registry().await;
    for (service, method, _) in TABLE {
        let request = request_of(service, method);
        for path in leaves(&request) {
            for value in values(&path) {
                let fate = fate(method, &path, &value);
                if fate == Fate::Taken {
                    continue;
                }
                let at = format!("{method} {} {value:?}", path.spelled());
                let mut message = decoded(&request, &world.request(method));
                path.put(&mut message, value);
                let answer = call(world.sees(service, method), service, method, message.encode_to_vec()).await;
                judge(refusal(method, answer), fate, &path, &at);
                if fate == Fate::Words {
                    before = world.registry().await;
                }
                tried += 1;
            }
        }
        before = unchanged(method, before, world.registry().await);
    }
    tried
}

fn judge(answer: Result<Refusal, Vec<u8>>, fate: Fate, path: &Path, at: &str) {
    match (fate, answer) {
        (Fate::Nothing, Err(answer)) if path.spelled() == "text" => {
            let verdict = proto::CheckPassResponse::decode(answer.as_slice()).unwrap().verdict.unwrap();
            assert_eq!((verdict.outcome(), verdict.fields), (proto::Outcome::Refer, None), "{at}");
        }
        (Fate::Nothing, Err(answer)) => assert!(answer.is_empty(), "{at}: {:?}", String::from_utf8_lossy(&answer)),
        (Fate::Words, Err(_)) => {}
        (_, Err(_)) => panic!("{at} was taken"),
        (Fate::NotFound, Ok(refused)) => assert_eq!(refused.code, Code::NotFound, "{at}: {refused:?}"),
        (_, Ok(refused)) => {
            assert_eq!(refused.code, Code::InvalidArgument, "{at}: {refused:?}");
            assert_ne!(refused.reason, "REQUEST_ID_REUSED", "{at}");
            let also = |field: &&String| {
                COMPARED.iter().any(|(one, other)| path.spelled().ends_with(one) && field.ends_with(other))
            };
            let named: Vec<_> = refused.fields.iter().filter(|field| !also(field)).collect();
            assert_eq!(named, [&path.spelled()], "{at}: {refused:?}");
        }
    }
}

/// Refused requests leave nothing; an answer by item is kept for its retry.
fn unchanged(method: &str, before: Rows, after: Rows) -> Rows {
    same(&before, &after, ANSWERS_ARE_KEPT.contains(&method), method);
    after
}

#[tokio::test]
async fn a_change_without_a_request_id_is_refused_by_its_name() {
    let world = World::start().await;
    for (service, method, _) in TABLE {
        let descriptor = request_of(service, method);
        if descriptor.get_field_by_name("request_id").is_none() {
            continue;
        }
        for id in ["", "1", "00000000-0000-0000-0000-000000000000"] {
            let mut message = decoded(&descriptor, &world.request(method));
            message.set_field_by_name("request_id", Value::String(id.to_owned()));
            let answer = call(world.sees(service, method), service, method, message.encode_to_vec()).await;
            let status = answer.unwrap_err();
            assert_eq!((status.code(), reason(&status)), (Code::InvalidArgument, "FIELDS_INVALID".into()), "{method}");
            assert_eq!(fields(&status), ["request_id"], "{method}");
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_message_and_messages_over_the_limit_are_refused() {
    let world = World::start().await;
    for (service, method, _) in TABLE {
        let channel = world.sees(service, method);
        // A field 1 of 100 bytes of which 1 is there.
        let status = call(channel, service, method, vec![0x0a, 100, 1]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{method}: {status:?}");

        let status = call(channel, service, method, vec![0; 5 << 20]).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{method}: {status:?}");
    }
}

fn request_of(service: &str, method: &str) -> MessageDescriptor {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let service = pool.get_service_by_name(&format!("freightpass.v1.{service}")).unwrap();
    service.methods().find(|found| found.name() == method).unwrap().input()
}

fn decoded(descriptor: &MessageDescriptor, request: &[u8]) -> DynamicMessage {
    DynamicMessage::decode(descriptor.clone(), request).unwrap()
}

fn out_of_bounds(path: &Path) -> Vec<Value> {
    let field = path.leaf();
    let of_a_message = |message: &MessageDescriptor, values: &[(i64, i32)]| {
        let value = |(seconds, nanos): &(i64, i32)| {
            let mut time = DynamicMessage::new(message.clone());
            time.set_field_by_name("seconds", Value::I64(*seconds));
            time.set_field_by_name("nanos", Value::I32(*nanos));
            Value::Message(time)
        };
        values.iter().map(value).collect()
    };
    match field.kind() {
        Kind::String => vec![
            Value::String("a\0b".to_owned()),
            Value::String("x".repeat(2_000)),
            Value::String("锁".repeat(100_000 / 3)),
        ],
        Kind::Bytes if field.name() == "object" => {
            let most = if field.parent_message().name() == "CheckPassRequest" { 512 } else { 1 << 20 };
            vec![Value::Bytes(vec![7; most + 1].into())]
        }
        Kind::Bytes => vec![Value::Bytes(vec![7; 40_000].into()), Value::Bytes(vec![7].into())],
        Kind::Enum(_) => vec![Value::EnumNumber(254), Value::EnumNumber(-1)],
        Kind::Int32 => vec![Value::I32(-1), Value::I32(i32::MIN)],
        Kind::Uint32 => vec![Value::U32(u32::MAX), Value::U32(i32::MAX as u32 + 1)],
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
            of_a_message(&message, &[(1_796_054_400_000, 0), (-1, 0), (i64::MAX, 0), (1_796_054_400, 1_000_000_000)])
        }
        Kind::Message(message) if message.full_name() == "google.protobuf.Duration" => {
            of_a_message(&message, &[(0, 0), (-1, 0), (1, 1), (366 * 86_400 + 1, 0), (i64::MAX, 0), (i64::MIN, -1)])
        }
        _ => Vec::new(),
    }
}
