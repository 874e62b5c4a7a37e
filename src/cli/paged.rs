//! Lists that the service gives a page at a time.

/// Entries of a page: the most that the service gives.
pub const PAGE: i32 = 1_000;

/// Calls `fetch` with each page's token until there is no next one, and hands on every entry.
pub async fn every<T>(
    mut fetch: impl AsyncFnMut(String) -> anyhow::Result<(Vec<T>, String)>,
    mut entry: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut token = String::new();
    loop {
        let (entries, next) = fetch(token).await?;
        entries.into_iter().try_for_each(&mut entry)?;
        if next.is_empty() {
            return Ok(());
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_entry_of_every_page_comes_once_and_a_fault_ends_it() {
        let pages = async |token: String| match token.as_str() {
            "" => Ok((vec![1, 2], "a".to_owned())),
            "a" => Ok((vec![], "b".to_owned())),
            _ => Ok((vec![3], String::new())),
        };
        let mut found = Vec::new();
        every(pages, |entry| {
            found.push(entry);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(found, [1, 2, 3]);
        every(pages, |entry| if entry == 2 { anyhow::bail!("enough") } else { Ok(()) }).await.unwrap_err();
    }
}
