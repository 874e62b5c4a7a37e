//! Which divisions may stand where: at the ends of a journey, on its way, under an authority.

use freightpass_core::division::Division;

use super::divisions::{Kind, Row, counties_of, latest, wire};
use crate::profile::typed::compact;
use crate::profile::{FieldError, Rule};

/// First digits of residence permits of Taiwan residents: in ID numbers, and nowhere else.
const TAIWAN_PERMITS: u32 = 830_000;

/// The number by which an authority of the nation names its division.
const NATION: &str = "0";

/// A county in force, or a division in force that has none below it (441900, 810000).
pub(super) fn route_end(text: &str) -> Result<Division, FieldError> {
    let row = current(text)?;
    let mut counties = counties_of(row.code);
    match counties.next() {
        None => on_the_wire(row),
        Some(Row { code, name, .. }) => {
            let counties = 1 + counties.count();
            Err(FieldError::whole(Rule::NeedsCounty { counties, code: *code, name }))
        }
    }
}

/// Any division in force.
pub(super) fn any(text: &str) -> Result<Division, FieldError> {
    current(text).and_then(on_the_wire)
}

/// The nation (none), a province or a prefecture in force.
pub(super) fn authority(text: &str) -> Result<Option<Division>, FieldError> {
    if compact(text)? == NATION {
        return Ok(None);
    }
    let row = current(text)?;
    if !row.code.is_multiple_of(100) {
        return Err(FieldError::whole(Rule::CountySignsNothing));
    }
    on_the_wire(row).map(Some)
}

/// The place in force with that code: six digits, or two or four without the trailing 00.
fn current(text: &str) -> Result<&'static Row, FieldError> {
    let code = six_digits(text)?;
    if code == TAIWAN_PERMITS {
        return Err(FieldError::whole(Rule::ResidencePermitCode));
    }
    let row = latest(code).ok_or(FieldError::whole(Rule::DivisionUnknown))?;
    match (row.kind, row.last) {
        (Kind::Heading, _) => Err(FieldError::whole(Rule::DivisionHeading)),
        (Kind::Zone | Kind::Administration, _) => Err(FieldError::whole(Rule::DevelopmentZone)),
        (Kind::Place, Some(last)) => Err(FieldError::whole(Rule::DivisionAbolished { year: last.saturating_add(1) })),
        (Kind::Place, None) => Ok(row),
    }
}

fn six_digits(text: &str) -> Result<u32, FieldError> {
    let digits = compact(text)?;
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_digit()) {
        return Err(FieldError::at(Rule::DigitExpected, at + 1));
    }
    let zeros = match digits.len() {
        2 => 10_000,
        4 => 100,
        6 => 1,
        _ => return Err(FieldError::whole(Rule::DivisionForm)),
    };
    let short: u32 = digits.parse().map_err(|_| FieldError::whole(Rule::DivisionForm))?;
    Ok(short * zeros)
}

fn on_the_wire(row: &Row) -> Result<Division, FieldError> {
    wire(row.code).ok_or(FieldError::whole(Rule::DivisionForm))
}

#[cfg(test)]
mod tests {
    use freightpass_core::division::Code;

    use super::*;

    fn division(code: u32) -> Division {
        Division::Code(Code::new(code).unwrap())
    }

    fn whole<T>(rule: Rule) -> Result<T, FieldError> {
        Err(FieldError::whole(rule))
    }

    #[test]
    fn journeys_end_in_counties_and_in_places_without_counties() {
        for (text, code) in [
            ("320583", 320_583),
            (" ３２０５８３ ", 320_583),
            ("441900", 4419),
            ("4419", 4419),
            ("429004", 429_004),
            ("659009", 659_009),
            ("620200", 6202),
            ("460400", 4604),
            ("110101", 110_101),
            ("500240", 500_240),
            ("460302", 460_302),
            ("810000", 81),
        ] {
            assert_eq!(route_end(text), Ok(division(code)), "{text}");
        }
        for prefecture in ["320500", "3205", "32", "310000", "11"] {
            let refused = route_end(prefecture).unwrap_err();
            assert_eq!((refused.rule.code(), refused.place), ("needs_county", None), "{prefecture}");
        }
    }

    #[test]
    fn a_whole_prefecture_at_an_end_is_told_how_many_counties_it_has_and_one_of_them() {
        let refused = route_end("320500").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "a journey begins and ends in a county or district: name one of the 9 in this division, such as 320505 虎丘区"
        );
        assert_eq!(
            refused.message_zh(),
            "起点和终点应具体到县（区、市）：请填写其下 9 个县级区划之一，如 320505 虎丘区"
        );
    }

    #[test]
    fn whole_prefectures_and_provinces_lie_on_the_way() {
        for (text, code) in [("320500", 3205), ("3205", 3205), ("32", 32), ("310000", 31), ("659009", 659_009)] {
            assert_eq!(any(text), Ok(division(code)), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused_by_its_own_rule() {
        for (text, rule) in [
            ("429000", Rule::DivisionHeading),
            ("4290", Rule::DivisionHeading),
            ("419000", Rule::DivisionHeading),
            ("469000", Rule::DivisionHeading),
            ("659000", Rule::DivisionHeading),
            ("110100", Rule::DivisionHeading),
            ("500200", Rule::DivisionHeading),
            ("320501", Rule::DivisionHeading),
            ("620201", Rule::DivisionHeading),
            ("320576", Rule::DevelopmentZone),
            ("130171", Rule::DevelopmentZone),
            ("232761", Rule::DevelopmentZone),
            ("830000", Rule::ResidencePermitCode),
            ("83", Rule::ResidencePermitCode),
            ("999999", Rule::DivisionUnknown),
            ("000000", Rule::DivisionUnknown),
            ("320", Rule::DivisionForm),
            ("3205830", Rule::DivisionForm),
        ] {
            assert_eq!(any(text), whole(rule), "{text}");
            assert_eq!(route_end(text), whole(rule), "{text}");
            assert_eq!(authority(text), whole(rule), "{text}");
        }
        assert_eq!(any("32o583"), Err(FieldError::at(Rule::DigitExpected, 3)));
    }

    #[test]
    fn an_abolished_division_names_the_year_of_its_end() {
        for (text, year) in [("310103", 2011), ("110103", 2010), ("341400", 2011), ("330103", 2021), ("371200", 2018)] {
            assert_eq!(any(text), whole(Rule::DivisionAbolished { year }), "{text}");
        }
    }

    #[test]
    fn authorities_are_of_the_nation_a_province_or_a_prefecture() {
        assert_eq!(authority("0"), Ok(None));
        for (text, code) in [("32", 32), ("320000", 32), ("320500", 3205), ("441900", 4419), ("310000", 31)] {
            assert_eq!(authority(text), Ok(Some(division(code))), "{text}");
        }
        for county in ["320583", "429004", "310115"] {
            assert_eq!(authority(county), whole(Rule::CountySignsNothing), "{county}");
        }
    }
}
