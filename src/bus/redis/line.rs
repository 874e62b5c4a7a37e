//! Connections to Redis. One rule: a connection in doubt is dropped, never used again.
//!
//! An operation takes a connection out, and gives it back only after it has read its whole reply. One that fails, or
//! whose future is dropped between question and reply, takes the connection with it: so the reply to a question that
//! nobody waits for can never become the answer to the next one (redis-py's issue 2665).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, ServerErrorKind};

use super::super::port::BusError;
use super::follow::BLOCK;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a reply may take: the largest write takes Redis some milliseconds.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections kept for the next operation. Relay and look-ups are few at a time; more are opened and dropped.
const KEPT_IDLE: usize = 4;

/// Connections of one process to one server.
pub(super) struct Line {
    client: Client,
    idle: Mutex<Vec<MultiplexedConnection>>,
}

impl Line {
    pub(super) fn new(url: &str) -> Result<Self, RedisError> {
        Ok(Self { client: Client::open(url)?, idle: Mutex::default() })
    }

    /// A connection for one operation: nobody else has it.
    pub(super) async fn take(&self) -> Result<MultiplexedConnection, BusError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(conn) => Ok(conn),
            None => self.open(REPLY_TIMEOUT).await,
        }
    }

    /// Gives a connection back whose every reply was read.
    pub(super) fn give_back(&self, conn: MultiplexedConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT_IDLE {
            idle.push(conn);
        }
    }

    /// A connection for questions that wait for something to happen. It is not given back.
    pub(super) async fn open_blocking(&self) -> Result<MultiplexedConnection, BusError> {
        self.open(BLOCK + REPLY_TIMEOUT).await
    }

    async fn open(&self, reply: Duration) -> Result<MultiplexedConnection, BusError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(reply));
        self.client.get_multiplexed_async_connection_with_config(&config).await.map_err(wrong_or_gone)
    }
}

/// What an error of Redis means for the bus: a key of another type is poison, anything else is an outage.
pub(super) fn wrong_or_gone(error: RedisError) -> BusError {
    let aborted = error.kind() == redis::ErrorKind::Server(ServerErrorKind::ExecAbort);
    let wrong_type = error.code() == Some("WRONGTYPE") || error.to_string().contains("WRONGTYPE");
    let unreadable = matches!(error.kind(), redis::ErrorKind::UnexpectedReturnType);
    if wrong_type && !aborted {
        return BusError::Poisoned { what: "a key of another type".to_owned() };
    }
    if unreadable {
        return BusError::Poisoned { what: "a value of another form".to_owned() };
    }
    BusError::Unreachable(Box::new(error))
}
