//! Number plates by GA 36 of 2018: what may stand in which place.

use crate::profile::typed::compact;
use crate::profile::{FieldError, Rule, VehicleKind};

/// Signs of the provinces that register vehicles.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// First letters of new-energy serials: battery-electric A to E, other new energy F to K without I.
const NEW_ENERGY: &str = "ABCDEFGHJK";

/// Characters of an ordinary plate, and of a new-energy one.
const ORDINARY: usize = 7;
const NEW: usize = 8;

/// Normalises a plate and checks it for that kind of vehicle.
pub(super) fn plate(kind: VehicleKind, text: &str) -> Result<String, FieldError> {
    let plate = compact(text)?;
    let characters: Vec<char> = plate.chars().collect();
    form(&characters)?;
    match (kind, characters.last()) {
        (VehicleKind::Tractor, Some('挂')) => Err(FieldError::at(Rule::TrailerPlate, characters.len())),
        (VehicleKind::Trailer, last) if last != Some(&'挂') => {
            Err(FieldError::at(Rule::NotATrailerPlate, characters.len()))
        }
        _ => Ok(plate),
    }
}

fn form(plate: &[char]) -> Result<(), FieldError> {
    let [sign, office, serial @ ..] = plate else {
        return Err(FieldError::whole(Rule::TooShort { least: ORDINARY }));
    };
    if !PROVINCES.contains(*sign) {
        return Err(FieldError::at(Rule::ProvinceSign, 1));
    }
    match office {
        'I' | 'O' => return Err(FieldError::at(Rule::LetterIOrO, 2)),
        'A'..='Z' => {}
        _ => return Err(FieldError::at(Rule::PrefectureLetter, 2)),
    }
    match plate.len() {
        ..ORDINARY => Err(first_wrong(serial).unwrap_or(FieldError::whole(Rule::TooShort { least: ORDINARY }))),
        ORDINARY => ordinary(*sign, *office, serial),
        NEW => new_energy(serial),
        _ => Err(FieldError::at(Rule::TooLong { most: NEW }, NEW + 1)),
    }
}

fn ordinary(sign: char, office: char, serial: &[char]) -> Result<(), FieldError> {
    let Some((last, before)) = serial.split_last() else {
        return Err(FieldError::whole(Rule::TooShort { least: ORDINARY }));
    };
    if let Some(error) = first_wrong(before) {
        return Err(error);
    }
    match last {
        '学' | '警' | '挂' => Ok(()),
        '港' | '澳' if (sign, office) == ('粤', 'Z') => Ok(()),
        '港' | '澳' => Err(FieldError::at(Rule::HongKongMacaoPlate, ORDINARY)),
        other => serial_character(*other, ORDINARY),
    }
}

/// Small vehicles: a new-energy letter, a digit or letter, four digits. Large ones: five digits, a new-energy letter.
fn new_energy(serial: &[char]) -> Result<(), FieldError> {
    if let Some(error) = first_wrong(serial) {
        return Err(error);
    }
    let is_letter = |at: usize| serial.get(at).is_some_and(|c| NEW_ENERGY.contains(*c));
    let digits = match (is_letter(0), is_letter(5)) {
        (true, _) => 2..6,
        (false, true) => 0..5,
        (false, false) if serial.first().is_some_and(char::is_ascii_digit) => {
            return Err(FieldError::at(Rule::NewEnergyLetter, NEW));
        }
        (false, false) => return Err(FieldError::at(Rule::NewEnergyLetter, 3)),
    };
    let wrong = serial.iter().enumerate().find(|(at, c)| digits.contains(at) && !c.is_ascii_digit());
    wrong.map_or(Ok(()), |(at, _)| Err(FieldError::at(Rule::DigitExpected, at + 3)))
}

fn first_wrong(serial: &[char]) -> Option<FieldError> {
    serial.iter().enumerate().find_map(|(at, c)| serial_character(*c, at + 3).err())
}

fn serial_character(character: char, place: usize) -> Result<(), FieldError> {
    match character {
        'I' | 'O' => Err(FieldError::at(Rule::LetterIOrO, place)),
        '0'..='9' | 'A'..='Z' => Ok(()),
        _ => Err(FieldError::at(Rule::SerialCharacter, place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tractor(text: &str) -> Result<String, FieldError> {
        plate(VehicleKind::Tractor, text)
    }

    fn trailer(text: &str) -> Result<String, FieldError> {
        plate(VehicleKind::Trailer, text)
    }

    #[test]
    fn plates_from_the_field_are_read() {
        for good in
            ["苏AC50731", "粤B08642F", "粤ZF023港", "粤Z1234澳", "苏E12345", "京A1234学", "京A1234警", "苏ADA1234"]
        {
            assert_eq!(tractor(good).as_deref(), Ok(good));
        }
        assert_eq!(trailer("冀BR238挂").as_deref(), Ok("冀BR238挂"));
        assert_eq!(tractor(" 苏a·c5 0731").as_deref(), Ok("苏AC50731"));
    }

    #[test]
    fn each_wrong_plate_names_place_and_rule() {
        for (bad, rule, place) in [
            ("苏ZF023港", Rule::HongKongMacaoPlate, 7),
            ("苏AC507312", Rule::TooLong { most: 8 }, 9),
            ("闽赣K7D205", Rule::PrefectureLetter, 2),
            ("京AI2345", Rule::LetterIOrO, 3),
            ("京O12345", Rule::LetterIOrO, 2),
            ("京A1234O", Rule::LetterIOrO, 7),
            ("A123456", Rule::ProvinceSign, 1),
            ("台A12345", Rule::ProvinceSign, 1),
            ("京112345", Rule::PrefectureLetter, 2),
            ("京A1港345", Rule::SerialCharacter, 4),
            ("京A1234使", Rule::SerialCharacter, 7),
            ("粤A1234澳", Rule::HongKongMacaoPlate, 7),
            ("苏A123456", Rule::NewEnergyLetter, 8),
            ("苏AL12345", Rule::NewEnergyLetter, 3),
            ("苏AC5073F", Rule::DigitExpected, 8),
            ("苏AC50A31", Rule::DigitExpected, 6),
            ("粤B0A642F", Rule::DigitExpected, 4),
        ] {
            assert_eq!(tractor(bad), Err(FieldError::at(rule, place)), "{bad}");
        }
    }

    #[test]
    fn trailers_and_tractors_are_not_taken_for_each_other() {
        assert_eq!(tractor("冀BR238挂"), Err(FieldError::at(Rule::TrailerPlate, 7)));
        assert_eq!(trailer("苏E12345"), Err(FieldError::at(Rule::NotATrailerPlate, 7)));
        assert_eq!(trailer("苏AC50731"), Err(FieldError::at(Rule::NotATrailerPlate, 8)));
    }
}
