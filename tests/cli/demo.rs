//! The whole story of `demo`, over a service of its own; and what it leaves running, and leaves behind.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use freightpass::rpc::proto;
use freightpass::rpc::proto::check_pass_request::Pass;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;

use super::post::freightpass;
use super::redis_server::RedisServer;

/// Every verdict of the story.
const ALL: &str = "All 26 verdicts were as they had to be";

#[test]
fn the_demo_tells_the_whole_story_and_every_verdict_is_right() {
    let output = freightpass().args(["demo", "--rows", "30"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}\n{errors}");
    for part in ["admit admit", "refuse revoked", "refuse suspended", "refuse not_a_survivor", "refuse rolled_back"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains(ALL) && !said.contains("WRONG"), "{said}");
}

/// A demo that runs on; it and its folder end with the test.
struct Demo {
    child: Child,
    folder: Option<PathBuf>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_over_redis_serves_on_with_lines_to_try_until_it_is_asked_to_end_and_leaves_nothing_in_redis() {
    let redis = RedisServer::start().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
    command.args(["demo", "--rows", "24", "--serve", "--redis", &redis.url()]);
    let mut demo = Demo { child: command.stdout(Stdio::piped()).spawn().unwrap(), folder: None };
    let mut lines = BufReader::new(demo.child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = Vec::new();
    for line in lines.by_ref() {
        said.push(line);
        if said.last().is_some_and(|line| line.contains("freightpass pass show ")) {
            break;
        }
    }
    let told = said.join("\n");
    assert!(told.contains(ALL), "{told}");
    let after = |words: &str| {
        let line = said.iter().find_map(|line| line.split_once(words)).unwrap_or_else(|| panic!("{words} in {told}"));
        line.1.to_owned()
    };
    let public = after("  public ");
    for line in [
        format!("grpcurl -plaintext {public} list"),
        "freightpass.v1.CheckpointService/CheckPass".to_owned(),
        "freightpass.v1.PassService/ListPasses".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} in {told}");
    }
    let data = PathBuf::from(after(" --data ").split(' ').next().unwrap());
    demo.folder = data.parent().map(PathBuf::from);

    // The call of the second line.
    let number = after("{\"pass_number\":\"").split('"').next().unwrap().to_owned();
    let mut checkpoint = CheckpointServiceClient::connect(format!("http://{public}")).await.unwrap();
    let request =
        proto::CheckPassRequest { pass: Some(Pass::PassNumber(number)), county: String::new(), plate: String::new() };
    checkpoint.check_pass(request).await.unwrap();

    let mut client = redis.client().await;
    let keys = async |client: &mut redis::aio::MultiplexedConnection| -> Vec<String> {
        redis::cmd("KEYS").arg("fp:*").query_async(client).await.unwrap()
    };
    assert_ne!(keys(&mut client).await, Vec::<String>::new(), "the story went over Redis");
    let id = demo.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert!(rest.iter().any(|line| line.starts_with("left for you: ")), "{rest:?}");
    assert_eq!(demo.child.wait().unwrap().code(), Some(0));
    assert_eq!(keys(&mut client).await, Vec::<String>::new());
    assert!(std::net::TcpStream::connect(&public).is_err(), "the server has ended too");
}
