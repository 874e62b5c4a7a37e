//! The service from outside: who may call what, and what it says to bad input.

mod certificates;
mod drain;
mod example;
mod flow;
mod http;
mod input;
mod path;
mod probes;
mod raw;
mod refusal;
mod requests;
mod sight;
mod start;
mod table;
mod tls;
mod workday;
mod world;

#[path = "../support/server.rs"]
mod server;
