//! What build.rs made of `proto/freightpass/v1`: messages, clients and servers.

#![allow(missing_docs, clippy::all)]

tonic::include_proto!("freightpass.v1");

/// The descriptor set of every service and of what it imports, with comments: for reflection, and for the test that
/// compares the table of roles with the methods there are.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/freightpass_descriptors.bin"));
