//! What the service says about itself: every metric is documented, and nothing else; traces reach a collector, carry no
//! more than they may, and a collector that is away is nobody's trouble.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use freightpass::rpc::proto;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use freightpass::telemetry::{CATALOGUE, Kind};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tonic::{Code, Request, Response, Status};

use crate::city::{SUZHOU, list, request_id, row};
use crate::server::Server;

/// A trace that the caller began, and that is to be recorded.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A metric as the page shows it, or as the document lists it: kind, and labels.
type Shown = BTreeMap<String, (String, BTreeSet<String>)>;

#[tokio::test]
async fn the_document_lists_every_metric_with_its_kind_and_labels_and_no_other() {
    let mut server = Server::start().await;
    list(&server, 1).await;
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    checkpoint.get_bundle(proto::GetBundleRequest::default()).await.unwrap();
    server.until_metric("freightpass_ready", 1.0).await;
    // A transaction of the publisher's own has ended, and the index was looked at.
    server.signal("HUP").await;
    server.logged("certificates were read anew").await;
    let page = shown(&server.get("/metrics").await);
    let listed = listed(include_str!("../../docs/OPERATING.md"));
    assert_eq!(page, listed);

    let name = |kind: Kind| match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    };
    let known: BTreeMap<_, _> = CATALOGUE.iter().map(|metric| (metric.name, name(metric.kind))).collect();
    assert_eq!(known.len(), CATALOGUE.len(), "a name stands in the catalogue once");
    let page: BTreeMap<_, _> = page.iter().map(|(name, (kind, _))| (name.as_str(), kind.as_str())).collect();
    assert_eq!(page, known);
}

#[tokio::test]
async fn alerts_are_promql_and_ask_for_metrics_that_there_are() {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/manifests.sh");
    let checked = tokio::process::Command::new(script).args(["rules", "deploy/alerts.yml"]).output().await.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let alerts = include_str!("../../deploy/alerts.yml");
    let listed = listed(include_str!("../../docs/OPERATING.md"));
    let mut asked = BTreeSet::new();
    for word in alerts.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if word.starts_with("freightpass_") {
            let family = ["_bucket", "_count", "_sum"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
            assert!(listed.contains_key(family), "{word}");
            asked.insert(family);
        }
    }
    assert!(asked.len() > 8, "{asked:?}");
}

/// `# TYPE name kind`, and the labels of every series of it.
fn shown(page: &str) -> Shown {
    let mut shown = Shown::new();
    for line in page.lines() {
        if let Some(about) = line.strip_prefix("# TYPE ") {
            let (name, kind) = about.split_once(' ').unwrap();
            shown.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        }
    }
    for line in page.lines().filter(|line| line.starts_with("freightpass_")) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
        let family = family.filter(|family| shown.contains_key(*family)).unwrap_or(name);
        let labels = line.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(labels, _)| labels);
        let known = &mut shown.get_mut(family).unwrap_or_else(|| panic!("{line} has no type")).1;
        for label in labels.split("\",").filter_map(|label| label.split_once("=\"")) {
            if label.0 != "le" {
                known.insert(label.0.to_owned());
            }
        }
    }
    shown
}

/// The rows of the table: `| name | kind | labels | words |`.
fn listed(document: &str) -> Shown {
    let mut listed = Shown::new();
    for line in document.lines().filter(|line| line.starts_with("| `freightpass_")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().replace('`', "")).collect();
        let [name, kind, labels, words] = cells.try_into().unwrap_or_else(|_| panic!("{line}"));
        assert!(words.len() > 10, "{line}");
        let labels = labels.split(", ").filter(|label| !label.is_empty()).map(str::to_owned).collect();
        assert_eq!(listed.insert(name, (kind, labels)), None, "{line}");
    }
    listed
}

/// A collector that keeps what it is sent.
struct Collector {
    sent: mpsc::UnboundedSender<ExportTraceServiceRequest>,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let _ = self.sent.send(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Listens on that address; what it is sent.
    async fn listen(address: SocketAddr) -> (SocketAddr, mpsc::UnboundedReceiver<ExportTraceServiceRequest>) {
        let (sent, requests) = mpsc::unbounded_channel();
        let socket = TcpListener::bind(address).await.unwrap();
        let address = socket.local_addr().unwrap();
        let service = TraceServiceServer::new(Self { sent });
        let incoming = tonic::transport::server::TcpIncoming::from(socket);
        tokio::spawn(tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming));
        (address, requests)
    }
}

fn free() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// A server that sends its traces there.
async fn traced(collector: SocketAddr, ratio: &str) -> Server {
    Server::start_with(&[
        ("FREIGHTPASS__TELEMETRY__OTLP_ENDPOINT", format!("http://{collector}")),
        ("FREIGHTPASS__TELEMETRY__SAMPLING_RATIO", ratio.to_owned()),
        // So often, in milliseconds; the collector's own variable.
        ("OTEL_BSP_SCHEDULE_DELAY", "20".to_owned()),
    ])
    .await
}

