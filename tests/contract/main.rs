//! What every implementation of a port must do, run on each of them.

mod bus;

#[path = "../support/redis.rs"]
mod redis_server;
