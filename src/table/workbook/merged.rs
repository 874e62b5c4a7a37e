//! Merged cells: what stands in the first of them stands in all of them. A cell that is empty and not merged stays
//! empty: nothing is filled down.

use std::collections::BTreeMap;

use calamine::Dimensions;

use super::super::error::TableError;
use super::cell::Cell;

/// The merged areas of a sheet, below its header.
pub struct Merged {
    /// By the row in which they begin; those that are still to come.
    ahead: BTreeMap<u32, Vec<Area>>,
    /// Those that cover the row that is read now, or may.
    open: Vec<Area>,
}

struct Area {
    first: (u32, usize),
    last: (u32, usize),
    value: Option<Cell>,
}

impl Merged {
    /// Those of the areas that lie below row `header` and begin in one of the first `width` columns.
    pub fn of(areas: Vec<Dimensions>, header: u32, width: usize) -> Self {
        let mut ahead: BTreeMap<u32, Vec<Area>> = BTreeMap::new();
        for Dimensions { start, end } in areas {
            let columns = (usize::try_from(start.1), usize::try_from(end.1));
            let (Ok(left), Ok(right)) = columns else { continue };
            if start.0 > header && left < width && start.0 <= end.0 && left <= right {
                let area = Area { first: (start.0, left), last: (end.0, right.min(width - 1)), value: None };
                ahead.entry(start.0).or_default().push(area);
            }
        }
        Self { ahead, open: Vec::new() }
    }

    /// The cells of a row with those that are merged into it; rows come in their order.
    ///
    /// # Errors
    /// Areas that overlap, which no spreadsheet makes: more of them than the row has cells.
    pub fn fill(&mut self, row: u32, mut cells: Vec<Option<Cell>>) -> Result<Vec<Option<Cell>>, TableError> {
        self.open.retain(|area| area.last.0 >= row);
        while let Some(entry) = self.ahead.first_entry().filter(|entry| *entry.key() <= row) {
            self.open.extend(entry.remove().into_iter().filter(|area| area.last.0 >= row));
        }
        if self.open.len() > cells.len() {
            return Err(TableError::damaged("merged cells overlap"));
        }
        for area in &mut self.open {
            if area.first.0 == row {
                area.value = cells.get(area.first.1).cloned().flatten();
            }
            for at in area.first.1..=area.last.1 {
                if let Some(cell) = cells.get_mut(at) {
                    *cell = area.value.clone();
                }
            }
        }
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<Cell> {
        Some(Cell::Text(text.to_owned()))
    }

    #[test]
    fn every_covered_cell_has_the_value_of_the_first_and_no_other_has() {
        let areas =
            vec![Dimensions::new((1, 0), (3, 1)), Dimensions::new((5, 0), (9, 0)), Dimensions::new((0, 2), (9, 2))];
        let mut merged = Merged::of(areas, 0, 3);
        assert_eq!(merged.fill(1, vec![text("a"), None, text("x")]).unwrap(), [text("a"), text("a"), text("x")]);
        assert_eq!(merged.fill(3, vec![None, None, text("y")]).unwrap(), [text("a"), text("a"), text("y")]);
        assert_eq!(merged.fill(4, vec![None, None, text("z")]).unwrap(), [None, None, text("z")]);
        // The first row of an area may hold nothing.
        assert_eq!(merged.fill(6, vec![None, text("b"), None]).unwrap(), [None, text("b"), None]);
    }

    #[test]
    fn an_area_to_the_end_of_the_sheet_costs_nothing() {
        let areas = vec![Dimensions::new((1, 0), (1_048_575, 16_383)), Dimensions::new((9, 9), (2, 2))];
        let mut merged = Merged::of(areas, 0, 2);
        assert_eq!(merged.fill(1, vec![text("a"), None]).unwrap(), [text("a"), text("a")]);
        assert_eq!(merged.fill(1_048_575, vec![None, None]).unwrap(), [text("a"), text("a")]);
    }

    #[test]
    fn areas_that_overlap_are_refused() {
        let mut merged = Merged::of(vec![Dimensions::new((1, 0), (9, 1)); 3], 0, 2);
        assert!(merged.fill(1, vec![None, None]).is_err());
    }
}