/// A request of that trace.
fn in_trace<T>(message: T, sampled: &str) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("00-{TRACE}-{PARENT}-{sampled}");
    request.metadata_mut().insert("traceparent", value.parse().unwrap());
    request
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    let value = |value: Value| match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    span.attributes.iter().map(|kv| (kv.key.clone(), value(kv.value.clone().unwrap().value.unwrap()))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_call_and_its_transaction_stand_in_the_trace_of_the_caller_without_anything_personal() {
    let (address, mut requests) = Collector::listen(free()).await;
    let mut server = traced(address, "0.0").await;
    let mut whitelist = WhitelistServiceClient::new(server.chief(SUZHOU).await);
    let import = |rows| proto::ImportEntriesRequest { request_id: request_id(), rows, dry_run: false };
    // Not traced: the caller began no trace, or one that is not recorded.
    whitelist.import_entries(import(vec![row(1, 1)])).await.unwrap();
    whitelist.import_entries(in_trace(import(vec![row(1, 2)]), "00")).await.unwrap();
    whitelist.import_entries(in_trace(import(vec![row(1, 3)]), "01")).await.unwrap();
    let refused = whitelist.import_entries(in_trace(import(Vec::new()), "01")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    // What is left is sent at the end.
    assert_eq!(server.stop().await, Some(0));

    let mut spans = Vec::new();
    let mut about = BTreeMap::new();
    let mut all = String::new();
    while let Ok(request) = requests.try_recv() {
        all.push_str(&format!("{request:?}"));
        for resource in request.resource_spans {
            for kv in resource.resource.unwrap().attributes {
                about.insert(kv.key, kv.value.unwrap().value.unwrap());
            }
            spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    assert_eq!(about["service.name"], Value::StringValue("freightpass".to_owned()));
    assert!(about.contains_key("service.version"));

    let method = "/freightpass.v1.WhitelistService/ImportEntries";
    let calls: Vec<_> = spans.iter().filter(|span| span.name == method).collect();
    let transactions: Vec<_> = spans.iter().filter(|span| span.name == "ImportEntries").collect();
    assert_eq!((calls.len(), spans.len()), (2, 2 + transactions.len()), "{spans:#?}");
    assert!(!transactions.is_empty(), "{spans:#?}");
    for call in &calls {
        assert_eq!((hex(&call.trace_id), hex(&call.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
        assert_eq!(call.kind(), SpanKind::Server);
        assert!(call.status.as_ref().is_none_or(|status| status.code() == StatusCode::Unset), "{call:?}");
        assert_eq!(attributes(call)["rpc.system"], "grpc");
        assert_eq!(attributes(call).len(), 2, "{call:?}");
        assert!(call.events.is_empty() && call.links.is_empty());
    }
    let codes: BTreeSet<_> = calls.iter().map(|call| attributes(call)["rpc.grpc.status_code"].clone()).collect();
    assert_eq!(codes, BTreeSet::from(["0".to_owned(), "3".to_owned()]));
    for transaction in transactions {
        assert!(calls.iter().any(|call| call.span_id == transaction.parent_span_id));
        assert!(transaction.attributes.is_empty() && transaction.events.is_empty(), "{transaction:?}");
    }
    for personal in ["张三", "李四", "13800000001", "苏E", "昆山"] {
        assert!(!all.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_holds_up_no_call_and_is_said_once_and_is_served_again_when_it_is_back() {
    let socket = TcpListener::bind(free()).await.unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let mut server = traced(address, "1.0").await;
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    let dropped = "freightpass_trace_spans_total{outcome=\"dropped\"}";
    let away = server.logged("the collector takes no traces").await;
    assert!(away.contains("WARN"), "{away}");
    for _ in 0..200 {
        checkpoint.get_bundle(proto::GetBundleRequest::default()).await.unwrap();
    }
    assert!(server.metric(dropped).await.unwrap() > 0.0);

    let (_, mut requests) = Collector::listen(address).await;
    while requests.is_empty() {
        checkpoint.get_bundle(proto::GetBundleRequest::default()).await.unwrap();
    }
    requests.recv().await.unwrap();
    assert_eq!(server.metric("freightpass_ready").await, Some(1.0));
    server.ask_to_stop().await;
    let (code, log) = server.ended_saying().await;
    assert_eq!(code, Some(0));
    let said = |words: &str| log.iter().filter(|line| line.contains(words)).count();
    assert_eq!((said("the collector takes no traces"), said("the collector takes traces again")), (0, 1), "{log:#?}");
}

/// It takes connections and says nothing.
#[tokio::test]
async fn a_collector_that_never_answers_holds_up_neither_calls_nor_the_end() {
    let silent = TcpListener::bind(free()).await.unwrap();
    let mut server = traced(silent.local_addr().unwrap(), "1.0").await;
    let (connection, _) = silent.accept().await.unwrap();
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    for _ in 0..200 {
        checkpoint.get_bundle(proto::GetBundleRequest::default()).await.unwrap();
    }
    assert_eq!(server.stop().await, Some(0));
    drop(connection);
}
