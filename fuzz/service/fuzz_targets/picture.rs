//! A picture with a code: a file of any kind has grey values or a reason within bounded memory, and grey values have
//! codes or a reason.
//!
//! The first byte says which: 0, a file; otherwise the modules of a picture, a bit each, so many in a row.
#![no_main]

use std::collections::BTreeSet;

use fast_qr::{ECL, QRBuilder};
use freightpass_fuzz_service::bound::holding;
use freightpass_fuzz_service::card::read::{Luma, MAX_SIDE, codes, luma};

/// The pixels of which codes are looked for: a code of version 7, and few enough to be quick.
const PIXELS: usize = 1 << 15;

/// Twelve bytes a pixel of the largest picture that is held whole, and the reader's own tables.
const MEMORY_BYTES: u64 = 12 * 25_000_000 + (32 << 20);

/// Pixels of a module.
const MODULE: usize = 3;

freightpass_fuzz_service::target!(seeds(), |bytes| {
    let picture = match bytes.split_first() {
        None => return,
        Some((0, file)) => holding(MEMORY_BYTES, || luma(file)).ok(),
        Some((row, modules)) => drawn(usize::from(*row), modules),
    };
    let Some(picture) = picture else { return };
    assert!(picture.width().max(picture.height()) <= MAX_SIDE as usize);
    assert_eq!(picture.width() * picture.height(), picture.pixels().len());
    if picture.pixels().len() <= PIXELS
        && let Ok(found) = codes(&picture)
    {
        let texts: BTreeSet<_> = found.codes.iter().map(|code| &code.text).collect();
        assert_eq!(texts.len(), found.codes.len());
        assert!(!texts.is_empty());
        assert!(found.codes.iter().all(|code| code.area.left <= code.area.right && code.area.top <= code.area.bottom));
    }
});

/// A picture of these modules, eight a byte.
fn drawn(row: usize, modules: &[u8]) -> Option<Luma> {
    let rows = (modules.len() * 8 / row).min(PIXELS / (MODULE * MODULE) / row);
    let dark = |x: usize, y: usize| {
        let at = y / MODULE * row + x / MODULE;
        modules[at / 8] >> (at % 8) & 1 == 1
    };
    let width = row * MODULE;
    let pixels = (0..width * rows * MODULE).map(|at| if dark(at % width, at / width) { 0 } else { 255 });
    Luma::new(width, pixels.collect())
}

fn seeds() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for text in ["FP1:BB8", "https://example.org", "FP1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC"] {
        let code = QRBuilder::new(text).ecl(ECL::M).build().expect("a code");
        let side = code.size + 8;
        let inside = |at: usize| at.checked_sub(4).filter(|at| *at < code.size);
        let dark = |x, y| inside(x).zip(inside(y)).is_some_and(|(x, y)| code[y][x].value());
        let mut modules = vec![0; (side * side).div_ceil(8)];
        (0..side * side).filter(|at| dark(at % side, at / side)).for_each(|at| modules[at / 8] |= 1 << (at % 8));
        let picture = drawn(side, &modules).expect("a picture");
        all.push([&[side as u8][..], &modules].concat());
        all.extend(files(&picture).into_iter().map(|file| [&[0][..], &file].concat()));
    }
    all
}

/// The picture as each kind of file.
fn files(picture: &Luma) -> Vec<Vec<u8>> {
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    let (mut webp, mut jpeg, mut progressive) = (Vec::new(), Vec::new(), Vec::new());
    let encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder.encode(picture.pixels(), width.into(), height.into(), image_webp::ColorType::L8).expect("a WebP");
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 60);
    encoder.encode(picture.pixels(), width, height, jpeg_encoder::ColorType::Luma).expect("a JPEG");
    let mut encoder = jpeg_encoder::Encoder::new(&mut progressive, 30);
    encoder.set_progressive(true);
    let colour: Vec<u8> = picture.pixels().iter().flat_map(|value| [*value; 3]).collect();
    encoder.encode(&colour, width, height, jpeg_encoder::ColorType::Rgb).expect("a JPEG");
    vec![png(picture, png::ColorType::Grayscale), png(picture, png::ColorType::Rgba), webp, jpeg, progressive]
}

fn png(picture: &Luma, colour: png::ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width() as u32, picture.height() as u32);
    encoder.set_color(colour);
    let pixels: Vec<u8> = picture.pixels().iter().flat_map(|value| vec![*value; colour.samples()]).collect();
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("its pixels");
    writer.finish().expect("its end");
    bytes
}
