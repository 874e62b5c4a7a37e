//! A real redis-server for one test, on a socket in a folder of its own; and a proxy that holds its replies back.
//!
//! The server is Debian's `redis-server`, which `.ci/run` installs.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// A running server. It ends with the test.
pub struct RedisServer {
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts one that forgets everything when it stops.
    pub async fn start() -> Self {
        let mut server = Self { folder: tempfile::tempdir().unwrap(), child: None };
        server.start_again().await;
        server
    }

    /// The URL of its socket; the same after a restart.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Ends it, without a word to anybody.
    pub async fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }

    /// Starts it, empty, on the same socket.
    pub async fn start_again(&mut self) {
        self.stop().await;
        let _ = std::fs::remove_file(self.socket());
        let mut child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("redis-server is installed (apt-get install redis-server)");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        loop {
            let line = lines.next_line().await.unwrap().expect("redis-server ended before it was ready");
            if line.contains("eady to accept connections") {
                break;
            }
        }
        // Its later lines have to go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some(child);
    }

    /// A client of our own, to look and to spoil.
    pub async fn client(&self) -> redis::aio::MultiplexedConnection {
        redis::Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }
}

/// Stands between client and server: questions pass at once, replies while the gate is open.
pub struct SlowProxy {
    address: std::net::SocketAddr,
    gate: watch::Sender<bool>,
    asked: watch::Sender<u64>,
    connections: watch::Sender<u64>,
}

impl SlowProxy {
    /// A proxy before the server on that socket, with an open gate.
    pub async fn before(socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self {
            address,
            gate: watch::Sender::new(true),
            asked: watch::Sender::new(0),
            connections: watch::Sender::new(0),
        };
        let (gate, asked, connections) = (proxy.gate.clone(), proxy.asked.clone(), proxy.connections.clone());
        let socket: Arc<Path> = socket.into();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                connections.send_modify(|count| *count += 1);
                tokio::spawn(carry(client, socket.clone(), gate.subscribe(), asked.clone()));
            }
        });
        proxy
    }

    /// The URL of the proxy.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Lets replies through, or holds them.
    pub fn open(&self, open: bool) {
        self.gate.send_replace(open);
    }

    /// Writes that were seen on the way to the server.
    pub fn asked(&self) -> watch::Receiver<u64> {
        self.asked.subscribe()
    }

    /// Connections that were ever opened.
    pub fn connections(&self) -> u64 {
        *self.connections.borrow()
    }
}

async fn carry(client: TcpStream, socket: Arc<Path>, mut gate: watch::Receiver<bool>, asked: watch::Sender<u64>) {
    let server = UnixStream::connect(socket).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let questions = async move {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            if to_server.write_all(&buffer[..count]).await.is_err() {
                break;
            }
            asked.send_modify(|asked| *asked += 1);
        }
    };
    let replies = async move {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            if gate.wait_for(|open| *open).await.is_err() || to_client.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(questions, replies);
}
