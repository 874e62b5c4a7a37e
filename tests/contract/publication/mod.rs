//! Publishing over a real registry: what is signed is what the log says, a scanner adopts it, and a wrong view of the
//! log signs nothing.

mod asked;
mod carried;
mod kept;
mod refused;
mod scene;
mod under_trust;
