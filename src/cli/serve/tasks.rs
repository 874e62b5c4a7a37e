//! What runs until it is stopped. One that ends before has broken: without it the service would answer, and be wrong.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

/// Tasks with names.
#[derive(Default)]
pub struct Tasks {
    running: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Tasks {
    /// Starts one.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.running.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits until one ends, and says which and how; for ever where none runs.
    pub async fn one_ends(&mut self) -> anyhow::Error {
        let Some(ended) = self.running.join_next_with_id().await else { return std::future::pending().await };
        let name = |id: &Id| self.names.get(id).copied().unwrap_or("a task");
        match &ended {
            Ok((id, ())) => anyhow::anyhow!("{} ended by itself", name(id)),
            Err(error) => anyhow::anyhow!("{} broke: {}", name(&error.id()), cause(error)),
        }
    }

    /// Waits until all have ended.
    pub async fn all_end(&mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

/// The words of a panic stand in the log of the panic; they may hold anything, and are not repeated.
fn cause(error: &JoinError) -> &'static str {
    if error.is_panic() { "it panicked, which is a fault of the program" } else { "it was cancelled" }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::config::Limits;
    use crate::rpc::Listener;

    /// The socket of a listener is shut down behind its back.
    #[tokio::test]
    async fn a_task_that_ends_is_named() {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap().into_std().unwrap();
        let other: std::os::fd::OwnedFd = socket.try_clone().unwrap().into();
        let listener = Listener {
            name: "public",
            socket: TcpListener::from_std(socket).unwrap(),
            tls: None,
            deployment: [7; 8],
            router: Router::new(),
            limits: Limits::default(),
        };
        let mut tasks = Tasks::default();
        tasks.spawn("another", std::future::pending());
        tasks.spawn("the public listener", listener.serve(CancellationToken::new()));
        std::net::TcpStream::from(other).shutdown(std::net::Shutdown::Both).unwrap();
        assert_eq!(tasks.one_ends().await.to_string(), "the public listener ended by itself");
    }

    #[tokio::test]
    async fn a_task_that_panics_is_named() {
        let mut tasks = Tasks::default();
        let none: Option<()> = std::env::var_os("FREIGHTPASS_NO_SUCH_VARIABLE").map(drop);
        tasks.spawn("the first", async move { none.expect("nothing is there") });
        let said = tasks.one_ends().await.to_string();
        assert_eq!(said, "the first broke: it panicked, which is a fault of the program");
    }

    #[tokio::test]
    async fn no_tasks_end_at_once_and_never_one_of_them() {
        let mut tasks = Tasks::default();
        tasks.all_end().await;
        assert!(futures::FutureExt::now_or_never(tasks.one_ends()).is_none());
    }
}
