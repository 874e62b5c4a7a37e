//! The deployment as the files that a scanner is handed, for examples that want to begin with files.

use crate::world::{self, at_index, key, typical};
use crate::write::{self, Message};

/// The present of the files, seconds since 1970.
pub const NOW: u64 = world::NOW;

/// Each file's name and bytes. The passes are named by the code that a scanner in Kunshan (320583) answers at [`NOW`],
/// once it is provisioned, has adopted the bundle, and an officer has confirmed the data's date.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    let snapshots: Vec<Vec<u8>> = world::states().iter().map(world::snapshot).collect();
    let snapshots: Vec<&[u8]> = snapshots.iter().map(Vec::as_slice).collect();
    let trust = world::signed_trust(&world::trust());
    let manifest = world::signed_manifest(&world::standard_manifest(), "status 1");
    // In the name of the authority's key, by somebody who has not got it.
    let forged = Message { key: key("stranger"), ..world::pass(&typical()) };
    vec![
        ("provision.fp", world::provision()),
        ("bundle.fp", write::bundle(&[&trust], &manifest, &snapshots).encode()),
        ("admit.txt", world::text(&typical()).into_bytes()),
        ("revoked.txt", world::text(&at_index(3)).into_bytes()),
        ("suspended.txt", world::text(&at_index(4)).into_bytes()),
        ("bad_signature.txt", write::text(&forged.bytes()).into_bytes()),
    ]
}
