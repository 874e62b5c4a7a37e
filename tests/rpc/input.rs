//! Bad input to every field of every method, by the descriptors: INVALID_ARGUMENT that names the field, nothing stored,
//! never INTERNAL.

use std::collections::HashMap;

use freightpass::identity::roles::{Access, TABLE};
use freightpass::rpc::proto;
use freightpass::rpc::proto::audit_service_client::AuditServiceClient;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::raw::call;
use crate::server::Server;

const ID: &str = "0197f0e2-7c1e-7d3a-b5a4-2f6d1c9e8a70";

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

#[tokio::test]
async fn a_field_out_of_bounds_is_named_and_nothing_is_stored() {
    let server = Server::start().await;
    let callers = Callers::of(&server).await;
    let before = callers.audit_entries().await;
    let mut tried = 0;
    for (service, method, access) in TABLE {
        let channel = callers.for_access(*access);
        for path in Paths::of(request_of(service, method)) {
            for value in out_of_bounds(&path.leaf()) {
                let message = path.request(value.clone());
                let status = call(channel, service, method, message).await.expect_err(&path.spelled());
                assert_eq!(status.code(), Code::InvalidArgument, "{method} {}: {status:?}", path.spelled());
                let fields = fields(&status);
                assert!(fields.contains(&path.spelled()), "{method} {}: {fields:?}", path.spelled());
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
    assert_eq!(callers.audit_entries().await, before);
}

#[tokio::test]
async fn hostile_text_is_refused_or_finds_nothing() {
    let server = Server::start().await;
    let callers = Callers::of(&server).await;
    let before = callers.audit_entries().await;
    for (service, method, access) in TABLE {
        let channel = callers.for_access(*access);
        for path in Paths::of(request_of(service, method)) {
            if path.leaf().kind() != Kind::String {
                continue;
            }
            for text in HOSTILE {
                let message = path.request(Value::String((*text).to_owned()));
                match call(channel, service, method, message).await {
                    // A search that finds nothing; a row or an item that is answered as refused.
                    Ok(_) => assert!(
                        method.starts_with("List")
                            || ["ImportEntries", "BatchSubmitApplications", "CheckPass"].contains(method),
                        "{method} {} took {text:?}",
                        path.spelled()
                    ),
                    Err(status) => {
                        let refused = [Code::InvalidArgument, Code::NotFound, Code::FailedPrecondition];
                        let at = path.spelled();
                        assert!(refused.contains(&status.code()), "{method} {at} {text:?}: {status:?}");
                        assert!(status.metadata().len() < 20);
                    }
                }
            }
        }
    }
    assert_eq!(callers.audit_entries().await, before);
}

#[tokio::test]
async fn a_change_without_a_request_id_is_refused_by_its_name() {
    let server = Server::start().await;
    let callers = Callers::of(&server).await;
    for (service, method, access) in TABLE {
        let descriptor = request_of(service, method);
        if descriptor.get_field_by_name("request_id").is_none() {
            continue;
        }
        for id in ["", "1", "00000000-0000-0000-0000-000000000000"] {
            let mut message = DynamicMessage::new(descriptor.clone());
            message.set_field_by_name("request_id", Value::String(id.to_owned()));
            let status = call(callers.for_access(*access), service, method, message.encode_to_vec()).await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{method}");
            assert_eq!(fields(&status), ["request_id"], "{method}");
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_message_and_messages_over_the_limit_are_refused() {
    let server = Server::start().await;
    let callers = Callers::of(&server).await;
    for (service, method, access) in TABLE {
        let channel = callers.for_access(*access);
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

fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let Some(bad) = details.bad_request() else { return Vec::new() };
    bad.field_violations.iter().map(|violation| violation.field.clone()).collect()
}

fn out_of_bounds(field: &FieldDescriptor) -> Vec<Value> {
    match field.kind() {
        Kind::String => vec![
            Value::String("a\0b".to_owned()),
            Value::String("x".repeat(2_000)),
            Value::String("锁".repeat(100_000 / 3)),
        ],
        Kind::Bytes if field.name() == "object" => Vec::new(),
        Kind::Bytes => vec![Value::Bytes(vec![7; 40_000].into())],
        Kind::Enum(_) => vec![Value::EnumNumber(254), Value::EnumNumber(-1)],
        Kind::Int32 => vec![Value::I32(-1), Value::I32(i32::MIN)],
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
            [(1_796_054_400_000, 0), (-1, 0), (i64::MAX, 0), (1_796_054_400, 1_000_000_000)]
                .into_iter()
                .map(|(seconds, nanos)| {
                    let mut time = DynamicMessage::new(message.clone());
                    time.set_field_by_name("seconds", Value::I64(seconds));
                    time.set_field_by_name("nanos", Value::I32(nanos));
                    Value::Message(time)
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The way to one leaf of a request: a field that holds no message, or a time.
#[derive(Clone)]
struct Path(Vec<FieldDescriptor>);

struct Paths;

impl Paths {
    fn of(message: MessageDescriptor) -> Vec<Path> {
        let mut found = Vec::new();
        Self::walk(&message, &mut Vec::new(), &mut found);
        found
    }

    fn walk(message: &MessageDescriptor, way: &mut Vec<FieldDescriptor>, found: &mut Vec<Path>) {
        for field in message.fields() {
            way.push(field.clone());
            match field.kind() {
                Kind::Message(inner) if !inner.full_name().starts_with("google.protobuf.") => {
                    Self::walk(&inner, way, found);
                }
                _ => found.push(Path(way.clone())),
            }
            way.pop();
        }
    }
}

impl Path {
    fn leaf(&self) -> FieldDescriptor {
        self.0.last().unwrap().clone()
    }

    /// As an error names it; of lists the first item.
    fn spelled(&self) -> String {
        let parts: Vec<_> = self
            .0
            .iter()
            .map(|field| if field.is_list() { format!("{}[0]", field.name()) } else { field.name().to_owned() })
            .collect();
        parts.join(".")
    }

    /// A request with a good request id and this value at the end of the way.
    fn request(&self, value: Value) -> Vec<u8> {
        let mut message = DynamicMessage::new(self.0[0].parent_message().clone());
        if message.descriptor().get_field_by_name("request_id").is_some() {
            message.set_field_by_name("request_id", Value::String(ID.to_owned()));
        }
        Self::put(&mut message, &self.0, value);
        message.encode_to_vec()
    }

    fn put(message: &mut DynamicMessage, way: &[FieldDescriptor], value: Value) {
        let (field, rest) = way.split_first().unwrap();
        let inner = match (rest, field.kind()) {
            ([], _) => value,
            (rest, Kind::Message(descriptor)) => {
                let mut inner = DynamicMessage::new(descriptor);
                Self::put(&mut inner, rest, value);
                Value::Message(inner)
            }
            _ => unreachable!("only messages have fields"),
        };
        let inner = if field.is_list() { Value::List(vec![inner]) } else { inner };
        message.set_field(field, inner);
    }
}

/// An officer for each role, and a stranger.
struct Callers {
    public: Channel,
    by_role: HashMap<&'static str, Channel>,
}

impl Callers {
    async fn of(server: &Server) -> Self {
        let mut by_role = HashMap::new();
        for (body, name, roles) in [
            ("CN-32", "all", "whitelist,approver,revoker,auditor,operator"),
            ("CN-320583", "clerk", "recommender"),
            ("91320500MA1MABCD5T", "driver", "applicant"),
        ] {
            let channel = server.officer(body, name, roles).await;
            for role in roles.split(',') {
                let role = freightpass::identity::Role::by_name(role).unwrap();
                by_role.insert(role.name(), channel.clone());
            }
        }
        Self { public: server.public().await, by_role }
    }

    fn for_access(&self, access: Access) -> &Channel {
        match access {
            Access::Public => &self.public,
            Access::Roles(roles) => &self.by_role[roles[0].name()],
        }
    }

    async fn audit_entries(&self) -> usize {
        let mut client = AuditServiceClient::new(self.by_role["auditor"].clone());
        let request = proto::ListAuditEntriesRequest { page_size: 1_000, ..Default::default() };
        client.list_audit_entries(request).await.unwrap().into_inner().entries.len()
    }
}
