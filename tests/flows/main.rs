//! The whole service as its users meet it: `freightpass serve` as a child process, over gRPC and the command line.
//!
//! Nothing here sleeps: a test waits for a line, an answer, a message of a stream or an acknowledgement.

mod adversity;
mod backup_killed;
mod bad_rows;
mod city;
mod doctor;
mod elsewhere;
mod examples;
mod intake;
mod killed;
mod load;
mod manual;
mod microcontroller;
mod peak;
mod privacy;
mod redis_bus;
#[path = "../support/redis.rs"]
#[allow(dead_code, reason = "the contract tests use the rest")]
mod redis_server;
mod requests;
mod restored;
mod scanner;
#[path = "../support/server.rs"]
mod server;
mod tables;
mod telemetry;
mod trust;
mod watching;
