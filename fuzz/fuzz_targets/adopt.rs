//! Parts from outside, offered to a scanner: what is adopted was signed by the vectors' keys, nothing goes backwards,
//! what is refused changes nothing but evidence, and what is held is stored and read back.
//!
//! The first byte says what is offered, and whether to a new scanner.
#![no_main]

use std::sync::LazyLock;

use freightpass_core::hold::{Adoption, AdoptionError, Held, Part};
use freightpass_fuzz::known::{Known, new_scanner, standard_scanner};
use freightpass_fuzz::seeds::Vectors;

static SCANNERS: LazyLock<[Held; 2]> = LazyLock::new(|| [standard_scanner(), new_scanner()]);
static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::of(&Vectors::read()));

freightpass_fuzz::target!(seeds(), |bytes| {
    let Some((choice, object)) = bytes.split_first() else { return };
    let before = &SCANNERS[usize::from(choice >> 2 & 1)];
    let mut held = before.clone();
    let outcome = match choice & 3 {
        0 => held.adopt_trust(object),
        1 => held.adopt_manifest(object),
        2 => held.adopt_object(object),
        _ => match held.adopt_bundle(object) {
            Ok(parts) => {
                assert!(parts.iter().any(|part| part.part == Part::Manifest));
                parts.into_iter().map(|part| part.outcome).fold(Ok(Adoption::Unchanged), |so_far, part| match part {
                    Ok(Adoption::Adopted) | Err(AdoptionError::Equivocation { .. }) => part,
                    _ => so_far,
                })
            }
            Err(error) => Err(error.into()),
        },
    };
    let changes = matches!(outcome, Ok(Adoption::Adopted) | Err(AdoptionError::Equivocation { .. }));
    assert_eq!(changes, held != *before, "{outcome:?}");
    if changes {
        sound(before, &held);
    }
});

fn sound(before: &Held, held: &Held) {
    let known = &*KNOWN;
    let hash = |held: &Held| held.trust().map(|list| *list.hash());
    assert!(hash(held) == hash(before) || hash(held).is_some_and(|hash| known.trust.contains(&hash)));
    let newer = |held: &Held| held.trust().map(|list| list.content().sequence);
    assert!(newer(held) >= newer(before) && held.floor() >= before.root_floor());
    assert!(held.root_floor() >= before.root_floor());
    for list in held.manifest().into_iter().flat_map(|manifest| &manifest.lists) {
        if let Some(state) = held.current_state(list.list) {
            assert_eq!((state.hash(held.deployment()), state.n()), (list.state, list.n));
        }
    }
    let again = held.to_own_file().map(|file| Held::from_own_file(&file));
    assert!(again.is_ok_and(|again| again.as_ref() == Ok(held)));
}

fn seeds() -> Vec<Vec<u8>> {
    let vectors = Vectors::read();
    let kinds = ["trust", "manifest", "object", "bundle"];
    let of_kind = |(choice, kind): (u8, &str)| {
        let parts = vectors.parts(kind).into_iter();
        parts.flat_map(move |part| [choice, choice | 4].map(|choice| [&[choice], &part[..]].concat()))
    };
    (0u8..).zip(kinds).flat_map(of_kind).collect()
}
