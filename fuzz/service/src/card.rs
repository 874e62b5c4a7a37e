//! Of the room `src/card` what reads; what draws is asked nothing by outside bytes.

#[path = "../../../src/card/caught.rs"]
mod caught;
#[path = "../../../src/card/read/mod.rs"]
pub mod read;
