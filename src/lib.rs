//! freightpass: signed freight passes that any checkpoint verifies offline.
//!
//! The rooms follow the two flows of the service: `whitelist` -> `application` -> `approval` -> `pass` -> scan, and
//! `revocation` -> status -> scan. docs/ARCHITECTURE.md tells which room may import which.

// A line that nobody reads any more must be no panic: cli::output writes them.
#![deny(clippy::print_stdout)]

pub mod application;
pub mod approval;
pub mod arrival;
pub mod audit;
pub mod backup;
pub mod bus;
pub mod card;
pub mod checkpoint;
pub mod cli;
pub mod clock;
pub mod config;
pub mod identity;
pub mod messages;
pub mod pass;
pub mod problem;
pub mod profile;
pub mod report;
pub mod restore;
pub mod revocation;
pub mod rpc;
pub mod sample;
pub mod scanner;
pub mod storage;
pub mod table;
pub mod telemetry;
pub mod trust;
pub mod whitelist;
pub mod words;
