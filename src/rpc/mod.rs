//! The service over gRPC: one file per service; `convert` and `status` hold the only mappings between the domain and
//! protobuf.

pub mod proto;
