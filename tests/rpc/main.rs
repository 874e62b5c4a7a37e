//! The service from outside: who may call what, and what it says to bad input.

mod drain;
mod flow;
mod http;
mod input;
mod raw;
mod refusal;
mod sight;
mod start;
mod table;
mod world;

#[path = "../support/server.rs"]
mod server;
