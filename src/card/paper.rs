//! Cards on A4: one to a page, or two beside each other to be cut apart.
//!
//! Measured on rasters of pages with 1 to 12 cards: at 150 dpi, an office scanner's, every code is read even of twelve;
//! at 100 dpi of up to eight; at 75 dpi, less than a phone held over the whole page, of up to four. The type decides:
//! its smallest has 9.1 points where a card has the page, 6.3 of two (the longest texts: 8.2 and 5.6), and 4.6 of four,
//! which nobody reads at arm's length. So a sheet holds two.

use super::drawing::{Drawing, Mark, Panel};

/// The short side of A4 (ISO 216: 210 mm), in points.
pub const SHORT: f32 = 210.0 * MILLIMETRE;
/// The long side of A4 (ISO 216: 297 mm), in points.
pub const LONG: f32 = 297.0 * MILLIMETRE;

/// Points in a millimetre.
const MILLIMETRE: f32 = 72.0 / 25.4;
/// No office printer leaves more than 6 mm of an edge white.
const MARGIN: f32 = 9.0 * MILLIMETRE;
/// Where the scissors go.
const CUT: [u8; 3] = [150, 160, 155];
/// Length of the marks at the edges.
const CUT_MARK: f32 = 6.0 * MILLIMETRE;

/// How many cards a page holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// One on an upright page.
    #[default]
    One,
    /// Two on a page that lies on its side, A5 each, with marks where to cut.
    Two,
}

/// The pages for `cards`, in points, each named by the first card on it.
pub fn pages(cards: &[Drawing], arrangement: Arrangement) -> Vec<Drawing> {
    match arrangement {
        Arrangement::One => cards.iter().map(|card| page(&[card], [SHORT, LONG])).collect(),
        Arrangement::Two => cards.chunks(2).map(|pair| page(&pair.iter().collect::<Vec<_>>(), [LONG, SHORT])).collect(),
    }
}

fn page(cards: &[&Drawing], [width, height]: [f32; 2]) -> Drawing {
    let mut page = Drawing::new(cards.first().map_or("", |card| card.title.as_str()), width, height);
    // An upright page is one place, one on its side two.
    let places = if width > height { 2.0 } else { 1.0 };
    let place = width / places;
    for (card, left) in cards.iter().zip([0.0, place]) {
        let scale = ((place - 2.0 * MARGIN) / card.width).min((height - 2.0 * MARGIN) / card.height);
        let x = left + (place - card.width * scale) / 2.0;
        page.place(card, [x, MARGIN], scale);
    }
    if places > 1.0 {
        for y in [0.0, height - CUT_MARK] {
            page.marks.push(hair([place - 0.25, y, 0.5, CUT_MARK]));
        }
    }
    page
}

fn hair(area: [f32; 4]) -> Mark {
    Mark::Panel(Panel { area, radius: 0.0, fill: CUT, frame: None })
}

#[cfg(test)]
mod tests {
    use super::super::draw;
    use super::super::example::{code, longest, typical};
    use super::*;

    /// What is legible at arm's length (60 cm): 9 points, the 小五 of Chinese forms, on a page of its own; never under 6.
    #[test]
    fn the_smallest_type_of_a_page_is_legible() {
        let smallest = |face, arrangement| {
            let card = draw::card(&face, &code()).unwrap();
            pages(&[card], arrangement)[0].smallest_type()
        };
        assert!(smallest(typical(), Arrangement::One) >= 9.0);
        assert!(smallest(longest(), Arrangement::One) >= 8.0);
        assert!(smallest(typical(), Arrangement::Two) >= 6.0);
        assert!(smallest(longest(), Arrangement::Two) >= 5.5);
    }

    #[test]
    fn an_odd_card_has_the_last_page_to_itself_and_each_page_its_marks() {
        let card = draw::card(&typical(), &code()).unwrap();
        let sheet = pages(&vec![card.clone(); 3], Arrangement::Two);
        assert_eq!(sheet.len(), 2);
        assert_eq!(sheet[1].marks.len(), card.marks.len() + 2);
        assert_eq!(sheet[0].marks.len(), 2 * card.marks.len() + 2);
        let in_the_left_half = |line: &super::super::Line| line.x < LONG / 2.0;
        assert!(sheet[1].lines().all(in_the_left_half));
        assert!(!sheet[0].lines().all(in_the_left_half));
    }
}
