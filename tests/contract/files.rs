//! What stands in the files of the embedded registry.

use crate::application::submit;
use crate::support::{Embedded, TestBackend, applicant, form};

#[tokio::test]
async fn id_and_phone_numbers_stand_nowhere_in_clear() {
    let registry = Embedded::registry().await;
    registry.listed(1).await;
    submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(registry.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    let stands = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(stands("苏E00001"), "the search finds what is stored in clear");
    for secret in ["32058319800000001X", "13800000001", "0512-57000000"] {
        assert!(!stands(secret), "{secret}");
    }
}
