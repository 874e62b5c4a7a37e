//! FP-38: the probes of deploy/kustomize, sent to a production server with TLS as the manifests configure it: not ready
//! before it has caught up, ready after, not ready while it drains.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::server::AT_LAST;
use crate::tls::{Ca, Connection};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// The documents of a file of deploy/kustomize.
async fn manifest(name: &str) -> Vec<Value> {
    let mut command = Command::new(Path::new(REPOSITORY).join("tests/support/manifests.sh"));
    let output = command.arg("json").arg(format!("deploy/kustomize/{name}")).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A deployment that a ceremony made, in a folder that stands for the root of the container.
struct Production {
    root: tempfile::TempDir,
    ca: Ca,
    status_key: PathBuf,
}

/// The running server.
struct Running {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    log: Lines<BufReader<ChildStderr>>,
    public: String,
}

impl Production {
    /// Everything but the status key, without which nothing is published.
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for folder in ["etc/freightpass/tls", "etc/freightpass/secrets", "etc/freightpass/config", "ceremony"] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::create_dir_all(at("var/lib/freightpass/keys")).unwrap();
        let (ca, tls) = (Ca::new("servers"), "etc/freightpass/tls");
        for name in ["public", "admin"] {
            ca.server(365).write(&at(&format!("{tls}/{name}.pem")), &at(&format!("{tls}/{name}.key")));
        }
        std::fs::write(at(&format!("{tls}/officers-ca.pem")), Ca::new("officers").certificate).unwrap();
        let secret = |name: &str, contents: &[u8]| {
            let path = at("etc/freightpass/secrets").join(name);
            std::fs::write(&path, contents).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o440)).unwrap();
        };
        secret("passphrase", b"correct horse\n");
        secret("fields.key", &[7; 32]);
        let text = std::fs::read_to_string(Path::new(REPOSITORY).join("deploy/kustomize/freightpass.toml")).unwrap();
        let here = |path: &str| format!("{}{path}", root.path().display());
        let text = text.replace("\"/etc/", &here("/etc/").replacen('/', "\"/", 1));
        let text = text.replace("\"/var/", &here("/var/").replacen('/', "\"/", 1));
        std::fs::write(at("etc/freightpass/config/freightpass.toml"), text).unwrap();
        let status_key = ceremony(root.path()).await;
        Self { root, ca, status_key }
    }

    fn data(&self) -> PathBuf {
        self.root.path().join("var/lib/freightpass")
    }

    /// The container's command, on free ports of every address.
    async fn start(&self) -> Running {
        let pod = &manifest("statefulset.yaml").await[0]["spec"]["template"]["spec"]["containers"][0];
        let arguments: Vec<_> = pod["args"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        let [serve, config, path] = arguments[..] else { panic!("{arguments:?}") };
        let path = format!("{}{path}", self.root.path().display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command
            .args([serve, config, &path])
            .env("FREIGHTPASS__PUBLIC__ADDRESS", "0.0.0.0:0")
            .env("FREIGHTPASS__ADMIN__ADDRESS", "0.0.0.0:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = until(&mut log, "listening; not ready yet").await;
        let line: Value = serde_json::from_str(&line).expect("a line of JSON");
        let port = line["public"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
        Running { child, out, log, public: format!("127.0.0.1:{port}") }
    }
}

impl Running {
    async fn ask_to_stop(&self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    }

    async fn ended(mut self) -> Option<i32> {
        // The log has to go somewhere.
        let log = async { while let Ok(Some(_)) = self.log.next_line().await {} };
        timeout(AT_LAST, log).await.unwrap();
        timeout(AT_LAST, self.child.wait()).await.expect("an end in time").unwrap().code()
    }
}

async fn until<R: tokio::io::AsyncBufRead + Unpin>(lines: &mut Lines<R>, words: &str) -> String {
    let found = async {
        let mut said = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains(words) {
                return line;
            }
            said.push(line);
        }
        panic!("it ended without {words:?}: {said:#?}");
    };
    timeout(AT_LAST, found).await.unwrap_or_else(|_| panic!("no {words:?}"))
}

async fn verb(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_freightpass")).args(arguments).output().await.unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Keys and the first list; the file of the status key, which stays with the ceremony.
async fn ceremony(root: &Path) -> PathBuf {
    let at = |name: &str| root.join(name).display().to_string();
    let passphrase = at("etc/freightpass/secrets/passphrase");
    let mut made = Vec::new();
    for (role, folder) in [("root", "ceremony"), ("status", "ceremony"), ("CN-3205", "var/lib/freightpass/keys")] {
        let said = verb(&["trust", "key", role, "--keys", &at(folder), "--passphrase-file", &passphrase]).await;
        let said = String::from_utf8(said.stdout).unwrap();
        let word = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        made.push((word("public"), word("file")));
    }
    let plan = format!(
        "deployment = \"0123456789abcdef\"\nthreshold = 1\nroots = [\"{}\"]\nstatus_keys = [\"{}\"]\n\
         status_base = \"HTTPS://PASS.TEST/S/\"\nmax_age_s = 86400\nskew_s = 300\nlongest_life_s = 2592000\n\
         [[programmes]]\nnumber = 1\nname = \"emergency freight\"\ndays = 300\noff_route = \"refuse\"\n\
         [[authorities]]\ncode = \"CN-3205\"\nnumber = 320500\nname = \"苏州市\"\nlevel = \"prefecture\"\n\
         division = \"3205\"\nprogrammes = [1]\nkeys = [\"{}\"]\n",
        made[0].0, made[1].0, made[2].0
    );
    std::fs::write(root.join("ceremony/plan.toml"), plan).unwrap();
    let (plan, draft) = (at("ceremony/plan.toml"), at("ceremony/draft.fp"));
    let (provision, trust) = (at("var/lib/freightpass/provision.fp"), at("var/lib/freightpass/trust.fp"));
    verb(&["trust", "create", "--plan", &plan, "--out", &draft, "--provision", &provision]).await;
    let sign = ["trust", "sign", &draft, "--key", &made[0].1, "--passphrase-file", &passphrase];
    verb(&[&sign[..], &["--out", &trust, "--yes"]].concat()).await;
    made[1].1.clone().into()
}

/// What the kubelet does with a probe of the manifest: success is a code from 200 to 399.
async fn probe(probe: &Value, running: &Running, ca: &str) -> Result<String, String> {
    let get = &probe["httpGet"];
    assert_eq!((get["scheme"].as_str(), get["port"].as_str()), (Some("HTTPS"), Some("public")), "{probe}");
    let asked = async { Connection::open(&running.public, ca).await?.get(get["path"].as_str().unwrap()).await };
    match timeout(AT_LAST, asked).await.expect("an answer or a refusal") {
        Ok((code @ 200..=399, words)) => Ok(format!("{code} {words}")),
        Ok((code, words)) => Err(format!("{code} {words}")),
        Err(error) => Err(error.to_string()),
    }
}

#[tokio::test]
async fn the_probes_of_the_manifests_tell_what_the_kubelet_must_know() {
    let pod = manifest("statefulset.yaml").await[0]["spec"]["template"]["spec"].clone();
    let container = &pod["containers"][0];
    let [startup, readiness, liveness] =
        ["startupProbe", "readinessProbe", "livenessProbe"].map(|kind| &container[kind]);
    for probe in [startup, readiness, liveness] {
        assert!(probe["grpc"].is_null(), "a gRPC probe on a TLS port never succeeds");
    }
    let production = Production::new().await;
    let ca = &production.ca.certificate;

    // Without a status key nothing is published: it does not catch up.
    let running = production.start().await;
    assert!(probe(startup, &running, ca).await.is_ok());
    assert!(probe(liveness, &running, ca).await.is_ok());
    let refused = probe(readiness, &running, ca).await.unwrap_err();
    assert!(refused.starts_with("503 not ready") && refused.contains("manifest: none is signed yet"), "{refused}");
    running.ask_to_stop().await;
    assert_eq!(running.ended().await, Some(0));

    let key = production.data().join("keys").join(production.status_key.file_name().unwrap());
    std::fs::copy(&production.status_key, key).unwrap();
    let mut running = production.start().await;
    until(&mut running.out, "freightpass ready").await;
    for probe_of in [startup, readiness, liveness] {
        let answered = probe(probe_of, &running, ca).await;
        assert!(answered.is_ok(), "{answered:?}");
    }
    what_a_stranger_sees(&running, ca).await;

    // A call under way keeps the drain going.
    let mut busy = Connection::open(&running.public, ca).await.unwrap();
    let head = "POST /freightpass.v1.CheckpointService/CheckPass HTTP/1.1\r\nhost: localhost\r\n\
                content-type: application/grpc-web+proto\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
    assert!(busy.ask(head).await.starts_with("HTTP/1.1 100"));
    running.ask_to_stop().await;
    until(&mut running.log, "stopping").await;
    let not_ready = async {
        while probe(readiness, &running, ca).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(AT_LAST, not_ready).await.expect("not ready in a drain");
    assert!(probe(readiness, &running, ca).await.is_err());
    drop(busy);
    assert_eq!(running.ended().await, Some(0));
}

/// The kubelet's own gRPC probe speaks plaintext; and production describes itself to nobody.
async fn what_a_stranger_sees(running: &Running, ca: &str) {
    let plain = tonic::transport::Endpoint::from_shared(format!("http://{}", running.public)).unwrap().connect_lazy();
    assert!(HealthClient::new(plain).check(HealthCheckRequest::default()).await.is_err());
    let tls = tonic::transport::ClientTlsConfig::new()
        .domain_name("localhost")
        .ca_certificate(tonic::transport::Certificate::from_pem(ca));
    let endpoint = tonic::transport::Endpoint::from_shared(format!("https://{}", running.public)).unwrap();
    let channel = endpoint.tls_config(tls).unwrap().connect().await.unwrap();
    HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await.unwrap();
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let asked = ServerReflectionClient::new(channel).server_reflection_info(futures::stream::iter([request])).await;
    assert_eq!(asked.err().map(|status| status.code()), Some(Code::Unimplemented));
}

#[tokio::test]
async fn the_manifests_belong_together() {
    let kustomization = &manifest("kustomization.yaml").await[0];
    let resources: Vec<_> =
        kustomization["resources"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(resources, ["service.yaml", "statefulset.yaml"]);
    let read = |name: &str| std::fs::read_to_string(Path::new(REPOSITORY).join("deploy").join(name)).unwrap();
    assert_eq!(read("kustomize/freightpass.toml"), read("production.toml"), "copy the one over the other");
    let pod = manifest("statefulset.yaml").await[0]["spec"]["template"]["spec"].clone();
    let container = &pod["containers"][0];
    let ports: Vec<_> =
        container["ports"].as_array().unwrap().iter().map(|port| port["containerPort"].as_u64()).collect();
    assert_eq!(ports, [Some(8440), Some(8441)]);
    let mounts = container["volumeMounts"].as_array().unwrap();
    // Every path of the configuration lies below something that is mounted.
    for path in read("production.toml").split('"').filter(|word| word.starts_with("/etc/") || word.starts_with("/var/"))
    {
        let mounted = mounts.iter().any(|mount| path.starts_with(mount["mountPath"].as_str().unwrap()));
        assert!(mounted, "{path}");
    }
    let grace_s = pod["terminationGracePeriodSeconds"].as_u64().unwrap();
    let pause_s = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
    let drain = read("production.toml").lines().find_map(|line| line.strip_prefix("drain_deadline_s = ")?.parse().ok());
    assert!(grace_s > pause_s + drain.unwrap_or(u64::MAX), "it would be killed in the middle of a drain");
}
